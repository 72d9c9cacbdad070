package linux

import (
	"encoding/binary"

	"trapgate/gate"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// The signal frame of x86-64 (Linux 6.12 arch/x86/kernel/signal_64.c,
// arch/x86/include/uapi/asm/sigcontext.h), from low to high addresses:
//
//	  0  return address: the restorer
//	  8  ucontext: flags, link, stack_t, registers, mask
//	312  siginfo
//	     FP state, 64-aligned
const (
	frameUC      = 8
	frameInfo    = frameUC + ucSize
	frameSize    = frameInfo + 128
	ucStack      = 16
	ucRegs       = 40
	ucErr        = ucRegs + 19*8
	ucTrapno     = ucErr + 8
	ucOldmask    = ucErr + 16
	ucCr2        = ucErr + 24
	ucFpstate    = ucErr + 32
	ucSigmask    = 296
	ucSize       = 304
	ucFlags      = 7 // UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS
	redZone      = 128
	userEflags   = 0x50dd5 // what a program may set (FIX_EFLAGS)
	clearOnEntry = 0x10500 // DF, RF, TF
)

// Software-defined bytes in the FP state (struct _fpx_sw_bytes).
const (
	fpSoftware  = 464
	fpMagic1    = 0x46505853
	fpMagic2    = 0x46505845
	fpMagic2Len = 4
	fxsaveSize  = 512
)

// deliver builds the frame of a signal and sends the guest to its handler.
func deliver(t *kernel.Thread, s *kernel.Signal, a *kernel.Action) error {
	r := t.Regs()
	fp := linuxFP(t.FP())
	sp := (frameTop(t, a, r.Rsp, redZone) - uint64(len(fp))) &^ 63
	fpAt := sp
	sp = (sp-frameSize)&^15 - 8
	le := binary.LittleEndian
	b := make([]byte, frameSize)
	le.PutUint64(b, a.Restorer)
	uc := b[frameUC:]
	le.PutUint64(uc, ucFlags)
	copy(uc[ucStack:], savedAlt(t))
	putRegs(uc[ucRegs:], r)
	le.PutUint64(uc[ucErr:], s.Err)
	le.PutUint64(uc[ucTrapno:], s.Trapno)
	le.PutUint64(uc[ucOldmask:], t.Mask())
	le.PutUint64(uc[ucCr2:], s.Cr2)
	le.PutUint64(uc[ucFpstate:], fpAt)
	le.PutUint64(uc[ucSigmask:], t.Mask())
	copy(b[frameInfo:], s.Info[:])
	if err := t.WriteStack(fpAt, fp); err != nil {
		return err
	}
	if err := t.WriteStack(sp, b); err != nil {
		return err
	}
	disarm(t)
	r.Rip, r.Rsp, r.Rax = a.Handler, sp, 0
	r.Rdi, r.Rsi, r.Rdx = uint64(s.Num), sp+frameInfo, sp+frameUC
	r.Eflags &^= clearOnEntry
	r.CS, r.SS = 0x33, 0x2b
	return nil
}

// frameTop is where the frame goes below.
func frameTop(t *kernel.Thread, a *kernel.Action, sp, red uint64) uint64 {
	if a.Flags&kernel.OnStack != 0 && t.Alt.Size != 0 && !onAlt(t, sp) {
		return t.Alt.Base + t.Alt.Size
	}
	return sp - red
}

// savedAlt is the stack_t of a frame: without SS_ONSTACK, unlike that of sigaltstack(2).
func savedAlt(t *kernel.Thread) []byte {
	b := altStackBytes(t, 0)
	if t.Alt.Size != 0 {
		binary.LittleEndian.PutUint32(b[wordSize(t):], t.Alt.Flags)
	}
	return b
}

// disarm does SS_AUTODISARM.
func disarm(t *kernel.Thread) {
	if t.Alt.Flags&ssAutodisarm != 0 {
		t.Alt = kernel.AltStack{}
	}
}

// putRegs stores the registers as struct sigcontext has them; gate.Regs has the same order.
func putRegs(b []byte, r *gate.Regs) {
	le := binary.LittleEndian
	for i, v := range []uint64{r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15,
		r.Rdi, r.Rsi, r.Rbp, r.Rbx, r.Rdx, r.Rax, r.Rcx, r.Rsp, r.Rip, r.Eflags} {
		le.PutUint64(b[8*i:], v)
	}
	le.PutUint16(b[18*8:], r.CS)
	le.PutUint16(b[18*8+6:], r.SS)
}

func getRegs(b []byte, r *gate.Regs) {
	le := binary.LittleEndian
	for i, p := range []*uint64{&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15,
		&r.Rdi, &r.Rsi, &r.Rbp, &r.Rbx, &r.Rdx, &r.Rax, &r.Rcx, &r.Rsp, &r.Rip} {
		*p = le.Uint64(b[8*i:])
	}
	r.Eflags = le.Uint64(b[17*8:])&userEflags | 0x202
}

// linuxFP is the FP state as Linux has it in a frame.
func linuxFP(area []byte) []byte {
	le := binary.LittleEndian
	set := gate.DefaultXState() | le.Uint64(area[fxsaveSize:])
	size := gate.XStateSize(set)
	fp := make([]byte, size+fpMagic2Len)
	copy(fp, area[:size])
	fp[fxsaveSize] |= 3 // what a handler writes to x87 and SSE counts (save_xstate_epilog)
	clear(fp[fpSoftware:fxsaveSize])
	le.PutUint32(fp[fpSoftware:], fpMagic1)
	le.PutUint32(fp[fpSoftware+4:], uint32(len(fp)))
	le.PutUint64(fp[fpSoftware+8:], set&gate.XStateMask())
	le.PutUint32(fp[fpSoftware+16:], uint32(size))
	le.PutUint32(fp[size:], fpMagic2)
	return fp
}

// loadFP makes the FP state at addr of a frame the thread's. 0 is the initial state.
func loadFP(t *kernel.Thread, addr uint64) error {
	area := t.FP()
	if addr != 0 {
		if err := readFP(t, addr, area); err != nil {
			return err
		}
	} else {
		clear(area)
		binary.LittleEndian.PutUint16(area, 0x37f)
		binary.LittleEndian.PutUint32(area[24:], 0x1f80)
	}
	return t.LoadFP()
}

// readFP fills the area from the FP state at addr of a frame.
func readFP(t *kernel.Thread, addr uint64, area []byte) error {
	le := binary.LittleEndian
	clear(area)
	if err := t.Read(addr, area[:fxsaveSize]); err != nil {
		return err
	}
	set := uint64(3) // x87 and SSE
	if le.Uint32(area[fpSoftware:]) == fpMagic1 {
		size := int(le.Uint32(area[fpSoftware+16:]))
		if size < fxsaveSize+64 || size > len(area) {
			return kerr.EFAULT
		}
		if err := t.Read(addr, area[:size]); err != nil {
			return err
		}
		set = le.Uint64(area[fxsaveSize:])
	}
	sanitizeFP(area, set)
	return nil
}

// sanitizeFP makes the area one that xrstor accepts whatever the guest wrote.
func sanitizeFP(area []byte, set uint64) {
	le := binary.LittleEndian
	le.PutUint32(area[24:], le.Uint32(area[24:])&0xffff) // MXCSR
	le.PutUint64(area[fxsaveSize:], set&gate.XStateMask())
	clear(area[fxsaveSize+8 : fxsaveSize+64])
}

// rtSigreturn goes back to what a signal interrupted. The stack pointer is
// behind the return address of the frame.
func rtSigreturn(t *kernel.Thread) (uint64, error) {
	if t.System().Compat {
		return rtSigreturn386(t)
	}
	b := make([]byte, ucSize)
	if err := t.Read(t.Regs().Rsp, b); err != nil {
		return badFrame(t)
	}
	le := binary.LittleEndian
	if err := loadFP(t, le.Uint64(b[ucFpstate:])); err != nil {
		return badFrame(t)
	}
	getRegs(b[ucRegs:], t.Regs())
	restoreAlt(t, b[ucStack:])
	t.SetMask(le.Uint64(b[ucSigmask:]))
	return 0, kerr.Done
}

// restoreAlt sets the alternate stack that a frame holds; errors do not matter.
func restoreAlt(t *kernel.Thread, b []byte) {
	word := wordSize(t)
	setAlt(t, kernel.AltStack{
		Base:  getWord(b, word),
		Flags: binary.LittleEndian.Uint32(b[word:]),
		Size:  getWord(b[2*word:], word),
	})
}

// badFrame ends a process whose frame cannot be read, as Linux does.
func badFrame(t *kernel.Thread) (uint64, error) {
	t.Raise(11)
	return 0, kerr.Done
}

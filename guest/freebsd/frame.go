package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// The signal frame (FreeBSD 14.1 sys/amd64/amd64/exec_machdep.c, machine/sigframe.h,
// machine/ucontext.h), from low to high addresses:
//
//	0x000  address of the handler, called by the trampoline
//	0x010  ucontext: mask, mcontext (registers and 512 bytes of FP state), stack_t
//	0x380  siginfo
//	       the rest of the FP state, 64-aligned
const (
	frameUC   = 0x10
	frameInfo = 0x380
	frameSize = 0x3d0

	ucMcontext = 16
	ucStack    = 824
	ucSize     = 880

	mcTrapno   = 128
	mcAddr     = 136
	mcFlags    = 144
	mcErr      = 152
	mcRip      = 160
	mcCS       = 168
	mcRflags   = 176
	mcRsp      = 184
	mcSS       = 192
	mcLen      = 200
	mcFpformat = 208
	mcOwnedfp  = 216
	mcFpstate  = 224
	mcXfpu     = 752
	mcXfpuLen  = 760
	mcSize     = 800

	fpFormatXMM  = 0x10002
	fpOwned      = 0x20001
	fpOwnedNone  = 0x20000
	hasXFPU      = 0x4 // _MC_HASFPXSTATE
	redZone      = 128
	userEflags   = 0x50dd5 // PSL_USERCHANGE and the arithmetic flags
	clearOnEntry = 0x10500 // DF, RF, TF
	fxsaveSize   = 512
)

// Where the trampoline and the time page lie in every guest: below the gate,
// which itself lies below all that the host maps by itself.
const (
	trampAddr = gate.Low - 0x1000
	timeAddr  = gate.Low - 0x2000
)

// trampoline calls the handler, then sigreturn (sys/amd64/amd64/sigtramp.S).
var trampoline = []byte{
	0xff, 0x14, 0x24, // call *(%rsp)
	0x48, 0x8d, 0x7c, 0x24, frameUC, // lea 0x10(%rsp),%rdi
	0x6a, 0x00, // push $0
	0xb8, 0xa1, 0x01, 0x00, 0x00, // mov $417,%eax
	0x0f, 0x05, // syscall
	0xf4,       // hlt
	0xeb, 0xfd, // jmp .-1
}

// mcRegs are the general registers in the order of mcontext, behind mc_onstack.
func mcRegs(r *gate.Regs) [15]*uint64 {
	return [...]*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.Rcx, &r.R8, &r.R9, &r.Rax, &r.Rbx, &r.Rbp,
		&r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15}
}

// mapTrampoline puts the code that handlers return to into a new image.
func mapTrampoline(t *kernel.Thread) error {
	const size = 0x1000
	_, err := t.HostMust(unix.SYS_MMAP, trampAddr, size, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
	if err != nil {
		return err
	}
	if err := t.Write(trampAddr, trampoline); err != nil {
		return err
	}
	_, err = t.HostMust(unix.SYS_MPROTECT, trampAddr, size, unix.PROT_READ|unix.PROT_EXEC)
	return err
}

// deliver builds the frame of a signal and sends the guest to the trampoline.
func deliver(t *kernel.Thread, s *kernel.Signal, a *kernel.Action) error {
	r := t.Regs()
	area := t.FP()
	set := gate.DefaultXState() | le.Uint64(area[fxsaveSize:])
	ext := area[fxsaveSize:gate.XStateSize(set)]
	top := frameTop(t, a, r.Rsp)
	xfpu := (top - uint64(len(ext))) &^ 63
	sp := (xfpu - frameSize) &^ 15
	b := make([]byte, xfpu+uint64(len(ext))-sp)
	i := signalInfo(s)
	le.PutUint64(b, a.Handler)
	mask := guestSet(t.Mask())
	uc := b[frameUC:]
	copy(uc, mask[:])
	copy(uc[ucStack:], altStackBytes(t, r.Rsp))
	putMcontext(uc[ucMcontext:], t, s)
	mc := uc[ucMcontext:]
	copy(mc[mcFpstate:], area[:fxsaveSize])
	le.PutUint64(mc[mcXfpu:], xfpu)
	le.PutUint64(mc[mcXfpuLen:], uint64(len(ext)))
	copy(b[xfpu-sp:], ext)
	copy(b[frameInfo:], i.bytes())
	if err := t.WriteStack(sp, b); err != nil {
		return err
	}
	r.Rdi, r.Rsi, r.Rdx, r.Rcx = uint64(i.signo), sp+frameInfo, sp+frameUC, i.addr
	if a.Own&abi.SA_SIGINFO == 0 {
		r.Rsi = uint64(i.code)
	}
	r.Rsp, r.Rip = sp, trampAddr
	r.Eflags &^= clearOnEntry
	r.CS, r.SS = 0x33, 0x2b
	return nil
}

// frameTop is where the frame goes below.
func frameTop(t *kernel.Thread, a *kernel.Action, sp uint64) uint64 {
	if a.Flags&kernel.OnStack != 0 && t.Alt.Size != 0 && !onAlt(t, sp) {
		return t.Alt.Base + t.Alt.Size
	}
	return sp - redZone
}

// putMcontext stores registers and fault.
// Differs: mc_fsbase is not told and not taken back; it lives in the CPU only.
func putMcontext(mc []byte, t *kernel.Thread, s *kernel.Signal) {
	r := t.Regs()
	if onAlt(t, r.Rsp) {
		le.PutUint64(mc, 1)
	}
	for i, p := range mcRegs(r) {
		le.PutUint64(mc[8+8*i:], *p)
	}
	le.PutUint32(mc[mcTrapno:], uint32(trapNumber(s.Trapno)))
	le.PutUint64(mc[mcAddr:], s.Cr2)
	le.PutUint32(mc[mcFlags:], hasXFPU)
	le.PutUint64(mc[mcErr:], s.Err)
	le.PutUint64(mc[mcRip:], r.Rip)
	le.PutUint64(mc[mcCS:], uint64(r.CS))
	le.PutUint64(mc[mcRflags:], r.Eflags)
	le.PutUint64(mc[mcRsp:], r.Rsp)
	le.PutUint64(mc[mcSS:], uint64(r.SS))
	le.PutUint64(mc[mcLen:], mcSize)
	le.PutUint64(mc[mcFpformat:], fpFormatXMM)
	le.PutUint64(mc[mcOwnedfp:], fpOwned)
}

// sigreturn goes back to what a signal interrupted.
func sigreturn(t *kernel.Thread, a *abi.SigreturnArgs) (uint64, error) {
	var uc [ucSize]byte
	if err := t.Read(a.Context, uc[:]); err != nil {
		return 0, err
	}
	mc := uc[ucMcontext : ucMcontext+mcSize]
	if le.Uint64(mc[mcLen:]) != mcSize {
		return 0, kerr.EINVAL
	}
	if err := loadFP(t, mc); err != nil {
		return 0, err
	}
	r := t.Regs()
	for i, p := range mcRegs(r) {
		*p = le.Uint64(mc[8+8*i:])
	}
	r.Rip, r.Rsp = le.Uint64(mc[mcRip:]), le.Uint64(mc[mcRsp:])
	r.Eflags = le.Uint64(mc[mcRflags:])&userEflags | 0x202
	mask := sigset(uc[:16])
	t.SetMask(mask.host())
	return 0, kerr.Done
}

// loadFP makes the FP state of a frame the thread's.
func loadFP(t *kernel.Thread, mc []byte) error {
	if le.Uint64(mc[mcOwnedfp:]) == fpOwnedNone {
		return nil
	}
	area := t.FP()
	clear(area)
	copy(area, mc[mcFpstate:mcFpstate+fxsaveSize])
	clear(area[464:fxsaveSize])
	set := uint64(3) // x87 and SSE
	if le.Uint32(mc[mcFlags:])&hasXFPU != 0 {
		n := le.Uint64(mc[mcXfpuLen:])
		if n < 64 || n > uint64(len(area)-fxsaveSize) {
			return kerr.EINVAL
		}
		if err := t.Read(le.Uint64(mc[mcXfpu:]), area[fxsaveSize:fxsaveSize+n]); err != nil {
			return err
		}
		set = le.Uint64(area[fxsaveSize:])
	}
	// xrstor faults on anything that it does not know.
	le.PutUint32(area[24:], le.Uint32(area[24:])&0xffff) // MXCSR
	le.PutUint64(area[fxsaveSize:], set&gate.XStateMask())
	clear(area[fxsaveSize+8 : fxsaveSize+64])
	return t.LoadFP()
}

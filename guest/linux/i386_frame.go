package linux

import (
	"encoding/binary"

	"trapgate/gate"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// The signal frames of i386 (Linux 6.12 arch/x86/include/asm/sigframe.h,
// arch/x86/kernel/signal_32.c), from low to high addresses; a handler without
// SA_SIGINFO gets the first kind:
//
//	  0 return address            0 return address
//	  4 signal                    4 signal
//	  8 sigcontext                8 address of siginfo
//	 96 old FP state, unused     12 address of ucontext
//	720 mask, signals 33..64     16 siginfo
//	724 retcode                 144 ucontext: flags, link, stack_t, sigcontext, mask
//	                            260 retcode
//	    FP state: fsave, 112 bytes, then fxsave and xsave, 64-aligned
const (
	oldFrameContext = 8
	oldFrameMask    = 720
	oldFrameCode    = 724
	oldFrameSize    = 732

	rtFrameInfo = 16
	rtFrameUC   = 144
	rtFrameCode = 260
	rtFrameSize = 268

	uc32Stack   = 8
	uc32Context = 20
	uc32Mask    = 108
	uc32Size    = 116
	uc32Xstate  = 1 // UC_FP_XSTATE

	// struct sigcontext_32: segments, registers, fault, mask.
	sc32Size    = 88
	sc32Fpstate = 76
	sc32Oldmask = 80
)

// deliver386 builds the frame of a signal and sends the guest to its handler.
func deliver386(t *kernel.Thread, s *kernel.Signal, a *kernel.Action) error {
	r := t.Regs()
	esp := uint64(uint32(r.Rsp))
	segs := t.Segs()
	fp := fp386(t.FP(), r.CS, segs.DS)
	fpAt := (frameTop(t, a, esp, 0)-uint64(len(fp)-fsaveSize))&^63 - fsaveSize
	frame := make([]byte, oldFrameSize)
	if a.Flags&kernel.SigInfo != 0 {
		frame = frame[:rtFrameSize]
	}
	at := (fpAt-uint64(len(frame))+4)&^15 - 4
	if !roomOnAlt(t, a, esp, at) {
		return kerr.EFAULT
	}
	var info, context uint64
	if a.Flags&kernel.SigInfo != 0 {
		info, context = at+rtFrameInfo, at+rtFrameUC
		rtFrame(t, frame, at, s, a)
		putContext32(frame[rtFrameUC+uc32Context:], r, segs, s, fpAt, t.Mask())
	} else {
		oldFrame(t, frame, s, a)
		putContext32(frame[oldFrameContext:], r, segs, s, fpAt, t.Mask())
	}
	if err := t.WriteStack(fpAt, fp); err != nil {
		return err
	}
	if err := t.WriteStack(at, frame); err != nil {
		return err
	}
	disarm(t)
	// The registers are for handlers that take their arguments there.
	r.Rip, r.Rsp, r.Rax, r.Rdx, r.Rcx = a.Handler, at, uint64(s.Num), info, context
	r.Eflags &^= clearOnEntry
	r.CS, r.SS = code32, data32
	if segs.DS == data32 && segs.ES == data32 {
		return nil
	}
	segs.DS, segs.ES = data32, data32
	return t.LoadSegs(segs)
}

// roomOnAlt is false if the frame would lie below the alternate stack.
func roomOnAlt(t *kernel.Thread, a *kernel.Action, esp, at uint64) bool {
	if onAlt(t, esp) || a.Flags&kernel.OnStack != 0 && t.Alt.Size != 0 {
		return at > t.Alt.Base && at-t.Alt.Base <= t.Alt.Size
	}
	return true
}

// restorer32 is the return address of a handler.
func restorer32(a *kernel.Action, ours string) uint32 {
	if a.Flags&kernel.Restorer != 0 {
		return uint32(a.Restorer)
	}
	return uint32(sysinfo(ours))
}

func oldFrame(t *kernel.Thread, b []byte, s *kernel.Signal, a *kernel.Action) {
	putWords(b, restorer32(a, "__kernel_sigreturn"), uint32(s.Num))
	putWords(b[oldFrameMask:], uint32(t.Mask()>>32))
	copy(b[oldFrameCode:], "\x58\xb8\x77\x00\x00\x00\xcd\x80")
}

func rtFrame(t *kernel.Thread, b []byte, at uint64, s *kernel.Signal, a *kernel.Action) {
	putWords(b, restorer32(a, "__kernel_rt_sigreturn"), uint32(s.Num), uint32(at)+rtFrameInfo, uint32(at)+rtFrameUC)
	info := siginfo32(&s.Info)
	copy(b[rtFrameInfo:], info[:])
	uc := b[rtFrameUC:]
	putWords(uc, uc32Xstate, 0)
	copy(uc[uc32Stack:], savedAlt(t))
	binary.LittleEndian.PutUint64(uc[uc32Mask:], t.Mask())
	copy(b[rtFrameCode:], "\xb8\xad\x00\x00\x00\xcd\x80")
}

// putContext32 stores a struct sigcontext_32.
func putContext32(b []byte, r *gate.Regs, g kernel.Segs, s *kernel.Signal, fpAt, mask uint64) {
	putWords(b, uint32(g.GS), uint32(g.FS), uint32(g.ES), uint32(g.DS),
		uint32(r.Rdi), uint32(r.Rsi), uint32(r.Rbp), uint32(r.Rsp),
		uint32(r.Rbx), uint32(r.Rdx), uint32(r.Rcx), uint32(r.Rax),
		uint32(s.Trapno), uint32(s.Err), uint32(r.Rip), uint32(r.CS), uint32(r.Eflags),
		uint32(r.Rsp), uint32(r.SS), uint32(fpAt), uint32(mask), uint32(s.Cr2))
}

// restoreContext32 loads the registers from a struct sigcontext_32.
func restoreContext32(t *kernel.Thread, b []byte) error {
	word := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(b[4*i:])) }
	if err := loadFP386(t, word(sc32Fpstate/4)); err != nil {
		return err
	}
	r := t.Regs()
	for i, p := range []*uint64{&r.Rdi, &r.Rsi, &r.Rbp, &r.Rsp, &r.Rbx, &r.Rdx, &r.Rcx, &r.Rax} {
		*p = word(4 + i)
	}
	r.Rip = word(14)
	r.Eflags = word(16)&userEflags | 0x202
	r.CS, r.SS = code32, data32 // Differs: a frame cannot send a program to 64-bit code.
	want := kernel.Segs{GS: selector(word(0)), ES: selector(word(2)), DS: selector(word(3))}
	have := t.Segs()
	if want.FS = have.FS; want == have {
		return nil
	}
	return t.LoadSegs(want)
}

// selector is a selector of a frame with the rights of a user (fixup_rpl).
func selector(v uint64) uint16 {
	if v&^3 == 0 {
		return uint16(v)
	}
	return uint16(v) | 3
}

// sigreturn goes back to what a signal without SA_SIGINFO interrupted. The
// stack pointer is behind the signal number of the frame.
func sigreturn(t *kernel.Thread) (uint64, error) {
	b := make([]byte, oldFrameSize)
	if err := t.Read(uint64(uint32(t.Regs().Rsp))-oldFrameContext, b); err != nil {
		return badFrame(t)
	}
	le := binary.LittleEndian
	mask := uint64(le.Uint32(b[oldFrameContext+sc32Oldmask:])) | uint64(le.Uint32(b[oldFrameMask:]))<<32
	if err := restoreContext32(t, b[oldFrameContext:]); err != nil {
		return badFrame(t)
	}
	t.SetMask(mask)
	return 0, kerr.Done
}

// rtSigreturn386: the stack pointer is behind the return address of the frame.
func rtSigreturn386(t *kernel.Thread) (uint64, error) {
	b := make([]byte, uc32Size)
	at := uint64(uint32(t.Regs().Rsp)) - 4 + rtFrameUC
	if err := t.Read(at, b); err != nil {
		return badFrame(t)
	}
	if err := restoreContext32(t, b[uc32Context:uc32Context+sc32Size]); err != nil {
		return badFrame(t)
	}
	restoreAlt(t, b[uc32Stack:])
	t.SetMask(binary.LittleEndian.Uint64(b[uc32Mask:]))
	return 0, kerr.Done
}

package linux

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// The first signal calls of Linux, with masks of 32 signals.

// sigaction: struct old_sigaction is handler, mask, flags, restorer.
func sigaction(t *kernel.Thread, a *abi.SigactionArgs) (uint64, error) {
	if a.Sig < 1 || a.Sig > kernel.NSig {
		return 0, kerr.EINVAL
	}
	le := binary.LittleEndian
	old := t.Action(int(a.Sig))
	if a.Act != 0 {
		var b [16]byte
		if err := t.Read(a.Act, b[:]); err != nil {
			return 0, err
		}
		n := kernel.Action{
			Handler:  uint64(le.Uint32(b[:])),
			Mask:     uint64(le.Uint32(b[4:])),
			Own:      uint64(le.Uint32(b[8:])),
			Restorer: uint64(le.Uint32(b[12:])),
		}
		n.Flags = n.Own
		if err := t.SetAction(int(a.Sig), n); err != nil {
			return 0, err
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	var b [16]byte
	putWords(b[:], uint32(old.Handler), uint32(old.Mask), uint32(old.Own), uint32(old.Restorer))
	return 0, t.Write(a.Old, b[:])
}

func signal(t *kernel.Thread, a *abi.SignalArgs) (uint64, error) {
	if a.Sig < 1 || a.Sig > kernel.NSig {
		return 0, kerr.EINVAL
	}
	old := t.Action(int(a.Sig))
	const flags = kernel.ResetHand | kernel.NoDefer
	return old.Handler, t.SetAction(int(a.Sig), kernel.Action{Handler: uint64(a.Handler), Flags: flags, Own: flags})
}

func sigprocmask(t *kernel.Thread, a *abi.SigprocmaskArgs) (uint64, error) {
	old := t.Mask()
	if a.Set != 0 {
		set, err := t.Read32(a.Set)
		if err != nil {
			return 0, err
		}
		m := uint64(set)
		if a.How == unix.SIG_SETMASK {
			m |= old &^ (1<<32 - 1)
		}
		if err := changeMask(t, a.How, m); err != nil {
			return 0, err
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	return 0, t.Write32(a.Old, uint32(old))
}

func sgetmask(t *kernel.Thread) (uint64, error) { return uint64(uint32(t.Mask())), nil }

func ssetmask(t *kernel.Thread, a *abi.SsetmaskArgs) (uint64, error) {
	old := t.Mask()
	t.SetMask(uint64(uint32(a.Newmask)))
	return uint64(uint32(old)), nil
}

func sigpending(t *kernel.Thread, a *abi.SigpendingArgs) (uint64, error) {
	set, err := pending(t)
	if err != nil {
		return 0, err
	}
	return 0, t.Write32(a.Set, uint32(set))
}

func sigsuspend(t *kernel.Thread, a *abi.SigsuspendArgs) (uint64, error) {
	if err := t.WaitMask(uint64(a.Mask)); err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	binary.LittleEndian.PutUint64(buf, kernel.HostMask(uint64(a.Mask)))
	return t.Host(unix.SYS_RT_SIGSUSPEND, addr, setSize)
}

package freebsd

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

var le = binary.LittleEndian

// actionSize is sizeof(struct sigaction): handler, flags, mask.
const actionSize = 32

// ownDefault marks an action that the host ignores because FreeBSD does so by
// default and Linux does not: the guest still sees SIG_DFL.
const ownDefault = 1 << 32

// actionFlags pairs FreeBSD's flags of sigaction with those of package kernel.
var actionFlags = [...][2]uint64{
	{abi.SA_ONSTACK, kernel.OnStack},
	{abi.SA_RESTART, kernel.Restart},
	{abi.SA_RESETHAND, kernel.ResetHand},
	{abi.SA_NOCLDSTOP, kernel.NoCldStop},
	{abi.SA_NODEFER, kernel.NoDefer},
	{abi.SA_NOCLDWAIT, kernel.NoCldWait},
	{abi.SA_SIGINFO, kernel.SigInfo},
}

// ignoredByDefault are the host's numbers of the signals whose default action
// is to do nothing on FreeBSD only.
var ignoredByDefault = [...]int{hostINFO, int(unix.SIGIO)}

func sigaction(t *kernel.Thread, a *abi.SigactionArgs) (uint64, error) {
	sig, ok := hostSignal(a.Sig)
	if !ok {
		return 0, kerr.EINVAL
	}
	old := t.Action(sig)
	if a.Act != 0 {
		var b [actionSize]byte
		if err := t.Read(a.Act, b[:]); err != nil {
			return 0, err
		}
		n, err := getAction(sig, &b)
		if err != nil {
			return 0, err
		}
		if err := t.SetAction(sig, n); err != nil {
			return 0, err
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	return 0, t.Write(a.Old, putAction(old))
}

func getAction(sig int, b *[actionSize]byte) (kernel.Action, error) {
	own := uint64(le.Uint32(b[8:]))
	n := kernel.Action{Handler: le.Uint64(b[:]), Own: own}
	rest := own
	for _, f := range actionFlags {
		if own&f[0] != 0 {
			n.Flags |= f[1]
		}
		rest &^= f[0]
	}
	if rest != 0 {
		return n, kerr.EINVAL
	}
	mask := sigset(b[16:])
	n.Mask = mask.host()
	return byDefault(sig, n), nil
}

// byDefault turns a default action into ignoring where FreeBSD ignores.
func byDefault(sig int, a kernel.Action) kernel.Action {
	for _, s := range ignoredByDefault {
		if s == sig && a.Handler == kernel.Default {
			a.Handler, a.Own = kernel.Ignore, a.Own|ownDefault
		}
	}
	return a
}

func putAction(a kernel.Action) []byte {
	var b [actionSize]byte
	if a.Own&ownDefault == 0 {
		le.PutUint64(b[:], a.Handler)
	}
	le.PutUint32(b[8:], uint32(a.Own))
	mask := guestSet(a.Mask)
	copy(b[16:], mask[:])
	return b[:]
}

// resetIgnored gives the signals that only FreeBSD ignores by default the
// action that the next image needs: ours on the way in, the host's on the way out.
func resetIgnored(t *kernel.Thread, in bool) error {
	for _, sig := range ignoredByDefault {
		a := t.Action(sig)
		switch {
		case in && a.Handler == kernel.Default:
			a = byDefault(sig, a)
		case !in && a.Own&ownDefault != 0:
			a = kernel.Action{}
		default:
			continue
		}
		if err := t.SetAction(sig, a); err != nil {
			return err
		}
	}
	return nil
}

func sigprocmask(t *kernel.Thread, a *abi.SigprocmaskArgs) (uint64, error) {
	old := t.Mask()
	if a.Set != 0 {
		set, err := readSet(t, a.Set)
		if err != nil {
			return 0, err
		}
		switch a.How {
		case abi.SIG_BLOCK:
			t.SetMask(old | set)
		case abi.SIG_UNBLOCK:
			t.SetMask(old &^ set)
		case abi.SIG_SETMASK:
			t.SetMask(set)
		default:
			return 0, kerr.EINVAL
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	return 0, writeSet(t, a.Old, old)
}

// stackSize is sizeof(stack_t): address, size, flags.
const stackSize = 24

// onAlt says whether sp lies on the thread's alternate stack.
func onAlt(t *kernel.Thread, sp uint64) bool {
	return t.Alt.Size != 0 && sp-t.Alt.Base < t.Alt.Size
}

func altStackBytes(t *kernel.Thread, sp uint64) []byte {
	var b [stackSize]byte
	le.PutUint64(b[:], t.Alt.Base)
	le.PutUint64(b[8:], t.Alt.Size)
	switch {
	case t.Alt.Size == 0:
		le.PutUint32(b[16:], abi.SS_DISABLE)
	case onAlt(t, sp):
		le.PutUint32(b[16:], abi.SS_ONSTACK)
	}
	return b[:]
}

func sigaltstack(t *kernel.Thread, a *abi.SigaltstackArgs) (uint64, error) {
	sp := t.Regs().Rsp
	old := altStackBytes(t, sp)
	if a.New != 0 {
		var b [stackSize]byte
		if err := t.Read(a.New, b[:]); err != nil {
			return 0, err
		}
		if onAlt(t, sp) {
			return 0, kerr.EPERM
		}
		if err := setAlt(t, le.Uint64(b[:]), le.Uint64(b[8:]), le.Uint32(b[16:])); err != nil {
			return 0, err
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	return 0, t.Write(a.Old, old)
}

func setAlt(t *kernel.Thread, base, size uint64, flags uint32) error {
	switch {
	case flags&^abi.SS_DISABLE != 0:
		return kerr.EINVAL
	case flags == abi.SS_DISABLE:
		t.Alt = kernel.AltStack{}
	case size < abi.MINSIGSTKSZ:
		return kerr.ENOMEM
	default:
		t.Alt = kernel.AltStack{Base: base, Size: size}
	}
	return nil
}

func sigpending(t *kernel.Thread, a *abi.SigpendingArgs) (uint64, error) {
	addr, buf := t.Scratch()
	if _, err := t.HostMust(unix.SYS_RT_SIGPENDING, addr, 8); err != nil {
		return 0, err
	}
	return 0, writeSet(t, a.Set, le.Uint64(buf)|t.Held())
}

// putMask stores a signal mask where a host call of the thread finds it.
func putMask(t *kernel.Thread, off int, mask uint64) uint64 {
	addr, buf := t.Scratch()
	le.PutUint64(buf[off:], kernel.HostMask(mask))
	return addr + uint64(off)
}

func sigsuspend(t *kernel.Thread, a *abi.SigsuspendArgs) (uint64, error) {
	set, err := readSet(t, a.Set)
	if err == nil {
		err = t.WaitMask(set)
	}
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_RT_SIGSUSPEND, putMask(t, 0, set), 8)
}

func sigtimedwait(t *kernel.Thread, a *abi.SigtimedwaitArgs) (uint64, error) {
	sig, err := waitSignal(t, a.Set, a.Info, a.Timeout)
	return uint64(sig), err
}

func sigwaitinfo(t *kernel.Thread, a *abi.SigwaitinfoArgs) (uint64, error) {
	sig, err := waitSignal(t, a.Set, a.Info, 0)
	return uint64(sig), err
}

// sigwait returns its error as the result (sys/kern/kern_sig.c, sys_sigwait).
func sigwait(t *kernel.Thread, a *abi.SigwaitArgs) (uint64, error) {
	sig, err := waitSignal(t, a.Set, 0, 0)
	switch e, _ := err.(kerr.Errno); {
	case e == kerr.Restart || e == kerr.Done:
		return 0, err
	case e == kerr.EINTR:
		return 0, kerr.Restart
	case err != nil:
		return uint64(errno(e)), nil
	}
	return 0, t.Write32(a.Sig, uint32(sig))
}

// waitSignal waits for a signal of the set and tells about it at info.
func waitSignal(t *kernel.Thread, set, info, timeout uint64) (int32, error) {
	mask, err := readSet(t, set)
	if err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	const hostInfo = 64
	ret, err := t.Host(unix.SYS_RT_SIGTIMEDWAIT, putMask(t, 0, mask), addr+hostInfo, timeout, 8)
	if err != nil {
		return 0, err
	}
	sig := guestSignal(int(ret))
	if info == 0 {
		return sig, nil
	}
	s := kernel.Signal{Num: int(ret)}
	copy(s.Info[:], buf[hostInfo:])
	return sig, t.Write(info, signalInfo(&s).bytes())
}

// sendTo sends a signal to a thread of a process; signal 0 only looks.
func sendTo(t *kernel.Thread, pid int, tid int64, sig int32) error {
	host := 0
	if sig != 0 {
		var ok bool
		if host, ok = hostSignal(sig); !ok {
			return kerr.EINVAL
		}
	}
	if tid <= 0 || tid > 1<<31-1 {
		return kerr.ESRCH
	}
	_, err := t.HostMust(unix.SYS_TGKILL, uint64(pid), uint64(tid), uint64(host))
	return err
}

func kill(t *kernel.Thread, a *abi.KillArgs) (uint64, error) {
	host := 0
	if a.Sig != 0 {
		var ok bool
		if host, ok = hostSignal(a.Sig); !ok {
			return 0, kerr.EINVAL
		}
	}
	return t.HostMust(unix.SYS_KILL, uint64(int64(a.Pid)), uint64(host))
}

// sigqueue sends a signal with a value: the siginfo that rt_sigqueueinfo wants.
func sigqueue(t *kernel.Thread, a *abi.SigqueueArgs) (uint64, error) {
	host, ok := hostSignal(a.Sig)
	if !ok && a.Sig != 0 {
		return 0, kerr.EINVAL
	}
	addr, buf := t.Scratch()
	clear(buf[:128])
	const siQueue = -1
	code := int32(siQueue)
	le.PutUint32(buf, uint32(host))
	le.PutUint32(buf[8:], uint32(code))
	le.PutUint32(buf[16:], uint32(t.Process().Pid()))
	le.PutUint32(buf[20:], uint32(unix.Getuid()))
	le.PutUint64(buf[24:], a.Value)
	return t.HostMust(unix.SYS_RT_SIGQUEUEINFO, uint64(int64(a.Pid)), uint64(host), addr)
}

// sigfastblock lets a thread block signals by a word in its memory. Only the
// dynamic linker and libthr use it, and both do without where it is refused.
func sigfastblock(*kernel.Thread, *abi.SigfastblockArgs) (uint64, error) { return 0, kerr.EINVAL }

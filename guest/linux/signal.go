package linux

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// The guest's signal numbers are the host's.

// setSize is sizeof(kernel sigset_t).
const setSize = 8

func rtSigaction(t *kernel.Thread, a *abi.RtSigactionArgs) (uint64, error) {
	if a.Setsize != setSize || a.Sig < 1 || a.Sig > kernel.NSig {
		return 0, kerr.EINVAL
	}
	layout := sigactionLayout(t)
	old := t.Action(int(a.Sig))
	if a.Act != 0 {
		b := make([]byte, layout.size)
		if err := t.Read(a.Act, b); err != nil {
			return 0, err
		}
		if err := t.SetAction(int(a.Sig), layout.get(b)); err != nil {
			return 0, err
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	return 0, t.Write(a.Old, layout.put(old))
}

// actionLayout is struct kernel_sigaction (sigaction(2)).
type actionLayout struct {
	size  int
	word  int
	order [3]int // offsets of flags, restorer, mask; the handler is first
}

var (
	action64 = actionLayout{32, 8, [3]int{8, 16, 24}}
	action32 = actionLayout{20, 4, [3]int{4, 8, 12}}
)

func sigactionLayout(t *kernel.Thread) *actionLayout {
	if t.System().Compat {
		return &action32
	}
	return &action64
}

func (l *actionLayout) get(b []byte) kernel.Action {
	a := kernel.Action{
		Handler:  getWord(b, l.word),
		Own:      getWord(b[l.order[0]:], l.word),
		Restorer: getWord(b[l.order[1]:], l.word),
		Mask:     binary.LittleEndian.Uint64(b[l.order[2]:]),
	}
	a.Flags = a.Own
	return a
}

func (l *actionLayout) put(a kernel.Action) []byte {
	b := make([]byte, l.size)
	putWord(b, l.word, a.Handler)
	putWord(b[l.order[0]:], l.word, a.Own)
	putWord(b[l.order[1]:], l.word, a.Restorer)
	binary.LittleEndian.PutUint64(b[l.order[2]:], a.Mask)
	return b
}

func getWord(b []byte, size int) uint64 {
	if size == 4 {
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func putWord(b []byte, size int, v uint64) {
	if size == 4 {
		binary.LittleEndian.PutUint32(b, uint32(v))
		return
	}
	binary.LittleEndian.PutUint64(b, v)
}

func rtSigprocmask(t *kernel.Thread, a *abi.RtSigprocmaskArgs) (uint64, error) {
	if a.Setsize != setSize {
		return 0, kerr.EINVAL
	}
	old := t.Mask()
	if a.Set != 0 {
		set, err := t.Read64(a.Set)
		if err != nil {
			return 0, err
		}
		if err := changeMask(t, a.How, set); err != nil {
			return 0, err
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	return 0, t.Write64(a.Old, old)
}

// changeMask does sigprocmask(2).
func changeMask(t *kernel.Thread, how uint32, set uint64) error {
	switch how {
	case unix.SIG_BLOCK:
		t.SetMask(t.Mask() | set)
	case unix.SIG_UNBLOCK:
		t.SetMask(t.Mask() &^ set)
	case unix.SIG_SETMASK:
		t.SetMask(set)
	default:
		return kerr.EINVAL
	}
	return nil
}

// Alternate stack: sigaltstack(2).
const (
	ssOnstack    = 1
	ssDisable    = 2
	ssAutodisarm = 1 << 31
	minSigStack  = 2048
)

// onAlt says whether sp lies on the thread's alternate stack.
func onAlt(t *kernel.Thread, sp uint64) bool {
	return t.Alt.Flags&ssAutodisarm == 0 && sp > t.Alt.Base && sp-t.Alt.Base <= t.Alt.Size
}

func altFlags(t *kernel.Thread, sp uint64) uint32 {
	switch {
	case t.Alt.Size == 0:
		return ssDisable
	case onAlt(t, sp):
		return ssOnstack | t.Alt.Flags
	}
	return t.Alt.Flags
}

func sigaltstack(t *kernel.Thread, a *abi.SigaltstackArgs) (uint64, error) {
	word := wordSize(t)
	sp := t.Regs().Rsp
	old := altStackBytes(t, sp)
	if a.New != 0 {
		b := make([]byte, 3*word)
		if err := t.Read(a.New, b); err != nil {
			return 0, err
		}
		if onAlt(t, sp) {
			return 0, kerr.EPERM
		}
		n := kernel.AltStack{Base: getWord(b, word), Flags: binary.LittleEndian.Uint32(b[word:]), Size: getWord(b[2*word:], word)}
		if err := setAlt(t, n); err != nil {
			return 0, err
		}
	}
	if a.Old == 0 {
		return 0, nil
	}
	return 0, t.Write(a.Old, old)
}

func setAlt(t *kernel.Thread, n kernel.AltStack) error {
	mode := n.Flags &^ ssAutodisarm
	switch {
	case mode == ssDisable:
		t.Alt = kernel.AltStack{}
	case mode != 0 && mode != ssOnstack:
		return kerr.EINVAL
	case n.Size < minSigStack:
		return kerr.ENOMEM
	default:
		n.Flags &= ssAutodisarm
		t.Alt = n
	}
	return nil
}

// altStackBytes is the thread's stack_t.
func altStackBytes(t *kernel.Thread, sp uint64) []byte {
	word := wordSize(t)
	b := make([]byte, 3*word)
	putWord(b, word, t.Alt.Base)
	binary.LittleEndian.PutUint32(b[word:], altFlags(t, sp))
	putWord(b[2*word:], word, t.Alt.Size)
	return b
}

func wordSize(t *kernel.Thread) int {
	if t.System().Compat {
		return 4
	}
	return 8
}

func rtSigpending(t *kernel.Thread, a *abi.RtSigpendingArgs) (uint64, error) {
	if a.Setsize > setSize {
		return 0, kerr.EINVAL
	}
	set, err := pending(t)
	if err != nil {
		return 0, err
	}
	return 0, t.Write(a.Set, binary.LittleEndian.AppendUint64(nil, set)[:a.Setsize])
}

// pending are the signals that wait for the thread.
func pending(t *kernel.Thread) (uint64, error) {
	addr, buf := t.Scratch()
	if _, err := t.HostMust(unix.SYS_RT_SIGPENDING, addr, setSize); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(buf) | t.Held(), nil
}

// A call that takes a signal mask gets one that does not block the gate's own
// signals. hostSet returns its address.
func hostSet(t *kernel.Thread, set, size uint64) (uint64, error) {
	if set == 0 || size != setSize {
		return set, nil
	}
	m, err := t.Read64(set)
	if err != nil || kernel.HostMask(m) == m {
		return set, err
	}
	addr, buf := t.Scratch()
	binary.LittleEndian.PutUint64(buf, kernel.HostMask(m))
	return addr, nil
}

// waitSet is hostSet for a call that waits with this mask.
func waitSet(t *kernel.Thread, set, size uint64) (uint64, error) {
	if set == 0 || size != setSize {
		return set, nil
	}
	m, err := t.Read64(set)
	if err == nil {
		err = t.WaitMask(m)
	}
	if err != nil {
		return 0, err
	}
	return hostSet(t, set, size)
}

func rtSigsuspend(t *kernel.Thread, a *abi.RtSigsuspendArgs) (uint64, error) {
	set, err := waitSet(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_RT_SIGSUSPEND, set, a.Setsize)
}

// takeHeld does rt_sigtimedwait for a signal that waits in the supervisor.
func takeHeld(t *kernel.Thread, a *abi.RtSigtimedwaitArgs) (uint64, error) {
	if a.Setsize != setSize || t.Held() == 0 {
		return 0, nil
	}
	set, err := t.Read64(a.Set)
	if err != nil {
		return 0, err
	}
	s := t.TakeHeld(set)
	if s == nil {
		return 0, nil
	}
	if a.Info != 0 {
		err = t.Write(a.Info, s.Info[:])
	}
	return uint64(s.Num), err
}

func rtSigtimedwait(t *kernel.Thread, a *abi.RtSigtimedwaitArgs) (uint64, error) {
	if t.System().Compat {
		return rtSigtimedwait386(t, a, 4)
	}
	set, err := hostSet(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	if sig, err := takeHeld(t, a); sig != 0 {
		return sig, err
	}
	return t.Host(unix.SYS_RT_SIGTIMEDWAIT, set, a.Info, a.Timeout, a.Setsize)
}

func ppoll(t *kernel.Thread, a *abi.PpollArgs) (uint64, error) {
	if t.System().Compat {
		return ppoll386(t, a, 4)
	}
	set, err := waitSet(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_PPOLL, a.Fds, uint64(a.N), a.Timeout, set, a.Setsize)
}

func epollPwait(t *kernel.Thread, a *abi.EpollPwaitArgs) (uint64, error) {
	set, err := waitSet(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_EPOLL_PWAIT, uint64(a.Epfd), a.Events, uint64(a.N), uint64(a.Timeout), set, a.Setsize)
}

func epollPwait2(t *kernel.Thread, a *abi.EpollPwait2Args) (uint64, error) {
	timeout := a.Timeout
	set, err := waitSet(t, a.Set, a.Setsize)
	if t.System().Compat && err == nil {
		s := scratchOf(t)
		if set, err = s.set(t, a.Set, a.Setsize); err == nil {
			timeout, err = s.time(t, a.Timeout, 8)
		}
	}
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_EPOLL_PWAIT2, uint64(a.Epfd), a.Events, uint64(a.N), timeout, set, a.Setsize)
}

// pselect6 takes the address of a pair: the set and its size.
func pselect6(t *kernel.Thread, a *abi.Pselect6Args) (uint64, error) {
	if t.System().Compat {
		return pselect386(t, a, 4)
	}
	pair := a.Sig
	if pair != 0 {
		var b [16]byte
		if err := t.Read(pair, b[:]); err != nil {
			return 0, err
		}
		le := binary.LittleEndian
		m, size := le.Uint64(b[:]), le.Uint64(b[8:])
		if m != 0 && size == setSize {
			set, err := t.Read64(m)
			if err == nil {
				err = t.WaitMask(set)
			}
			if err != nil {
				return 0, err
			}
			// The pair and, behind it, the set.
			addr, buf := t.Scratch()
			le.PutUint64(buf, addr+16)
			le.PutUint64(buf[8:], size)
			le.PutUint64(buf[16:], kernel.HostMask(set))
			pair = addr
		}
	}
	return t.Host(unix.SYS_PSELECT6, uint64(a.N), a.Read, a.Write, a.Except, a.Timeout, pair)
}

func signalfd(t *kernel.Thread, a *abi.SignalfdArgs) (uint64, error) {
	set, err := hostSet(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_SIGNALFD, uint64(int64(a.Fd)), set, a.Setsize)
}

func signalfd4(t *kernel.Thread, a *abi.Signalfd4Args) (uint64, error) {
	set, err := hostSet(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_SIGNALFD4, uint64(int64(a.Fd)), set, a.Setsize, uint64(a.Flags))
}

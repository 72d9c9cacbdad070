package linux

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// Calls of 386 that wait, with a timespec of two 32-bit words, or of two 64-bit
// words (the calls with time64 in their names), of which the upper half of the
// nanoseconds may be anything. The host's 64-bit call is made with copies in
// the scratch area: Host32 could not reach them there, and no memory of the
// guest is known to be free.

// Places in the scratch area.
const (
	atTime = 0
	atSet  = 16
	atPair = 24
	atInfo = 64
	atFDs  = 1024
)

// scratch is the scratch area of a call in the making.
type scratch struct {
	addr uint64
	buf  []byte
}

func scratchOf(t *kernel.Thread) scratch {
	addr, buf := t.Scratch()
	return scratch{addr, buf}
}

// time copies the timespec at addr, whose words have size bytes, and returns
// where the host finds it; 0 stays 0.
func (s scratch) time(t *kernel.Thread, addr uint64, size int) (uint64, error) {
	if addr == 0 {
		return 0, nil
	}
	le := binary.LittleEndian
	var b [16]byte
	if err := t.Read(addr, b[:2*size]); err != nil {
		return 0, err
	}
	sec, nsec := int64(le.Uint64(b[:])), int64(le.Uint32(b[8:]))
	if size == 4 {
		sec, nsec = int64(int32(le.Uint32(b[:]))), int64(int32(le.Uint32(b[4:])))
	}
	le.PutUint64(s.buf[atTime:], uint64(sec))
	le.PutUint64(s.buf[atTime+8:], uint64(nsec))
	return s.addr + atTime, nil
}

// timeLeft tells the guest what the host left of the time. That it cannot be
// written does not matter.
func (s scratch) timeLeft(t *kernel.Thread, addr uint64, size int) {
	if addr == 0 {
		return
	}
	if size == 8 {
		t.Write(addr, s.buf[atTime:atTime+16])
		return
	}
	var b [8]byte
	copy(b[:4], s.buf[atTime:])
	copy(b[4:], s.buf[atTime+8:])
	t.Write(addr, b[:])
}

// set copies a signal mask without the signals that the gate needs.
func (s scratch) set(t *kernel.Thread, addr, size uint64) (uint64, error) {
	if addr == 0 {
		return 0, nil
	}
	if size != setSize {
		return 0, kerr.EINVAL
	}
	m, err := t.Read64(addr)
	binary.LittleEndian.PutUint64(s.buf[atSet:], kernel.HostMask(m))
	return s.addr + atSet, err
}

// waited says whether the host made the call, so that its results count.
func waited(err error) bool { return err != kerr.Restart && err != kerr.Done }

func ppoll386(t *kernel.Thread, a *abi.PpollArgs, size int) (uint64, error) {
	if _, err := waitSet(t, a.Set, a.Setsize); err != nil {
		return 0, err
	}
	s := scratchOf(t)
	ts, err := s.time(t, a.Timeout, size)
	if err != nil {
		return 0, err
	}
	set, err := s.set(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	n, err := t.Host(unix.SYS_PPOLL, a.Fds, uint64(a.N), ts, set, a.Setsize)
	if waited(err) {
		s.timeLeft(t, a.Timeout, size)
	}
	return n, err
}

func ppollTime64(t *kernel.Thread, a *abi.PpollTime64Args) (uint64, error) {
	return ppoll386(t, (*abi.PpollArgs)(a), 8)
}

// pselect386 copies the sets too: the host reads and writes them in words of
// 64 bits, the guest may have one of 32 at the end.
func pselect386(t *kernel.Thread, a *abi.Pselect6Args, size int) (uint64, error) {
	const most = 4096 // bytes of a set
	words := (uint64(uint32(a.N)) + 31) / 32
	if a.N < 0 || words*4 > most {
		return 0, kerr.EINVAL // Differs: above 32768 descriptors
	}
	s := scratchOf(t)
	ts, err := s.time(t, a.Timeout, size)
	if err != nil {
		return 0, err
	}
	pair, err := s.pair(t, a.Sig)
	if err != nil {
		return 0, err
	}
	sets := [3]uint64{a.Read, a.Write, a.Except}
	at := sets
	for i, from := range sets {
		if from == 0 {
			continue
		}
		b := s.buf[atFDs+i*most:][:most]
		clear(b[:words*4+4])
		if err := t.Read(from, b[:words*4]); err != nil {
			return 0, err
		}
		at[i] = s.addr + atFDs + uint64(i*most)
	}
	n, err := t.Host(unix.SYS_PSELECT6, uint64(a.N), at[0], at[1], at[2], ts, pair)
	if !waited(err) {
		return n, err
	}
	s.timeLeft(t, a.Timeout, size)
	if err != nil {
		return n, err
	}
	for i, to := range sets {
		if to == 0 {
			continue
		}
		if err := t.Write(to, s.buf[atFDs+i*most:][:words*4]); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// pair copies the last argument of pselect6: address and size of a signal mask.
func (s scratch) pair(t *kernel.Thread, addr uint64) (uint64, error) {
	if addr == 0 {
		return 0, nil
	}
	var b [8]byte
	if err := t.Read(addr, b[:]); err != nil {
		return 0, err
	}
	le := binary.LittleEndian
	size := uint64(le.Uint32(b[4:]))
	at := uint64(le.Uint32(b[:]))
	if _, err := waitSet(t, at, size); err != nil {
		return 0, err
	}
	set, err := s.set(t, at, size)
	if err != nil {
		return 0, err
	}
	le.PutUint64(s.buf[atPair:], set)
	le.PutUint64(s.buf[atPair+8:], size)
	return s.addr + atPair, nil
}

func pselect6Time64(t *kernel.Thread, a *abi.Pselect6Time64Args) (uint64, error) {
	return pselect386(t, (*abi.Pselect6Args)(a), 8)
}

func rtSigtimedwait386(t *kernel.Thread, a *abi.RtSigtimedwaitArgs, size int) (uint64, error) {
	s := scratchOf(t)
	set, err := s.set(t, a.Set, a.Setsize)
	if err != nil {
		return 0, err
	}
	ts, err := s.time(t, a.Timeout, size)
	if err != nil {
		return 0, err
	}
	sig, err := t.Host(unix.SYS_RT_SIGTIMEDWAIT, set, s.addr+atInfo, ts, a.Setsize)
	if err != nil || a.Info == 0 {
		return sig, err
	}
	info := siginfo32((*[128]byte)(s.buf[atInfo:]))
	return sig, t.Write(a.Info, info[:])
}

func rtSigtimedwaitTime64(t *kernel.Thread, a *abi.RtSigtimedwaitTime64Args) (uint64, error) {
	return rtSigtimedwait386(t, (*abi.RtSigtimedwaitArgs)(a), 8)
}

// The gate makes futex calls without a time, and those of time64 whose
// nanoseconds are clean.
func futex(t *kernel.Thread, a *abi.FutexArgs) (uint64, error) { return futex386(t, a, 4) }

func futexTime64(t *kernel.Thread, a *abi.FutexTime64Args) (uint64, error) {
	return futex386(t, (*abi.FutexArgs)(a), 8)
}

func futex386(t *kernel.Thread, a *abi.FutexArgs, size int) (uint64, error) {
	const timed = 1<<abi.FUTEX_WAIT | 1<<abi.FUTEX_LOCK_PI | 1<<abi.FUTEX_WAIT_BITSET |
		1<<abi.FUTEX_WAIT_REQUEUE_PI | 1<<abi.FUTEX_LOCK_PI2
	timeout := a.Timeout // of other operations a number
	if op := a.Op &^ (abi.FUTEX_PRIVATE_FLAG | abi.FUTEX_CLOCK_REALTIME); op < 32 && timed>>op&1 != 0 {
		var err error
		if timeout, err = scratchOf(t).time(t, a.Timeout, size); err != nil {
			return 0, err
		}
	}
	return t.Host(unix.SYS_FUTEX, a.Addr, uint64(a.Op), uint64(a.Val), timeout, a.Addr2, uint64(a.Val3))
}

func clockNanosleepTime64(t *kernel.Thread, a *abi.ClockNanosleepTime64Args) (uint64, error) {
	ts, err := scratchOf(t).time(t, a.Req, 8)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_CLOCK_NANOSLEEP, uint64(int64(int32(a.Clock))), uint64(a.Flags), ts, a.Rem)
}

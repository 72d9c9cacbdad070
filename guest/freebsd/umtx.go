package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// _umtx_op(2) by the host's futexes (FreeBSD 14.1 sys/kern/kern_umtx.c). The host
// call is made in the guest's thread, so a signal interrupts it there. Locks of
// libthr need a bit set in the guest's memory while others run: FUTEX_WAKE_OP
// does that atomically.

// Operations of the host's futex(2) (linux/futex.h).
const (
	futexWait       = 0
	futexWake       = 1
	futexWakeOp     = 5
	futexWaitBitset = 9
	private         = 128
	onRealtime      = 256
)

func umtxOp(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	switch a.Op {
	case abi.UMTX_OP_WAIT:
		return umtxWaitLong(t, a)
	case abi.UMTX_OP_WAIT_UINT:
		return umtxWait(t, a, uint32(a.Val), 0)
	case abi.UMTX_OP_WAIT_UINT_PRIVATE:
		return umtxWait(t, a, uint32(a.Val), private)
	case abi.UMTX_OP_WAKE:
		return umtxWake(t, a.Obj, a.Val, 0)
	case abi.UMTX_OP_WAKE_PRIVATE:
		return umtxWake(t, a.Obj, a.Val, private)
	case abi.UMTX_OP_NWAKE_PRIVATE:
		return umtxWakeAll(t, a)
	}
	if op := umtxLocks[a.Op]; op != nil {
		return op(t, a)
	}
	return 0, kerr.EINVAL
}

// umtxWait sleeps while the word is val. That it is not is no error.
func umtxWait(t *kernel.Thread, a *abi.UmtxOpArgs, val uint32, flags uint64) (uint64, error) {
	timeout, err := readTimeout(t, a.Uaddr1, a.Uaddr2)
	if err != nil {
		return 0, err
	}
	return sleepOn(t, a.Obj, val, flags, timeout)
}

// umtxWaitLong compares 64 bits: the host looks at the low half only.
func umtxWaitLong(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	now, err := t.Read64(a.Obj)
	if err != nil {
		return 0, err
	}
	if now != a.Val {
		return 0, nil
	}
	return umtxWait(t, a, uint32(a.Val), 0)
}

// timeout is when a wait ends.
type timeout struct {
	addr     uint64 // of a timespec in the guest; 0 is never
	absolute bool
	realtime bool
}

// readTimeout understands a timespec, or struct _umtx_time if size says so:
// timespec, flags, clock.
func readTimeout(t *kernel.Thread, size, addr uint64) (timeout, error) {
	const timeSize = 24
	if addr == 0 {
		return timeout{}, nil
	}
	var b [timeSize]byte
	n := 16
	if size > 16 {
		n = timeSize
	}
	if err := t.Read(addr, b[:n]); err != nil {
		return timeout{}, err
	}
	sec, nsec := int64(le.Uint64(b[:])), int64(le.Uint64(b[8:]))
	if sec < 0 || nsec < 0 || nsec >= 1e9 {
		return timeout{}, kerr.EINVAL
	}
	to := timeout{addr: addr}
	if n == timeSize {
		clock := le.Uint32(b[20:])
		to.absolute = le.Uint32(b[16:])&abi.UMTX_ABSTIME != 0
		to.realtime = clock == abi.CLOCK_REALTIME || clock == abi.CLOCK_REALTIME_FAST || clock == abi.CLOCK_REALTIME_PRECISE
	}
	return to, nil
}

// sleepOn makes the host's wait. FreeBSD does not start it again after a
// signal if it has a timeout.
func sleepOn(t *kernel.Thread, addr uint64, val uint32, flags uint64, to timeout) (uint64, error) {
	op := uint64(futexWait) | flags
	if to.absolute {
		op = futexWaitBitset | flags
		if to.realtime {
			op |= onRealtime
		}
	}
	_, err := t.Host(unix.SYS_FUTEX, addr, op, uint64(val), to.addr, 0, 1<<32-1)
	if err == kerr.EAGAIN {
		err = nil
	}
	return 0, err
}

func umtxWake(t *kernel.Thread, addr, n, flags uint64) (uint64, error) {
	_, err := t.HostMust(unix.SYS_FUTEX, addr, futexWake|flags, min(n, 1<<31-1))
	return 0, err
}

// umtxWakeAll wakes all waiters of each address of a vector of val.
func umtxWakeAll(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	const most = 1024
	if a.Val > most {
		return 0, kerr.EINVAL
	}
	b := make([]byte, 8*a.Val)
	if err := t.Read(a.Obj, b); err != nil {
		return 0, err
	}
	for ; len(b) > 0; b = b[8:] {
		if _, err := umtxWake(t, le.Uint64(b), 1<<31-1, private); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// umtxLocks are the operations on the locks of libthr.
var umtxLocks = map[uint32]func(*kernel.Thread, *abi.UmtxOpArgs) (uint64, error){
	abi.UMTX_OP_MUTEX_WAIT:   mutexWait,
	abi.UMTX_OP_MUTEX_WAKE:   mutexWake,
	abi.UMTX_OP_MUTEX_WAKE2:  mutexWake,
	abi.UMTX_OP_SEM2_WAIT:    semWait,
	abi.UMTX_OP_SEM2_WAKE:    semWake,
	abi.UMTX_OP_CV_WAIT:      cvWait,
	abi.UMTX_OP_CV_SIGNAL:    func(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) { return cvWake(t, a.Obj, 1) },
	abi.UMTX_OP_CV_BROADCAST: func(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) { return cvWake(t, a.Obj, 1<<31-1) },
}

// Operations of FUTEX_WAKE_OP; with shift the operand is the number of a bit.
const (
	opSet   = 0
	opAdd   = 1
	opOr    = 2
	opShift = 8
)

// change changes the word at addr and wakes n of its waiters, as one step.
func change(t *kernel.Thread, addr uint64, op, operand, n uint64) error {
	_, err := t.HostMust(unix.SYS_FUTEX, addr, futexWakeOp, n, 0, addr, op<<28|operand<<12)
	return err
}

// orTop sets the top bit of the word at addr and wakes n of its waiters.
func orTop(t *kernel.Thread, addr uint64, n uint64) error {
	return change(t, addr, opOr|opShift, 31, n)
}

// mutexWait sleeps until a struct umutex may be free.
func mutexWait(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	owner, err := t.Read32(a.Obj)
	if err != nil {
		return 0, err
	}
	if owner&^abi.UMUTEX_CONTESTED == abi.UMUTEX_UNOWNED {
		return 0, nil
	}
	to, err := readTimeout(t, a.Uaddr1, a.Uaddr2)
	if err != nil {
		return 0, err
	}
	if owner&abi.UMUTEX_CONTESTED == 0 {
		if err := orTop(t, a.Obj, 0); err != nil {
			return 0, err
		}
	}
	return sleepOn(t, a.Obj, owner|abi.UMUTEX_CONTESTED, 0, to)
}

// mutexWake wakes one who waits for a mutex that has been unlocked, and keeps
// the mark for the others.
func mutexWake(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	return 0, orTop(t, a.Obj, 1)
}

// semWait sleeps while the count of a struct _usem2 is 0, marking it.
func semWait(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	count, err := t.Read32(a.Obj)
	if err != nil || count&^abi.USEM_HAS_WAITERS != 0 {
		return 0, err
	}
	to, err := readTimeout(t, a.Uaddr1, a.Uaddr2)
	if err != nil {
		return 0, err
	}
	if count == 0 {
		if err := orTop(t, a.Obj, 0); err != nil {
			return 0, err
		}
	}
	return sleepOn(t, a.Obj, abi.USEM_HAS_WAITERS, 0, to)
}

func semWake(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	return umtxWake(t, a.Obj, 1, 0)
}

// The first word of a struct ucond is not 0 if somebody may wait. Every wake
// changes it, so that none is lost between the unlock and the sleep of a waiter.

// cvWait unlocks the mutex at uaddr1 and sleeps. The flags are in val.
func cvWait(t *kernel.Thread, a *abi.UmtxOpArgs) (uint64, error) {
	to, err := readTimeout(t, 0, a.Uaddr2)
	if err != nil {
		return 0, err
	}
	to.absolute = a.Val&abi.CVWAIT_ABSTIME != 0
	if a.Val&abi.CVWAIT_CLOCKID == 0 {
		to.realtime = to.absolute
	} else if clock, err := t.Read32(a.Obj + 8); err == nil {
		to.realtime = clock == abi.CLOCK_REALTIME
	}
	if err := change(t, a.Obj, opOr|opShift, 0, 0); err != nil {
		return 0, err
	}
	seen, err := t.Read32(a.Obj)
	if err != nil {
		return 0, err
	}
	if err := change(t, a.Uaddr1, opSet|opShift, 31, 1); err != nil {
		return 0, err
	}
	_, err = sleepOn(t, a.Obj, seen, 0, to)
	if err == kerr.Restart {
		err = kerr.EINTR // the mutex is unlocked already
	}
	return 0, err
}

func cvWake(t *kernel.Thread, addr, n uint64) (uint64, error) {
	return 0, change(t, addr, opAdd, 2, n)
}

package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// clocks pairs FreeBSD's clocks with the host's; the gate's table has those that
// the vDSO serves.
var clocks = map[uint32]uint64{
	abi.CLOCK_REALTIME:           unix.CLOCK_REALTIME,
	abi.CLOCK_REALTIME_PRECISE:   unix.CLOCK_REALTIME,
	abi.CLOCK_REALTIME_FAST:      unix.CLOCK_REALTIME,
	abi.CLOCK_SECOND:             unix.CLOCK_REALTIME_COARSE,
	abi.CLOCK_MONOTONIC:          unix.CLOCK_MONOTONIC,
	abi.CLOCK_MONOTONIC_PRECISE:  unix.CLOCK_MONOTONIC,
	abi.CLOCK_MONOTONIC_FAST:     unix.CLOCK_MONOTONIC,
	abi.CLOCK_UPTIME:             unix.CLOCK_MONOTONIC,
	abi.CLOCK_UPTIME_PRECISE:     unix.CLOCK_MONOTONIC,
	abi.CLOCK_UPTIME_FAST:        unix.CLOCK_MONOTONIC,
	abi.CLOCK_VIRTUAL:            unix.CLOCK_PROCESS_CPUTIME_ID,
	abi.CLOCK_PROF:               unix.CLOCK_PROCESS_CPUTIME_ID,
	abi.CLOCK_THREAD_CPUTIME_ID:  unix.CLOCK_THREAD_CPUTIME_ID,
	abi.CLOCK_PROCESS_CPUTIME_ID: unix.CLOCK_PROCESS_CPUTIME_ID,
	abi.CLOCK_TAI:                unix.CLOCK_TAI,
}

func hostClock(id uint32) (uint64, error) {
	if host, ok := clocks[id]; ok {
		return host, nil
	}
	return 0, kerr.EINVAL
}

func clockGettime(t *kernel.Thread, a *abi.ClockGettimeArgs) (uint64, error) {
	return clockCall(t, unix.SYS_CLOCK_GETTIME, a.Clock, a.Tp)
}

func clockGetres(t *kernel.Thread, a *abi.ClockGetresArgs) (uint64, error) {
	return clockCall(t, unix.SYS_CLOCK_GETRES, a.Clock, a.Tp)
}

func clockCall(t *kernel.Thread, nr uint64, id uint32, at uint64) (uint64, error) {
	clock, err := hostClock(id)
	if err != nil {
		return 0, err
	}
	if _, err := t.Host(nr, clock, at); err != nil || id != abi.CLOCK_SECOND {
		return 0, err
	}
	return 0, t.Write64(at+8, 0)
}

// clockNanosleep returns its error as the result (FreeBSD 14.1 clock_nanosleep(2)).
func clockNanosleep(t *kernel.Thread, a *abi.ClockNanosleepArgs) (uint64, error) {
	clock, err := hostClock(a.Clock)
	if err != nil {
		return abi.EINVAL, nil
	}
	if clock == unix.CLOCK_THREAD_CPUTIME_ID || a.Flags&^abi.TIMER_ABSTIME != 0 {
		return abi.EINVAL, nil
	}
	_, err = t.Host(unix.SYS_CLOCK_NANOSLEEP, clock, uint64(a.Flags), a.Req, a.Rem)
	return resultOf(err)
}

func gettimeofday(t *kernel.Thread, a *abi.GettimeofdayArgs) (uint64, error) {
	return t.Host(unix.SYS_GETTIMEOFDAY, a.Tv, a.Tz)
}

// setitimer: numbers and structure are the host's.
func setitimer(t *kernel.Thread, a *abi.SetitimerArgs) (uint64, error) {
	if a.New == 0 {
		return getitimer(t, &abi.GetitimerArgs{Which: a.Which, Value: a.Old})
	}
	return t.HostMust(unix.SYS_SETITIMER, uint64(a.Which), a.New, a.Old)
}

func getitimer(t *kernel.Thread, a *abi.GetitimerArgs) (uint64, error) {
	return t.HostMust(unix.SYS_GETITIMER, uint64(a.Which), a.Value)
}

// fileTimes puts two times for utimensat(2) into the scratch area, from timeval
// (micro) or timespec; 0 is now.
func fileTimes(t *kernel.Thread, from uint64, micro bool) (uint64, error) {
	const guestNow, guestOmit = ^uint64(0), ^uint64(1) // UTIME_NOW, UTIME_OMIT
	if from == 0 {
		return 0, nil
	}
	var b [32]byte
	if err := t.Read(from, b[:]); err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	for i := 0; i < 32; i += 16 {
		sec, frac := le.Uint64(b[i:]), le.Uint64(b[i+8:])
		switch {
		case micro && frac >= 1e6:
			return 0, kerr.EINVAL
		case micro:
			frac *= 1000
		case frac == guestNow:
			sec, frac = 0, unix.UTIME_NOW
		case frac == guestOmit:
			sec, frac = 0, unix.UTIME_OMIT
		}
		le.PutUint64(buf[i:], sec)
		le.PutUint64(buf[i+8:], frac)
	}
	return addr, nil
}

func utimesAt(t *kernel.Thread, dir int32, path, times uint64, micro bool, flags uint64) (uint64, error) {
	at, err := fileTimes(t, times, micro)
	if err != nil {
		return 0, err
	}
	if path == 0 {
		return t.Host(unix.SYS_UTIMENSAT, word(dir), 0, at, 0)
	}
	return hostAt(t, unix.SYS_UTIMENSAT, dir, path, at, flags)
}

func utimes(t *kernel.Thread, a *abi.UtimesArgs) (uint64, error) {
	return utimesAt(t, cwd, a.Path, a.Times, true, 0)
}

func lutimes(t *kernel.Thread, a *abi.LutimesArgs) (uint64, error) {
	return utimesAt(t, cwd, a.Path, a.Times, true, unix.AT_SYMLINK_NOFOLLOW)
}

func futimes(t *kernel.Thread, a *abi.FutimesArgs) (uint64, error) {
	return utimesAt(t, a.Fd, 0, a.Times, true, 0)
}

func futimesat(t *kernel.Thread, a *abi.FutimesatArgs) (uint64, error) {
	return utimesAt(t, a.Dir, a.Path, a.Times, true, 0)
}

func futimens(t *kernel.Thread, a *abi.FutimensArgs) (uint64, error) {
	return utimesAt(t, a.Fd, 0, a.Times, false, 0)
}

func utimensat(t *kernel.Thread, a *abi.UtimensatArgs) (uint64, error) {
	flags, err := hostAtFlags(a.Flags, abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH)
	if err != nil {
		return 0, err
	}
	if a.Path == 0 {
		return 0, kerr.EFAULT
	}
	return utimesAt(t, a.Dir, a.Path, a.Times, false, flags)
}

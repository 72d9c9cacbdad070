package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// limits pairs FreeBSD's resources with the host's; those that are not here
// have no limit.
var limits = map[uint32]uint64{
	abi.RLIMIT_CPU:     unix.RLIMIT_CPU,
	abi.RLIMIT_FSIZE:   unix.RLIMIT_FSIZE,
	abi.RLIMIT_DATA:    unix.RLIMIT_DATA,
	abi.RLIMIT_STACK:   unix.RLIMIT_STACK,
	abi.RLIMIT_CORE:    unix.RLIMIT_CORE,
	abi.RLIMIT_RSS:     unix.RLIMIT_RSS,
	abi.RLIMIT_MEMLOCK: unix.RLIMIT_MEMLOCK,
	abi.RLIMIT_NPROC:   unix.RLIMIT_NPROC,
	abi.RLIMIT_NOFILE:  unix.RLIMIT_NOFILE,
	abi.RLIMIT_AS:      unix.RLIMIT_AS,
}

// Infinity of both systems.
const (
	guestInfinity = uint64(abi.RLIM_INFINITY)
	hostInfinity  = ^uint64(0)
)

func swapInfinity(v, from, to uint64) uint64 {
	if v == from {
		return to
	}
	return v
}

func getrlimit(t *kernel.Thread, a *abi.GetrlimitArgs) (uint64, error) {
	host, ok := limits[a.Resource]
	cur, most := guestInfinity, guestInfinity
	switch {
	case a.Resource >= abi.RLIM_NLIMITS:
		return 0, kerr.EINVAL
	case ok:
		addr, buf := t.Scratch()
		if _, err := t.HostMust(unix.SYS_PRLIMIT64, 0, host, 0, addr); err != nil {
			return 0, err
		}
		cur = swapInfinity(le.Uint64(buf), hostInfinity, guestInfinity)
		most = swapInfinity(le.Uint64(buf[8:]), hostInfinity, guestInfinity)
	}
	return 0, t.Write(a.Rlim, le.AppendUint64(le.AppendUint64(nil, cur), most))
}

func setrlimit(t *kernel.Thread, a *abi.SetrlimitArgs) (uint64, error) {
	if a.Resource >= abi.RLIM_NLIMITS {
		return 0, kerr.EINVAL
	}
	var b [16]byte
	if err := t.Read(a.Rlim, b[:]); err != nil {
		return 0, err
	}
	host, ok := limits[a.Resource]
	if !ok {
		return 0, nil // Differs: a limit of what the host does not count is not kept.
	}
	addr, buf := t.Scratch()
	cur, most := le.Uint64(b[:]), le.Uint64(b[8:])
	le.PutUint64(buf, min(swapInfinity(cur, guestInfinity, hostInfinity), swapInfinity(most, guestInfinity, hostInfinity)))
	le.PutUint64(buf[8:], swapInfinity(most, guestInfinity, hostInfinity))
	return t.HostMust(unix.SYS_PRLIMIT64, 0, host, addr, 0)
}

// getrusage: the structure is the host's, RUSAGE_THREAD too.
func getrusage(t *kernel.Thread, a *abi.GetrusageArgs) (uint64, error) {
	return t.Host(unix.SYS_GETRUSAGE, word(int32(a.Who)), a.Ru)
}

// getpriority: the host's call returns 20 minus the priority.
func getpriority(t *kernel.Thread, a *abi.GetpriorityArgs) (uint64, error) {
	v, err := t.Host(unix.SYS_GETPRIORITY, uint64(a.Which), word(a.Who))
	if err != nil {
		return 0, err
	}
	return uint64(int64(20) - int64(v)), nil
}

func setpriority(t *kernel.Thread, a *abi.SetpriorityArgs) (uint64, error) {
	return t.Host(unix.SYS_SETPRIORITY, uint64(a.Which), word(a.Who), word(a.Priority))
}

// schedGetparam: nobody here runs with a real-time policy of FreeBSD.
func schedGetparam(t *kernel.Thread, a *abi.SchedGetparamArgs) (uint64, error) {
	if _, err := t.Host(unix.SYS_SCHED_GETPARAM, word(a.Pid), a.Param); err != nil {
		return 0, err
	}
	return 0, nil
}

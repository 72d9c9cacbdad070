package freebsd

import (
	"math/bits"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// A thread's number is the host's.

// threadFlags are what threads of a process share.
const threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND |
	unix.CLONE_THREAD | unix.CLONE_SYSVSEM

// thrParam is struct thr_param (FreeBSD 14.1 sys/thr.h).
type thrParam struct {
	start, arg, stack, stackSize, tls, tlsSize, childTid, parentTid uint64
}

func thrNew(t *kernel.Thread, a *abi.ThrNewArgs) (uint64, error) {
	const size = 104
	if a.Size < 0 || a.Size > size {
		return 0, kerr.EINVAL
	}
	var b [size]byte
	if err := t.Read(a.Param, b[:a.Size]); err != nil {
		return 0, err
	}
	word := func(i int) uint64 { return le.Uint64(b[8*i:]) }
	p := thrParam{word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7)}
	tid, err := t.Clone(kernel.Task{CloneArgs: gate.CloneArgs{Flags: threadFlags}, Setup: p.setup})
	if err != nil {
		return 0, err
	}
	if p.parentTid != 0 {
		err = t.Write64(p.parentTid, tid)
	}
	return 0, err
}

// setup is what the new thread starts with.
func (p *thrParam) setup(n *kernel.Thread) error {
	r := n.Regs()
	r.Rip, r.Rdi, r.Rbp = p.start, p.arg, 0
	r.Rsp = (p.stack+p.stackSize)&^15 - 8
	r.Eflags &^= carry
	if p.childTid != 0 {
		n.Write64(p.childTid, uint64(n.Tid()))
	}
	_, err := n.HostMust(unix.SYS_ARCH_PRCTL, archSetFS, p.tls)
	return err
}

func thrSelf(t *kernel.Thread, a *abi.ThrSelfArgs) (uint64, error) {
	return 0, t.Write64(a.Id, uint64(t.Tid()))
}

// thrExit ends the thread; who waits for it finds 1 at state.
func thrExit(t *kernel.Thread, a *abi.ThrExitArgs) (uint64, error) {
	if err := t.LastSignals(); err != nil {
		return 0, err
	}
	if a.State != 0 {
		t.Write64(a.State, 1)
		t.HostMust(unix.SYS_FUTEX, a.State, futexWake, 1<<31-1)
	}
	return 0, t.Exit(0)
}

func thrKill(t *kernel.Thread, a *abi.ThrKillArgs) (uint64, error) {
	if a.Id != -1 {
		return 0, sendTo(t, t.Process().Pid(), a.Id, a.Sig)
	}
	err := error(kerr.ESRCH)
	for _, tid := range t.Process().Tids() { // all but the caller
		if tid != t.Tid() {
			err = sendTo(t, t.Process().Pid(), int64(tid), a.Sig)
		}
	}
	return 0, err
}

func thrKill2(t *kernel.Thread, a *abi.ThrKill2Args) (uint64, error) {
	return 0, sendTo(t, int(a.Pid), a.Id, a.Sig)
}

// thrSetName names a thread of the process; the host's names are shorter.
func thrSetName(t *kernel.Thread, a *abi.ThrSetNameArgs) (uint64, error) {
	if a.Id != int64(t.Tid()) {
		if t.Process().Thread(int(a.Id)) == nil {
			return 0, kerr.ESRCH
		}
		return 0, nil // Differs: only a thread itself can be named on the host.
	}
	name, err := t.String(a.Name, 64)
	if err != nil {
		return 0, kerr.ENAMETOOLONG
	}
	addr, buf := t.Scratch()
	buf[copy(buf[:15], name)] = 0
	return t.HostMust(unix.SYS_PRCTL, unix.PR_SET_NAME, addr)
}

// Operations of the host's arch_prctl(2).
const (
	archSetFS = 0x1002
	archGetFS = 0x1003
)

// sysarch sets and tells the bases of segments; GS belongs to the gate.
func sysarch(t *kernel.Thread, a *abi.SysarchArgs) (uint64, error) {
	switch a.Op {
	case abi.AMD64_SET_FSBASE:
		base, err := t.Read64(a.Parms)
		if err != nil {
			return 0, err
		}
		if bits.Len64(base) > 47 {
			return 0, kerr.EINVAL
		}
		return t.HostMust(unix.SYS_ARCH_PRCTL, archSetFS, base)
	case abi.AMD64_GET_FSBASE:
		addr, buf := t.Scratch()
		if _, err := t.HostMust(unix.SYS_ARCH_PRCTL, archGetFS, addr); err != nil {
			return 0, err
		}
		return 0, t.Write(a.Parms, buf[:8])
	case abi.AMD64_GET_GSBASE:
		return 0, t.Write64(a.Parms, 0)
	}
	return 0, kerr.EINVAL // Differs: AMD64_SET_GSBASE is refused, and so are protection keys.
}

// cpusetGetaffinity answers for the calling thread or process, or one of ours.
func cpusetGetaffinity(t *kernel.Thread, a *abi.CpusetGetaffinityArgs) (uint64, error) {
	if a.N == 0 || a.N > 1024 {
		return 0, kerr.ERANGE
	}
	tid, err := cpuTarget(t, a.Which, a.Id)
	if err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	const most = 1024
	clear(buf[:most])
	n, err := t.HostMust(unix.SYS_SCHED_GETAFFINITY, tid, most, addr)
	if err != nil {
		return 0, err
	}
	for _, b := range buf[min(a.N, n):n] {
		if b != 0 {
			return 0, kerr.ERANGE
		}
	}
	return 0, t.Write(a.Mask, buf[:a.N])
}

func cpusetSetaffinity(t *kernel.Thread, a *abi.CpusetSetaffinityArgs) (uint64, error) {
	if a.N == 0 || a.N > 1024 {
		return 0, kerr.ERANGE
	}
	tid, err := cpuTarget(t, a.Which, a.Id)
	if err != nil {
		return 0, err
	}
	if a.Level != abi.CPU_LEVEL_WHICH {
		return 0, kerr.EPERM
	}
	return t.HostMust(unix.SYS_SCHED_SETAFFINITY, tid, a.N, a.Mask)
}

// cpuTarget is the host's thread number that stands for which and id; 0 is the caller.
func cpuTarget(t *kernel.Thread, which uint32, id int64) (uint64, error) {
	switch which {
	case abi.CPU_WHICH_TID, abi.CPU_WHICH_PID:
		if id == -1 {
			return 0, nil
		}
		return uint64(id), nil
	case abi.CPU_WHICH_CPUSET:
		if id == -1 || id == 0 || id == 1 {
			return 0, nil
		}
		return 0, kerr.ESRCH
	}
	return 0, kerr.EINVAL
}

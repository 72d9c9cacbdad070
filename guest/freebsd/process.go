package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

func exit(t *kernel.Thread, a *abi.ExitArgs) (uint64, error) {
	t.ExitGroup(uint64(uint32(a.Status)) & 0xff)
	return 0, kerr.Done
}

func fork(t *kernel.Thread) (uint64, error) { return forkWith(t, uint64(unix.SIGCHLD)) }

func vfork(t *kernel.Thread) (uint64, error) {
	return forkWith(t, unix.CLONE_VM|unix.CLONE_VFORK|uint64(unix.SIGCHLD))
}

// forkWith makes a process. Both sides get a second result in rdx, which tells
// the child (sys/amd64/amd64/vm_machdep.c, cpu_fork).
func forkWith(t *kernel.Thread, flags uint64) (uint64, error) {
	pid, err := t.Clone(kernel.Task{CloneArgs: gate.CloneArgs{Flags: flags &^ 0xff, Signal: flags & 0xff}, Setup: func(n *kernel.Thread) error {
		r := n.Regs()
		r.Rax, r.Rdx = 0, 1
		r.Eflags &^= carry
		return nil
	}})
	if err == nil {
		t.Regs().Rdx = 0
	}
	return pid, err
}

// forked gives a new process what the host's fork does otherwise.
func forked(parent, child *kernel.Thread) error {
	closeKqueues(parent, child)
	return nil
}

// rfork makes processes that share some of what fork copies.
// Differs: sharing is served for memory together with descriptors only through
// vfork's way (RFSPAWN); a process cannot change what it shares of itself.
func rfork(t *kernel.Thread, a *abi.RforkArgs) (uint64, error) {
	flags := uint64(unix.SIGCHLD)
	switch {
	case a.Flags == abi.RFSPAWN:
		return vfork(t)
	case a.Flags&abi.RFPROC == 0 || a.Flags&(abi.RFFDG|abi.RFCFDG) == abi.RFFDG|abi.RFCFDG:
		return 0, kerr.EINVAL
	case a.Flags&^(abi.RFPROC|abi.RFFDG|abi.RFSIGSHARE) != 0:
		return 0, kerr.EINVAL
	case a.Flags&abi.RFSIGSHARE != 0:
		return 0, kerr.EINVAL
	case a.Flags&abi.RFFDG == 0:
		flags |= unix.CLONE_FILES
	}
	return forkWith(t, flags)
}

func execve(t *kernel.Thread, a *abi.ExecveArgs) (uint64, error) {
	name, err := t.Path(a.Path)
	if err != nil {
		return 0, err
	}
	return exec(t, unix.AT_FDCWD, name, a.Argv, a.Envp)
}

func fexecve(t *kernel.Thread, a *abi.FexecveArgs) (uint64, error) {
	return exec(t, int(a.Fd), ".", a.Argv, a.Envp)
}

func exec(t *kernel.Thread, dir int, name string, argv, envp uint64) (uint64, error) {
	if hidden(name) {
		return 0, kerr.ENOENT
	}
	args, err := t.Strings(argv)
	if err != nil {
		return 0, err
	}
	env, err := t.Strings(envp)
	if err != nil {
		return 0, err
	}
	if err := resetIgnored(t, false); err != nil {
		return 0, err
	}
	if err := t.Exec(dir, name, args, env); err != nil && err != kerr.Done {
		resetIgnored(t, true)
		return 0, err
	}
	return 0, kerr.Done
}

// procctl knows the signal at the end of the parent, which needs no rights.
func procctl(t *kernel.Thread, a *abi.ProcctlArgs) (uint64, error) {
	if a.Type != abi.P_PID || a.Id != 0 && a.Id != int64(t.Process().Pid()) {
		return 0, kerr.EPERM
	}
	switch a.Cmd {
	case abi.PROC_PDEATHSIG_CTL:
		sig, err := t.Read32(a.Data)
		if err != nil {
			return 0, err
		}
		host, ok := hostSignal(int32(sig))
		if !ok && sig != 0 {
			return 0, kerr.EINVAL
		}
		return t.HostMust(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uint64(host))
	case abi.PROC_PDEATHSIG_STATUS:
		addr, buf := t.Scratch()
		if _, err := t.HostMust(unix.SYS_PRCTL, unix.PR_GET_PDEATHSIG, addr); err != nil {
			return 0, err
		}
		return 0, t.Write32(a.Data, uint32(guestSignal(int(le.Uint32(buf)))))
	case abi.PROC_NO_NEW_PRIVS_STATUS, abi.PROC_TRACE_STATUS, abi.PROC_TRAPCAP_STATUS:
		return procStatus(t, a)
	case abi.PROC_REAP_ACQUIRE:
		return t.HostMust(unix.SYS_PRCTL, unix.PR_SET_CHILD_SUBREAPER, 1)
	case abi.PROC_REAP_RELEASE:
		return t.HostMust(unix.SYS_PRCTL, unix.PR_SET_CHILD_SUBREAPER, 0)
	case abi.PROC_NO_NEW_PRIVS_CTL:
		return t.HostMust(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
	}
	return 0, kerr.EINVAL
}

// procStatus answers what is the same for every process here.
func procStatus(t *kernel.Thread, a *abi.ProcctlArgs) (uint64, error) {
	state := uint32(abi.PROC_NO_NEW_PRIVS_DISABLE)
	switch a.Cmd {
	case abi.PROC_NO_NEW_PRIVS_STATUS:
		v, err := t.HostMust(unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS)
		if err != nil {
			return 0, err
		}
		if v != 0 {
			state = abi.PROC_NO_NEW_PRIVS_ENABLE
		}
	case abi.PROC_TRACE_STATUS:
		state = 0 // may be traced, and nobody does
	case abi.PROC_TRAPCAP_STATUS:
		state = abi.PROC_TRAPCAP_CTL_DISABLE
	}
	return 0, t.Write32(a.Data, state)
}

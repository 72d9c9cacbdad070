package linux

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

func exit(t *kernel.Thread, a *abi.ExitArgs) (uint64, error) {
	t.Exit(uint64(uint32(a.Status)))
	return 0, kerr.Done
}

func exitGroup(t *kernel.Thread, a *abi.ExitGroupArgs) (uint64, error) {
	t.ExitGroup(uint64(uint32(a.Status)))
	return 0, kerr.Done
}

func fork(t *kernel.Thread) (uint64, error) { return newTask(t, uint64(unix.SIGCHLD), 0, 0, 0, 0) }

func vfork(t *kernel.Thread) (uint64, error) {
	return newTask(t, unix.CLONE_VM|unix.CLONE_VFORK|uint64(unix.SIGCHLD), 0, 0, 0, 0)
}

func clone(t *kernel.Thread, a *abi.CloneArgs) (uint64, error) {
	return newTask(t, a.Flags, a.Stack, a.Ptid, a.Ctid, a.Tls)
}

// newTask makes a thread or process that goes on behind the call with result 0.
func newTask(t *kernel.Thread, flags, stack, ptid, ctid, tls uint64) (uint64, error) {
	return t.Clone(kernel.Task{
		Flags: flags &^ unix.CLONE_SETTLS,
		Ptid:  ptid,
		Ctid:  ctid,
		Setup: func(n *kernel.Thread) error {
			r := n.Regs()
			r.Rax = 0
			if stack != 0 {
				r.Rsp = stack
			}
			if flags&unix.CLONE_SETTLS == 0 {
				return nil
			}
			return setTLS(n, tls)
		},
	})
}

// setTLS sets the thread pointer of a new thread: the FS base, or on i386 what
// the user_desc at tls says.
func setTLS(t *kernel.Thread, tls uint64) error {
	if t.System().Compat {
		_, err := t.Host32Must(abi.SYS_386_set_thread_area, tls)
		return err
	}
	_, err := t.HostMust(unix.SYS_ARCH_PRCTL, abi.ARCH_SET_FS, tls)
	return err
}

// cloneArgs is the size of struct clone_args up to cgroup (clone3(2), Linux 5.7).
const cloneArgs = 88

func clone3(t *kernel.Thread, a *abi.Clone3Args) (uint64, error) {
	if a.Size < 64 {
		return 0, kerr.EINVAL
	}
	if a.Size > 4096 {
		return 0, kerr.E2BIG
	}
	var b [cloneArgs]byte
	if err := t.Read(a.Args, b[:min(a.Size, cloneArgs)]); err != nil {
		return 0, err
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	flags, pidfd, ctid, ptid, sig := word(0), word(1), word(2), word(3), word(4)
	stack, size, tls, nset, cgroup := word(5), word(6), word(7), word(9), word(10)
	const onlyClone3 = 0x100000000 | 0x200000000 // CLONE_CLEAR_SIGHAND, CLONE_INTO_CGROUP
	both := flags&unix.CLONE_PIDFD != 0 && flags&unix.CLONE_PARENT_SETTID != 0
	if flags&onlyClone3 != 0 || nset != 0 || cgroup != 0 || both {
		return 0, kerr.ENOSYS // as before Linux 5.3: callers fall back to clone(2)
	}
	if flags&unix.CLONE_PIDFD != 0 {
		ptid = pidfd
	}
	if stack != 0 {
		stack += size
	}
	return newTask(t, flags|sig&0xff, stack, ptid, ctid, tls)
}

func execve(t *kernel.Thread, a *abi.ExecveArgs) (uint64, error) {
	return exec(t, unix.AT_FDCWD, a.Path, a.Argv, a.Envp, 0)
}

func execveat(t *kernel.Thread, a *abi.ExecveatArgs) (uint64, error) {
	return exec(t, int(a.Dir), a.Path, a.Argv, a.Envp, uint64(a.Flags))
}

func exec(t *kernel.Thread, dir int, path, argv, envp, flags uint64) (uint64, error) {
	name, err := t.Path(path)
	if err != nil {
		return 0, err
	}
	if flags&unix.AT_EMPTY_PATH != 0 && name == "" {
		name = "."
	}
	args, err := t.Strings(argv)
	if err != nil {
		return 0, err
	}
	env, err := t.Strings(envp)
	if err != nil {
		return 0, err
	}
	return 0, t.Exec(dir, name, args, env)
}

func brk(t *kernel.Thread, a *abi.BrkArgs) (uint64, error) { return t.SetBreak(a.Addr), nil }

func archPrctl(t *kernel.Thread, a *abi.ArchPrctlArgs) (uint64, error) {
	switch a.Option {
	case abi.ARCH_SET_GS, abi.ARCH_GET_GS:
		return 0, kerr.EPERM // Differs: the GS base is the gate's.
	}
	return t.HostMust(unix.SYS_ARCH_PRCTL, uint64(a.Option), a.Addr)
}

// prctl leaves to the host what does not concern how calls are caught.
func prctl(t *kernel.Thread, a *abi.PrctlArgs) (uint64, error) {
	const userDispatch = 59
	switch a.Option {
	case userDispatch, unix.PR_SET_SECCOMP, unix.PR_GET_SECCOMP:
		return 0, kerr.EINVAL // as a kernel without these options
	case unix.PR_SET_DUMPABLE:
		// Differs: the supervisor must be able to read the process.
		if a.Arg2 > 1 {
			return 0, kerr.EINVAL
		}
		t.Process().Values.Store(unix.PR_SET_DUMPABLE, a.Arg2)
		return 0, nil
	case unix.PR_GET_DUMPABLE:
		if v, ok := t.Process().Values.Load(unix.PR_SET_DUMPABLE); ok {
			return v.(uint64), nil
		}
	}
	if t.System().Compat {
		return t.Host32(abi.SYS_386_prctl, uint64(a.Option), a.Arg2, a.Arg3, a.Arg4, a.Arg5)
	}
	return t.Host(unix.SYS_PRCTL, uint64(a.Option), a.Arg2, a.Arg3, a.Arg4, a.Arg5)
}

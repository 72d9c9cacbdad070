package linux

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

func exit(t *kernel.Thread, a *abi.ExitArgs) (uint64, error) {
	return 0, t.Exit(uint64(uint32(a.Status)))
}

func exitGroup(t *kernel.Thread, a *abi.ExitGroupArgs) (uint64, error) {
	t.ExitGroup(uint64(uint32(a.Status)))
	return 0, kerr.Done
}

func fork(t *kernel.Thread) (uint64, error) {
	return newTask(t, gate.CloneArgs{Signal: sigchld}, 0, 0)
}

func vfork(t *kernel.Thread) (uint64, error) {
	return newTask(t, gate.CloneArgs{Flags: unix.CLONE_VM | unix.CLONE_VFORK, Signal: sigchld}, 0, 0)
}

const sigchld = uint64(unix.SIGCHLD)

func clone(t *kernel.Thread, a *abi.CloneArgs) (uint64, error) {
	return oldClone(t, a.Flags, a.Stack, a.Ptid, a.Ctid, a.Tls)
}

// oldClone is clone(2), which has the signal in the low byte of the flags and the
// place of a pidfd in ptid.
func oldClone(t *kernel.Thread, flags, stack, ptid, ctid, tls uint64) (uint64, error) {
	const signal = 0xff
	c := gate.CloneArgs{Flags: flags & 0xffffffff &^ signal, Signal: flags & signal, Ptid: ptid, Ctid: ctid, Pidfd: ptid}
	if flags&unix.CLONE_PIDFD != 0 && flags&unix.CLONE_PARENT_SETTID != 0 {
		return 0, kerr.EINVAL
	}
	return newTask(t, c, stack, tls)
}

// newTask makes a thread or process that goes on behind the call with result 0.
func newTask(t *kernel.Thread, c gate.CloneArgs, stack, tls uint64) (uint64, error) {
	setTLSToo := c.Flags&unix.CLONE_SETTLS != 0
	c.Flags &^= unix.CLONE_SETTLS
	var desc userDesc
	if setTLSToo && t.System().Compat {
		var err error
		if desc, err = readUserDesc(t, tls); err != nil {
			return 0, err
		}
		if stack != 0 && c.Flags&unix.CLONE_VM != 0 {
			tls = (stack - uint64(len(desc))) &^ 15 // the parent may overwrite its own
		}
	}
	return t.Clone(kernel.Task{CloneArgs: c, Setup: func(n *kernel.Thread) error {
		r := n.Regs()
		r.Rax = 0
		if stack != 0 {
			r.Rsp = stack
		}
		if !setTLSToo {
			return nil
		}
		if n.System().Compat {
			return desc.set(n, tls)
		}
		_, err := n.HostMust(unix.SYS_ARCH_PRCTL, abi.ARCH_SET_FS, tls)
		return err
	}})
}

func clone3(t *kernel.Thread, a *abi.Clone3Args) (uint64, error) {
	const known = 88 // sizeof(struct clone_args), Linux 5.7
	if a.Size < 64 {
		return 0, kerr.EINVAL
	}
	if a.Size > 4096 {
		return 0, kerr.E2BIG
	}
	b := make([]byte, max(a.Size, known))
	if err := t.Read(a.Args, b[:a.Size]); err != nil {
		return 0, err
	}
	for _, x := range b[known:] {
		if x != 0 {
			return 0, kerr.E2BIG // an argument of a later Linux
		}
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	c := gate.CloneArgs{Flags: word(0), Pidfd: word(1), Ctid: word(2), Ptid: word(3), Signal: word(4), Cgroup: word(10)}
	stack, size, tls, tids := word(5), word(6), word(7), word(9)
	if (stack == 0) != (size == 0) || (word(8) == 0) != (tids == 0) || tids > 32 || c.Signal > 64 {
		return 0, kerr.EINVAL
	}
	for i := range tids {
		tid, err := t.Read32(word(8) + 4*i)
		if err != nil {
			return 0, err
		}
		c.SetTid = append(c.SetTid, int32(tid))
	}
	return newTask(t, c, stack+size, tls)
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
	const known = unix.AT_EMPTY_PATH | unix.AT_SYMLINK_NOFOLLOW
	switch {
	case flags&^known != 0:
		return 0, kerr.EINVAL
	case name == "" && flags&unix.AT_EMPTY_PATH == 0:
		return 0, kerr.ENOENT
	case dir == unix.AT_FDCWD && name == "":
		name = "."
	case dir != unix.AT_FDCWD && (name == "" || name[0] != '/') && !isOpen(t, dir):
		return 0, kerr.EBADF
	case dir != unix.AT_FDCWD && name == "":
		name = fmt.Sprintf("/dev/fd/%d", dir) // as fs/exec.c names it
	case dir != unix.AT_FDCWD && name[0] != '/':
		name = fmt.Sprintf("/dev/fd/%d/%s", dir, name)
	}
	if flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		addr, _ := t.Scratch()
		if _, err := t.HostMust(unix.SYS_READLINKAT, uint64(int64(dir)), path, addr, 1); err == nil {
			return 0, kerr.ELOOP
		}
	}
	args, err := t.Strings(argv)
	if err != nil {
		return 0, err
	}
	env, err := t.Strings(envp)
	if err != nil {
		return 0, err
	}
	return 0, t.Exec(unix.AT_FDCWD, name, args, env)
}

func isOpen(t *kernel.Thread, fd int) bool {
	_, err := t.HostMust(unix.SYS_FCNTL, uint64(fd), unix.F_GETFD)
	return err == nil
}

func brk(t *kernel.Thread, a *abi.BrkArgs) (uint64, error) { return t.SetBreak(a.Addr), nil }

func archPrctl(t *kernel.Thread, a *abi.ArchPrctlArgs) (uint64, error) {
	if t.System().Compat {
		return archPrctl386(t, a)
	}
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

// rseq is what Linux before 4.18 says: a restart in the middle of a rewritten
// call site could not be told from one elsewhere.
func rseq(*kernel.Thread, *abi.RseqArgs) (uint64, error) { return 0, kerr.ENOSYS }

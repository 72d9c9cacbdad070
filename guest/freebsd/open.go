package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// openFlags pairs FreeBSD's flags of open with the host's.
var openFlags = [...][2]uint32{
	{abi.O_WRONLY, unix.O_WRONLY},
	{abi.O_RDWR, unix.O_RDWR},
	{abi.O_NONBLOCK, unix.O_NONBLOCK},
	{abi.O_APPEND, unix.O_APPEND},
	{abi.O_ASYNC, unix.O_ASYNC},
	{abi.O_SYNC, unix.O_SYNC},
	{abi.O_NOFOLLOW, unix.O_NOFOLLOW},
	{abi.O_CREAT, unix.O_CREAT},
	{abi.O_TRUNC, unix.O_TRUNC},
	{abi.O_EXCL, unix.O_EXCL},
	{abi.O_NOCTTY, unix.O_NOCTTY},
	{abi.O_DIRECT, unix.O_DIRECT},
	{abi.O_DIRECTORY, unix.O_DIRECTORY},
	{abi.O_EXEC, unix.O_PATH},
	{abi.O_TTY_INIT, 0},
	{abi.O_CLOEXEC, unix.O_CLOEXEC},
	{abi.O_VERIFY, 0},
	{abi.O_PATH, unix.O_PATH},
	{abi.O_DSYNC, unix.O_DSYNC},
	{abi.O_SHLOCK, 0},
	{abi.O_EXLOCK, 0},
	{abi.O_RESOLVE_BENEATH, 0},
	{abi.O_EMPTY_PATH, 0},
}

// statusFlags are the open flags that F_GETFL and F_SETFL know.
const statusFlags = abi.O_ACCMODE | abi.O_NONBLOCK | abi.O_APPEND | abi.O_ASYNC | abi.O_SYNC | abi.O_DSYNC | abi.O_DIRECT | abi.O_PATH

func hostOpenFlags(flags uint32) (uint64, error) {
	if flags&abi.O_ACCMODE == abi.O_ACCMODE {
		return 0, kerr.EINVAL
	}
	var out uint32
	for _, f := range openFlags {
		if flags&f[0] == f[0] {
			out |= f[1]
		}
		flags &^= f[0]
	}
	if flags != 0 {
		return 0, kerr.EINVAL
	}
	return uint64(out), nil
}

// guestOpenFlags translates what F_GETFL tells.
func guestOpenFlags(host uint32) uint32 {
	out := host & unix.O_ACCMODE
	for _, f := range openFlags {
		if f[0] > abi.O_ACCMODE && f[1] != 0 && host&f[1] == f[1] {
			out |= f[0] & statusFlags
		}
	}
	return out
}

func open(t *kernel.Thread, a *abi.OpenArgs) (uint64, error) {
	return openAt(t, cwd, a.Path, a.Flags, a.Mode)
}

func openat(t *kernel.Thread, a *abi.OpenatArgs) (uint64, error) {
	return openAt(t, a.Dir, a.Path, a.Flags, a.Mode)
}

func openAt(t *kernel.Thread, dir int32, path uint64, flags, mode uint32) (uint64, error) {
	host, err := hostOpenFlags(flags)
	if err != nil {
		return 0, err
	}
	if err := checkPath(t, path); err != nil {
		return 0, err
	}
	fd, err := hostOpen(t, dir, path, host, mode, flags&abi.O_RESOLVE_BENEATH != 0)
	switch {
	case err == kerr.ELOOP && flags&abi.O_NOFOLLOW != 0:
		return 0, kerr.EMLINK
	case err == kerr.EXDEV:
		return 0, kerr.ENOTCAPABLE
	case err != nil:
		return 0, err
	}
	return fd, lockOpened(t, fd, flags)
}

func hostOpen(t *kernel.Thread, dir int32, path, flags uint64, mode uint32, beneath bool) (uint64, error) {
	m := uint64(mode & 0o7777)
	if !beneath {
		return t.Host(unix.SYS_OPENAT, word(dir), path, flags, m)
	}
	if flags&unix.O_CREAT == 0 {
		m = 0
	}
	addr, buf := t.Scratch()
	le.PutUint64(buf, flags)
	le.PutUint64(buf[8:], m)
	le.PutUint64(buf[16:], unix.RESOLVE_BENEATH)
	return t.Host(unix.SYS_OPENAT2, word(dir), path, addr, 24)
}

// lockOpened takes the lock that open was asked for.
func lockOpened(t *kernel.Thread, fd uint64, flags uint32) error {
	if flags&(abi.O_SHLOCK|abi.O_EXLOCK) == 0 {
		return nil
	}
	op := unix.LOCK_SH
	if flags&abi.O_EXLOCK != 0 {
		op = unix.LOCK_EX
	}
	if flags&abi.O_NONBLOCK != 0 {
		op |= unix.LOCK_NB
	}
	_, err := t.Host(unix.SYS_FLOCK, fd, uint64(op))
	if err != nil {
		t.HostMust(unix.SYS_CLOSE, fd)
	}
	return err
}

package linux

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/linux/abi"
	"trapgate/kernel"
)

// Paths are looked at for what the host has of the gate in /proc/PID: exe and maps.

func open(t *kernel.Thread, a *abi.OpenArgs) (uint64, error) {
	at := unix.AT_FDCWD
	return openPath(t, uint64(at), a.Path, uint64(a.Flags), uint64(a.Mode))
}

func creat(t *kernel.Thread, a *abi.CreatArgs) (uint64, error) {
	at := unix.AT_FDCWD
	return openPath(t, uint64(at), a.Path, unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC, uint64(a.Mode))
}

func openat(t *kernel.Thread, a *abi.OpenatArgs) (uint64, error) {
	return openPath(t, uint64(int64(a.Dir)), a.Path, uint64(a.Flags), uint64(a.Mode))
}

func openPath(t *kernel.Thread, dir, path, flags, mode uint64) (uint64, error) {
	if fd, ok, err := openMaps(t, path, flags); ok {
		return fd, err
	}
	path, err := throughExe(t, path)
	if err != nil {
		return 0, err
	}
	// The host's 64-bit call implies O_LARGEFILE, which 32-bit programs must ask for.
	if t.System().Compat && flags&abi.O_LARGEFILE == 0 && path < 1<<32 {
		return t.Host32(abi.SYS_386_openat, dir, path, flags, mode)
	}
	return t.Host(unix.SYS_OPENAT, dir, path, flags, mode)
}

func openat2(t *kernel.Thread, a *abi.Openat2Args) (uint64, error) {
	return t.Host(unix.SYS_OPENAT2, uint64(int64(a.Dir)), a.Path, a.How, a.Size)
}

func stat(t *kernel.Thread, a *abi.StatArgs) (uint64, error) {
	path, err := throughExe(t, a.Path)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_STAT, path, a.St)
}

func newfstatat(t *kernel.Thread, a *abi.NewfstatatArgs) (uint64, error) {
	path, err := a.Path, error(nil)
	if a.Flags&unix.AT_SYMLINK_NOFOLLOW == 0 {
		path, err = throughExe(t, path)
	}
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_NEWFSTATAT, uint64(int64(a.Dir)), path, a.St, uint64(a.Flags))
}

func statx(t *kernel.Thread, a *abi.StatxArgs) (uint64, error) {
	path, err := a.Path, error(nil)
	if a.Flags&unix.AT_SYMLINK_NOFOLLOW == 0 {
		path, err = throughExe(t, path)
	}
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_STATX, uint64(int64(a.Dir)), path, uint64(a.Flags), uint64(a.Mask), a.Stx)
}

// openMaps opens the list of a guest's mappings, in which the host has the gate
// too. Differs: the list is of the moment of the open, not of the read.
func openMaps(t *kernel.Thread, path, flags uint64) (uint64, bool, error) {
	s, err := t.Path(path)
	if err != nil {
		return 0, false, nil
	}
	p := t.Process()
	o, name, ok := p.Kernel().ProcFile(p, s)
	if !ok || name != "maps" || flags&unix.O_ACCMODE != unix.O_RDONLY {
		return 0, false, nil
	}
	b, err := o.Maps()
	if err != nil {
		return 0, true, err
	}
	fd, err := t.OpenBytes(b, flags&unix.O_CLOEXEC != 0)
	return fd, true, err
}

// throughExe returns the address of a path that follows the link to a guest's
// executable, if path is one.
func throughExe(t *kernel.Thread, path uint64) (uint64, error) {
	exe, ok, err := exeLink(t, path)
	if !ok {
		return path, err
	}
	addr, buf := t.Scratch()
	buf[copy(buf, exe)] = 0
	return addr, nil
}

// exeLink says whether the path names the executable of a guest in /proc, and
// which file that is.
func exeLink(t *kernel.Thread, path uint64) (string, bool, error) {
	s, err := t.Path(path)
	if err != nil {
		return "", false, err
	}
	p := t.Process()
	exe, ok := p.Kernel().ProcLink(p, s)
	return exe, ok, nil
}

func readlink(t *kernel.Thread, a *abi.ReadlinkArgs) (uint64, error) {
	at := unix.AT_FDCWD
	return readLink(t, uint64(at), a.Path, a.Buf, a.N)
}

func readlinkat(t *kernel.Thread, a *abi.ReadlinkatArgs) (uint64, error) {
	return readLink(t, uint64(int64(a.Dir)), a.Path, a.Buf, a.N)
}

func readLink(t *kernel.Thread, dir, path, buf uint64, n int32) (uint64, error) {
	exe, ok, err := exeLink(t, path)
	if err != nil {
		return 0, err
	}
	if !ok || n <= 0 {
		return t.Host(unix.SYS_READLINKAT, dir, path, buf, uint64(n))
	}
	b := []byte(exe)[:min(len(exe), int(n))]
	return uint64(len(b)), t.Write(buf, b)
}

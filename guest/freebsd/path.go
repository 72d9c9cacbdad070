package freebsd

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// A path is the host's own, with one exception: FreeBSD has no /proc by default,
// and what the host has there would mislead a guest.

// hidden says whether a path lies where the guest must see nothing.
func hidden(name string) bool {
	if !strings.HasPrefix(name, "/") || !strings.Contains(name, "proc") {
		return false
	}
	clean := path.Clean(name)
	return clean == "/proc" || strings.HasPrefix(clean, "/proc/")
}

// checkPath reads a path only to see that it is not hidden.
func checkPath(t *kernel.Thread, addr uint64) error {
	name, err := t.Path(addr)
	if err == nil && hidden(name) {
		err = kerr.ENOENT
	}
	return err
}

// word is a signed number as an argument of a host call.
func word(v int32) uint64 { return uint64(int64(v)) }

// cwd stands for the working directory in calls of the at family.
const cwd = int32(abi.AT_FDCWD)

// hostAt makes a host call whose first arguments are a directory and a path.
func hostAt(t *kernel.Thread, nr uint64, dir int32, addr uint64, rest ...uint64) (uint64, error) {
	if err := checkPath(t, addr); err != nil {
		return 0, err
	}
	return t.Host(nr, append([]uint64{word(dir), addr}, rest...)...)
}

// atFlags pairs FreeBSD's AT_ flags with the host's, but for those whose
// meaning is the call's.
var atFlags = [...][2]uint32{
	{abi.AT_EACCESS, unix.AT_EACCESS},
	{abi.AT_SYMLINK_NOFOLLOW, unix.AT_SYMLINK_NOFOLLOW},
	{abi.AT_SYMLINK_FOLLOW, unix.AT_SYMLINK_FOLLOW},
	{abi.AT_REMOVEDIR, unix.AT_REMOVEDIR},
	{abi.AT_EMPTY_PATH, unix.AT_EMPTY_PATH},
}

// hostAtFlags translates flags of which only the allowed ones may be set.
func hostAtFlags(flags, allowed uint32) (uint64, error) {
	if flags&^allowed != 0 {
		return 0, kerr.EINVAL
	}
	var out uint32
	for _, f := range atFlags {
		if flags&f[0] != 0 {
			out |= f[1]
		}
	}
	return uint64(out), nil
}

func chdir(t *kernel.Thread, a *abi.ChdirArgs) (uint64, error) {
	if err := checkPath(t, a.Path); err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_CHDIR, a.Path)
}

func chroot(t *kernel.Thread, a *abi.ChrootArgs) (uint64, error) {
	if err := checkPath(t, a.Path); err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_CHROOT, a.Path)
}

func access(t *kernel.Thread, a *abi.AccessArgs) (uint64, error) {
	return accessAt(t, cwd, a.Path, a.Mode, 0)
}

func eaccess(t *kernel.Thread, a *abi.EaccessArgs) (uint64, error) {
	return accessAt(t, cwd, a.Path, a.Mode, abi.AT_EACCESS)
}

func faccessat(t *kernel.Thread, a *abi.FaccessatArgs) (uint64, error) {
	return accessAt(t, a.Dir, a.Path, a.Mode, a.Flags)
}

func accessAt(t *kernel.Thread, dir int32, path uint64, mode, flags uint32) (uint64, error) {
	host, err := hostAtFlags(flags, abi.AT_EACCESS|abi.AT_EMPTY_PATH|abi.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return 0, err
	}
	if host == 0 {
		return hostAt(t, unix.SYS_FACCESSAT, dir, path, uint64(mode))
	}
	return hostAt(t, unix.SYS_FACCESSAT2, dir, path, uint64(mode), host)
}

func unlink(t *kernel.Thread, a *abi.UnlinkArgs) (uint64, error) {
	return unlinkAt(t, cwd, a.Path, 0)
}

func unlinkat(t *kernel.Thread, a *abi.UnlinkatArgs) (uint64, error) {
	host, err := hostAtFlags(a.Flags, abi.AT_REMOVEDIR)
	if err != nil {
		return 0, err
	}
	return unlinkAt(t, a.Dir, a.Path, host)
}

// unlinkAt tells a directory by EPERM, where the host says EISDIR.
func unlinkAt(t *kernel.Thread, dir int32, path, flags uint64) (uint64, error) {
	_, err := hostAt(t, unix.SYS_UNLINKAT, dir, path, flags)
	if err == kerr.EISDIR {
		err = kerr.EPERM
	}
	return 0, err
}

func linkat(t *kernel.Thread, a *abi.LinkatArgs) (uint64, error) {
	flags, err := hostAtFlags(a.Flags, abi.AT_SYMLINK_FOLLOW|abi.AT_EMPTY_PATH)
	if err != nil {
		return 0, err
	}
	return hostAt(t, unix.SYS_LINKAT, a.Olddir, a.Old, word(a.Newdir), a.New, flags)
}

func symlinkat(t *kernel.Thread, a *abi.SymlinkatArgs) (uint64, error) {
	return t.Host(unix.SYS_SYMLINKAT, a.Target, word(a.Dir), a.Path)
}

func renameat(t *kernel.Thread, a *abi.RenameatArgs) (uint64, error) {
	return hostAt(t, unix.SYS_RENAMEAT, a.Olddir, a.Old, word(a.Newdir), a.New)
}

func mkdirat(t *kernel.Thread, a *abi.MkdiratArgs) (uint64, error) {
	return hostAt(t, unix.SYS_MKDIRAT, a.Dir, a.Path, uint64(a.Mode))
}

func mkfifo(t *kernel.Thread, a *abi.MkfifoArgs) (uint64, error) {
	return hostAt(t, unix.SYS_MKNODAT, cwd, a.Path, uint64(a.Mode&^unix.S_IFMT|unix.S_IFIFO), 0)
}

func mkfifoat(t *kernel.Thread, a *abi.MkfifoatArgs) (uint64, error) {
	return hostAt(t, unix.SYS_MKNODAT, a.Dir, a.Path, uint64(a.Mode&^unix.S_IFMT|unix.S_IFIFO), 0)
}

func mknodat(t *kernel.Thread, a *abi.MknodatArgs) (uint64, error) {
	return hostAt(t, unix.SYS_MKNODAT, a.Dir, a.Path, uint64(a.Mode), hostDev(a.Dev))
}

func freebsd11Mknod(t *kernel.Thread, a *abi.Freebsd11MknodArgs) (uint64, error) {
	return hostAt(t, unix.SYS_MKNODAT, cwd, a.Path, uint64(a.Mode), hostDev(uint64(a.Dev)))
}

func readlink(t *kernel.Thread, a *abi.ReadlinkArgs) (uint64, error) {
	return hostAt(t, unix.SYS_READLINKAT, cwd, a.Path, a.Buf, a.N)
}

func readlinkat(t *kernel.Thread, a *abi.ReadlinkatArgs) (uint64, error) {
	return hostAt(t, unix.SYS_READLINKAT, a.Dir, a.Path, a.Buf, a.N)
}

func lchmod(t *kernel.Thread, a *abi.LchmodArgs) (uint64, error) {
	return chmodAt(t, cwd, a.Path, a.Mode, abi.AT_SYMLINK_NOFOLLOW)
}

func fchmodat(t *kernel.Thread, a *abi.FchmodatArgs) (uint64, error) {
	return chmodAt(t, a.Dir, a.Path, a.Mode, a.Flags)
}

func chmodAt(t *kernel.Thread, dir int32, path uint64, mode, flags uint32) (uint64, error) {
	host, err := hostAtFlags(flags, abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH)
	if err != nil {
		return 0, err
	}
	if host == 0 {
		return hostAt(t, unix.SYS_FCHMODAT, dir, path, uint64(mode))
	}
	return hostAt(t, unix.SYS_FCHMODAT2, dir, path, uint64(mode), host)
}

func fchownat(t *kernel.Thread, a *abi.FchownatArgs) (uint64, error) {
	flags, err := hostAtFlags(a.Flags, abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH)
	if err != nil {
		return 0, err
	}
	return hostAt(t, unix.SYS_FCHOWNAT, a.Dir, a.Path, uint64(a.Uid), uint64(a.Gid), flags)
}

// getcwd returns 0 where the host returns the length.
func getcwd(t *kernel.Thread, a *abi.GetcwdArgs) (uint64, error) {
	if a.N < 2 {
		return 0, kerr.EINVAL
	}
	_, err := t.Host(unix.SYS_GETCWD, a.Buf, a.N)
	return 0, err
}

// Flags of chflags(2) that the host has no notion of: only none can be set.
func noFlags(flags uint64) error {
	if flags != 0 {
		return kerr.EOPNOTSUPP
	}
	return nil
}

func chflags(t *kernel.Thread, a *abi.ChflagsArgs) (uint64, error) {
	return chflagsAt(t, cwd, a.Path, a.Flags, 0)
}

func lchflags(t *kernel.Thread, a *abi.LchflagsArgs) (uint64, error) {
	return chflagsAt(t, cwd, a.Path, a.Flags, unix.AT_SYMLINK_NOFOLLOW)
}

func chflagsat(t *kernel.Thread, a *abi.ChflagsatArgs) (uint64, error) {
	flags, err := hostAtFlags(a.Atflags, abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH)
	if err != nil {
		return 0, err
	}
	return chflagsAt(t, a.Dir, a.Path, a.Flags, flags)
}

func chflagsAt(t *kernel.Thread, dir int32, path, flags, at uint64) (uint64, error) {
	if _, err := statx(t, dir, path, at); err != nil {
		return 0, err
	}
	return 0, noFlags(flags)
}

func fchflags(t *kernel.Thread, a *abi.FchflagsArgs) (uint64, error) {
	if _, err := statxFD(t, a.Fd); err != nil {
		return 0, err
	}
	return 0, noFlags(a.Flags)
}

// Names of pathconf(2) (FreeBSD 14.1 sys/unistd.h).
var pathLimits = map[int32]uint64{
	1:  1 << 15, // _PC_LINK_MAX
	2:  255,     // _PC_MAX_CANON
	3:  255,     // _PC_MAX_INPUT
	4:  255,     // _PC_NAME_MAX
	5:  1024,    // _PC_PATH_MAX
	6:  4096,    // _PC_PIPE_BUF
	7:  1,       // _PC_CHOWN_RESTRICTED
	8:  1,       // _PC_NO_TRUNC
	9:  0,       // _PC_VDISABLE
	12: 64,      // _PC_FILESIZEBITS
	14: 4096,    // _PC_REC_INCR_XFER_SIZE
	15: 1 << 20, // _PC_REC_MAX_XFER_SIZE
	16: 4096,    // _PC_REC_MIN_XFER_SIZE
	17: 4096,    // _PC_REC_XFER_ALIGN
	18: 1024,    // _PC_SYMLINK_MAX
	53: 1,       // _PC_ASYNC_IO
	55: 1,       // _PC_SYNC_IO
	59: 0,       // _PC_ACL_EXTENDED
	60: 0,       // _PC_ACL_PATH_MAX
	61: 0,       // _PC_CAP_PRESENT
	62: 0,       // _PC_INF_PRESENT
	63: 0,       // _PC_MAC_PRESENT
	64: 0,       // _PC_ACL_NFS4
}

func limitOf(name int32) (uint64, error) {
	if v, ok := pathLimits[name]; ok {
		return v, nil
	}
	return 0, kerr.EINVAL
}

func pathconf(t *kernel.Thread, a *abi.PathconfArgs) (uint64, error) {
	if _, err := statx(t, cwd, a.Path, 0); err != nil {
		return 0, err
	}
	return limitOf(a.Name)
}

func lpathconf(t *kernel.Thread, a *abi.LpathconfArgs) (uint64, error) {
	if _, err := statx(t, cwd, a.Path, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return 0, err
	}
	return limitOf(a.Name)
}

func fpathconf(t *kernel.Thread, a *abi.FpathconfArgs) (uint64, error) {
	if _, err := statxFD(t, a.Fd); err != nil {
		return 0, err
	}
	return limitOf(a.Name)
}

package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// fcntlSame are the commands that differ in their number at most.
var fcntlSame = map[uint32]uint64{
	abi.F_DUPFD:         unix.F_DUPFD,
	abi.F_GETFD:         unix.F_GETFD,
	abi.F_SETFD:         unix.F_SETFD,
	abi.F_GETOWN:        unix.F_GETOWN,
	abi.F_SETOWN:        unix.F_SETOWN,
	abi.F_DUPFD_CLOEXEC: unix.F_DUPFD_CLOEXEC,
	abi.F_ADD_SEALS:     unix.F_ADD_SEALS,
	abi.F_GET_SEALS:     unix.F_GET_SEALS,
}

func fcntl(t *kernel.Thread, a *abi.FcntlArgs) (uint64, error) {
	if cmd, ok := fcntlSame[a.Cmd]; ok {
		return t.Host(unix.SYS_FCNTL, word(a.Fd), cmd, word(int32(a.Arg)))
	}
	switch a.Cmd {
	case abi.F_GETFL:
		flags, err := t.Host(unix.SYS_FCNTL, word(a.Fd), unix.F_GETFL)
		return uint64(guestOpenFlags(uint32(flags))), err
	case abi.F_SETFL:
		flags, err := hostOpenFlags(uint32(a.Arg) & statusFlags &^ abi.O_ACCMODE)
		if err != nil {
			return 0, err
		}
		return t.Host(unix.SYS_FCNTL, word(a.Fd), unix.F_SETFL, flags)
	case abi.F_GETLK, abi.F_SETLK, abi.F_SETLKW:
		return fileLock(t, a)
	case abi.F_DUP2FD:
		return t.Host(unix.SYS_DUP2, word(a.Fd), word(int32(a.Arg)))
	case abi.F_DUP2FD_CLOEXEC:
		return dup2Cloexec(t, a.Fd, int32(a.Arg))
	case abi.F_READAHEAD, abi.F_RDAHEAD, abi.F_ISUNIONSTACK:
		// Advice that the host does not need, and a kind of directory it has not.
		return t.Host(unix.SYS_FCNTL, word(a.Fd), unix.F_GETFD)
	}
	return 0, kerr.EINVAL
}

func dup2Cloexec(t *kernel.Thread, from, to int32) (uint64, error) {
	if from != to {
		return t.Host(unix.SYS_DUP3, word(from), word(to), unix.O_CLOEXEC)
	}
	_, err := t.Host(unix.SYS_FCNTL, word(to), unix.F_SETFD, unix.FD_CLOEXEC)
	return word(to), err
}

// lockTypes pairs FreeBSD's types of locks with the host's.
var lockTypes = [...][2]uint16{
	{abi.F_RDLCK, unix.F_RDLCK},
	{abi.F_UNLCK, unix.F_UNLCK},
	{abi.F_WRLCK, unix.F_WRLCK},
}

// hostFlock turns struct flock into the host's: type, whence, start, length, process.
func hostFlock(guest, host []byte) bool {
	for _, typ := range lockTypes {
		if typ[0] == le.Uint16(guest[20:]) {
			le.PutUint16(host, typ[1])
			copy(host[2:4], guest[22:24])
			copy(host[8:24], guest[:16])
			return true
		}
	}
	return false
}

func guestFlock(host, guest []byte) {
	for _, typ := range lockTypes {
		if typ[1] == le.Uint16(host) {
			le.PutUint16(guest[20:], typ[0])
		}
	}
	copy(guest[22:24], host[2:4])
	copy(guest[:16], host[8:24])
	copy(guest[16:20], host[24:28])
}

func fileLock(t *kernel.Thread, a *abi.FcntlArgs) (uint64, error) {
	const size = 32 // of both structures
	var guest [size]byte
	if err := t.Read(a.Arg, guest[:]); err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	clear(buf[:size])
	if !hostFlock(guest[:], buf) {
		return 0, kerr.EINVAL
	}
	cmd := map[uint32]uint64{abi.F_GETLK: unix.F_GETLK, abi.F_SETLK: unix.F_SETLK, abi.F_SETLKW: unix.F_SETLKW}[a.Cmd]
	if _, err := t.Host(unix.SYS_FCNTL, word(a.Fd), cmd, addr); err != nil || a.Cmd != abi.F_GETLK {
		return 0, err
	}
	if le.Uint16(buf) == unix.F_UNLCK {
		le.PutUint16(guest[20:], abi.F_UNLCK) // the rest stays as it was
		return 0, t.Write(a.Arg, guest[:])
	}
	guestFlock(buf, guest[:])
	return 0, t.Write(a.Arg, guest[:])
}

// flock has the host's numbers: LOCK_SH 1, LOCK_EX 2, LOCK_NB 4, LOCK_UN 8.
func flock(t *kernel.Thread, a *abi.FlockArgs) (uint64, error) {
	return t.Host(unix.SYS_FLOCK, word(a.Fd), uint64(a.Op))
}

func closeRange(t *kernel.Thread, a *abi.CloseRangeArgs) (uint64, error) {
	var flags uint64
	switch a.Flags {
	case 0:
	case abi.CLOSE_RANGE_CLOEXEC:
		flags = unix.CLOSE_RANGE_CLOEXEC
	default:
		return 0, kerr.EINVAL
	}
	return t.Host(unix.SYS_CLOSE_RANGE, uint64(a.First), uint64(a.Last), flags)
}

func freebsd12Closefrom(t *kernel.Thread, a *abi.Freebsd12ClosefromArgs) (uint64, error) {
	return t.Host(unix.SYS_CLOSE_RANGE, uint64(max(a.First, 0)), 1<<32-1, 0)
}

func getdtablesize(t *kernel.Thread) (uint64, error) {
	addr, buf := t.Scratch()
	if _, err := t.HostMust(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, 0, addr); err != nil {
		return 0, err
	}
	return min(le.Uint64(buf), 1<<31-1), nil
}

// freebsd10Pipe returns both ends in registers.
func freebsd10Pipe(t *kernel.Thread) (uint64, error) {
	addr, buf := t.Scratch()
	if _, err := t.Host(unix.SYS_PIPE2, addr, 0); err != nil {
		return 0, err
	}
	t.Regs().Rdx = uint64(le.Uint32(buf[4:]))
	return uint64(le.Uint32(buf)), nil
}

package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// Requests of the host that package unix has no name for (asm-generic/ioctls.h).
const (
	hostFIONBIO   = 0x5421
	hostFIONCLEX  = 0x5450
	hostFIOCLEX   = 0x5451
	hostFIOASYNC  = 0x5452
	hostFIOSETOWN = 0x8901
	hostFIOGETOWN = 0x8903
)

// ioctlSame are the requests whose argument is the host's too.
var ioctlSame = map[uint64]uint64{
	abi.TIOCGWINSZ: unix.TIOCGWINSZ,
	abi.TIOCSWINSZ: unix.TIOCSWINSZ,
	abi.TIOCGPGRP:  unix.TIOCGPGRP,
	abi.TIOCSPGRP:  unix.TIOCSPGRP,
	abi.TIOCGSID:   unix.TIOCGSID,
	abi.TIOCOUTQ:   unix.TIOCOUTQ,
	abi.TIOCGPTN:   unix.TIOCGPTN,
	abi.FIONREAD:   unix.TIOCINQ,
	abi.FIONWRITE:  unix.TIOCOUTQ,
	abi.FIONBIO:    hostFIONBIO,
	abi.FIOASYNC:   hostFIOASYNC,
	abi.FIOCLEX:    hostFIOCLEX,
	abi.FIONCLEX:   hostFIONCLEX,
	abi.TIOCEXCL:   unix.TIOCEXCL,
	abi.TIOCNXCL:   unix.TIOCNXCL,
	abi.TIOCNOTTY:  unix.TIOCNOTTY,
	abi.TIOCSTI:    unix.TIOCSTI,
	abi.TIOCPKT:    unix.TIOCPKT,
	abi.FIOGETOWN:  hostFIOGETOWN,
	abi.FIOSETOWN:  hostFIOSETOWN,
}

// ioctlConst are the requests that the host makes with a constant argument.
var ioctlConst = map[uint64][2]uint64{
	abi.TIOCSCTTY: {unix.TIOCSCTTY, 0},
	abi.TIOCDRAIN: {unix.TCSBRK, 1},
	abi.TIOCSTOP:  {unix.TCXONC, 0},
	abi.TIOCSTART: {unix.TCXONC, 1},
	abi.TIOCSBRK:  {unix.TIOCSBRK, 0},
	abi.TIOCCBRK:  {unix.TIOCCBRK, 0},
}

func ioctl(t *kernel.Thread, a *abi.IoctlArgs) (uint64, error) {
	cmd := a.Cmd & 0xffffffff
	if host, ok := ioctlSame[cmd]; ok {
		return t.Host(unix.SYS_IOCTL, word(a.Fd), host, a.Arg)
	}
	if host, ok := ioctlConst[cmd]; ok {
		return t.Host(unix.SYS_IOCTL, word(a.Fd), host[0], host[1])
	}
	switch cmd {
	case abi.TIOCGETA:
		return getTermios(t, a.Fd, a.Arg)
	case abi.TIOCSETA:
		return setTermios(t, a.Fd, a.Arg, unix.TCSETS2)
	case abi.TIOCSETAW:
		return setTermios(t, a.Fd, a.Arg, unix.TCSETSW2)
	case abi.TIOCSETAF:
		return setTermios(t, a.Fd, a.Arg, unix.TCSETSF2)
	case abi.TIOCFLUSH:
		return flushTerminal(t, a.Fd, a.Arg)
	case abi.FIODTYPE:
		return deviceType(t, a.Fd, a.Arg)
	}
	if _, err := statxFD(t, a.Fd); err != nil {
		return 0, err
	}
	return 0, kerr.ENOTTY
}

func flushTerminal(t *kernel.Thread, fd int32, arg uint64) (uint64, error) {
	what, err := t.Read32(arg)
	if err != nil {
		return 0, err
	}
	const read, write = 1, 2 // FREAD, FWRITE
	queue := uint64(unix.TCIOFLUSH)
	switch what & (read | write) {
	case read:
		queue = unix.TCIFLUSH
	case write:
		queue = unix.TCOFLUSH
	}
	return t.Host(unix.SYS_IOCTL, word(fd), unix.TCFLSH, queue)
}

// deviceType tells whether a descriptor is a disk, terminal or other device.
func deviceType(t *kernel.Thread, fd int32, arg uint64) (uint64, error) {
	const disk, tty = 2, 4 // D_DISK, D_TTY
	s, err := statxFD(t, fd)
	if err != nil {
		return 0, err
	}
	var typ uint32
	switch s.mode & unix.S_IFMT {
	case unix.S_IFBLK:
		typ = disk
	case unix.S_IFCHR:
		addr, _ := t.Scratch()
		if _, err := t.Host(unix.SYS_IOCTL, word(fd), unix.TCGETS2, addr); err == nil {
			typ = tty
		}
	default:
		return 0, kerr.ENOTTY
	}
	return 0, t.Write32(arg, typ)
}

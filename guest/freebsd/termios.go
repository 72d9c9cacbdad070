package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/kernel"
)

// termios: FreeBSD 14.1 sys/_termios.h (44 bytes: four words, 20 control
// characters, two speeds) and the host's struct termios2 (asm/termbits.h, 44
// bytes: four words, line discipline, 19 control characters, two speeds).
const (
	termiosSize = 44
	hostCC      = 17
	guestCC     = 16
	termSpeed   = 36 // of both: input, then output
)

// termFlags pairs bits of one word, FreeBSD's and the host's.
type termFlags [][2]uint32

// termWords are the flags of input, output, control and local modes.
var termWords = [4]termFlags{
	{ // IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL
		{0x1, 0x1}, {0x2, 0x2}, {0x4, 0x4}, {0x8, 0x8}, {0x10, 0x10}, {0x20, 0x20}, {0x40, 0x40}, {0x80, 0x80}, {0x100, 0x100},
		{0x200, unix.IXON}, {0x400, unix.IXOFF}, {0x800, unix.IXANY}, {0x2000, unix.IMAXBEL}, {0x4000, unix.IUTF8},
	},
	{ // OPOST ONLCR TAB3 OCRNL ONOCR ONLRET
		{0x1, unix.OPOST}, {0x2, unix.ONLCR}, {0x4, unix.TAB3}, {0x10, unix.OCRNL}, {0x20, unix.ONOCR}, {0x40, unix.ONLRET},
	},
	{ // CS6 CS7 CSTOPB CREAD PARENB PARODD HUPCL CLOCAL CRTSCTS; the size is two bits
		{0x100, unix.CS6}, {0x200, unix.CS7}, {0x400, unix.CSTOPB}, {0x800, unix.CREAD}, {0x1000, unix.PARENB},
		{0x2000, unix.PARODD}, {0x4000, unix.HUPCL}, {0x8000, unix.CLOCAL}, {0x30000, unix.CRTSCTS},
	},
	{ // ECHOKE ECHOE ECHOK ECHO ECHONL ECHOPRT ECHOCTL ISIG ICANON IEXTEN EXTPROC TOSTOP FLUSHO PENDIN NOFLSH
		{0x1, unix.ECHOKE}, {0x2, unix.ECHOE}, {0x4, unix.ECHOK}, {0x8, unix.ECHO}, {0x10, unix.ECHONL}, {0x20, unix.ECHOPRT},
		{0x40, unix.ECHOCTL}, {0x80, unix.ISIG}, {0x100, unix.ICANON}, {0x400, unix.IEXTEN}, {0x800, unix.EXTPROC},
		{0x400000, unix.TOSTOP}, {0x800000, unix.FLUSHO}, {0x20000000, unix.PENDIN}, {0x80000000, unix.NOFLSH},
	},
}

// termChars pairs places of control characters: FreeBSD's and the host's.
var termChars = [...][2]int{
	{0, unix.VEOF}, {1, unix.VEOL}, {2, unix.VEOL2}, {3, unix.VERASE}, {4, unix.VWERASE}, {5, unix.VKILL}, {6, unix.VREPRINT},
	{8, unix.VINTR}, {9, unix.VQUIT}, {10, unix.VSUSP}, {12, unix.VSTART}, {13, unix.VSTOP}, {14, unix.VLNEXT},
	{15, unix.VDISCARD}, {16, unix.VMIN}, {17, unix.VTIME},
}

// translate maps bits from column `from` to the other one.
func (f termFlags) translate(v uint32, from int) uint32 {
	var out uint32
	for _, p := range f {
		if p[from] != 0 && v&p[from] == p[from] {
			out |= p[1-from]
		}
	}
	return out
}

// known are the host's bits that FreeBSD has a name for.
func (f termFlags) known() (m uint32) {
	for _, p := range f {
		m |= p[1]
	}
	return m
}

const disabledChar = 0xff // _POSIX_VDISABLE; 0 on the host

func guestTermios(host []byte) []byte {
	b := make([]byte, termiosSize)
	for i, f := range termWords {
		le.PutUint32(b[4*i:], f.translate(le.Uint32(host[4*i:]), 1))
	}
	for i := range 20 {
		b[guestCC+i] = disabledChar
	}
	for _, c := range termChars {
		v := host[hostCC+c[1]]
		if v == 0 && c[1] != unix.VMIN && c[1] != unix.VTIME {
			v = disabledChar
		}
		b[guestCC+c[0]] = v
	}
	copy(b[termSpeed:], host[termSpeed:termSpeed+8])
	return b
}

// hostTermios changes host, what the terminal has now, to what guest says.
func hostTermios(guest, host []byte) {
	for i, f := range termWords {
		keep := le.Uint32(host[4*i:]) &^ f.known()
		le.PutUint32(host[4*i:], keep|f.translate(le.Uint32(guest[4*i:]), 0))
	}
	const control = 8
	le.PutUint32(host[control:], le.Uint32(host[control:])&^(unix.CBAUD|unix.CBAUD<<unix.IBSHIFT)|unix.BOTHER|unix.BOTHER<<unix.IBSHIFT)
	for _, c := range termChars {
		v := guest[guestCC+c[0]]
		if v == disabledChar && c[1] != unix.VMIN && c[1] != unix.VTIME {
			v = 0
		}
		host[hostCC+c[1]] = v
	}
	copy(host[termSpeed:termSpeed+8], guest[termSpeed:])
}

func getTermios(t *kernel.Thread, fd int32, arg uint64) (uint64, error) {
	addr, buf := t.Scratch()
	if _, err := t.Host(unix.SYS_IOCTL, word(fd), unix.TCGETS2, addr); err != nil {
		return 0, err
	}
	return 0, t.Write(arg, guestTermios(buf[:termiosSize]))
}

func setTermios(t *kernel.Thread, fd int32, arg, cmd uint64) (uint64, error) {
	var guest [termiosSize]byte
	if err := t.Read(arg, guest[:]); err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	if _, err := t.Host(unix.SYS_IOCTL, word(fd), unix.TCGETS2, addr); err != nil {
		return 0, err
	}
	hostTermios(guest[:], buf[:termiosSize])
	return t.Host(unix.SYS_IOCTL, word(fd), cmd, addr)
}

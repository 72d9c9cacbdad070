package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
)

// fileStat is what the host's statx(2) tells.
type fileStat struct {
	dev, rdev, ino          uint64
	nlink, mode, uid, gid   uint32
	size, blocks            uint64
	blksize                 uint32
	atim, mtim, ctim, birth [2]uint64
	mount                   uint64
}

// statx stats the path in the guest with the host's flags.
func statx(t *kernel.Thread, dir int32, path, flags uint64) (*fileStat, error) {
	if err := checkPath(t, path); err != nil {
		return nil, err
	}
	return hostStatx(t, dir, path, flags)
}

func statxFD(t *kernel.Thread, fd int32) (*fileStat, error) {
	const empty = 256
	addr, buf := t.Scratch()
	buf[empty] = 0
	return hostStatx(t, fd, addr+empty, unix.AT_EMPTY_PATH)
}

func hostStatx(t *kernel.Thread, dir int32, path, flags uint64) (*fileStat, error) {
	const mask = unix.STATX_BASIC_STATS | unix.STATX_BTIME | unix.STATX_MNT_ID
	addr, buf := t.Scratch()
	if _, err := t.Host(unix.SYS_STATX, word(dir), path, flags, mask, addr); err != nil {
		return nil, err
	}
	w4 := func(o int) uint32 { return le.Uint32(buf[o:]) }
	w8 := func(o int) uint64 { return le.Uint64(buf[o:]) }
	when := func(o int) [2]uint64 { return [2]uint64{w8(o), uint64(w4(o + 8))} }
	s := &fileStat{
		blksize: w4(4), nlink: w4(16), uid: w4(20), gid: w4(24), mode: uint32(le.Uint16(buf[28:])),
		ino: w8(32), size: w8(40), blocks: w8(48),
		atim: when(64), birth: when(80), ctim: when(96), mtim: when(112),
		rdev: guestDev(w4(128), w4(132)), dev: guestDev(w4(136), w4(140)), mount: w8(144),
	}
	if w4(0)&unix.STATX_BTIME == 0 {
		s.birth = s.ctim
	}
	return s, nil
}

// guestDev is FreeBSD's makedev(3) (sys/types.h).
func guestDev(major, minor uint32) uint64 {
	x, y := uint64(major), uint64(minor)
	return x&0xffffff00<<32 | x&0xff<<8 | y&0xff00<<24 | y&0xffff00ff
}

// hostDev is the host's device number of a guest's.
func hostDev(dev uint64) uint64 {
	major := dev>>32&0xffffff00 | dev>>8&0xff
	minor := dev>>24&0xff00 | dev&0xffff00ff
	return unix.Mkdev(uint32(major), uint32(minor))
}

// bytes is struct stat, 224 bytes (FreeBSD 14.1 sys/stat.h).
func (s *fileStat) bytes() []byte {
	b := make([]byte, 224)
	le.PutUint64(b, s.dev)
	le.PutUint64(b[8:], s.ino)
	le.PutUint64(b[16:], uint64(s.nlink))
	le.PutUint16(b[24:], uint16(s.mode))
	le.PutUint32(b[28:], s.uid)
	le.PutUint32(b[32:], s.gid)
	le.PutUint64(b[40:], s.rdev)
	s.times(b[48:], s.atim, s.mtim, s.ctim, s.birth)
	le.PutUint64(b[112:], s.size)
	le.PutUint64(b[120:], s.blocks)
	le.PutUint32(b[128:], s.blksize)
	return b
}

// bytes11 is struct freebsd11_stat, 120 bytes: numbers that do not fit are cut.
func (s *fileStat) bytes11() []byte {
	b := make([]byte, 120)
	le.PutUint32(b, uint32(s.dev))
	le.PutUint32(b[4:], uint32(s.ino))
	le.PutUint16(b[8:], uint16(s.mode))
	le.PutUint16(b[10:], uint16(min(s.nlink, 1<<15-1)))
	le.PutUint32(b[12:], s.uid)
	le.PutUint32(b[16:], s.gid)
	le.PutUint32(b[20:], uint32(s.rdev))
	s.times(b[24:], s.atim, s.mtim, s.ctim)
	le.PutUint64(b[72:], s.size)
	le.PutUint64(b[80:], s.blocks)
	le.PutUint32(b[88:], s.blksize)
	s.times(b[104:], s.birth)
	return b
}

func (s *fileStat) times(b []byte, all ...[2]uint64) {
	for i, v := range all {
		le.PutUint64(b[16*i:], v[0])
		le.PutUint64(b[16*i+8:], v[1])
	}
}

// statAt serves the calls of the stat family.
func statAt(t *kernel.Thread, dir int32, path uint64, flags uint32, to uint64, layout func(*fileStat) []byte) (uint64, error) {
	host, err := hostAtFlags(flags, abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH)
	if err != nil {
		return 0, err
	}
	s, err := statx(t, dir, path, host)
	if err != nil {
		return 0, err
	}
	return 0, t.Write(to, layout(s))
}

func fstat(t *kernel.Thread, a *abi.FstatArgs) (uint64, error) {
	s, err := statxFD(t, a.Fd)
	if err != nil {
		return 0, err
	}
	return 0, t.Write(a.St, s.bytes())
}

func fstatat(t *kernel.Thread, a *abi.FstatatArgs) (uint64, error) {
	return statAt(t, a.Dir, a.Path, a.Flags, a.St, (*fileStat).bytes)
}

func freebsd11Stat(t *kernel.Thread, a *abi.Freebsd11StatArgs) (uint64, error) {
	return statAt(t, cwd, a.Path, 0, a.St, (*fileStat).bytes11)
}

func freebsd11Lstat(t *kernel.Thread, a *abi.Freebsd11LstatArgs) (uint64, error) {
	return statAt(t, cwd, a.Path, abi.AT_SYMLINK_NOFOLLOW, a.St, (*fileStat).bytes11)
}

func freebsd11Fstatat(t *kernel.Thread, a *abi.Freebsd11FstatatArgs) (uint64, error) {
	return statAt(t, a.Dir, a.Path, a.Flags, a.St, (*fileStat).bytes11)
}

func freebsd11Fstat(t *kernel.Thread, a *abi.Freebsd11FstatArgs) (uint64, error) {
	s, err := statxFD(t, a.Fd)
	if err != nil {
		return 0, err
	}
	return 0, t.Write(a.St, s.bytes11())
}

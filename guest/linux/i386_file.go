package linux

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/linux/abi"
	"trapgate/kernel"
)

// The gate leaves to these what names a path in /proc.

func stat64(t *kernel.Thread, a *abi.Stat64Args) (uint64, error) {
	path, err := throughExe(t, a.Path)
	if err != nil || path != a.Path {
		return statExe(t, path, a.St, err)
	}
	return t.Host32(abi.SYS_386_stat64, path, a.St)
}

func fstatat64(t *kernel.Thread, a *abi.Fstatat64Args) (uint64, error) {
	if a.Flags&unix.AT_SYMLINK_NOFOLLOW == 0 {
		path, err := throughExe(t, a.Path)
		if err != nil || path != a.Path {
			return statExe(t, path, a.St, err)
		}
	}
	return t.Host32(abi.SYS_386_fstatat64, uint64(a.Dir), a.Path, a.St, uint64(a.Flags))
}

// statExe is stat64 of a path in the scratch area, which only the host's 64-bit
// call can read.
func statExe(t *kernel.Thread, path, to uint64, err error) (uint64, error) {
	if err != nil {
		return 0, err
	}
	const at = 0x2000
	addr, buf := t.Scratch()
	if r, err := t.Host(unix.SYS_STAT, path, addr+at); err != nil {
		return r, err
	}
	b := stat32(buf[at:])
	return 0, t.Write(to, b[:])
}

// stat32 makes a struct stat64 of i386 from a struct stat of amd64 (Linux 6.12
// arch/x86/include/uapi/asm/stat.h).
func stat32(from []byte) (to [96]byte) {
	for _, m := range [...]struct{ from, to, size int }{
		{0, 0, 8}, {8, 12, 4}, {24, 16, 4}, {16, 20, 4}, {28, 24, 4}, {32, 28, 4}, {40, 32, 8}, // dev to rdev
		{48, 44, 8}, {56, 52, 4}, {64, 56, 8}, // size, blksize, blocks
		{72, 64, 4}, {80, 68, 4}, {88, 72, 4}, {96, 76, 4}, {104, 80, 4}, {112, 84, 4}, // times
	} {
		copy(to[m.to:m.to+m.size], from[m.from:])
	}
	binary.LittleEndian.PutUint64(to[88:], binary.LittleEndian.Uint64(from[8:])) // ino
	return to
}

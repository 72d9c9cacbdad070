//go:build linux && 386

package linux_test

import (
	"testing"

	"trapgate/sys/linux"
)

const (
	mmapNumber = linux.SYS_mmap2
	secondPage = 1 // mmap2 counts pages
)

func setLen(v *linux.Iovec, n int)     { v.Len = uint32(n) }
func setIovlen(m *linux.Msghdr, n int) { m.Iovlen = uint32(n) }

func fcntl(fd, cmd, arg int) (int, error) { return linux.Fcntl64(fd, cmd, arg) }

func fstat(fd int, st *stat) error { return linux.Fstat64(fd, st) }

func sizeOf(t *testing.T, fd int) int64 {
	t.Helper()
	var st stat
	check(t, "fstat64", fstat(fd, &st))
	return st.Size
}

func truncate(t *testing.T, fd int, n int64) {
	t.Helper()
	check(t, "ftruncate64", linux.Ftruncate64(fd, n))
}

func seek(t *testing.T, fd int, to int64) int64 {
	t.Helper()
	var at int64
	check(t, "_llseek", linux.Llseek(fd, uint(to>>32), uint(to&0xffffffff), &at, linux.SEEK_SET))
	return at
}

func mapPages(t *testing.T, n uintptr) uintptr {
	t.Helper()
	addr, err := linux.Mmap2(0, n, linux.PROT_READ|linux.PROT_WRITE, linux.MAP_PRIVATE|linux.MAP_ANONYMOUS, -1, 0)
	check(t, "mmap2", err)
	return addr
}

// The structures that have another name with 64 bits.
type (
	stat   = linux.Stat64_t
	statfs = linux.Statfs64_t
	flock  = linux.Flock64
)

//go:build linux && (amd64 || arm64)

package linux_test

import (
	"testing"

	"trapgate/sys/linux"
)

const (
	mmapNumber = linux.SYS_mmap
	secondPage = 4096 // mmap counts bytes
)

func setLen(v *linux.Iovec, n int)     { v.Len = uint64(n) }
func setIovlen(m *linux.Msghdr, n int) { m.Iovlen = uint64(n) }

func fcntl(fd, cmd, arg int) (int, error) { return linux.Fcntl(fd, cmd, arg) }

func fstat(fd int, st *stat) error { return linux.Fstat(fd, st) }

func sizeOf(t *testing.T, fd int) int64 {
	t.Helper()
	var st stat
	check(t, "fstat", fstat(fd, &st))
	return st.Size
}

func truncate(t *testing.T, fd int, n int64) {
	t.Helper()
	check(t, "ftruncate", linux.Ftruncate(fd, n))
}

func seek(t *testing.T, fd int, to int64) int64 {
	t.Helper()
	at, err := linux.Lseek(fd, to, linux.SEEK_SET)
	check(t, "lseek", err)
	return at
}

func mapPages(t *testing.T, n uintptr) uintptr {
	t.Helper()
	addr, err := linux.Mmap(0, n, linux.PROT_READ|linux.PROT_WRITE, linux.MAP_PRIVATE|linux.MAP_ANONYMOUS, -1, 0)
	check(t, "mmap", err)
	return addr
}

// The structures that have another name with 64 bits.
type (
	stat   = linux.Stat_t
	statfs = linux.Statfs_t
	flock  = linux.Flock_t
)

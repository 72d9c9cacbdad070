//go:build linux && (386 || amd64 || arm64)

package linux_test

import (
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"trapgate/sys/linux"
)

// Each benchmark makes one call by three packages; compare within one run:
//
//	go test -run - -bench . -count 6 ./sys/linux

func BenchmarkRawGetppid(b *testing.B) {
	b.Run("linux", func(b *testing.B) {
		for b.Loop() {
			linux.RawSyscall(linux.SYS_getppid, 0, 0, 0)
		}
	})
	b.Run("unix", func(b *testing.B) {
		for b.Loop() {
			unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
		}
	})
	b.Run("syscall", func(b *testing.B) {
		for b.Loop() {
			syscall.RawSyscall(syscall.SYS_GETPPID, 0, 0, 0)
		}
	})
}

func BenchmarkSyscallGetppid(b *testing.B) {
	b.Run("linux", func(b *testing.B) {
		for b.Loop() {
			linux.Syscall(linux.SYS_getppid, 0, 0, 0)
		}
	})
	b.Run("unix", func(b *testing.B) {
		for b.Loop() {
			unix.Syscall(unix.SYS_GETPPID, 0, 0, 0)
		}
	})
	b.Run("syscall", func(b *testing.B) {
		for b.Loop() {
			syscall.Syscall(syscall.SYS_GETPPID, 0, 0, 0)
		}
	})
}

func BenchmarkGetppid(b *testing.B) {
	b.Run("linux", func(b *testing.B) {
		for b.Loop() {
			linux.Getppid()
		}
	})
	b.Run("unix", func(b *testing.B) {
		for b.Loop() {
			unix.Getppid()
		}
	})
	b.Run("syscall", func(b *testing.B) {
		for b.Loop() {
			syscall.Getppid()
		}
	})
}

// descriptor opens a file for a benchmark.
func descriptor(b *testing.B, path string) int {
	fd, err := linux.Openat(linux.AT_FDCWD, path, linux.O_RDWR, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = linux.Close(fd) })
	return fd
}

func BenchmarkWrite(b *testing.B) {
	fd, buf := descriptor(b, "/dev/null"), make([]byte, 64)
	b.Run("linux", func(b *testing.B) {
		for b.Loop() {
			_, _ = linux.Write(fd, buf)
		}
	})
	b.Run("unix", func(b *testing.B) {
		for b.Loop() {
			_, _ = unix.Write(fd, buf)
		}
	})
	b.Run("syscall", func(b *testing.B) {
		for b.Loop() {
			_, _ = syscall.Write(fd, buf)
		}
	})
}

func BenchmarkPread(b *testing.B) {
	fd, buf := descriptor(b, "/dev/zero"), make([]byte, 64)
	b.Run("linux", func(b *testing.B) {
		for b.Loop() {
			_, _ = linux.Pread64(fd, buf, 7)
		}
	})
	b.Run("unix", func(b *testing.B) {
		for b.Loop() {
			_, _ = unix.Pread(fd, buf, 7)
		}
	})
	b.Run("syscall", func(b *testing.B) {
		for b.Loop() {
			_, _ = syscall.Pread(fd, buf, 7)
		}
	})
}

func BenchmarkFstat(b *testing.B) {
	fd := descriptor(b, "/dev/null")
	b.Run("linux", func(b *testing.B) {
		var st stat
		for b.Loop() {
			_ = fstat(fd, &st)
		}
	})
	b.Run("unix", func(b *testing.B) {
		var st unix.Stat_t
		for b.Loop() {
			_ = unix.Fstat(fd, &st)
		}
	})
	b.Run("syscall", func(b *testing.B) {
		var st syscall.Stat_t
		for b.Loop() {
			_ = syscall.Fstat(fd, &st)
		}
	})
}

// BenchmarkOpen opens what is not there: a path, and an error.
func BenchmarkOpen(b *testing.B) {
	const path = "/does/not/exist"
	b.Run("linux", func(b *testing.B) {
		for b.Loop() {
			_, _ = linux.Openat(linux.AT_FDCWD, path, linux.O_RDONLY, 0)
		}
	})
	b.Run("unix", func(b *testing.B) {
		for b.Loop() {
			_, _ = unix.Openat(unix.AT_FDCWD, path, unix.O_RDONLY, 0)
		}
	})
	b.Run("syscall", func(b *testing.B) {
		for b.Loop() {
			_, _ = syscall.Openat(linux.AT_FDCWD, path, syscall.O_RDONLY, 0)
		}
	})
}

// BenchmarkClock reads a clock by a call; package syscall has no wrapper.
func BenchmarkClock(b *testing.B) {
	b.Run("linux", func(b *testing.B) {
		var ts linux.Timespec
		for b.Loop() {
			_ = linux.ClockGettime(linux.CLOCK_MONOTONIC, &ts)
		}
	})
	b.Run("unix", func(b *testing.B) {
		var ts unix.Timespec
		for b.Loop() {
			_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
		}
	})
	b.Run("syscall", func(b *testing.B) {
		var ts syscall.Timespec
		for b.Loop() {
			_, _, _ = syscall.Syscall(linux.SYS_clock_gettime, linux.CLOCK_MONOTONIC, uintptr(unsafe.Pointer(&ts)), 0)
		}
	})
}

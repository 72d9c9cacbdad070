//go:build freebsd && amd64

package freebsd

// Syscall makes a call with up to three arguments. It tells the scheduler, so
// the call may wait as long as it likes. If the call fails, errno is not 0, r1
// is all ones and r2 is 0.
func Syscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)

// Syscall6 is [Syscall] with up to six arguments.
func Syscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)

// Syscall9 is [Syscall] with up to nine arguments; the last three are passed on
// the stack.
func Syscall9(number, a1, a2, a3, a4, a5, a6, a7, a8, a9 uintptr) (r1, r2 uintptr, errno Errno)

// RawSyscall makes a call with up to three arguments and does not tell the
// scheduler: until it returns, no other goroutine runs in its place and no
// garbage collection starts. For calls that never wait.
func RawSyscall(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno Errno)

// RawSyscall6 is [RawSyscall] with up to six arguments.
func RawSyscall6(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno Errno)

// Package freebsd makes the system calls of FreeBSD 14 on amd64.
//
//	amd64.s            the trap
//	raw.go             its Go side: Syscall, Syscall6, Syscall9, RawSyscall, RawSyscall6
//	errno.go signal.go errors and signals; sets.go wait.go text.go sockaddr.go help with arguments
//	pipe.go            the call with two results
//	z*.go              generated from guest/freebsd/calls.sys: numbers, constants, structures, wrappers
//
// The wrappers, what they do with pointers, how the scheduler is told and why
// that is done from assembly, is as in package trapgate/sys/linux: read there. A
// call that is restarted by nobody ends with [EINTR].
//
// # Errors, arguments, results
//
// FreeBSD sets the carry flag if a call failed, and the result is then the error,
// not negative. The assembly tests the flag alone, so any result is possible. The
// seventh and later arguments are on the stack, where they are found behind a
// return address: [Syscall9] puts them there. A call has two results: fork tells
// the child by the second, and the pipe of FreeBSD 10 returns both its ends,
// [Freebsd10Pipe].
//
// The calls that carry a release in their name, such as freebsd11_fstat, are the
// older forms that the kernel still serves. Those marked "no" in the description
// are made all the same: the status says what trapgate serves to its guests, not
// what FreeBSD has.
package freebsd

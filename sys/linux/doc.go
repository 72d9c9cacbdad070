// Package linux makes the system calls of Linux on 386, amd64 and arm64.
//
//	amd64.s i386.s arm64.s   the trap
//	raw.go                   its Go side: Syscall, Syscall6, RawSyscall, RawSyscall6
//	errno.go signal.go       errors and signals; sets.go wait.go text.go sockaddr.go help with arguments
//	z*.go                    generated from guest/linux/calls.sys: numbers, constants, structures, wrappers
//
// # Wrappers
//
// Each described call has a function with the call's name in Go case: rt_sigaction
// is [RtSigaction]. Arguments keep the names of the description, which stands
// above the function.
//
//   - A path or another text is a string; one with a NUL in it is [EINVAL], and
//     the call is not made. It is never a null pointer: that takes the raw form.
//   - A buffer and its length are one slice. Nil is a null pointer; an empty
//     slice that is not nil is a pointer to no bytes, and both have length 0. Two
//     slices with one length must agree, or one is nil.
//   - A buffer whose length is behind a pointer is a slice too, and the length
//     that comes back is a result. A socket address is such a buffer: see
//     [SockaddrInet4].
//   - A pointer to a structure, a number or a set may be nil.
//   - uintptr is an address, of which this package knows nothing. If it is one of
//     Go memory, convert in the argument list of the call, uintptr(unsafe.Pointer(&x)):
//     these functions are marked go:uintptrescapes, which moves x to the heap and
//     keeps it alive until the call returns.
//   - unsafe.Pointer is memory that the description does not describe.
//   - A descriptor, a process and a user are int; -1 is passed as all ones.
//
// An argument with several readings is the last of them in the plain function;
// the others have the Go type behind the call's name, [FcntlFlock] or [IoctlInt32].
// A 64-bit argument is two words on a 386, low first; none of the three CPUs wants
// such a pair at an even place. A result of name r that is a plain int says no more
// than that the call was made, so it is left out. A structure that is named like a
// call ends in _t. What failed is -1, or all ones.
//
// A call without a wrapper has its reason beside its number, SYS_fork. The raw
// forms make it.
//
// No call is made again after [EINTR]: whether that is right, and with how much
// time left, only the caller knows. close(2) for one must never be. The race
// detector does not see what the kernel reads and writes.
//
// # The scheduler
//
// [Syscall] and [Syscall6] tell the scheduler before and after the call, so that
// other goroutines get the processor if the call waits; [RawSyscall] and
// [RawSyscall6] do not, and a call that waits in them stops the garbage collector
// and in the end the program. A wrapper takes the raw form where the call never
// waits.
//
// They tell it by runtime.entersyscall and runtime.exitsyscall, called from
// assembly. The runtime exports both for this: "via linkname to assembly in the
// syscall package and x/sys", says their comment, and not to change their type.
// A linkname in Go would be accepted too (the two are on the list that
// -checklinkname honours), but then Syscall would have a Go body, and two rules
// hold for bodies in assembly only:
//
//   - Rule 4 of package unsafe: a pointer converted to uintptr in the argument
//     list of a function "implemented in assembly" is kept alive, and its object
//     in place, until that function returns. For a function with a body that takes
//     go:uintptrkeepalive, which the compiler accepts in the standard library only;
//     go:uintptrescapes, which it accepts anywhere, would move every buffer to the heap.
//   - entersyscall notes the PC and SP of its caller, from where the stack is
//     scanned during the call, and exitsyscall must find the same SP. The assembly
//     has no frame of its own, and the wrapper that the linker puts between the two
//     calling conventions is a jump.
//
// All of it is NOSPLIT, for between the conversion of a pointer and the trap the
// stack must not move.
//
// # Errors
//
// Linux returns a negative error: a result from -4095 to -1. The assembly tests
// for that range alone, so an address with its highest bit set is no error, makes
// r1 all ones as package syscall does, and hands the error on as [Errno].
package linux

// Package syntax reads and writes calls.sys and numbers.txt.
//
//	lex.go      text to tokens
//	ast.go      what a file says, still by name
//	parse.go    tokens to AST; decl.go has the declarations, call.go the calls
//	format.go   AST to text, in the one accepted form
//	facts.go    numbers.txt
//	types.go    the basic types
//	check.go    AST + numbers to desc.System, or a list of errors
//
// A file starts with the system and its CPUs, then come sets, structures,
// errors and calls, each after a comment:
//
//	system freebsd
//	cpus amd64
//
//	# FreeBSD 13.2 sys/fcntl.h
//	flags oflags {
//		O_ACCMODE: O_RDONLY O_WRONLY O_RDWR
//		O_CREAT O_EXLOCK=- O_FSYNC=O_SYNC
//	}
//
//	# FreeBSD 13.2 sys/_timespec.h
//	struct timespec {
//		tv_sec long
//		tv_nsec long
//	}
//
//	# FreeBSD 14.1 read(2)
//	read(fd fd, buf out [n]byte, n size) (done ssize)    direct host.read
//
// In a set, NAME=HOST says which constant of the host stands for a constant of
// the guest in a direct call, NAME=- that none does; the plain NAME has the
// host's constant of that name. MASK: A B C are the values of a field of bits.
//
// A pointer has a direction and perhaps a length: out [n]byte, inout socklen,
// in [2]timespec, out [*len]sockaddr. A condition names the values of an
// earlier argument: `mode mode if flags O_CREAT`. Arguments of one name are
// readings of one word, the first that holds counts; `arg void if cmd F_GETFD`
// says that with this command there is none. A field that ends in `quiet` is
// left out of a short print, one that starts with _ of each. `@386` before a
// call or structure restricts it to that CPU; without it, it serves each CPU
// that has no own one. A name in a set or a condition that numbers.txt has for
// other CPUs only is left out.
//
//	mib sysctl_mib int {
//		CTL_KERN: KERN_OSTYPE KERN_PROC
//		CTL_KERN.KERN_PROC: KERN_PROC_PID
//		CTL_NET
//	}
//
// names the numbers of sysctl, each by those before it. A group that is too long
// for a line is written on several, each with its name before it.
//
// `within socketcall { SYS_BIND=bind ... }` says which calls hide behind one:
// the value of its first argument and the call's name; the words of that call
// are in memory where the second argument points, or, as in
// `within ipc { SEMGET=semget(first second third) }`, among those of the outer one.
//
// `unserved arm64` behind `cpus` says that no program runs on that CPU yet: each
// call is `no` there, whatever its status elsewhere.
//
// The statuses are `direct host.NAME`, `direct host32`, `direct gate.clock`,
// `direct gate.clock32`, `direct gate.umtx`, `direct gate.kevent`, `direct gate.stat`, `direct gate.statfd` (each with `guard` and `or served` where wanted), `served`, `part "why"`,
// `no`; `| 386 served` after it gives another one for a CPU.
package syntax

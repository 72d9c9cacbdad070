package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// AMD64 are FreeBSD programs that call by `syscall`: number in rax, arguments in
// rdi rsi rdx r10 r8 r9 and then on the stack; the carry flag tells an error,
// whose positive number is in rax (FreeBSD 14.1 sys/amd64/amd64/trap.c).
var AMD64 = &kernel.System{
	Name:      "freebsd/amd64",
	OS:        "freebsd",
	CPU:       "amd64",
	ArgRegs:   []uint8{kernel.Rdi, kernel.Rsi, kernel.Rdx, kernel.R10, kernel.R8, kernel.R9},
	StackArgs: stackArgs,
	Desc:      abi.AMD64,
	Errno:     &abi.Errno,
	Direct:    direct,
	Calls:     calls[:],
	Indirect:  indirect,
	Unknown:   unknown,
	SetResult: setResult,
	Start:     start,
	Deliver:   deliver,
	Forked:    forked,
	Suspend:   suspendTime,

	SignalInfo: func(s *kernel.Signal) kernel.SignalInfo {
		i := signalInfo(s)
		return kernel.SignalInfo{Num: int(i.signo), Code: int(i.code), Status: int(i.status)}
	},
}

// carry is CF in rflags.
const carry = 1

// setResult leaves rdx alone, as the real system does where a call has one
// result; handlers with two set it themselves.
func setResult(r *gate.Regs, v uint64, e kerr.Errno) {
	if e != 0 {
		r.Rax = uint64(errno(e))
		r.Eflags |= carry
		return
	}
	r.Rax = v
	r.Eflags &^= carry
}

// errno is FreeBSD's number of a neutral error.
func errno(e kerr.Errno) uint16 {
	if int(e) < len(abi.Errno) {
		return uint16(abi.Errno[e])
	}
	return abi.EINVAL
}

// Numbers of the calls whose first argument is a number.
const (
	callSyscall   = 0
	callSyscall64 = 198
)

// stackArgs says whether a call may have more arguments than registers.
func stackArgs(nr uint32) bool {
	c := abi.AMD64.Call(int(nr))
	return nr == callSyscall || nr == callSyscall64 || c != nil && c.Words() > 6
}

// indirect resolves syscall(2) and __syscall(2), whose first argument is the number.
func indirect(nr uint32, a *kernel.Args) (uint32, bool) {
	if nr != callSyscall && nr != callSyscall64 {
		return 0, false
	}
	real := uint32(a[0])
	copy(a[:], a[1:])
	a[len(a)-1] = 0
	return real, true
}

// unknown answers a call that the system does not have, or that we refuse: the
// thread gets SIGSYS, whose handler then sees ENOSYS (sys/kern/kern_sig.c, nosys).
func unknown(t *kernel.Thread, _ uint32) (uint64, error) {
	t.HostMust(unix.SYS_TGKILL, uint64(t.Process().Pid()), uint64(t.Tid()), uint64(unix.SIGSYS))
	return 0, kerr.ENOSYS
}

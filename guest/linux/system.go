package linux

import (
	"trapgate/gate"
	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// AMD64 are Linux programs that call by `syscall`: number in rax, arguments in
// rdi rsi rdx r10 r8 r9, result or negative errno in rax (syscall(2)).
var AMD64 = &kernel.System{
	Name:      "linux/amd64",
	OS:        "linux",
	CPU:       "amd64",
	ArgRegs:   []uint8{kernel.Rdi, kernel.Rsi, kernel.Rdx, kernel.R10, kernel.R8, kernel.R9},
	Desc:      abi.AMD64,
	Errno:     &abi.Errno,
	Direct:    direct,
	Calls:     calls[:],
	Unknown:   unknown,
	SetResult: setResult,
	Start:     start,
	Deliver:   deliver,
}

// I386 are Linux programs that call by `int $0x80`: number in eax, arguments
// in ebx ecx edx esi edi ebp, result or negative errno in eax.
var I386 = &kernel.System{
	Name:      "linux/386",
	OS:        "linux",
	CPU:       "386",
	Compat:    true,
	ArgRegs:   []uint8{kernel.Rbx, kernel.Rcx, kernel.Rdx, kernel.Rsi, kernel.Rdi, kernel.Rbp},
	Desc:      abi.I386,
	Errno:     &abi.Errno,
	Direct:    direct386,
	Calls:     calls386[:],
	Unknown:   unknown,
	SetResult: setResult32,
	Start:     start386,
	Deliver:   deliver386,
}

// unknown answers a call that Linux does not have, or that we refuse.
func unknown(*kernel.Thread, uint32) (uint64, error) { return 0, kerr.ENOSYS }

func setResult(r *gate.Regs, v uint64, e kerr.Errno) {
	if e != 0 {
		v = -uint64(errno(e))
	}
	r.Rax = v
}

func setResult32(r *gate.Regs, v uint64, e kerr.Errno) {
	setResult(r, v, e)
	r.Rax = uint64(uint32(r.Rax))
}

// errno is Linux's number of a neutral error.
func errno(e kerr.Errno) uint16 {
	if int(e) < len(abi.Errno) {
		return uint16(abi.Errno[e])
	}
	return uint16(kerr.EINVAL)
}

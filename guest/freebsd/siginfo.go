package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
)

// info is what siginfo_t tells (FreeBSD 14.1 sys/signal.h, 80 bytes).
type info struct {
	signo, code, pid, status int32
	uid                      uint32
	addr, value              uint64
	reason                   [2]int32 // trap number, or timer id and overrun
}

const infoSize = 80

func (i *info) bytes() []byte {
	b := make([]byte, infoSize)
	for j, v := range []uint32{uint32(i.signo), 0, uint32(i.code), uint32(i.pid), i.uid, uint32(i.status)} {
		le.PutUint32(b[4*j:], v)
	}
	le.PutUint64(b[24:], i.addr)
	le.PutUint64(b[32:], i.value)
	le.PutUint32(b[40:], uint32(i.reason[0]))
	le.PutUint32(b[44:], uint32(i.reason[1]))
	return b
}

// sentCodes are the codes of signals that no fault raised (host's numbers).
var sentCodes = map[int32]int32{
	0:    abi.SI_USER,
	-1:   abi.SI_QUEUE,
	-2:   abi.SI_TIMER,
	-3:   abi.SI_MESGQ,
	-4:   abi.SI_ASYNCIO,
	-6:   abi.SI_LWP,
	0x80: abi.SI_KERNEL,
}

// faultCodes are the codes that differ, by host signal. Numbers that are not
// here are the same: SEGV_*, ILL_ILLOPC to ILL_BADSTK but two, CLD_*, TRAP_*.
var faultCodes = map[int]map[int32]int32{
	int(unix.SIGFPE): {1: abi.FPE_INTDIV, 2: abi.FPE_INTOVF},
	int(unix.SIGILL): {3: abi.ILL_ILLADR, 4: abi.ILL_ILLTRP},
	// A page behind the end of a file: FreeBSD's vm_fault calls it an object error.
	int(unix.SIGBUS): {2: abi.BUS_OBJERR},
}

// trapNumbers are FreeBSD's numbers of the exceptions of x86 (machine/trap.h).
var trapNumbers = [...]int32{0: 18, 1: 10, 2: 19, 3: 3, 4: 19, 5: 20, 6: 1, 7: 22, 8: 23, 9: 24, 10: 25,
	11: 26, 12: 27, 13: 9, 14: 12, 16: 11, 17: 14, 18: 28, 19: 29}

func trapNumber(x86 uint64) int32 {
	if x86 < uint64(len(trapNumbers)) {
		return trapNumbers[x86]
	}
	return 0
}

// signalInfo translates the host's siginfo.
func signalInfo(s *kernel.Signal) *info {
	i := &info{signo: guestSignal(s.Num), code: s.Code()}
	word := func(off int) uint32 { return le.Uint32(s.Info[off:]) }
	if code, ok := sentCodes[i.code]; ok {
		i.code = code
		i.pid, i.uid = int32(word(16)), word(20)
		switch code {
		case abi.SI_QUEUE, abi.SI_MESGQ:
			i.value = le.Uint64(s.Info[24:])
		case abi.SI_TIMER:
			i.pid, i.uid = 0, 0
			i.reason = [2]int32{int32(word(16)), int32(word(20))}
			i.value = le.Uint64(s.Info[24:])
		case abi.SI_KERNEL:
			i.pid, i.uid = 0, 0
			i.protection(s)
		}
		return i
	}
	switch unix.Signal(s.Num) {
	case unix.SIGCHLD:
		i.pid, i.uid, i.status = int32(word(16)), word(20), int32(word(24))
		if i.code != abi.CLD_EXITED {
			i.status = guestSignal(int(i.status))
		}
	case unix.SIGSEGV, unix.SIGBUS, unix.SIGILL, unix.SIGFPE, unix.SIGTRAP:
		if code, ok := faultCodes[s.Num][i.code]; ok {
			i.code = code
		}
		i.addr = s.Addr()
		i.reason[0] = trapNumber(s.Trapno)
	}
	return i
}

// protection is a general protection fault, such as the use of an address that
// is not canonical: SIGBUS on FreeBSD, where Linux tells SIGSEGV without address.
// Differs: the action taken is that of SIGSEGV.
func (i *info) protection(s *kernel.Signal) {
	const generalProtection = 13
	if s.Num == int(unix.SIGSEGV) && s.Trapno == generalProtection {
		i.signo, i.code = abi.SIGBUS, abi.BUS_OBJERR
		i.reason[0] = trapNumber(generalProtection)
	}
}

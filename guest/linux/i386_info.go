package linux

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// infoLayout says what a siginfo holds behind signal, errno and code (enum
// siginfo_layout, Linux 6.12 include/linux/signal.h).
type infoLayout int

const (
	infoKill infoLayout = iota
	infoTimer
	infoRt
	infoChild
	infoFault
	infoMachineCheck
	infoBounds
	infoKey
	infoPerf
	infoPoll
	infoSys
)

// infoCodes are the highest codes of the signals whose layout is by signal
// (kernel/signal.c, sig_sicodes).
var infoCodes = map[int]struct {
	limit  int32
	layout infoLayout
}{
	int(unix.SIGILL):  {11, infoFault},
	int(unix.SIGFPE):  {15, infoFault},
	int(unix.SIGSEGV): {10, infoFault},
	int(unix.SIGBUS):  {5, infoFault},
	int(unix.SIGTRAP): {6, infoFault},
	int(unix.SIGCHLD): {6, infoChild},
	int(unix.SIGPOLL): {6, infoPoll},
	int(unix.SIGSYS):  {2, infoSys},
}

// layoutOf is the layout of a siginfo (kernel/signal.c, siginfo_layout).
func layoutOf(sig int, code int32) infoLayout {
	const user, kernel, timer, sigio = 0, 0x80, -2, -5
	switch {
	case code > user && code < kernel:
		if c, ok := infoCodes[sig]; ok && code <= c.limit {
			return faultLayout(sig, code, c.layout)
		}
		if code <= 6 {
			return infoPoll
		}
	case code == timer:
		return infoTimer
	case code == sigio:
		return infoPoll
	case code < 0:
		return infoRt
	}
	return infoKill
}

// faultLayout knows the codes that tell more than an address.
func faultLayout(sig int, code int32, layout infoLayout) infoLayout {
	switch {
	case sig == int(unix.SIGBUS) && code >= 4:
		return infoMachineCheck
	case sig == int(unix.SIGSEGV) && code == 3:
		return infoBounds
	case sig == int(unix.SIGSEGV) && code == 4:
		return infoKey
	case sig == int(unix.SIGTRAP) && code == 6:
		return infoPerf
	}
	return layout
}

// A move copies a number of 4 bytes from one offset to another; longer numbers
// lose their high half.
type move struct{ from, to int }

// infoMoves are the fields behind the code by layout: the host's are 8-aligned.
var infoMoves = [...][]move{
	infoKill:         {{16, 12}, {20, 16}},
	infoTimer:        {{16, 12}, {20, 16}, {24, 20}},
	infoRt:           {{16, 12}, {20, 16}, {24, 20}},
	infoChild:        {{16, 12}, {20, 16}, {24, 20}, {32, 24}, {40, 28}},
	infoFault:        {{16, 12}},
	infoMachineCheck: {{16, 12}, {24, 16}},
	infoBounds:       {{16, 12}, {32, 20}, {40, 24}},
	infoKey:          {{16, 12}, {32, 20}},
	infoPerf:         {{16, 12}, {24, 16}, {32, 20}, {36, 24}},
	infoPoll:         {{16, 12}, {24, 16}},
	infoSys:          {{16, 12}, {24, 16}, {28, 20}},
}

// siginfo32 makes the siginfo of a 32-bit program from the host's, as
// copy_siginfo_to_user32 does.
func siginfo32(from *[128]byte) [128]byte {
	le := binary.LittleEndian
	var to [128]byte
	copy(to[:12], from[:12])
	sig, code := int(int32(le.Uint32(from[:]))), int32(le.Uint32(from[8:]))
	for _, m := range infoMoves[layoutOf(sig, code)] {
		copy(to[m.to:m.to+4], from[m.from:])
	}
	return to
}

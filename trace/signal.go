package trace

import (
	"fmt"
	"strconv"
)

// Signal is what a signal tells (siginfo_t), in the numbers of the system.
type Signal struct {
	Number, Code int
	Pid, UID     int    // of the sender, or the child
	Status       int    // of the child: exit status or signal
	Addr         uint64 // of the fault
	// User and System are the times of the child, on systems that tell them.
	Timed        bool
	User, System int64
}

// sentCodes say that somebody, or the kernel, sent the signal. The BSDs count
// from 0x10001, so that all systems fit into one table.
var sentCodes = map[int]string{
	0: "SI_USER", 0x80: "SI_KERNEL", -1: "SI_QUEUE", -2: "SI_TIMER", -3: "SI_MESGQ", -4: "SI_ASYNCIO",
	-5: "SI_SIGIO", -6: "SI_TKILL", -7: "SI_DETHREAD", -60: "SI_ASYNCNL",
	0x10001: "SI_USER", 0x10002: "SI_QUEUE", 0x10003: "SI_TIMER", 0x10004: "SI_ASYNCIO", 0x10005: "SI_MESGQ",
	0x10006: "SI_KERNEL", 0x10007: "SI_LWP",
}

// causes are the codes above 0 by signal, from 1 on.
var causes = map[string][]string{
	"SIGILL":  {"ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK"},
	"SIGFPE":  {"FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB"},
	"SIGSEGV": {"SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR"},
	"SIGBUS":  {"BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR", "BUS_MCEERR_AO"},
	"SIGTRAP": {"TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT"},
	"SIGCHLD": {"CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"},
	"SIGIO":   {"POLL_IN", "POLL_OUT", "POLL_MSG", "POLL_ERR", "POLL_PRI", "POLL_HUP"},
}

// bsdCauses are those that differ on FreeBSD and Darwin.
var bsdCauses = map[string][]string{
	"SIGFPE":  {"FPE_INTOVF", "FPE_INTDIV", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB"},
	"SIGSEGV": {"SEGV_MAPERR", "SEGV_ACCERR", "SEGV_PKUERR"},
	"SIGTRAP": {"TRAP_BRKPT", "TRAP_TRACE", "TRAP_DTRACE", "TRAP_CAP"},
}

func (d *Decoder) signalCode(signal string, code int) (name string, sent bool) {
	if d.Sys.SockaddrLen && code == 0 { // a BSD, where 0 says nothing
		return "SI_NOINFO", true
	}
	if name := sentCodes[code]; name != "" {
		return name, true
	}
	names := causes[signal]
	if bsd := bsdCauses[signal]; bsd != nil && (d.Sys.Name == "freebsd" || d.Sys.Name == "darwin") {
		names = bsd
	}
	if code > 0 && code <= len(names) {
		return names[code-1], false
	}
	return strconv.Itoa(code), false
}

// SignalLine tells that a signal reached the process.
func (d *Decoder) SignalLine(s *Signal) string {
	return "--- " + d.signal(int64(s.Number)) + " " + d.siginfo(s) + " ---"
}

// siginfo prints what a signal tells.
func (d *Decoder) siginfo(s *Signal) string {
	if s.Number == 0 {
		return "{}"
	}
	name := d.signal(int64(s.Number))
	code, sent := d.signalCode(name, s.Code)
	return fmt.Sprintf("{si_signo=%s, si_code=%s%s}", name, code, d.signalRest(s, name, code, sent))
}

// readSiginfo reads struct siginfo: three numbers, and then what the signal's
// kind says, from the next word on. The BSDs have a place for each.
func (d *Decoder) readSiginfo(raw []byte) *Signal {
	num := func(off uint32) int { return int(signed(load(raw, off, 4), 4)) }
	s := &Signal{Number: num(0), Code: num(8), Pid: num(12), UID: num(16), Status: num(20), Addr: load(raw, 24, 8)}
	if d.Sys.SockaddrLen {
		return s
	}
	word := uint32(d.Sys.Word)
	at := (12 + word - 1) / word * word
	s.Pid, s.UID, s.Status, s.Addr = num(at), num(at+4), num(at+8), load(raw, at, word)
	times := (at + 12 + word - 1) / word * word
	s.Timed, s.User, s.System = true, signed(load(raw, times, word), word), signed(load(raw, times+word, word), word)
	return s
}

// signalRest prints what a signal of that kind tells further.
func (d *Decoder) signalRest(s *Signal, name, code string, sent bool) string {
	switch {
	case code == "SI_TIMER", code == "SI_NOINFO", code == "SI_KERNEL" && causes[name] == nil:
		return ""
	case sent && code != "SI_KERNEL":
		return fmt.Sprintf(", si_pid=%d, si_uid=%d", s.Pid, s.UID)
	case name == "SIGCHLD":
		return d.child(s, code)
	case causes[name] != nil && name != "SIGIO":
		return ", si_addr=" + address(s.Addr)
	}
	return ""
}

func (d *Decoder) child(s *Signal, code string) string {
	status := strconv.Itoa(s.Status)
	if code != "CLD_EXITED" {
		status = d.signal(int64(s.Status))
	}
	text := fmt.Sprintf(", si_pid=%d, si_uid=%d, si_status=%s", s.Pid, s.UID, status)
	if s.Timed {
		text += fmt.Sprintf(", si_utime=%d, si_stime=%d", s.User, s.System)
	}
	return text
}

package kernel

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"trapgate/kernel/kerr"
)

// Signals are in host numbers here; the guest's system translates. A caught
// signal has the gate's handler on the host, with the guest's SA_RESTART,
// SA_NOCLDSTOP and SA_NOCLDWAIT; ignored and default ones are left to the host.
// The host's mask of a thread is the guest's but for unblockable.

// NSig is the number of host signals, counted from 1.
const NSig = 64

// unblockable are the signals that the gate itself needs.
const unblockable = 1<<(unix.SIGSYS-1) | 1<<(unix.SIGSEGV-1) | 1<<(unix.SIGBUS-1) | 1<<(unix.SIGTRAP-1)

// neverBlocked are SIGKILL and SIGSTOP.
const neverBlocked = 1<<(unix.SIGKILL-1) | 1<<(unix.SIGSTOP-1)

// Bit is the bit of a signal in a mask.
func Bit(sig int) uint64 { return 1 << (sig - 1) }

// Values of Action.Handler that are no address.
const (
	Default = 0
	Ignore  = 1
)

// Flags of an Action, as Linux has them (sigaction(2)).
const (
	NoCldStop = 0x1
	NoCldWait = 0x2
	SigInfo   = 0x4
	Restorer  = 0x04000000
	OnStack   = 0x08000000
	Restart   = 0x10000000
	NoDefer   = 0x40000000
	ResetHand = 0x80000000
)

// Action is what a process does on a signal.
type Action struct {
	Handler  Addr
	Flags    uint64 // of this package
	Mask     uint64 // host numbers
	Restorer Addr
	Own      uint64 // the guest system's own flags, as it was given them
}

// actions are the signal actions of a process, shared by its threads.
type actions struct {
	mu   sync.Mutex
	a    [NSig + 1]Action
	last [NSig + 1]time.Time // when a handler has taken the signal
}

func newActions() *actions { return &actions{} }

func (s *actions) get(sig int) Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a[sig]
}

func (s *actions) set(sig int, a Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.a[sig] = a
}

func (s *actions) take(sig int) Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[sig] = time.Now()
	a := s.a[sig]
	if a.Flags&ResetHand != 0 && a.Handler > Ignore {
		s.a[sig] = Action{}
	}
	return a
}

// takenSince says whether a handler of the process has taken the signal since then.
func (s *actions) takenSince(sig int, t time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[sig].After(t)
}

// forget is for a signal that was taken because we passed it on.
func (s *actions) forget(sig int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[sig] = time.Time{}
}

// clone copies the actions for a forked process.
func (s *actions) clone() *actions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &actions{a: s.a}
}

// exec resets caught signals, as execve(2) says.
func (s *actions) exec() *actions {
	n := s.clone()
	for i := range n.a {
		if n.a[i].Handler != Ignore {
			n.a[i] = Action{}
		} else {
			n.a[i] = Action{Handler: Ignore}
		}
	}
	return n
}

// Action returns what the process does on a signal.
func (t *Thread) Action(sig int) Action { return t.p.actions.get(sig) }

// SetAction sets what the process does on a signal: kerr.EINVAL for signals
// that cannot be caught.
func (t *Thread) SetAction(sig int, a Action) error {
	if sig < 1 || sig > NSig || sig == int(unix.SIGKILL) || sig == int(unix.SIGSTOP) {
		return kerr.EINVAL
	}
	t.p.actions.set(sig, a)
	return t.hostAction(sig, a)
}

// hostAction tells the host. The three signals that the gate needs keep its handler.
func (t *Thread) hostAction(sig int, a Action) error {
	const sigInfo, restorer, onStack = SigInfo, Restorer, OnStack
	if Bit(sig)&unblockable != 0 {
		return nil
	}
	addr, buf := t.Scratch()
	le := binary.LittleEndian
	h, r := handlerAddrs()
	flags := a.Flags & (NoCldStop | NoCldWait | Restart)
	if a.Handler <= Ignore {
		h = a.Handler
	}
	le.PutUint64(buf, h)
	le.PutUint64(buf[8:], flags|sigInfo|restorer|onStack)
	le.PutUint64(buf[16:], r)
	le.PutUint64(buf[24:], ^uint64(0))
	_, err := t.HostMust(hostSigaction, uint64(sig), addr, 0, 8)
	return err
}

// clearHandlers makes the default action that of every signal that is caught.
func (t *Thread) clearHandlers() {
	for sig := 1; sig <= NSig; sig++ {
		if t.Action(sig).Handler > Ignore {
			t.SetAction(sig, Action{})
		}
	}
}

// inheritSignals makes known what the first process ignores and blocks because
// those who started us do: nohup(1) and shells work by that.
func (t *Thread) inheritSignals() {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.p.pid))
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		switch {
		case err != nil:
		case name == "SigBlk":
			t.SetMask(set)
		case name == "SigIgn":
			for sig := 1; sig <= NSig; sig++ {
				if set&Bit(sig) != 0 {
					t.p.actions.set(sig, Action{Handler: Ignore})
				}
			}
		}
	}
}

// Mask is the thread's signal mask.
func (t *Thread) Mask() uint64 { return t.mask }

// SetMask sets the thread's signal mask when the thread goes back to the guest.
func (t *Thread) SetMask(m uint64) {
	t.mask = m &^ neverBlocked
	t.v.SetMask(HostMask(t.mask))
}

// HostMask is the mask that the host has for a guest's mask.
func HostMask(m uint64) uint64 { return m &^ unblockable }

// Signal is a signal for a guest.
type Signal struct {
	Num  int // host number
	Info [128]byte
	// Fault: the exception, its error code and address (x86, sigcontext).
	Trapno, Err, Cr2 uint64
}

// Code is the host's si_code; above 0 the kernel itself sent the signal.
func (s *Signal) Code() int32 { return int32(binary.LittleEndian.Uint32(s.Info[8:])) }

// Addr is si_addr.
func (s *Signal) Addr() uint64 { return binary.LittleEndian.Uint64(s.Info[16:]) }

// Sender is si_pid: who sent the signal, if Code says that somebody did.
func (s *Signal) Sender() int { return int(int32(binary.LittleEndian.Uint32(s.Info[16:]))) }

// UID is si_uid, of the sender.
func (s *Signal) UID() int { return int(binary.LittleEndian.Uint32(s.Info[20:])) }

// Status is si_status of a SIGCHLD: an exit status or a number of a signal.
func (s *Signal) Status() int { return int(int32(binary.LittleEndian.Uint32(s.Info[24:]))) }

// Times are si_utime and si_stime of a SIGCHLD.
func (s *Signal) Times() (user, system int64) {
	le := binary.LittleEndian
	return int64(le.Uint64(s.Info[32:])), int64(le.Uint64(s.Info[40:]))
}

// fault says whether the thread's own instruction raised the signal.
func (s *Signal) fault() bool {
	const faults = 1<<3 | 1<<4 | 1<<6 | 1<<7 | 1<<10 // ILL TRAP BUS FPE SEGV
	return Bit(s.Num)&faults != 0 && s.Code() > 0
}

// signalled handles a signal that the gate noted.
func (t *Thread) signalled() {
	v := t.v
	s := &Signal{Num: int(v.Sig), Info: v.Info, Trapno: v.Trapno, Err: v.Err, Cr2: v.Cr2}
	v.Pending = 0
	if s.Num < 1 || s.Num > NSig {
		t.p.kill("the gate's memory is broken")
		return
	}
	t.SetMask(t.mask) // all are blocked now
	if s.Num == int(unix.SIGTRAP) && t.patching() || s.Num == int(unix.SIGSEGV) && s.Code() == segvPkuErr && t.restoreText(s.Addr()) {
		t.leave()
		return
	}
	if t.effective()&Bit(s.Num)&unblockable != 0 && !s.fault() {
		t.hold(s)
	} else {
		t.deliver(s)
	}
	t.temp = nil
	t.leave()
}

// hold keeps a signal that the guest blocks. These four are no real-time signals:
// one that waits already is enough.
func (t *Thread) hold(s *Signal) {
	if t.Held()&Bit(s.Num) == 0 {
		t.held = append(t.held, *s)
	}
}

// deliver makes the guest take a signal: its handler, or the default action.
func (t *Thread) deliver(s *Signal) {
	a := t.p.actions.take(s.Num)
	t.signalHook(s)
	if a.Handler > Ignore && a.Flags&ResetHand != 0 {
		t.hostAction(s.Num, Action{})
	}
	switch {
	case s.fault() && (a.Handler <= Ignore || t.mask&Bit(s.Num) != 0):
		t.die(s)
	case a.Handler == Ignore:
	case a.Handler == Default:
		t.byDefault(s)
	default:
		t.catch(s, &a)
	}
}

// catch lets the guest's handler run.
func (t *Thread) catch(s *Signal, a *Action) {
	if err := t.p.sys.Deliver(t, s, a); err != nil {
		t.die(&Signal{Num: int(unix.SIGSEGV)}) // no room for the frame
		return
	}
	m := t.effective() | a.Mask
	if a.Flags&NoDefer == 0 {
		m |= Bit(s.Num)
	}
	t.SetMask(m)
}

// byDefault lets the host do the default action: the signal is sent again.
func (t *Thread) byDefault(s *Signal) {
	if Bit(s.Num)&unblockable != 0 {
		t.die(s)
		return
	}
	t.HostMust(hostTgkill, uint64(t.p.pid), uint64(t.Tid()), uint64(s.Num))
}

// die ends the process by a signal whose default action is to end it.
func (t *Thread) die(s *Signal) {
	addr, buf := t.Scratch()
	clear(buf[:32])
	t.HostMust(hostSigaction, uint64(s.Num), addr, 0, 8)
	t.mask &^= Bit(s.Num)
	t.SetMask(t.mask)
	t.HostMust(hostTgkill, uint64(t.p.pid), uint64(t.Tid()), uint64(s.Num))
}

// Raise makes the process end by a fault that it cannot catch, as the host does
// when a signal frame is broken.
func (t *Thread) Raise(sig int) { t.die(&Signal{Num: sig}) }

// noteLate keeps the signals that came while another one waited and that could
// not be blocked. Who sent them is lost.
func (t *Thread) noteLate() {
	late := t.v.Late
	t.v.Late = 0
	for sig := 1; sig <= NSig; sig++ {
		if late&Bit(sig) != 0 {
			s := Signal{Num: sig}
			binary.LittleEndian.PutUint32(s.Info[:], uint32(sig))
			t.hold(&s)
		}
	}
}

// releaseHeld delivers the held signals that the guest blocks no longer.
func (t *Thread) releaseHeld() {
	for i := 0; i < len(t.held); i++ {
		s := t.held[i]
		if t.effective()&Bit(s.Num) != 0 {
			continue
		}
		t.held = append(t.held[:i], t.held[i+1:]...)
		if t.SaveFP() == nil {
			t.deliver(&s)
		}
		t.temp = nil
		return
	}
}

// TakeHeld takes a held signal of the set away, as sigwaitinfo(2) does, or
// returns nil.
func (t *Thread) TakeHeld(set uint64) *Signal {
	for i, s := range t.held {
		if set&Bit(s.Num) != 0 {
			t.held = append(t.held[:i], t.held[i+1:]...)
			return &s
		}
	}
	return nil
}

// Held are the signals that wait in the supervisor because the guest blocks
// them and the host cannot.
func (t *Thread) Held() uint64 {
	var m uint64
	for i := range t.held {
		m |= Bit(t.held[i].Num)
	}
	return m
}

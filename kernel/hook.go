package kernel

import (
	"sort"
	"sync"

	"golang.org/x/sys/unix"
)

// Hook sees what guests do. Its methods are called by the goroutines of the
// threads, one call of a thread after the other.
type Hook interface {
	Enter(e *CallEvent) // before the call is made
	Exit(e *CallEvent)  // after; also for an exec that comes back to another program
	Signal(t *Thread, s *Signal)
	// Ended tells the end of a process with its status word (wait4(2)), as far as
	// that is known.
	Ended(pid int, system *System, status unix.WaitStatus)
}

// CallEvent is one call of a guest.
type CallEvent struct {
	Thread *Thread
	System *System
	Number uint32
	Args   Args
	PC     uint64 // of the trap
	Result uint64
	Err    error // a kerr.Errno
	Data   any   // the hook's own
}

func (t *Thread) enter(nr uint32, a *Args) *CallEvent {
	h := t.p.k.opts.Hook
	if h == nil {
		return nil
	}
	ev := &CallEvent{Thread: t, System: t.p.sys, Number: nr, Args: *a, PC: t.v.Restart}
	t.call = ev
	h.Enter(ev)
	return ev
}

func (t *Thread) exit(ev *CallEvent, v uint64, err error) {
	if ev == nil || t.dead.Load() || t.p.exiting.Load() {
		return
	}
	ev.Result, ev.Err = v, err
	t.p.k.opts.Hook.Exit(ev)
}

// execHook tells that the exec which t is in has succeeded: t itself is gone.
func (t *Thread) execHook() {
	if t.call != nil {
		t.p.k.opts.Hook.Exit(t.call)
	}
}

func (t *Thread) signalHook(s *Signal) {
	if h := t.p.k.opts.Hook; h != nil {
		h.Signal(t, s)
	}
}

// Refused is a call that was not served.
type Refused struct {
	System *System
	Number uint32
	Count  uint64
	Exe    string   // where it was made first
	Stack  []uint64 // as Thread.Stack has it
}

// refusals counts the calls that were not served.
type refusals struct {
	mu sync.Mutex
	m  map[refusal]*Refused
}

type refusal struct {
	sys *System
	nr  uint32
}

// refuse counts a call that is not served; with Strict it ends the guest.
func (k *Kernel) refuse(t *Thread, nr uint32) {
	r := &k.refused
	r.mu.Lock()
	if r.m == nil {
		r.m = map[refusal]*Refused{}
	}
	key := refusal{t.p.sys, nr}
	c := r.m[key]
	if c == nil {
		c = &Refused{System: t.p.sys, Number: nr, Exe: t.p.Exe(), Stack: t.Stack()}
		r.m[key] = c
	}
	c.Count++
	r.mu.Unlock()
	if k.opts.Strict {
		t.p.kill("it made a call that is not served (--strict)")
	}
}

func (r *refusals) list() []Refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Refused
	for _, c := range r.m {
		all = append(all, *c)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Count > all[j].Count })
	return all
}

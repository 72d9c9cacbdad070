package kernel

import (
	"time"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/kernel/kerr"
)

// Task says what task to make, in the words of clone3(2); the stack and
// registers of the new thread are set by Setup.
type Task struct {
	gate.CloneArgs
	// Setup runs in the new thread before its first instruction. Its registers
	// are a copy of the parent's.
	Setup func(t *Thread) error
}

// Clone makes a thread or process and returns its number.
func (t *Thread) Clone(task Task) (uint64, error) {
	if task.Flags&unix.CLONE_THREAD != 0 {
		return t.clone(t.p, t.space, -1, task)
	}
	p := &Process{k: t.p.k, sys: t.p.sys, threads: map[*Thread]bool{}, exe: t.p.Exe(), actions: t.p.actions}
	if task.Flags&unix.CLONE_SIGHAND == 0 {
		p.actions = t.p.actions.clone()
	}
	t.p.Brk.mu.Lock()
	p.Brk.Start, p.Brk.End = t.p.Brk.Start, t.p.Brk.End
	t.p.Brk.mu.Unlock()
	if task.Flags&unix.CLONE_VM != 0 {
		p.space = t.space
		return t.clone(p, t.space, -1, task)
	}
	space, err := t.p.k.newSpaceFor(t, t.p.sys)
	if err != nil {
		return 0, kerr.EAGAIN
	}
	t.space.sites.forking()
	defer t.space.sites.forked()
	space.inherit(t.space)
	p.space = space
	return t.clone(p, space, space.id(), task)
}

// clone makes the task in a slot of space; share is the id of its shared
// memory if that is not the caller's.
func (t *Thread) clone(p *Process, space *Space, share int, task Task) (uint64, error) {
	const clearSighand = 1 << 32 // CLONE_CLEAR_SIGHAND: the gate's handlers must stay
	clearHandlers := task.Flags&clearSighand != 0
	task.Flags &^= clearSighand
	by := t
	if share >= 0 {
		by = nil
	}
	n, err := p.newThread(space, by, func(n *Thread) error { return n.cloned(t, share >= 0, clearHandlers, task.Setup) })
	if err != nil {
		return 0, kerr.EAGAIN
	}
	n.v.Regs = t.v.Regs
	n.mask = t.mask
	n.Values = t.Values
	if task.Flags&(unix.CLONE_VM|unix.CLONE_VFORK) != unix.CLONE_VM {
		n.Alt = t.Alt
	}
	ret, ok := t.v.Clone(&task.CloneArgs, slotAddr(n.slot), share)
	t.SetMask(t.mask) // the gate has blocked all
	switch {
	case ok && ret < 0:
		n.drop()
	case p != t.p:
		p.adopt(n, int(ret), ok)
	}
	return t.result(ret, ok)
}

// cloned is the first thing that a new task does.
func (t *Thread) cloned(parent *Thread, copied, clearHandlers bool, setup func(*Thread) error) error {
	if t.p != parent.p {
		if err := t.p.register(int(t.v.Pid)); err != nil {
			return err
		}
	}
	if copied {
		t.detachCopies(parent)
		if f := t.p.sys.Forked; f != nil {
			if err := f(parent, t); err != nil {
				return err
			}
		}
	}
	if clearHandlers {
		t.clearHandlers()
	}
	t.SetMask(t.mask)
	return setup(t)
}

// adopt sees to a process that may be killed before it reports: then nobody
// else would notice its end. pid is known unless its parent died.
func (p *Process) adopt(n *Thread, pid int, known bool) {
	if !known {
		go n.orphaned()
		return
	}
	if p.register(pid) != nil {
		n.drop() // it has ended and been waited for
	}
}

// orphaned gives up a thread whose parent died while it was made, and that does
// not report for a long time.
func (t *Thread) orphaned() {
	const long = 30
	for range long {
		time.Sleep(time.Second)
		if t.Tid() != 0 || t.dead.Load() {
			return
		}
	}
	t.drop()
}

// detachCopies removes what a copied address space still has of the shared
// memory of its origin.
func (t *Thread) detachCopies(parent *Thread) {
	parent.space.mu.Lock()
	n := len(parent.space.shares)
	parent.space.mu.Unlock()
	for i := 1; i < n; i++ {
		// A part that the parent got after the fork is not here.
		t.HostMust(unix.SYS_SHMDT, slotAddr(0)+uint64(i)*gate.ShareSize)
	}
}

// LastSignals keeps further signals from a thread that is about to end. It
// returns kerr.Restart if the thread has taken one, perhaps for the whole
// process, that must be delivered before.
func (t *Thread) LastSignals() error {
	const all = ^uint64(0)
	t.HostMust(hostSigprocmask, 2, t.maskAt(all), 0, 8)
	if t.v.Pending != 0 && !t.dead.Load() {
		return kerr.Restart
	}
	return nil
}

// Exit ends the thread, and with the last one the process: kerr.Done, or what
// LastSignals says.
func (t *Thread) Exit(status uint64) error {
	if err := t.LastSignals(); err != nil {
		return err
	}
	t.dead.Store(true)
	t.v.Exit(status)
	return kerr.Done
}

// maskAt puts a signal mask into the scratch area.
func (t *Thread) maskAt(m uint64) Addr {
	addr, buf := t.Scratch()
	for i := range 8 {
		buf[i] = byte(m >> (8 * i))
	}
	return addr
}

// ExitGroup ends the process.
func (t *Thread) ExitGroup(status uint64) {
	t.p.exiting.Store(true)
	t.HostMust(hostExitGroup, status)
}

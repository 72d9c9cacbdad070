package kernel

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"trapgate/gate"
	"trapgate/kernel/kerr"
)

// Thread is a guest thread. Its goroutine (run) is the only one that uses it,
// but for what is said to be safe for others.
type Thread struct {
	p     *Process
	v     *gate.View
	slot  int
	space *Space
	tid   atomic.Uint32
	dead  atomic.Bool // safe for others

	born func(*Thread) error // what to do when the gate reports for the first time

	mask uint64   // the guest's signal mask, in host numbers
	wait *uint64  // mask with which the call being served waits, if not this one
	temp *uint64  // that mask, when a signal has ended the wait: until it is delivered
	held []Signal // signals that the host cannot block but the guest does
	Alt  AltStack // the guest's alternate signal stack

	call   *CallEvent // the call being served, while traced
	Values map[any]any
}

// AltStack is an alternate signal stack.
type AltStack struct {
	Base, Size uint64
	Flags      uint32 // the system's own
}

// Process returns the thread's process.
func (t *Thread) Process() *Process { return t.p }

// System returns the system that the thread runs on.
func (t *Thread) System() *System { return t.p.sys }

// Tid is the host's number of the thread.
func (t *Thread) Tid() int { return int(t.tid.Load()) }

// Regs are the guest's registers, in memory that the guest can write too.
func (t *Thread) Regs() *gate.Regs { return &t.v.Regs }

// Reg returns a register by its index.
func (t *Thread) Reg(i uint8) *uint64 { return reg(&t.v.Regs, i) }

// Scratch is memory of the guest that handlers can use for host calls.
func (t *Thread) Scratch() (Addr, []byte) { return t.v.ScratchAddr(), t.v.Scratch }

// run answers the gate until the thread is gone.
func (t *Thread) run() {
	for {
		kind, ok := t.v.Wait()
		if !ok {
			break
		}
		switch kind {
		case gate.KindBorn:
			t.begin()
		case gate.KindCall:
			t.serve()
		case gate.KindSite:
			t.site()
		case gate.KindSignal:
			t.signalled()
		default:
			t.p.kill("the gate's memory is broken")
		}
		t.awaitEnd()
	}
	t.gone()
}

// awaitEnd waits for the end of a process that was killed with the turn at us.
func (t *Thread) awaitEnd() {
	for t.p.isKilled() && !t.dead.Load() && t.v.Turned() {
		time.Sleep(time.Millisecond)
	}
}

// begin runs what was planned for the first report of the thread.
func (t *Thread) begin() {
	if t.born == nil {
		t.p.kill("the gate's memory is broken")
		return
	}
	t.tid.Store(t.v.Tid)
	born := t.born
	t.born = nil
	err := born(t)
	if t.dead.Load() {
		return // another thread has executed an image meanwhile
	}
	if err != nil {
		t.p.kill(err.Error())
		return
	}
	t.leave()
}

// serve answers a call.
func (t *Thread) serve() {
	nr, a := t.callArgs()
	ev := t.enter(nr, &a)
	v, err := t.answer(nr, &a)
	if err == kerr.EFAULT && t.restoreText(a[:]...) {
		v, err = t.answer(nr, &a)
	}
	t.waited(err)
	if err == kerr.Done {
		t.exit(ev, 0, err)
		t.leave()
		return
	}
	if err == kerr.Restart {
		t.v.Regs.Rip = t.v.Restart
	} else {
		e, _ := err.(kerr.Errno)
		t.p.sys.SetResult(&t.v.Regs, v, e)
	}
	t.exit(ev, v, err)
	t.leave()
}

// callArgs reads number and arguments of the call from the registers.
func (t *Thread) callArgs() (uint32, Args) {
	sys := t.p.sys
	var a Args
	for i, r := range sys.ArgRegs {
		a[i] = *t.Reg(r)
		if sys.Compat {
			a[i] = uint64(uint32(a[i]))
		}
	}
	nr := uint32(t.v.Regs.Rax)
	if sys.StackArgs != nil && sys.StackArgs(nr) {
		var b [8 * len(a)]byte
		n := len(sys.ArgRegs)
		t.Read(t.v.Regs.Rsp+8, b[8*n:])
		for i := n; i < len(a); i++ {
			a[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
	}
	if sys.Indirect != nil {
		if real, ok := sys.Indirect(nr, &a); ok {
			nr = real
		}
	}
	return nr, a
}

// answer finishes a call by its handler, by its direct row, or refuses it.
func (t *Thread) answer(nr uint32, a *Args) (uint64, error) {
	sys, k := t.p.sys, t.p.k
	if c := sys.call(nr); c != nil {
		k.stats.served.Add(1)
		return c.Handler(t, a)
	}
	if sys.direct(nr) {
		k.stats.direct.Add(1)
		ret, ok := t.direct(nr, a)
		if ret != gate.NoRow || !ok {
			return t.result(ret, ok)
		}
	}
	if sys.direct(nr) && sys.Direct.Calls[nr].Guard && t.touchesGate(nr, a) {
		return 0, kerr.ENOMEM
	}
	k.refuse(t, nr)
	if sys.direct(nr) {
		return 0, kerr.EINVAL // flags that nobody knows
	}
	return sys.Unknown(t, nr)
}

// direct lets the gate finish a call. It looks at the registers, so what an
// indirect call stands for is put there for the time.
func (t *Thread) direct(nr uint32, a *Args) (int64, bool) {
	r := &t.v.Regs
	if uint32(r.Rax) == nr {
		return t.v.Direct()
	}
	saved := *r
	r.Rax = uint64(nr)
	for i, n := range t.p.sys.ArgRegs {
		*t.Reg(n) = a[i]
	}
	ret, ok := t.v.Direct()
	*r = saved
	return ret, ok
}

// touchesGate says whether the range that a call names reaches into the gate's
// memory, or beyond the end of all memory.
func (t *Thread) touchesGate(nr uint32, a *Args) bool {
	args := t.p.sys.Direct.Calls[nr].Args
	if len(args) < 2 {
		return false
	}
	addr, size := a[args[0].From], a[args[1].From]
	return addr+size < addr || addr < gate.High && addr+size > gate.Low
}

// result turns a result of the gate into value and error.
func (t *Thread) result(ret int64, ok bool) (uint64, error) {
	switch {
	case !ok:
		return 0, kerr.Done
	case ret == gate.Interrupted:
		return 0, kerr.Restart
	case ret < 0 && ret >= -4095:
		return 0, kerr.Errno(-ret)
	}
	return uint64(ret), nil
}

// Host makes a host call in the guest's thread. It returns kerr.Restart if a
// signal is waiting for the guest, and kerr.Done if the thread died.
func (t *Thread) Host(nr uint64, a ...uint64) (uint64, error) { return t.result(t.v.Host(nr, a...)) }

// HostMust is Host for calls that are made although a signal waits.
func (t *Thread) HostMust(nr uint64, a ...uint64) (uint64, error) {
	return t.result(t.v.HostMust(nr, a...))
}

// WaitMask tells that the call being served waits with signal mask m instead of
// the thread's (sigsuspend(2), ppoll(2)): a signal that ends the wait is delivered
// with that mask. It returns kerr.EINTR if m lets a signal in that was held.
func (t *Thread) WaitMask(m uint64) error {
	m &^= neverBlocked
	if t.Held()&^m != 0 {
		t.temp = &m
		return kerr.EINTR
	}
	t.wait = &m
	return nil
}

// waited is called at the end of each call. A signal that waits now and has
// interrupted the call was taken under the mask of the call.
func (t *Thread) waited(err error) {
	if t.wait != nil && err == kerr.EINTR && t.v.Pending != 0 {
		t.temp = t.wait
	}
	t.wait = nil
}

// effective is the mask that counts for a signal that is delivered now.
func (t *Thread) effective() uint64 {
	if t.temp != nil {
		return *t.temp
	}
	return t.mask
}

// Host32 makes a host call by the host's i386 entry.
func (t *Thread) Host32(nr uint64, a ...uint64) (uint64, error) {
	return t.result(t.v.Host32(nr, a...))
}

// Host32Must is Host32 for calls that are made although a signal waits.
func (t *Thread) Host32Must(nr uint64, a ...uint64) (uint64, error) {
	return t.result(t.v.Host32Must(nr, a...))
}

// Prefetched is how many events the gate has waited for already (gate.Kevent);
// they are in the scratch area at gate.PrefetchOffset.
func (t *Thread) Prefetched() int {
	n := t.v.Prefetch
	t.v.Prefetch = 0
	return int(min(n, gate.MaxPrefetch))
}

// SetWaits says whether the gate may wait for events of a kqueue by itself.
func (t *Thread) SetWaits(ok bool) { t.space.head().SetWaits(ok) }

// LoadFP makes the FP state in FP the thread's; SaveFP does the reverse.
func (t *Thread) LoadFP() error { _, err := t.result(t.v.LoadFP()); return err }
func (t *Thread) SaveFP() error { _, err := t.result(t.v.SaveFP()); return err }

// FP is the thread's xsave area after SaveFP and when a signal is delivered.
func (t *Thread) FP() []byte { return t.v.FP }

// Segs are the data segment registers of 32-bit code. FS is never loaded: its
// base is the gate's.
type Segs struct{ DS, ES, FS, GS uint16 }

// Segs returns the thread's data segment registers.
func (t *Thread) Segs() Segs {
	v, _ := t.v.Segs()
	return Segs{uint16(v), uint16(v >> 16), uint16(v >> 32), uint16(v >> 48)}
}

// LoadSegs loads DS, ES and GS; a selector that names no usable segment becomes 0.
func (t *Thread) LoadSegs(s Segs) error {
	_, err := t.result(t.v.LoadSegs(uint64(s.DS) | uint64(s.ES)<<16 | uint64(s.GS)<<48))
	return err
}

// leave lets the guest go on, after signals that have become deliverable.
func (t *Thread) leave() {
	if t.dead.Load() {
		return
	}
	if t.v.Late != 0 {
		t.noteLate()
	}
	if len(t.held) > 0 {
		t.releaseHeld()
	}
	t.v.Leave()
}

// gone ends the goroutine of a thread that will not report again.
func (t *Thread) gone() {
	if !t.dead.Load() && !t.v.Free() {
		t.p.kill("the gate's memory is broken")
	}
	t.p.remove(t)
	t.space.leave(t.slot)
}

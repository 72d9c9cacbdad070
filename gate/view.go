package gate

import (
	"encoding/binary"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// View is the supervisor's side of one slot. Between Wait and Give the
// supervisor has the turn and may use the slot; all that it reads there may be
// nonsense.
type View struct {
	*Slot
	FP      []byte // the guest's xsave area after SaveFP and at KindSignal
	Scratch []byte // memory for the structures of host calls
	addr    uint64
}

// ScratchAddr is the address of Scratch in the guest.
func (v *View) ScratchAddr() uint64 { return v.addr + scratchOffset }

// spins is how often to look for the guest's answer before sleeping: about 50 us.
const spins = 1000

// Wait waits until the guest's thread hands over and says why. It returns
// false if the thread is dead (Kill) or has left its slot.
func (v *View) Wait() (Kind, bool) {
	if atomic.LoadUint32(&v.GateCPU) != cpu() {
		for range spins {
			if atomic.LoadUint32(&v.Turn) != turnGate {
				break
			}
			pause()
		}
	}
	for atomic.LoadUint32(&v.Turn) == turnGate {
		atomic.StoreUint32(&v.SupSleeps, 1)
		if atomic.LoadUint32(&v.Turn) != turnGate {
			break
		}
		v.futex(0, turnGate)
	}
	atomic.StoreUint32(&v.SupSleeps, 0)
	return v.Kind, atomic.LoadUint32(&v.Turn) == turnSupervisor
}

// give hands the turn to the guest.
func (v *View) give() {
	atomic.StoreUint32(&v.SupCPU, cpu())
	if !atomic.CompareAndSwapUint32(&v.Turn, turnSupervisor, turnGate) {
		return // dead
	}
	if atomic.LoadUint32(&v.GateSleeps) != 0 {
		v.futex(1, 1)
	}
}

// Kill wakes the waiter of a thread that will never hand over again.
func (v *View) Kill() {
	atomic.StoreUint32(&v.Turn, turnDead)
	v.futex(1, 1<<30)
}

// Turned says whether the turn is the supervisor's.
func (v *View) Turned() bool { return atomic.LoadUint32(&v.Turn) == turnSupervisor }

// Free says whether nobody runs in the slot any more: the thread has ended by
// Exit, or is known to be dead.
func (v *View) Free() bool {
	turn := atomic.LoadUint32(&v.Turn)
	return turn == turnFree || turn == turnDead
}

func (v *View) futex(op, val uintptr) {
	p := uintptr(unsafe.Pointer(&v.Turn))
	if op == 0 {
		syscall.Syscall6(syscall.SYS_FUTEX, p, op, val, 0, 0, 0)
		return
	}
	syscall.RawSyscall6(syscall.SYS_FUTEX, p, op, val, 0, 0, 0)
}

// Leave lets the guest run with the registers of the slot.
func (v *View) Leave() { v.Cmd = cmdLeave; v.give() }

// Dispatch lets the gate go on with a call after KindSite.
func (v *View) Dispatch() { v.Cmd = cmdDispatch; v.give() }

// SetMask makes m the thread's signal mask on the way to the guest.
func (v *View) SetMask(m uint64) { v.NewMask, v.MaskDirty = m, 1 }

// Host makes host call nr in the guest's thread. It returns false as second
// result if the thread died, and Interrupted as first if a signal was pending.
func (v *View) Host(nr uint64, a ...uint64) (int64, bool) { return v.call(cmdHost, nr, a) }

// HostMust is Host for calls that must not be given up for a signal.
func (v *View) HostMust(nr uint64, a ...uint64) (int64, bool) { return v.call(cmdHostMust, nr, a) }

// Host32 is Host by int $0x80.
func (v *View) Host32(nr uint64, a ...uint64) (int64, bool) { return v.call(cmdHost32, nr, a) }

// Host32Must is HostMust by int $0x80.
func (v *View) Host32Must(nr uint64, a ...uint64) (int64, bool) {
	return v.call(cmdHost32Must, nr, a)
}

// Direct finishes the guest's call by its row of the direct table and returns
// the host's result, Interrupted, or NoRow.
func (v *View) Direct() (int64, bool) { return v.call(cmdDirect, 0, nil) }

// SaveFP stores the guest's FP state in v.FP; LoadFP loads it from there.
func (v *View) SaveFP() (int64, bool) { return v.call(cmdSaveFP, 0, nil) }
func (v *View) LoadFP() (int64, bool) {
	set := ^uint64(0)
	if binary.LittleEndian.Uint64(v.FP[xstateBV:])&protectionKeys == 0 {
		set &^= protectionKeys // not in the frame: the rights stay as they are
	}
	return v.call(cmdLoadFP, 0, []uint64{set})
}

// Segs returns the selectors in DS, ES, FS and GS, 16 bits each. LoadSegs loads
// DS, ES and GS; a selector that names no usable segment becomes 0.
func (v *View) Segs() (int64, bool)               { return v.call(cmdSegs, 0, nil) }
func (v *View) LoadSegs(sel uint64) (int64, bool) { return v.call(cmdLoadSegs, 0, []uint64{sel}) }

// CloneArgs are the arguments of clone3(2), but for the stack, which is the gate's.
type CloneArgs struct {
	Flags, Pidfd, Ctid, Ptid, Signal uint64
	SetTid                           []int32
	Cgroup                           uint64
}

// plain says whether clone(2) can do it too: not every sandbox lets clone3 pass.
func (c *CloneArgs) plain() bool {
	const pidfd, parentTid, signal = 0x1000, 0x100000, 0xff
	both := c.Flags&pidfd != 0 && c.Flags&parentTid != 0
	return c.Flags&signal == 0 && c.Flags>>32 == 0 && !both && len(c.SetTid) == 0
}

// Clone makes a task whose slot is at addr; share is the id of the shared memory
// of a new address space, or -1. It uses the start of the scratch area.
func (v *View) Clone(c *CloneArgs, addr uint64, share int) (int64, bool) {
	ptid := c.Ptid
	const pidfd = 0x1000
	if c.Flags&pidfd != 0 {
		ptid = c.Pidfd
	}
	a := []uint64{c.Flags | c.Signal, addr, uint64(int64(share)), ptid, c.Ctid, 0}
	if !c.plain() {
		const setTid = 256
		w := []uint64{c.Flags, c.Pidfd, c.Ctid, c.Ptid, c.Signal, addr + stackTop - 0x1000, 0x1000, 0,
			0, uint64(len(c.SetTid)), c.Cgroup}
		if len(c.SetTid) > 0 {
			w[8] = v.ScratchAddr() + setTid
		}
		for i, x := range w {
			binary.LittleEndian.PutUint64(v.Scratch[8*i:], x)
		}
		for i, tid := range c.SetTid {
			binary.LittleEndian.PutUint32(v.Scratch[setTid+4*i:], uint32(tid))
		}
		a[5] = v.ScratchAddr()
	}
	return v.call(cmdClone, 0, a)
}

// Exit ends the thread with a status. Nothing can be asked of it any more.
func (v *View) Exit(status uint64) { v.Cmd, v.A[0] = cmdExit, status; v.give() }

// Results of Host and Direct that are no errno.
const (
	Interrupted = interrupted // not made: a signal is pending
	NoRow       = serveIt     // no direct finish for these arguments
)

func (v *View) call(cmd uint32, nr uint64, a []uint64) (int64, bool) {
	v.Cmd, v.Nr = cmd, nr
	copy(v.A[:], a)
	clear(v.A[len(a):])
	v.give()
	kind, ok := v.Wait()
	return int64(v.Ret), ok && kind == KindDone
}

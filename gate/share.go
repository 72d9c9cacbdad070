package gate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Share is shared memory of one address space: its first part holds the Space
// and the slots of up to 63 threads, each further part 64 slots. It is System V
// shared memory because a guest attaches it by a number and so never has a
// descriptor of ours; it is marked for destruction as soon as we have attached
// it, so that nothing is left however we end.
type Share struct {
	ID  int
	mem []byte
}

// making is where the keeper finds the key of shared memory that we did not come
// to mark for destruction before we were killed.
var making struct {
	mu  sync.Mutex
	key *uint32
}

// NewShare makes and attaches shared memory of size bytes.
func NewShare(size int) (*Share, error) {
	const noReserve = 0x1000 // SHM_NORESERVE
	making.mu.Lock()
	defer making.mu.Unlock()
	key := int(unix.IPC_PRIVATE)
	if making.key != nil {
		key = 1 + rand.IntN(1<<31-2)
		atomic.StoreUint32(making.key, uint32(key))
		defer atomic.StoreUint32(making.key, 0)
	}
	id, err := unix.SysvShmGet(key, size, unix.IPC_CREAT|unix.IPC_EXCL|noReserve|0o600)
	if err != nil {
		return nil, fmt.Errorf("gate: make shared memory of %d bytes: %w (see kernel.shmmni, kernel.shmall)", size, err)
	}
	mem, err := unix.SysvShmAttach(id, 0, 0)
	unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	if err != nil {
		return nil, fmt.Errorf("gate: attach shared memory: %w", err)
	}
	return &Share{ID: id, mem: mem}, nil
}

// Give makes the memory that of another user.
func (s *Share) Give(uid uint32) {
	var d unix.SysvShmDesc
	d.Perm.Uid, d.Perm.Gid, d.Perm.Mode = uid, uint32(unix.Getgid()), 0o600
	unix.SysvShmCtl(s.ID, unix.IPC_SET, &d)
}

// Close detaches the memory. No slot of it may be used any more.
func (s *Share) Close() error { return unix.SysvShmDetach(s.mem) }

// Bytes is the memory itself, for parts that hold no slots.
func (s *Share) Bytes() []byte { return s.mem }

// Space returns the head of the first part.
func (s *Share) Space() *Space { return (*Space)(unsafe.Pointer(&s.mem[0])) }

// Slot returns the view of slot i of this part, which the guest sees at addr,
// and clears it. The FP state and the scratch area are cleared too.
func (s *Share) Slot(i int, addr uint64) *View {
	m := s.mem[i*SlotSize : (i+1)*SlotSize]
	clear(m[:stackTop-0x1000])
	v := &View{
		Slot:    (*Slot)(unsafe.Pointer(&m[0])),
		FP:      m[fpOffset : fpOffset+FPSize : fpOffset+FPSize],
		Scratch: m[scratchOffset : scratchOffset+ScratchSize : scratchOffset+ScratchSize],
		addr:    addr,
	}
	v.Self = addr
	v.Stack = addr + stackTop
	v.Regs.CS, v.Regs.SS = 0x33, 0x2b
	return v
}

// Knotes makes slot i the table of Knotes, which the guest sees at addr.
func (s *Share) Knotes(i int, addr uint64) *[NKnotes]Knote {
	m := s.mem[i*SlotSize : (i+1)*SlotSize]
	clear(m)
	atomic.StoreUint64(&s.Space().Knotes, addr)
	return (*[NKnotes]Knote)(unsafe.Pointer(&m[0]))
}

// SpacePath returns a path of the gate's file that tells the gate which shared
// memory to attach: 32 pairs before the path, "/." for one and "//" for zero.
func SpacePath(path string, id int) string {
	var b strings.Builder
	for bit := 31; bit >= 0; bit-- {
		if id>>bit&1 == 1 {
			b.WriteString("/.")
		} else {
			b.WriteString("//")
		}
	}
	return b.String() + path
}

// Keeper makes the space the keeper's: it ends the processes that are listed
// when the supervisor ends.
func (s *Space) Keeper(supervisor int) {
	s.Role, s.Supervisor, s.NPids = roleKeeper, uint32(supervisor), MaxPids
	making.mu.Lock()
	defer making.mu.Unlock()
	making.key = &s.Making
}

// SetPid writes process pid (0: none) to row i of the keeper's list.
func (s *Space) SetPid(i int, pid uint32) { atomic.StoreUint32(&s.Pids[i], pid) }

// AddTramp tells the gate that code between lo and hi belongs to it.
func (s *Space) AddTramp(lo, hi uint64) bool {
	n := atomic.LoadUint32(&s.NTramps)
	if n >= MaxTramps {
		return false
	}
	s.Tramps[n] = [2]uint64{lo, hi}
	atomic.StoreUint32(&s.NTramps, n+1)
	return true
}

// SetKeyed tells the gate that some text of the guest cannot be read.
func (s *Space) SetKeyed() { atomic.StoreUint32(&s.Keyed, 1) }

// SetWaits says whether Kevent may wait in the gate.
func (s *Space) SetWaits(ok bool) {
	v := uint32(0)
	if ok {
		v = 1
	}
	atomic.StoreUint32(&s.Waits, v)
}

// MarkSeen keeps the gate from asking about the call site again.
func (s *Space) MarkSeen(site uint64) { atomic.StoreUint64(&s.Seen[site%seenSize], site) }

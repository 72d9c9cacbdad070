package kernel

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"trapgate/gate"
)

// Space is one address space: its shared memory and the slots of its threads.
// Several processes share it after CLONE_VM (vfork).
type Space struct {
	growMu sync.Mutex // taken before mu, and held while a guest attaches memory
	mu     sync.Mutex
	shares []*gate.Share
	slots  []slotState // slot 0 is the head
	knotes *[gate.NKnotes]gate.Knote
	users  int   // goroutines that may touch the memory
	sites  sites // call sites that have been rewritten
}

type slotState struct {
	used bool
	view *gate.View // of the last user, to see whether it is gone
}

// newSpace makes the memory of an address space of the system.
func (k *Kernel) newSpace(sys *System) (*Space, error) {
	share, err := gate.NewShare(gate.ShareSize)
	if err != nil {
		return nil, err
	}
	s := &Space{shares: []*gate.Share{share}, slots: make([]slotState, gate.SlotsPerShare)}
	s.slots[0].used = true
	h := share.Space()
	h.Supervisor = uint32(k.pid)
	if k.sud {
		h.Dispatch = 1
	}
	if k.opts.Patch {
		h.Patch = 1
	}
	if sys.Compat {
		h.Compat = 1
	}
	return s, nil
}

// newSpaceFor is newSpace for a process that t makes or becomes: if it has given up
// root's rights, the memory is its new user's.
func (k *Kernel) newSpaceFor(t *Thread, sys *System) (*Space, error) {
	s, err := k.newSpace(sys)
	if err != nil || os.Geteuid() != 0 {
		return s, err
	}
	if uid, err := t.HostMust(unix.SYS_GETEUID); err == nil && uid != 0 {
		s.shares[0].Give(uint32(uid))
	}
	return s, nil
}

// inherit makes s the memory of a copy of the address space from.
func (s *Space) inherit(from *Space) {
	from.mu.Lock()
	defer from.mu.Unlock()
	h, old := s.head(), from.head()
	h.VdsoClock, h.Keyed = old.VdsoClock, old.Keyed
	h.Tramps, h.NTramps = old.Tramps, min(old.NTramps, gate.MaxTramps)
	h.Seen = old.Seen
	s.sites = from.sites.clone()
}

func (s *Space) head() *gate.Space { return s.shares[0].Space() }

func (s *Space) id() int { return s.shares[0].ID }

func slotAddr(i int) uint64 { return gate.SpaceBase + uint64(i)*gate.SlotSize }

// AddTramp tells the gate that code between lo and hi in the thread's address
// space leads into it, with the guest's registers half way saved.
func (t *Thread) AddTramp(lo, hi Addr) bool { return t.space.head().AddTramp(lo, hi) }

// alloc finds a free slot; -1 if all parts are full.
func (s *Space) alloc() (int, *gate.View) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.slots {
		st := &s.slots[i]
		if st.used || st.view != nil && !st.view.Free() {
			continue
		}
		v := s.shares[i/gate.SlotsPerShare].Slot(i%gate.SlotsPerShare, slotAddr(i))
		*st = slotState{used: true, view: v}
		s.users++
		return i, v
	}
	return -1, nil
}

// allocMore is alloc when all parts are full: one thread at a time adds a part.
func (s *Space) allocMore(t *Thread) (int, *gate.View, error) {
	s.growMu.Lock()
	defer s.growMu.Unlock()
	if i, v := s.alloc(); i >= 0 {
		return i, v, nil
	}
	if err := s.grow(t); err != nil {
		return -1, nil, err
	}
	i, v := s.alloc()
	return i, v, nil
}

// grow adds a part of shared memory, attached by thread t.
func (s *Space) grow(t *Thread) error {
	s.mu.Lock()
	n := len(s.shares)
	s.mu.Unlock()
	if n >= gate.MaxShares {
		return fmt.Errorf("kernel: more than %d threads", n*gate.SlotsPerShare)
	}
	share, err := gate.NewShare(gate.ShareSize)
	if err != nil {
		return err
	}
	at := gate.SpaceBase + uint64(n)*gate.ShareSize
	if got, err := t.HostMust(hostShmat, uint64(share.ID), at, 0); err != nil || got != at {
		share.Close()
		return fmt.Errorf("kernel: attach shared memory in process %d: %v", t.p.pid, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shares = append(s.shares, share)
	s.slots = append(s.slots, make([]slotState, gate.SlotsPerShare)...)
	return nil
}

// leave says that the goroutine of slot i is gone.
func (s *Space) leave(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots[i].used = false
	s.users--
	if s.users > 0 {
		return
	}
	s.sites.close()
	for _, share := range s.shares {
		share.Close()
	}
	s.shares, s.slots = nil, nil
}

// Knotes is the table by which the gate tells the events of kqueues, nil if there
// is no room for it.
func (t *Thread) Knotes() *[gate.NKnotes]gate.Knote {
	s := t.space
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 1; s.knotes == nil && i < gate.SlotsPerShare; i++ {
		if st := &s.slots[i]; !st.used && st.view == nil {
			st.used = true
			s.knotes = s.shares[0].Knotes(i, slotAddr(i))
		}
	}
	return s.knotes
}

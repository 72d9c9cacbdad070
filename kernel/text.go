package kernel

import (
	"bytes"
	"maps"

	"golang.org/x/sys/unix"

	"trapgate/image"
	"trapgate/kernel/kerr"
)

// A program that reads its own text must find there what its file says, not our
// jumps. Where the CPU has protection keys, the pages with rewritten call sites
// can be executed but not read: the first read faults, the page gets its own
// bytes back and is left alone from then on. A host call that is given such an
// address fails with EFAULT, and is made again after the same repair. On other
// CPUs only --patch=off helps.

// text is the state of the pages with rewritten call sites.
type text struct {
	key      uint64          // protection key, 0 for none yet
	none     bool            // the host has no protection keys
	keyed    map[uint64]bool // pages that cannot be read
	restored map[uint64]bool // pages that were read and are as they were again
}

func (x *text) clone() text {
	return text{x.key, x.none, maps.Clone(x.keyed), maps.Clone(x.restored)}
}

// segvPkuErr is si_code of a fault by a protection key (sigaction(2)).
const segvPkuErr = 4

// guardText makes the pages of a rewritten instruction unreadable.
func (t *Thread) guardText(s *sites, start, size uint64) {
	x := &s.text
	if x.none {
		return
	}
	if x.key == 0 {
		const disableAccess = 1
		key, err := t.HostMust(unix.SYS_PKEY_ALLOC, 0, disableAccess)
		if err != nil {
			x.none = true
			return
		}
		x.key, x.keyed, x.restored = key, map[uint64]bool{}, map[uint64]bool{}
		t.space.head().SetKeyed()
	}
	for p := start &^ (page - 1); p < start+size; p += page {
		if !x.keyed[p] && t.setKey(p, x.key) == nil {
			x.keyed[p] = true
		}
	}
}

func (t *Thread) setKey(p, key uint64) error {
	_, err := t.HostMust(unix.SYS_PKEY_MPROTECT, p, page, image.Read|image.Execute, key)
	return err
}

// readSpan is how far behind its start a buffer that a call names may matter.
const readSpan = 1 << 20

// restoreText gives the pages of text that the addresses lead to their own bytes
// back. It says whether there was one.
func (t *Thread) restoreText(addrs ...uint64) bool {
	s := &t.space.sites
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for p := range s.text.keyed {
		for _, a := range addrs {
			if a < p+page && p < a+readSpan && t.restorePage(s, p) == nil {
				found = true
				break
			}
		}
	}
	return found
}

// restorePage takes the rewriting of a page back. The first byte comes first:
// then the rest is not reached by a jump any more.
func (t *Thread) restorePage(s *sites, p uint64) error {
	for start, c := range s.done {
		old := c.old
		if start+uint64(len(old)) <= p || start >= p+page {
			continue
		}
		now := make([]byte, len(old))
		if t.Read(start, now) != nil || !bytes.Equal(now, c.jump) {
			continue // other code lies there by now
		}
		if s.write(start, []byte{0xcc}) != nil {
			return kerr.EFAULT
		}
		t.syncCores(s)
		s.write(start+1, old[1:])
		t.syncCores(s)
		s.write(start, old[:1])
		t.syncCores(s)
	}
	delete(s.text.keyed, p)
	s.text.restored[p] = true
	return t.setKey(p, 0)
}

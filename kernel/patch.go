package kernel

import "maps"

// sites are the call sites of an address space that have been rewritten, by address.
type sites struct {
	m map[uint64]bool
}

func (s *sites) clone() sites { return sites{maps.Clone(s.m)} }

// site looks at a call site that trapped for the first time.
func (t *Thread) site() {
	t.space.head().MarkSeen(t.v.Restart)
	t.v.Dispatch()
}

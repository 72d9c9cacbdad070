package kernel

import "golang.org/x/sys/unix"

// SetBreak moves the end of the data segment and returns where it is then:
// where it was if there is no room (brk(2)).
func (t *Thread) SetBreak(to Addr) Addr {
	b := &t.p.Brk
	b.mu.Lock()
	defer b.mu.Unlock()
	if to < b.Start {
		return b.End
	}
	old := (b.End + page - 1) &^ (page - 1)
	end := (to + page - 1) &^ (page - 1)
	var err error
	switch {
	case end > old:
		_, err = t.HostMust(hostMmap, old, end-old, unix.PROT_READ|unix.PROT_WRITE,
			unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
	case end < old:
		_, err = t.HostMust(hostMunmap, end, old-end)
	}
	if err == nil {
		b.End = to
	}
	return b.End
}

// holds says whether the range is part of the data segment.
func (b *Break) holds(lo, hi Addr) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return lo >= b.Start && hi <= (b.End+page-1)&^(page-1)
}

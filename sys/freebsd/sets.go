//go:build freebsd && amd64

package freebsd

// Sigset is a set of signals.
type Sigset [4]uint32

// Add puts signals into the set.
func (s *Sigset) Add(signals ...Signal) {
	for _, n := range signals {
		s[(n-1)/32] |= 1 << ((n - 1) % 32)
	}
}

// Remove takes signals out of the set.
func (s *Sigset) Remove(signals ...Signal) {
	for _, n := range signals {
		s[(n-1)/32] &^= 1 << ((n - 1) % 32)
	}
}

// Has says whether a signal is in the set.
func (s *Sigset) Has(n Signal) bool { return s[(n-1)/32]>>((n-1)%32)&1 != 0 }

// FDSetSize is how many descriptors an [FDSet] has room for. The wrappers refuse
// larger numbers with EINVAL.
const FDSetSize = 1024

// FDSet is a set of descriptors.
type FDSet [FDSetSize / 64]uint64

// Add puts a descriptor into the set.
func (s *FDSet) Add(fd int) { s[fd/64] |= 1 << (fd % 64) }

// Remove takes a descriptor out of the set.
func (s *FDSet) Remove(fd int) { s[fd/64] &^= 1 << (fd % 64) }

// Has says whether a descriptor is in the set.
func (s *FDSet) Has(fd int) bool { return s[fd/64]>>(fd%64)&1 != 0 }

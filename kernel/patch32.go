package kernel

import (
	"encoding/binary"
	"slices"

	"trapgate/gate"
)

// Call sites of 32-bit code are rewritten like those of 64-bit code (patch.go):
// the instruction before `int $0x80` becomes a jump. The trampoline must change
// to 64-bit code, and it may not touch the stack, which a thread may have given
// away before its last call:
//
//	trampoline: displaced instruction
//	            ljmp $0x33, $1f
//	1:          mov $2f, %r11d         64-bit code
//	            jmp *site32
//	2:          .long behind, the `int $0x80` itself
//
// The call is made again at the `int $0x80`, which still stands and traps.

// low is where trampolines go that can be anywhere in 32-bit code's 4 GiB: far
// from programs and below the libraries.
const low, lowEnd = 0xd8000000, 0xe8000000

// patch32 rewrites the site whose `int $0x80` is at addr. The sites are locked.
func (t *Thread) patch32(addr uint64) {
	s := &t.space.sites
	const before = 48
	code := make([]byte, before+3)
	if t.Read(addr-before, code) != nil || code[before] != 0xcd || code[before+1] != 0x80 {
		return
	}
	n := knownBefore(code[:before], 32)
	if n < 2 || s.text.restored[addr&^(page-1)] || !t.plainText(addr) {
		return
	}
	start := addr - uint64(n)
	old := slices.Clone(code[before-n : before])
	lo, hi := distances32(start+jumpSize, n, code[before:])
	tramp, ok := t.trampoline(s, start+jumpSize, lo, hi)
	if !ok || tramp+trampSize > 1<<32 || s.open(t) != nil || s.write(tramp, trampoline32(old, addr, tramp)) != nil {
		return
	}
	jump := binary.LittleEndian.AppendUint32([]byte{0xe9}, uint32(tramp-start-jumpSize))
	for len(jump) < n {
		jump = append(jump, 0x90)
	}
	t.rewrite(s, start, old, jump[:n])
}

// distances32 is distances for a jump that wraps around at 4 GiB.
func distances32(base uint64, n int, behind []byte) (lo, hi int64) {
	if n >= jumpSize {
		return low - int64(base), lowEnd - int64(base)
	}
	lo, hi = distances(n, behind)
	switch at := int64(base) + lo; {
	case at < 0:
		lo, hi = lo+1<<32, hi+1<<32
	case at >= 1<<32:
		lo, hi = lo-1<<32, hi-1<<32
	}
	return lo, hi
}

// trampoline32 is the code of the trampoline at addr for the call at site.
func trampoline32(displaced []byte, site, addr uint64) []byte {
	le := binary.LittleEndian
	c := append(slices.Clone(displaced), 0xea)
	c = le.AppendUint32(c, uint32(addr)+uint32(len(c))+6)
	c = append(c, 0x33, 0)
	words := uint32(addr) + uint32(len(c)) + 6 + 14
	c = le.AppendUint32(append(c, 0x41, 0xbb), words)
	c = append(c, 0xff, 0x25, 0, 0, 0, 0)
	c = le.AppendUint64(c, gate.EntryPoints().Site32)
	c = le.AppendUint32(c, uint32(site)+2)
	return le.AppendUint32(c, uint32(site))
}

package kernel

import (
	"encoding/binary"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"trapgate/gate"
)

func TestTrampoline32(t *testing.T) {
	le := binary.LittleEndian
	const at, site = 0xd8000040, 0x080cd000
	displaced := []byte{0x8b, 0x5c, 0x24, 0x08} // mov 8(%esp), %ebx
	c := trampoline32(displaced, site, at)
	if len(c) > trampSize-10 {
		t.Errorf("%d bytes leave no room for longer instructions", len(c))
	}
	n := len(displaced)
	jump, err := x86asm.Decode(c[n:], 32)
	if err != nil || jump.Op != x86asm.LJMP || le.Uint32(c[n+1:]) != uint32(at+n+jump.Len) || le.Uint16(c[n+5:]) != 0x33 {
		t.Fatalf("% x: %v, %v", c[n:], jump, err)
	}
	n += jump.Len
	load, err := x86asm.Decode(c[n:], 64)
	if err != nil || load.Args[0] != x86asm.R11L {
		t.Fatalf("% x: %v, %v", c[n:], load, err)
	}
	words := int(le.Uint32(c[n+2:])) - at
	if words != len(c)-8 || le.Uint32(c[words:]) != site+2 || le.Uint32(c[words+4:]) != site {
		t.Errorf("words at %d of %d: % x", words, len(c), c)
	}
	if target := le.Uint64(c[words-8:]); target != gate.EntryPoints().Site32 {
		t.Errorf("it goes to %#x", target)
	}
}

// TestDistances32: every distance leads to memory that 32-bit code can reach, and
// leaves `int $0x80` as it is.
func TestDistances32(t *testing.T) {
	behind := []byte{0xcd, 0x80, 0x3d}
	for _, base := range []uint64{0x08049000, 0x56000100, 0xd8000000, 0xf7f12345} {
		for n := 2; n <= 7; n++ {
			lo, hi := distances32(base, n, behind)
			for _, d := range []int64{lo, hi} {
				if to := int64(base) + d; to < 0 || to >= 1<<32+1<<24 {
					t.Errorf("base %#x, %d bytes: to %#x", base, n, to)
				}
				rel := binary.LittleEndian.AppendUint32([]byte{0xe9}, uint32(d))
				for i := n; i < jumpSize; i++ {
					if rel[i] != behind[i-n] {
						t.Errorf("base %#x, %d bytes: jump % x", base, n, rel)
					}
				}
			}
		}
	}
}

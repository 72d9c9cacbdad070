package gate

import "sync"

// The FP state is the standard form of XSAVE (Intel SDM volume 1, chapter 13):
// 512 bytes as FXSAVE has them, a header of 64 bytes whose first word says which
// components are there, then the components at fixed offsets.
const (
	xstateBV     = 512 // offset of XSTATE_BV
	xstateHeader = 512 + 64
	tileData     = 1 << 18 // AMX tiles: only of programs that asked for them

	protectionKeys = 1 << 9 // PKRU
)

// xparts are the ends of the components that this CPU and host offer.
var xparts = sync.OnceValue(func() (p struct {
	mask uint64
	end  [64]int
}) {
	p.mask = xgetbv()
	p.end[0], p.end[1] = xstateHeader, xstateHeader
	for i := 2; i < 63; i++ {
		if p.mask>>i&1 != 0 {
			size, offset, _, _ := cpuid(0xd, uint32(i))
			p.end[i] = int(offset + size)
		}
	}
	return p
})

// XStateMask is the set of components that the host has enabled (XCR0).
func XStateMask() uint64 { return xparts().mask }

// XStateSize is the size in bytes of the components in the set.
func XStateSize(set uint64) int {
	p := xparts()
	size := xstateHeader
	for i, end := range p.end {
		if set&p.mask>>i&1 != 0 {
			size = max(size, end)
		}
	}
	return min(size, FPSize)
}

// DefaultXState is the set of components that every program may use.
func DefaultXState() uint64 { return xparts().mask &^ tileData }

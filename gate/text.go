package gate

import "unsafe"

// text returns the addresses of the gate's code in our own text.
func text() (begin, end, start, handler, restorer, entry, entry32, site32 unsafe.Pointer)

// hostCalls returns the addresses of hostCall and hostCall32.
func hostCalls() (call, call32 unsafe.Pointer)

// cpu returns the CPU and node on which the caller runs (the limit of the
// segment that Linux keeps for this, arch/x86/include/asm/segment.h).
func cpu() uint32

// pause tells the CPU that the caller spins.
func pause()

// cpuid and xgetbv are the instructions of these names.
func cpuid(leaf, sub uint32) (a, b, c, d uint32)
func xgetbv() uint64

// TSC reads the time stamp counter, after all loads before it.
func TSC() uint64

package kernel

import (
	"bytes"
	"debug/elf"
	"os/exec"
	"testing"

	"golang.org/x/arch/x86/x86asm"
)

// Nearly every call site of a real program can be moved, and what is taken for
// the instruction before it is one in the listing of its own function.
func TestInstructionBefore(t *testing.T) {
	exe, err := exec.LookPath("go") // a program with symbols that nobody here wrote
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	text := f.Section(".text")
	code, err := text.Data()
	if err != nil {
		t.Fatal(err)
	}
	sites := 0
	for _, s := range syms {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Value < text.Addr+48 || s.Value+s.Size > text.Addr+text.Size {
			continue
		}
		off := s.Value - text.Addr
		body := code[off : off+s.Size]
		if !bytes.Contains(body, []byte{0x0f, 0x05}) {
			continue
		}
		last := 0
		for at := 0; at < len(body); {
			in, err := x86asm.Decode(body[at:], 64)
			if err != nil {
				break
			}
			if in.Op == x86asm.SYSCALL && at > 0 {
				sites++
				end := int(off) + at
				if n := instructionBefore(code[end-48:end], 64); n != 0 && n != last {
					t.Errorf("%s+%#x: %d bytes, want %d", s.Name, at, n, last)
				}
			}
			last = in.Len
			at += in.Len
		}
	}
	if sites == 0 {
		t.Error("no call site found")
	}
}

func TestDistances(t *testing.T) {
	for _, c := range []struct {
		n      int
		lo, hi int64
	}{
		{7, -1 << 31, 1<<31 - 1},
		{5, -1 << 31, 1<<31 - 1},
		{4, 0x0f000000, 0x0fffffff},
		{3, 0x050f0000, 0x050fffff},
		{2, 0x48050f00, 0x48050fff},
	} {
		if lo, hi := distances(c.n, []byte{0x0f, 0x05, 0x48}); lo != c.lo || hi != c.hi {
			t.Errorf("%d bytes: %#x to %#x, want %#x to %#x", c.n, lo, hi, c.lo, c.hi)
		}
	}
}

// A distance that leads below all memory has no room for a trampoline, wherever
// the last one lies.
func TestTrampolineBelowMemory(t *testing.T) {
	s := &sites{areas: []area{{0x45310000, 0x45320000, 0x45310000}}}
	lo, hi := distances(2, []byte{0x0f, 0x05, 0xeb})
	if at, ok := (&Thread{}).trampoline(s, 0x41880f, lo, hi); ok {
		t.Errorf("trampoline at %#x for distances %#x to %#x", at, lo, hi)
	}
}

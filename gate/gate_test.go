package gate

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unsafe"

	"golang.org/x/arch/x86/x86asm"
)

// The handler tells by these lengths whether a host call was made.
func TestCallWindow(t *testing.T) {
	call, call32 := hostCalls()
	for _, c := range []struct {
		at   unsafe.Pointer
		len  int
		want []byte
	}{{call, 8, []byte{0x0f, 0x05}}, {call32, 9, []byte{0xcd, 0x80}}} {
		code := unsafe.Slice((*byte)(c.at), c.len)
		if got := code[c.len-2:]; !bytes.Equal(got, c.want) {
			t.Errorf("window ends in % x, want % x (code % x)", got, c.want, code)
		}
	}
}

// The block is copied: it may refer to nothing outside itself.
func TestBlockIsClosed(t *testing.T) {
	code := block()
	for off := 0; off < len(code); {
		in, err := x86asm.Decode(code[off:], 64)
		if err != nil || in.Len == 0 {
			off++ // an instruction that the disassembler does not know
			continue
		}
		off += in.Len
		for _, a := range in.Args {
			var to int
			switch a := a.(type) {
			case x86asm.Rel:
				to = off + int(a)
			case x86asm.Mem:
				if a.Base != x86asm.RIP {
					continue
				}
				to = off + int(int32(a.Disp))
			default:
				continue
			}
			if to < 0 || to > len(code) {
				t.Errorf("offset %#x: %v leaves the block", off-in.Len, in)
			}
		}
	}
}

func TestLayout(t *testing.T) {
	if s := unsafe.Sizeof(row{}); s != 32 {
		t.Errorf("a row has %d bytes, want 32", s)
	}
	if s := unsafe.Sizeof([NKnotes]Knote{}); s != SlotSize {
		t.Errorf("the table of Knotes has %d bytes, want %d", s, SlotSize)
	}
	if s := unsafe.Sizeof(Slot{}); s > fpOffset {
		t.Errorf("Slot has %d bytes, want at most %d", s, fpOffset)
	}
	if s := unsafe.Sizeof(Space{}); s > SlotSize {
		t.Errorf("Space has %d bytes, want at most %d", s, SlotSize)
	}
}

func TestEncode(t *testing.T) {
	tab := &Table{
		Calls:  []Call{{}, {Rule: Host, Host: 9, Guard: true, Args: []Arg{{Op: Pair32, From: 1}, {Op: Values, From: 0, Value: 0}}}},
		Flags:  []FlagMap{{{1, 2}}},
		Values: []ValueMap{{{3, 4}}},
		Errno:  []uint16{0, 1, 2},
	}
	data, err := tab.encode([]uint8{8, 9, 12}, false)
	if err != nil {
		t.Fatal(err)
	}
	out := (*table)(unsafe.Pointer(&data[0]))
	want := row{Rule: Host, Guard: 1, Host: 9, NArgs: 2}
	want.Args[0] = rowArg{Op: Pair32, Reg: 9, Value: 12}
	want.Args[1] = rowArg{Op: Values, Reg: 8, Value: 1}
	if out.Rows[1] != want || out.Carry != 1 || out.Count != 2 {
		t.Errorf("row %+v, want %+v", out.Rows[1], want)
	}
	if v := binary.LittleEndian.Uint32(data[out.Maps[1].First*8:]); v != 3 {
		t.Errorf("value map starts with %d, want 3", v)
	}
	if _, err := (&Table{Calls: []Call{{Args: []Arg{{From: 5}}}}}).encode([]uint8{8}, false); err == nil {
		t.Error("an argument in no register is accepted")
	}
}

func TestSpacePath(t *testing.T) {
	if got, want := SpacePath("/p", 5)[56:], "//"+"/."+"//"+"/."+"/p"; got != want {
		t.Errorf("path ends in %q, want %q", got, want)
	}
}

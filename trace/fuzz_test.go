package trace

import (
	"encoding/binary"
	"errors"
	"testing"

	"trapgate/desc"
	darwin "trapgate/guest/darwin/abi"
	freebsd "trapgate/guest/freebsd/abi"
	linux "trapgate/guest/linux/abi"
	openbsd "trapgate/guest/openbsd/abi"
)

// noise is memory that is everywhere, repeats, and has holes.
type noise struct {
	b     []byte
	total *int // bytes asked for
}

func (n noise) ReadAt(addr uint64, b []byte) (int, error) {
	*n.total += len(b)
	if len(n.b) == 0 || addr>>12&7 == 7 {
		return 0, errors.New("hole")
	}
	for i := range b {
		b[i] = n.b[(addr+uint64(i))%uint64(len(n.b))]
	}
	return len(b), nil
}

var everySystem = []*desc.System{linux.AMD64, linux.I386, freebsd.AMD64, linux.ARM64, openbsd.AMD64, darwin.AMD64, darwin.ARM64}

// FuzzDecode decodes every call of every system on random arguments and memory:
// it must not panic, and what it reads and writes must stay bounded.
func FuzzDecode(f *testing.F) {
	f.Add(uint16(0), uint8(0), uint64(3), []byte("abc\x00"), []byte{1, 2, 3})
	f.Add(uint16(46), uint8(0), ^uint64(0), []byte{}, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add(uint16(202), uint8(2), uint64(0), []byte{8, 0, 0, 0, 0, 0, 0, 0}, []byte{0x10})
	f.Fuzz(func(t *testing.T, number uint16, sys uint8, result uint64, memory, argBytes []byte) {
		d := &Decoder{Sys: everySystem[int(sys)%len(everySystem)], Verbose: sys >= 128}
		total := 0
		decode(t, d, int(number)%(len(d.Sys.Calls)+1), result, noise{memory, &total}, argBytes)
		if total > 4<<20 {
			t.Errorf("call %d read %d bytes", number, total)
		}
	})
}

func decode(t *testing.T, d *Decoder, number int, result uint64, m noise, argBytes []byte) {
	var args Args
	for i := range args {
		var b [8]byte
		copy(b[:], argBytes[min(i*8, len(argBytes)):])
		args[i] = binary.LittleEndian.Uint64(b[:])
	}
	if d.Sys.Sorted && number < len(d.Sys.Calls) {
		number = d.Sys.Calls[number].Number
	}
	p := d.Enter(number, &args, m)
	start := p.Start()
	line := p.Exit(Result{Value: result}, m)
	failed := p.Exit(Result{Errno: int(result % 600)}, m)
	if n := len(start) + len(line) + len(failed); n > 16<<20 {
		t.Errorf("call %d printed %d bytes", number, n)
	}
}

// TestEveryCall decodes each call with pointers into the same few bytes.
func TestEveryCall(t *testing.T) {
	for _, sys := range everySystem {
		for _, word := range []byte{0, 1, 7, 0x80, 0xff} {
			args := make([]byte, 64)
			for i := range args {
				args[i] = word
			}
			for n := range len(sys.Calls) + 1 {
				total := 0
				d := &Decoder{Sys: sys, Elems: 100, Strings: 1000}
				decode(t, d, n, uint64(word), noise{[]byte{word, 0, 1, 0, 0, 0, 0, 0}, &total}, args)
				if total > 4<<20 {
					t.Errorf("%s %s call %d read %d bytes", sys.Name, sys.CPU, n, total)
				}
			}
		}
	}
}

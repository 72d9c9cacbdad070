package image

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

// counter is a reader that counts, so that a header cannot make Load read much.
type counter struct {
	io.ReaderAt
	n int
}

func (c *counter) ReadAt(b []byte, off int64) (int, error) {
	c.n += len(b)
	return c.ReaderAt.ReadAt(b, off)
}

func FuzzLoad(f *testing.F) {
	dyn := good()
	dyn.kind = etDyn
	dyn.addInterp("/lib64/ld.so\x00")
	bsd := good()
	bsd.addNote("FreeBSD", 1, 1203000)
	for _, e := range []*elf{good(), good32(), dyn, bsd, good().with(func(e *elf) { e.data = 2 })} {
		f.Add(e.bytes())
	}
	f.Add(pe(0x8664, 0x22, 0x20b, 3))
	f.Add(append(words(binary.LittleEndian, machThin64, 0x0100000c, 0, 2, 1, 32, 0, 0), make([]byte, 64)...))
	f.Add(words(binary.BigEndian, machFat32, 1, 7, 3, 28, 0, 0))
	f.Add([]byte("hello\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &counter{ReaderAt: bytes.NewReader(b)}
		m, err := Load(c, int64(len(b)))
		if c.n > headSize+maxHeaders+maxInterp+maxNotes*maxNote {
			t.Errorf("read %d bytes", c.n)
		}
		if err != nil {
			var format *ErrFormat
			if !errors.As(err, &format) || m != nil {
				t.Fatalf("%v with %+v", err, m)
			}
			return
		}
		checkSane(t, m, uint64(len(b)))
	})
}

// checkSane is what the package promises about an image.
func checkSane(t *testing.T, m *Image, size uint64) {
	if m.System == "" || m.CPU == "" {
		t.Errorf("no name: %+v", m)
	}
	end := uint64(0)
	for _, s := range m.Segments {
		switch {
		case s.Memsz == 0 || s.Filesz > s.Memsz, s.Vaddr < end, s.End() < s.Vaddr, s.End() > 1<<47:
			t.Errorf("memory of %+v in %+v", s, m)
		case s.Offset > size && s.Filesz > 0, s.Filesz > size-min(s.Offset, size):
			t.Errorf("file of %+v in %+v", s, m)
		case s.Align == 0 || s.Align&(s.Align-1) != 0, s.Prot&^7 != 0:
			t.Errorf("segment %+v", s)
		}
		end = s.End()
	}
	if len(m.Segments) > 0 && !m.holds(m.Entry, 1) {
		t.Errorf("entry of %+v", m)
	}
	if m.Phdr != 0 && !m.holds(m.Phdr, uint64(m.Phnum)*uint64(m.Phentsize)) {
		t.Errorf("program headers of %+v", m)
	}
}

func FuzzScript(f *testing.F) {
	f.Add([]byte("#!/bin/sh -e\n"))
	f.Add([]byte("#! \t/usr/bin/env a b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		interp, arg, ok := Script(b)
		if ok != (interp != "") || !ok && arg != "" || len(interp)+len(arg) > 253 {
			t.Errorf("Script(%q) = %q, %q, %v", b, interp, arg, ok)
		}
		if bytes.ContainsAny([]byte(interp), " \t\n\x00") || bytes.ContainsAny([]byte(arg), "\n\x00") {
			t.Errorf("Script(%q) = %q, %q", b, interp, arg)
		}
	})
}

package image

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Type says whether an image has its addresses fixed.
type Type uint8

const (
	Exec Type = iota // linked at fixed addresses
	Dyn              // position independent: addresses are relative to a base
)

// Memory protection, with the values that PROT_* has on every system we serve.
const (
	Read    = 1
	Write   = 2
	Execute = 4
)

// Segment is one range of memory to fill from the file.
//
// Vaddr+Memsz does not wrap, Offset+Filesz lies in the file, Filesz <= Memsz,
// and where Filesz > 0 Vaddr and Offset agree modulo the page of 4096 bytes.
// Segments are sorted by address and share no byte; two may share a page.
type Segment struct {
	Vaddr  uint64
	Memsz  uint64
	Filesz uint64
	Offset uint64
	Prot   int    // Read | Write | Execute
	Align  uint64 // a power of two, at least 1
}

// End is the first address behind the segment.
func (s Segment) End() uint64 { return s.Vaddr + s.Memsz }

// Image is what the headers of an executable say.
type Image struct {
	// System is the system that the program is for, as Go spells it: "linux",
	// "freebsd", "openbsd", "netbsd", "dragonfly", "solaris", "darwin",
	// "windows"; or "efi", "dos", "hurd", "unknown: OSABI 13".
	System string
	// CPU is the processor as Go spells it: "386", "amd64", "arm64", "riscv64";
	// or "x32", "ELF machine 999".
	CPU  string
	Type Type

	Entry    uint64
	Segments []Segment // only for ELF
	Interp   string    // path of the dynamic linker (PT_INTERP), or ""

	// Phdr is the address of the program headers in memory, 0 if no segment
	// holds them.
	Phdr      uint64
	Phnum     uint16
	Phentsize uint16

	// Stack is the protection that PT_GNU_STACK asks for, -1 without that header.
	Stack int

	// ABI is the version in the system's own note: 1203000 for FreeBSD 12.3, 0
	// where there is none.
	ABI uint32
	// Features is FreeBSD's NT_FREEBSD_FEATURE_CTL: bit 0 asks for no ASLR.
	Features uint32

	// CPUs lists the processors of a universal Mach-O file in file order;
	// CPU is the first of them. Nil for any other file.
	CPUs []string
}

// ErrFormat says in words why a file cannot be loaded.
type ErrFormat struct {
	What string // "truncated ELF: ...", "not an executable: text file"
}

func (e *ErrFormat) Error() string { return e.What }

func bad(format string, args ...any) error {
	return &ErrFormat{What: fmt.Sprintf(format, args...)}
}

// headSize is how much of a file Load reads to recognise it.
const headSize = 4096

// Load reads the headers of the executable r, which is size bytes long. An
// *ErrFormat tells what is wrong with the file; any other error is r's own.
func Load(r io.ReaderAt, size int64) (*Image, error) {
	f := file{r, max(size, 0)}
	head, err := f.read(0, min(headSize, uint64(f.size)))
	if err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return loadELF(f, head)
	case isMachO(head):
		return loadMachO(f, head)
	case bytes.HasPrefix(head, []byte("MZ")):
		return loadPE(f, head)
	}
	return nil, bad("not an executable: %s", guess(head))
}

// magics are files that people try to run by mistake.
var magics = []struct{ magic, name string }{
	{"#!", "script"},
	{"!<arch>\n", "archive of object files"},
	{"\x00asm", "WebAssembly module"},
	{"\xca\xfe\xba\xbe", "Java class"},
	{"\x1f\x8b", "gzip data"},
	{"PK\x03\x04", "zip archive"},
	{"BC\xc0\xde", "LLVM bitcode"},
	{"\xeb\x9f", "BPF type data"},
	{"\x01\x00\x00\x00go object", "Go object file"},
	{"go object ", "Go object file"},
}

func guess(head []byte) string {
	if len(head) == 0 {
		return "empty file"
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.name
		}
	}
	if isText(head) {
		return "text file"
	}
	return fmt.Sprintf("unknown format, it starts with % x", head[:min(4, len(head))])
}

// isText forgives the last three bytes: the head may end within a character.
func isText(head []byte) bool {
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	for cut := 0; cut <= 3 && cut < len(head); cut++ {
		if utf8.Valid(head[:len(head)-cut]) {
			return true
		}
	}
	return false
}

// file is a reader that knows its size, so that no header can ask for more.
type file struct {
	r    io.ReaderAt
	size int64
}

// has tells whether n bytes at off lie in the file.
func (f file) has(off, n uint64) bool {
	return off <= uint64(f.size) && n <= uint64(f.size)-off
}

// read returns n bytes at off, which the caller has bounded.
func (f file) read(off, n uint64) ([]byte, error) {
	if !f.has(off, n) {
		return nil, bad("truncated file: %d bytes at offset %d, the file has %d", n, off, f.size)
	}
	b := make([]byte, n)
	if got, err := f.r.ReadAt(b, int64(off)); got < len(b) {
		if errors.Is(err, io.EOF) {
			return nil, bad("truncated file: it ends at %d bytes", off+uint64(got))
		}
		return nil, fmt.Errorf("image: read %d bytes at offset %d: %w", n, off, err)
	}
	return b, nil
}

// fields reads numbers one after the other from a header. The caller has
// checked that the header is long enough.
type fields struct {
	b     []byte
	order binary.ByteOrder
	wide  bool // addresses and sizes have 64 bits
}

func (f *fields) u16() uint16 {
	v := f.order.Uint16(f.b)
	f.b = f.b[2:]
	return v
}

func (f *fields) u32() uint32 {
	v := f.order.Uint32(f.b)
	f.b = f.b[4:]
	return v
}

func (f *fields) addr() uint64 {
	if !f.wide {
		return uint64(f.u32())
	}
	v := f.order.Uint64(f.b)
	f.b = f.b[8:]
	return v
}

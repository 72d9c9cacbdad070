package image

import (
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestLoadELF(t *testing.T) {
	got, err := load(good().bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := &Image{
		System: "linux", CPU: "amd64", Entry: 0x400200,
		Segments: []Segment{
			{Vaddr: 0x400000, Memsz: 0x400, Filesz: 0x400, Prot: Read | Execute, Align: 0x1000},
			{Vaddr: 0x402400, Memsz: 0x5000, Filesz: 0x300, Offset: 0x400, Prot: Read | Write, Align: 0x1000},
		},
		Phdr: 0x400040, Phnum: 3, Phentsize: 56, Stack: Read | Write,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoadELF32(t *testing.T) {
	got, err := load(good32().bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got.CPU != "386" || got.Phdr != 0x400034 || got.Phentsize != 32 || got.Segments[1].Prot != Read|Write {
		t.Errorf("got %+v", got)
	}
}

func TestLoadDynamic(t *testing.T) {
	e := good()
	e.kind, e.entry = etDyn, 0x200
	e.progs[0].vaddr, e.progs[1].vaddr = 0, 0x2400
	e.addInterp("/lib64/ld.so\x00")
	got, err := load(e.bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got.Type != Dyn || got.Interp != "/lib64/ld.so" || got.Phdr != 0x40 {
		t.Errorf("got %+v", got)
	}
}

// TestSegmentOrder: Linux takes segments in any order, so do we.
func TestSegmentOrder(t *testing.T) {
	e := good()
	e.progs[0], e.progs[1] = e.progs[1], e.progs[0]
	got, err := load(e.bytes())
	if err != nil || got.Segments[0].Vaddr != 0x400000 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestHeadersInMemory(t *testing.T) {
	e := good()
	e.progs[0].offset, e.progs[0].vaddr, e.progs[0].filesz = 0x200, 0x400200, 0x200
	if got, err := load(e.bytes()); err != nil || got.Phdr != 0 {
		t.Errorf("headers in no segment: %+v, %v", got, err)
	}
	e.progs = append(e.progs, prog{ptPhdr, 4, 0x500, 0x402500, 224, 224, 8})
	if got, err := load(e.bytes()); err != nil || got.Phdr != 0x402500 {
		t.Errorf("PT_PHDR: %+v, %v", got, err)
	}
	e.progs[3].vaddr = 0x900000
	if got, err := load(e.bytes()); err != nil || got.Phdr != 0 {
		t.Errorf("PT_PHDR outside: %+v, %v", got, err)
	}
}

func TestSystem(t *testing.T) {
	tests := []struct {
		name   string
		change func(*elf)
		system string
		abi    uint32
	}{
		{"System V", func(e *elf) {}, "linux", 0},
		{"GNU", func(e *elf) { e.osabi = 3 }, "linux", 0},
		{"GNU note", func(e *elf) { e.addNote("GNU", 1, 0, 3, 2, 0) }, "linux", 0},
		{"Hurd", func(e *elf) { e.addNote("GNU", 1, 1, 0, 0, 0) }, "hurd", 0},
		{"build id is no system", func(e *elf) { e.addNote("GNU", 3, 1) }, "linux", 0},
		{"Go build id", func(e *elf) { e.addNote("Go", 4, 1) }, "linux", 0},
		{"FreeBSD OSABI", func(e *elf) { e.osabi = 9 }, "freebsd", 0},
		{"FreeBSD note", func(e *elf) { e.addNote("FreeBSD", 1, 1203000) }, "freebsd", 1203000},
		{"FreeBSD type 4 alone", func(e *elf) { e.addNote("FreeBSD", 4, 1) }, "linux", 0},
		{"FreeBSD linker", func(e *elf) { e.addInterp("/libexec/ld-elf.so.1\x00") }, "freebsd", 0},
		{"OpenBSD", func(e *elf) { e.addNote("OpenBSD", 1, 0) }, "openbsd", 0},
		{"OpenBSD OSABI", func(e *elf) { e.osabi = 12 }, "openbsd", 0},
		{"NetBSD", func(e *elf) { e.addNote("NetBSD", 1, 700000000) }, "netbsd", 700000000},
		{"note wins", func(e *elf) { e.osabi = 9; e.addNote("NetBSD", 1, 7) }, "netbsd", 7},
		{"unknown", func(e *elf) { e.osabi = 13 }, "unknown: OSABI 13", 0},
	}
	for _, tt := range tests {
		got, err := load(good().with(tt.change).bytes())
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if got.System != tt.system || got.ABI != tt.abi {
			t.Errorf("%s: got %q %d, want %q %d", tt.name, got.System, got.ABI, tt.system, tt.abi)
		}
	}
}

func TestFeatures(t *testing.T) {
	e := good()
	e.addNote("FreeBSD", 1, 1400000)
	e.addNote("FreeBSD", 4, 1)
	if got, err := load(e.bytes()); err != nil || got.Features != 1 || got.ABI != 1400000 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCPU(t *testing.T) {
	tests := []struct {
		class, data uint8
		machine     uint16
		want        string
	}{
		{2, 1, 62, "amd64"}, {1, 1, 62, "x32"}, {1, 1, 3, "386"}, {2, 1, 183, "arm64"}, {1, 1, 40, "arm"},
		{2, 1, 243, "riscv64"}, {2, 2, 22, "s390x"}, {2, 2, 21, "ppc64"}, {2, 1, 21, "ppc64le"},
		{1, 2, 8, "mips"}, {2, 1, 258, "loong64"}, {2, 1, 999, "ELF machine 999"}, {2, 2, 62, "ELF machine 62"},
	}
	for _, tt := range tests {
		e := good()
		e.class, e.data, e.machine = tt.class, tt.data, tt.machine
		if got, err := load(e.bytes()); err != nil || got.CPU != tt.want {
			t.Errorf("machine %d: got %+v, %v; want %s", tt.machine, got, err, tt.want)
		}
	}
}

func TestHostileELF(t *testing.T) {
	p0 := func(change func(*prog)) func(*elf) { return func(e *elf) { change(&e.progs[0]) } }
	tests := []struct {
		name   string
		change func(*elf)
		want   string
	}{
		{"header cut", func(e *elf) { e.size = 40 }, "truncated ELF: 40 bytes"},
		{"ident cut", func(e *elf) { e.size = 9 }, "truncated ELF"},
		{"headers cut", func(e *elf) { e.size = 100 }, "truncated ELF: program headers"},
		{"segment cut", func(e *elf) { e.size = 0x500 }, "truncated ELF: segment 1 is 768 bytes at offset 1024, the file has 1280"},
		{"class", func(e *elf) { e.class = 3 }, "class 3"},
		{"byte order", func(e *elf) { e.data = 0 }, "byte order 0"},
		{"object", func(e *elf) { e.kind = etRel; e.machine = 243 }, "ELF object file for riscv64"},
		{"core", func(e *elf) { e.kind = etCore }, "core dump"},
		{"type", func(e *elf) { e.kind = 77 }, "type 77"},
		{"no headers", func(e *elf) { e.progs = nil }, "no program headers"},
		{"phnum", func(e *elf) { e.phnum = 0xffff }, "65535 program headers"},
		{"phentsize", func(e *elf) { e.phentsize = 8 }, "program headers of 8 bytes"},
		{"phoff wraps", func(e *elf) { e.phoff = ^uint64(0) - 8 }, "program headers at offset"},
		{"no load", func(e *elf) { e.progs = e.progs[2:] }, "nothing to load"},
		{"filesz", p0(func(p *prog) { p.memsz = 0x100 }), "1024 bytes in the file, 256 in memory"},
		{"offset", p0(func(p *prog) { p.offset = 1 << 40 }), "truncated ELF: segment 0"},
		{"offset wraps", p0(func(p *prog) { p.offset = ^uint64(0) - 0xfff }), "truncated ELF: segment 0"},
		{"memsz wraps", p0(func(p *prog) { p.memsz = ^uint64(0) }), "leaves the address space"},
		{"vaddr", p0(func(p *prog) { p.vaddr = 1 << 47 }), "leaves the address space"},
		{"align 3", p0(func(p *prog) { p.align = 3 }), "alignment 0x3"},
		{"align huge", p0(func(p *prog) { p.align = 1 << 62 }), "alignment 0x4000000000000000"},
		{"page offset", p0(func(p *prog) { p.vaddr += 8 }), "differ within the page"},
		{"overlap", p0(func(p *prog) { p.memsz = 0x2401 }), "segments at 0x400000 and 0x402400 overlap"},
		{"entry", func(e *elf) { e.entry = 0x500000 }, "entry point 0x500000 is in no segment"},
		{"library", func(e *elf) { e.kind, e.entry = etDyn, 0 }, "ELF shared library for amd64"},
		{"interpreter open", func(e *elf) { e.addInterp("/lib/ld.so") }, "interpreter path"},
		{"interpreter empty", func(e *elf) { e.addInterp("\x00\x00") }, "interpreter path"},
		{"interpreter long", func(e *elf) { e.addInterp("/\x00"); e.progs[3].filesz = 5000 }, "interpreter path of 5000 bytes"},
		{"interpreter outside", func(e *elf) { e.addInterp("/\x00"); e.progs[3].offset = 1 << 33 }, "truncated ELF: interpreter"},
		{"note outside", func(e *elf) { e.addNote("GNU", 1, 0); e.progs[3].offset = 1 << 33 }, "truncated ELF: note"},
	}
	for _, tt := range tests {
		b := good().with(tt.change).bytes()
		checkRefused(t, tt.name, b, tt.want)
	}
	checkRefused(t, "32-bit wrap", good32().with(p0(func(p *prog) {
		p.vaddr, p.memsz = 0xfffff000, 0x1800
	})).bytes(), "leaves the address space")
}

func checkRefused(t *testing.T, name string, b []byte, want string) {
	t.Helper()
	m, err := load(b)
	var format *ErrFormat
	if !errors.As(err, &format) || !strings.Contains(err.Error(), want) || m != nil {
		t.Errorf("%s: got %v, want %q", name, err, want)
	}
}

// TestDamagedNote: a note that lies about its size is a hint lost, no error.
func TestDamagedNote(t *testing.T) {
	e := good()
	e.addNote("FreeBSD", 1, 1)
	e.blobs[0x200][0] = 0xff
	if got, err := load(e.bytes()); err != nil || got.System != "linux" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNotExecutable(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"empty", "", "empty file"},
		{"text", "hello\n", "text file"},
		{"latin", strings.Repeat("ä", 2047) + " ä", "text file"},
		{"script", "#!/bin/sh\n", "script"},
		{"archive", "!<arch>\n...", "archive"},
		{"wasm", "\x00asm\x01", "WebAssembly"},
		{"java", "\xca\xfe\xba\xbe\x00\x00\x00\x34xxxxxxxx", "Java class"},
		{"other", "\x00\x01\x02\x03\x04", "it starts with 00 01 02 03"},
	}
	for _, tt := range tests {
		checkRefused(t, tt.name, []byte(tt.file), "not an executable: ")
		checkRefused(t, tt.name, []byte(tt.file), tt.want)
	}
}

func TestMachO(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	thin := func(magic, cpu, kind, size uint32) []byte {
		return append(words(le, magic, cpu, 0, kind, 1, size, 0, 0), make([]byte, 64)...)
	}
	fat := append(words(be, machFat32, 2, 0x01000007, 3, 48, 8, 0, 0x0100000c, 0, 56, 8, 0), make([]byte, 16)...)
	tests := []struct {
		name string
		file []byte
		want string // CPU, or the error
	}{
		{"arm64", thin(machThin64, 0x0100000c, 2, 32), "arm64"},
		{"amd64", thin(machThin64, 0x01000007, 2, 32), "amd64"},
		{"386", thin(machThin32, 7, 2, 32), "386"},
		{"ppc", append(words(be, machThin32, 18, 0, 2, 1, 4), make([]byte, 64)...), "ppc"},
		{"fat", fat, "amd64"},
		{"other", thin(machThin64, 99, 2, 32), "Mach-O CPU 0x63"},
		{"dylib", thin(machThin64, 7, 6, 32), "library (dylib) for 386"},
		{"type", thin(machThin64, 7, 60, 32), "type 60"},
		{"cut", thin(machThin64, 7, 2, 32)[:20], "truncated Mach-O"},
		{"commands", thin(machThin64, 7, 2, 1<<31), "truncated Mach-O: load commands"},
		{"fat cut", fat[:40], "truncated Mach-O: a universal file of 2 parts"},
		{"fat parts", fat[:50], "truncated Mach-O: the part for amd64"},
		{"fat empty", words(be, machFat32, 0, 0), "nothing inside"},
	}
	for _, tt := range tests {
		m, err := load(tt.file)
		if err != nil {
			checkRefused(t, tt.name, tt.file, tt.want)
		} else if m.System != "darwin" || m.CPU != tt.want {
			t.Errorf("%s: got %+v", tt.name, m)
		}
	}
	if m, err := load(fat); err != nil || !reflect.DeepEqual(m.CPUs, []string{"amd64", "arm64"}) {
		t.Errorf("fat: got %+v, %v", m, err)
	}
}

func TestPE(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want string // system and CPU, or the error
	}{
		{"console", pe(0x8664, 0x22, 0x20b, 3), "windows amd64"},
		{"window", pe(0x14c, 0x102, 0x10b, 2), "windows 386"},
		{"arm", pe(0xaa64, 0x22, 0x20b, 3), "windows arm64"},
		{"efi", pe(0x8664, 0x22, 0x20b, 10), "efi amd64"},
		{"driver", pe(0x8664, 0x22, 0x20b, 1), "windows kernel amd64"},
		{"machine", pe(1, 0x22, 0x20b, 99), "unknown: PE subsystem 99 PE machine 0x1"},
		{"dos", append([]byte("MZ"), make([]byte, 200)...), "dos 386"},
		{"library", pe(0x8664, 0x2022, 0x20b, 3), "PE library (DLL) for amd64"},
		{"object", pe(0x8664, 0x20, 0x20b, 3), "PE object file"},
		{"magic", pe(0x8664, 0x22, 0x30b, 3), "optional header 0x30b"},
		{"short", []byte("MZ12345678"), "truncated program for DOS or Windows"},
		{"cut", pe(0x8664, 0x22, 0x20b, 3)[:200], "truncated PE"},
	}
	for _, tt := range tests {
		m, err := load(tt.file)
		if err != nil {
			checkRefused(t, tt.name, tt.file, tt.want)
		} else if m.System+" "+m.CPU != tt.want {
			t.Errorf("%s: got %+v", tt.name, m)
		}
	}
}

// broken fails as a disk does.
type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestReaderFails(t *testing.T) {
	_, err := Load(broken{}, 1000)
	var format *ErrFormat
	if !errors.Is(err, io.ErrClosedPipe) || errors.As(err, &format) {
		t.Errorf("got %v", err)
	}
}

// TestFileShrinks: the size was true when the caller asked for it.
func TestFileShrinks(t *testing.T) {
	_, err := Load(strings.NewReader("\x7fELF"), 1000)
	if err == nil || !strings.Contains(err.Error(), "it ends at 4 bytes") {
		t.Errorf("got %v", err)
	}
}

package image

import (
	"encoding/binary"
	"slices"
)

const (
	machThin32 = 0xfeedface
	machThin64 = 0xfeedfacf
	machFat32  = 0xcafebabe
	machFat64  = 0xcafebabf

	// A Java class has the magic of a universal file, followed by its
	// version, which was never below 45; no universal file has as many CPUs.
	maxFat = 40
)

func isMachO(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	switch binary.BigEndian.Uint32(head) {
	case machFat32, machFat64:
		return binary.BigEndian.Uint32(head[4:]) < maxFat
	case machThin32, machThin64:
		return true
	}
	magic := binary.LittleEndian.Uint32(head)
	return magic == machThin32 || magic == machThin64
}

func loadMachO(f file, head []byte) (*Image, error) {
	if magic := binary.BigEndian.Uint32(head); magic == machFat32 || magic == machFat64 {
		return loadFat(f, head, magic == machFat64)
	}
	return loadThin(f, head)
}

// machKinds names the filetype of what cannot be started (mach-o/loader.h).
var machKinds = map[uint32]string{
	1: "object file, not linked yet", 3: "fixed library", 4: "core dump", 6: "library (dylib)",
	7: "dynamic linker", 8: "bundle", 10: "debug file (dSYM)", 11: "kernel extension",
}

func loadThin(f file, head []byte) (*Image, error) {
	const headerSize = 28
	if len(head) < headerSize {
		return nil, bad("truncated Mach-O: %d bytes, the header alone has %d", len(head), headerSize)
	}
	r := fields{b: head, order: binary.LittleEndian}
	if head[0] == 0xfe {
		r.order = binary.BigEndian
	}
	r.u32() // magic
	cpu := machCPU(r.u32())
	r.u32() // subtype
	kind := r.u32()
	r.u32() // ncmds
	commands := uint64(r.u32())
	if what, ok := machKinds[kind]; ok {
		return nil, bad("not an executable: Mach-O %s for %s", what, cpu)
	}
	if kind != 2 { // MH_EXECUTE
		return nil, bad("damaged Mach-O: type %d", kind)
	}
	if !f.has(headerSize, commands) {
		return nil, bad("truncated Mach-O: load commands of %d bytes, the file has %d", commands, f.size)
	}
	return &Image{System: "darwin", CPU: cpu, Stack: -1}, nil
}

// loadFat lists the CPUs of a universal file; what is inside is not looked at.
func loadFat(f file, head []byte, wide bool) (*Image, error) {
	r := fields{b: head[4:], order: binary.BigEndian, wide: wide}
	n, entry := int(r.u32()), 20
	if wide {
		entry = 32
	}
	if n == 0 {
		return nil, bad("damaged Mach-O: a universal file with nothing inside")
	}
	if len(r.b) < n*entry {
		return nil, bad("truncated Mach-O: a universal file of %d parts in %d bytes", n, f.size)
	}
	m := &Image{System: "darwin", Stack: -1}
	for i := range n {
		a := fields{b: r.b[i*entry:], order: binary.BigEndian, wide: wide}
		cpu := machCPU(a.u32())
		a.u32() // subtype
		off, size := a.addr(), a.addr()
		if !f.has(off, size) {
			return nil, bad("truncated Mach-O: the part for %s is %d bytes at offset %d, the file has %d", cpu, size, off, f.size)
		}
		if !slices.Contains(m.CPUs, cpu) {
			m.CPUs = append(m.CPUs, cpu)
		}
	}
	m.CPU = m.CPUs[0]
	return m, nil
}

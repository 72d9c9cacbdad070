package image

import (
	"bytes"
	"encoding/binary"
)

// elf is a small ELF file to be built, and to be damaged: each test changes
// one field of a good one.
type elf struct {
	class, data, osabi uint8
	kind, machine      uint16
	entry              uint64
	phoff              uint64 // 0: behind the header
	phentsize          uint16 // 0: the right one
	phnum              int    // 0: as many as there are
	progs              []prog
	size               int // the file is cut or filled to this size
	blobs              map[uint64][]byte
}

type prog struct {
	kind, flags                         uint32
	offset, vaddr, filesz, memsz, align uint64
}

// good is a program of a text and a data segment.
func good() *elf {
	return &elf{
		class: 2, data: 1, kind: etExec, machine: 62, entry: 0x400200, size: 0x800,
		progs: []prog{
			{ptLoad, 5, 0, 0x400000, 0x400, 0x400, 0x1000},
			{ptLoad, 6, 0x400, 0x402400, 0x300, 0x5000, 0x1000},
			{ptGNUStack, 6, 0, 0, 0, 0, 16},
		},
	}
}

func good32() *elf {
	e := good()
	e.class, e.machine = 1, 3
	return e
}

func (e *elf) with(change func(*elf)) *elf {
	change(e)
	return e
}

func (e *elf) bytes() []byte {
	var order binary.AppendByteOrder = binary.LittleEndian
	if e.data == 2 {
		order = binary.BigEndian
	}
	b := append([]byte("\x7fELF"), e.class, e.data, 1, e.osabi)
	b = append(b, make([]byte, 8)...)
	u16 := func(v uint16) { b = order.AppendUint16(b, v) }
	u32 := func(v uint32) { b = order.AppendUint32(b, v) }
	addr := func(v uint64) {
		if e.class == 2 {
			b = order.AppendUint64(b, v)
		} else {
			u32(uint32(v))
		}
	}
	head, ph := uint64(64), uint16(56)
	if e.class == 1 {
		head, ph = 52, 32
	}
	phoff, phentsize, phnum := e.phoff, e.phentsize, e.phnum
	if phoff == 0 {
		phoff = head
	}
	if phentsize == 0 {
		phentsize = ph
	}
	if phnum == 0 {
		phnum = len(e.progs)
	}
	u16(e.kind)
	u16(e.machine)
	u32(1)
	addr(e.entry)
	addr(phoff)
	addr(0)
	u32(0)
	u16(uint16(head))
	u16(phentsize)
	u16(uint16(phnum))
	b = append(b, make([]byte, int(head)-len(b))...)
	for _, p := range e.progs {
		u32(p.kind)
		if e.class == 2 {
			u32(p.flags)
		}
		addr(p.offset)
		addr(p.vaddr)
		addr(p.vaddr)
		addr(p.filesz)
		addr(p.memsz)
		if e.class == 1 {
			u32(p.flags)
		}
		addr(p.align)
	}
	out := make([]byte, e.size)
	copy(out, b)
	for at, blob := range e.blobs {
		copy(out[at:], blob)
	}
	return out
}

// addNote puts a PT_NOTE with one note from offset 0x200 on.
func (e *elf) addNote(owner string, kind uint32, desc ...uint32) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(owner)+1))
	b = binary.LittleEndian.AppendUint32(b, uint32(4*len(desc)))
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = append(b, owner...)
	b = append(b, 0)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	for _, d := range desc {
		b = binary.LittleEndian.AppendUint32(b, d)
	}
	if e.blobs == nil {
		e.blobs = map[uint64][]byte{}
	}
	at := uint64(0x200 + 0x40*len(e.blobs))
	e.blobs[at] = b
	e.progs = append(e.progs, prog{ptNote, 4, at, 0x400000 + at, uint64(len(b)), uint64(len(b)), 4})
}

func (e *elf) addInterp(path string) {
	if e.blobs == nil {
		e.blobs = map[uint64][]byte{}
	}
	e.blobs[0x300] = []byte(path)
	e.progs = append(e.progs, prog{ptInterp, 4, 0x300, 0x400300, uint64(len(path)), uint64(len(path)), 1})
}

// pe is the head of a PE file.
func pe(machine, flags, magic, subsystem uint16) []byte {
	b := make([]byte, 256)
	copy(b, "MZ")
	le := binary.LittleEndian
	le.PutUint32(b[60:], 128)
	copy(b[128:], "PE\x00\x00")
	le.PutUint16(b[132:], machine)
	le.PutUint16(b[150:], flags)
	le.PutUint16(b[152:], magic)
	le.PutUint16(b[220:], subsystem)
	return b
}

// words puts 32-bit words one after the other.
func words(order binary.AppendByteOrder, ws ...uint32) []byte {
	var b []byte
	for _, w := range ws {
		b = order.AppendUint32(b, w)
	}
	return b
}

func load(b []byte) (*Image, error) { return Load(bytes.NewReader(b), int64(len(b))) }

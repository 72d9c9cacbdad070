package gate

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

// Entries are the addresses in the guest at which code enters the gate.
type Entries struct {
	Site   uint64 // from a patched site of 64-bit code
	Call32 uint64 // from a far call of 32-bit code
	Site32 uint64 // from a patched site of 32-bit code
	Lo, Hi uint64 // bounds of the text
}

// block returns the gate's code as it lies in our own text.
func block() []byte {
	begin, end, _, _, _, _, _, _ := text()
	return unsafe.Slice((*byte)(begin), uintptr(end)-uintptr(begin))
}

// EntryPoints returns where the gate's code lies in every guest.
func EntryPoints() Entries {
	begin, end, _, _, _, entry, entry32, site32 := text()
	at := func(p unsafe.Pointer) uint64 { return Base + uint64(uintptr(p)-uintptr(begin)) + headerSize }
	return Entries{Site: at(entry), Call32: at(entry32), Site32: at(site32), Lo: at(begin), Hi: at(end)}
}

// headerSize is what the ELF headers take at the start of the text segment.
const headerSize = 64 + 3*56

// Build makes the ELF file that a guest process of one system executes. regs
// says in which register (index into Regs) each call argument of that system is.
// With ask every call is handed over.
func Build(t *Table, regs []uint8, ask bool) ([]byte, error) {
	code := block()
	if headerSize+len(code) > TableBase-Base {
		return nil, fmt.Errorf("gate: text of %d bytes does not fit", len(code))
	}
	data, err := t.encode(regs, ask)
	if err != nil {
		return nil, err
	}
	const tableOffset = TableBase - Base
	file := make([]byte, tableOffset+len(data))
	e := EntryPoints()
	copy(file, elfHeader(e.Lo))
	copy(file[64:], programHeader(1, 5, 0, Base, uint64(headerSize+len(code))))
	copy(file[64+56:], programHeader(1, 4, tableOffset, TableBase, uint64(len(data))))
	copy(file[64+112:], programHeader(0x6474e551, 6, 0, 0, 0)) // PT_GNU_STACK, not executable
	copy(file[headerSize:], code)
	copy(file[tableOffset:], data)
	return file, nil
}

func elfHeader(entry uint64) []byte {
	le := binary.LittleEndian
	h := make([]byte, 64)
	copy(h, "\x7fELF\x02\x01\x01")
	le.PutUint16(h[16:], 2)  // ET_EXEC
	le.PutUint16(h[18:], 62) // EM_X86_64
	le.PutUint32(h[20:], 1)
	le.PutUint64(h[24:], entry)
	le.PutUint64(h[32:], 64) // e_phoff
	le.PutUint16(h[52:], 64)
	le.PutUint16(h[54:], 56)
	le.PutUint16(h[56:], 3) // e_phnum
	return h
}

func programHeader(typ, flags uint32, offset, vaddr, size uint64) []byte {
	le := binary.LittleEndian
	h := make([]byte, 56)
	le.PutUint32(h, typ)
	le.PutUint32(h[4:], flags)
	le.PutUint64(h[8:], offset)
	le.PutUint64(h[16:], vaddr)
	le.PutUint64(h[24:], vaddr)
	le.PutUint64(h[32:], size)
	le.PutUint64(h[40:], size)
	le.PutUint64(h[48:], 4096)
	return h
}

// encode lays the table out as finish reads it.
func (t *Table) encode(regs []uint8, ask bool) ([]byte, error) {
	if len(t.Calls) > maxRows || len(t.Flags)+len(t.Values) > maxMaps {
		return nil, fmt.Errorf("gate: %d calls and %d maps are too many", len(t.Calls), len(t.Flags)+len(t.Values))
	}
	var out table
	out.Count = uint32(len(t.Calls))
	if ask {
		out.Ask = 1
	}
	if t.Errno != nil {
		out.Carry = 1
		copy(out.Errno[:], t.Errno)
	}
	size := (unsafe.Sizeof(out) + 7) &^ 7
	data := make([]byte, size)
	for i, bits := range t.maps() {
		out.Maps[i] = mapRef{First: uint32(len(data) / 8), Count: uint32(len(bits))}
		for _, b := range bits {
			data = binary.LittleEndian.AppendUint32(data, b.Guest)
			data = binary.LittleEndian.AppendUint32(data, b.Host)
		}
	}
	for nr := range t.Calls {
		if err := out.Rows[nr].fill(&t.Calls[nr], regs, len(t.Flags)); err != nil {
			return nil, fmt.Errorf("gate: call %d: %w", nr, err)
		}
	}
	copy(data, unsafe.Slice((*byte)(unsafe.Pointer(&out)), unsafe.Sizeof(out)))
	return data, nil
}

// maps returns all maps as the gate numbers them: flag maps, then value maps.
func (t *Table) maps() [][]Bits {
	var all [][]Bits
	for _, m := range t.Flags {
		all = append(all, m)
	}
	for _, m := range t.Values {
		all = append(all, m)
	}
	return all
}

func (r *row) fill(c *Call, regs []uint8, values int) error {
	if len(c.Args) > len(r.Args) {
		return fmt.Errorf("%d arguments", len(c.Args))
	}
	r.Rule, r.Host, r.NArgs = c.Rule, c.Host, uint8(len(c.Args))
	if c.Guard {
		r.Guard = 1
	}
	for i, a := range c.Args {
		if int(a.From) >= len(regs) || a.Op == Pair32 && int(a.From)+1 >= len(regs) {
			return fmt.Errorf("argument %d is in no register", a.From)
		}
		ra := rowArg{Op: a.Op, Reg: regs[a.From], Value: a.Value}
		switch a.Op {
		case Pair32:
			ra.Value = uint16(regs[a.From+1])
		case Values:
			ra.Value += uint16(values)
		}
		r.Args[i] = ra
	}
	return nil
}

// Handler returns the addresses of the gate's signal handler and of the code
// that returns from it.
func Handler() (handler, restorer uint64) {
	begin, _, _, h, r, _, _, _ := text()
	at := func(p unsafe.Pointer) uint64 { return Base + uint64(uintptr(p)-uintptr(begin)) + headerSize }
	return at(h), at(r)
}

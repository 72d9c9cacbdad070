package image

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	etRel  = 1
	etExec = 2
	etDyn  = 3
	etCore = 4

	ptLoad     = 1
	ptInterp   = 3
	ptNote     = 4
	ptPhdr     = 6
	ptGNUStack = 0x6474e551

	page = 4096
	// maxHeaders is what Linux takes too: program headers of at most 64 KiB.
	maxHeaders = 65536
	maxInterp  = 4096 // PATH_MAX
	maxNotes   = 16
	maxNote    = 16384
	maxAlign   = 1 << 30 // the largest page there is
)

// elfHeader is Elf32_Ehdr and Elf64_Ehdr, what Load needs of them.
type elfHeader struct {
	order                    binary.ByteOrder
	wide                     bool
	osabi                    uint8
	kind, machine            uint16
	entry, phoff             uint64
	ehsize, phentsize, phnum uint16
}

// progHeader is Elf32_Phdr and Elf64_Phdr.
type progHeader struct {
	kind, flags                         uint32
	offset, vaddr, filesz, memsz, align uint64
}

func loadELF(f file, head []byte) (*Image, error) {
	h, err := readELFHeader(head)
	if err != nil {
		return nil, err
	}
	progs, err := readProgHeaders(f, h)
	if err != nil {
		return nil, err
	}
	m := &Image{CPU: h.cpu(), Entry: h.entry, Phnum: h.phnum, Phentsize: h.phentsize, Stack: -1}
	if h.kind == etDyn {
		m.Type = Dyn
	}
	if err := m.addSegments(f, h, progs); err != nil {
		return nil, err
	}
	notes, err := m.addRest(f, h, progs)
	if err != nil {
		return nil, err
	}
	m.Phdr = m.findHeaders(h, progs)
	m.System = m.system(h.osabi, notes)
	if err := m.checkEntry(); err != nil {
		return nil, err
	}
	return m, nil
}

func readELFHeader(head []byte) (elfHeader, error) {
	var h elfHeader
	if len(head) < 16 {
		return h, bad("truncated ELF: %d bytes, the header alone has 52", len(head))
	}
	switch head[4] {
	case 1:
	case 2:
		h.wide = true
	default:
		return h, bad("damaged ELF: class %d is neither 32 nor 64 bits", head[4])
	}
	switch head[5] {
	case 1:
		h.order = binary.LittleEndian
	case 2:
		h.order = binary.BigEndian
	default:
		return h, bad("damaged ELF: byte order %d", head[5])
	}
	if need := h.size(); len(head) < need {
		return h, bad("truncated ELF: %d bytes, the header alone has %d", len(head), need)
	}
	h.osabi = head[7]
	h.parse(head[16:])
	return h, h.check()
}

// size is the size of the header, and where its class is 64 bits also tells
// that of a program header.
func (h *elfHeader) size() int {
	if h.wide {
		return 64
	}
	return 52
}

func (h *elfHeader) progSize() uint16 {
	if h.wide {
		return 56
	}
	return 32
}

func (h *elfHeader) parse(b []byte) {
	r := fields{b, h.order, h.wide}
	h.kind, h.machine = r.u16(), r.u16()
	r.u32() // e_version
	h.entry, h.phoff = r.addr(), r.addr()
	r.addr() // e_shoff: sections are of no use to a loader
	r.u32()  // e_flags
	h.ehsize, h.phentsize, h.phnum = r.u16(), r.u16(), r.u16()
}

func (h *elfHeader) check() error {
	switch h.kind {
	case etExec, etDyn:
	case etRel:
		return bad("not an executable: ELF object file for %s, not linked yet", h.cpu())
	case etCore:
		return bad("not an executable: ELF core dump")
	default:
		return bad("damaged ELF: type %d", h.kind)
	}
	if h.phnum == 0 {
		return bad("damaged ELF: no program headers")
	}
	if h.phentsize != h.progSize() {
		return bad("damaged ELF: program headers of %d bytes, not %d", h.phentsize, h.progSize())
	}
	if int(h.phnum)*int(h.phentsize) > maxHeaders {
		return bad("damaged ELF: %d program headers", h.phnum)
	}
	return nil
}

func readProgHeaders(f file, h elfHeader) ([]progHeader, error) {
	n := uint64(h.phnum) * uint64(h.phentsize)
	if !f.has(h.phoff, n) {
		return nil, bad("truncated ELF: program headers at offset %d, the file has %d bytes", h.phoff, f.size)
	}
	b, err := f.read(h.phoff, n)
	if err != nil {
		return nil, err
	}
	progs := make([]progHeader, h.phnum)
	for i := range progs {
		progs[i].parse(fields{b[i*int(h.phentsize):], h.order, h.wide})
	}
	return progs, nil
}

// parse reads the fields in file order, which the two classes do not share.
func (p *progHeader) parse(r fields) {
	p.kind = r.u32()
	if r.wide {
		p.flags = r.u32()
	}
	p.offset, p.vaddr = r.addr(), r.addr()
	r.addr() // p_paddr
	p.filesz, p.memsz = r.addr(), r.addr()
	if !r.wide {
		p.flags = r.u32()
	}
	p.align = r.addr()
}

func (p *progHeader) prot() int {
	// PF_X 1, PF_W 2, PF_R 4: the reverse of PROT_*.
	return int(p.flags>>2&1 | p.flags&2 | p.flags&1<<2)
}

func (m *Image) addSegments(f file, h elfHeader, progs []progHeader) error {
	for i := range progs {
		p := &progs[i]
		if p.kind != ptLoad || p.memsz == 0 && p.filesz == 0 {
			continue
		}
		if err := p.checkLoad(f, i, h.wide); err != nil {
			return err
		}
		m.Segments = append(m.Segments, Segment{
			Vaddr: p.vaddr, Memsz: p.memsz, Filesz: p.filesz, Offset: p.offset,
			Prot: p.prot(), Align: max(p.align, 1),
		})
	}
	if len(m.Segments) == 0 {
		return bad("damaged ELF: nothing to load")
	}
	// The gABI wants them in ascending order, Linux takes any.
	slices.SortStableFunc(m.Segments, func(a, b Segment) int { return cmp.Compare(a.Vaddr, b.Vaddr) })
	for i := 1; i < len(m.Segments); i++ {
		if a, b := m.Segments[i-1], m.Segments[i]; a.End() > b.Vaddr {
			return bad("damaged ELF: segments at %#x and %#x overlap", a.Vaddr, b.Vaddr)
		}
	}
	return nil
}

func (p *progHeader) checkLoad(f file, i int, wide bool) error {
	limit := uint64(1) << 32
	if wide {
		limit = 1 << 47
	}
	switch {
	case p.filesz > p.memsz:
		return bad("damaged ELF: segment %d has %d bytes in the file, %d in memory", i, p.filesz, p.memsz)
	case !f.has(p.offset, p.filesz):
		return bad("truncated ELF: segment %d is %d bytes at offset %d, the file has %d", i, p.filesz, p.offset, f.size)
	case p.vaddr >= limit || p.memsz > limit-p.vaddr:
		return bad("damaged ELF: segment %d, %#x bytes at %#x, leaves the address space", i, p.memsz, p.vaddr)
	case p.align > 1 && bits.OnesCount64(p.align) != 1 || p.align > maxAlign:
		return bad("damaged ELF: segment %d has alignment %#x", i, p.align)
	case p.filesz > 0 && (p.vaddr-p.offset)%page != 0:
		return bad("damaged ELF: segment %d: address %#x and offset %#x differ within the page", i, p.vaddr, p.offset)
	}
	return nil
}

// addRest reads the headers that map nothing and returns the notes.
func (m *Image) addRest(f file, h elfHeader, progs []progHeader) ([]note, error) {
	var notes []note
	count := 0
	for i := range progs {
		p := &progs[i]
		switch p.kind {
		case ptInterp:
			if m.Interp != "" {
				continue // Linux takes the first
			}
			var err error
			if m.Interp, err = readInterp(f, p); err != nil {
				return nil, err
			}
		case ptGNUStack:
			m.Stack = p.prot()
		case ptNote:
			if count++; count > maxNotes || p.filesz > maxNote {
				continue
			}
			if !f.has(p.offset, p.filesz) {
				return nil, bad("truncated ELF: note at offset %d, the file has %d bytes", p.offset, f.size)
			}
			b, err := f.read(p.offset, p.filesz)
			if err != nil {
				return nil, err
			}
			notes = appendNotes(notes, b, h.order, p.align)
		}
	}
	return notes, nil
}

func readInterp(f file, p *progHeader) (string, error) {
	if p.filesz < 2 || p.filesz > maxInterp {
		return "", bad("damaged ELF: interpreter path of %d bytes", p.filesz)
	}
	if !f.has(p.offset, p.filesz) {
		return "", bad("truncated ELF: interpreter path at offset %d, the file has %d bytes", p.offset, f.size)
	}
	b, err := f.read(p.offset, p.filesz)
	if err != nil {
		return "", err
	}
	if b[len(b)-1] != 0 || b[0] == 0 {
		return "", bad("damaged ELF: interpreter path is empty or has no end")
	}
	return string(b[:bytes.IndexByte(b, 0)]), nil
}

// findHeaders does as Linux does: AT_PHDR is where the segment that holds
// e_phoff puts it. PT_PHDR is asked only when no segment does.
func (m *Image) findHeaders(h elfHeader, progs []progHeader) uint64 {
	n := uint64(h.phnum) * uint64(h.phentsize)
	for _, s := range m.Segments {
		if s.Offset <= h.phoff && h.phoff-s.Offset < s.Filesz && n <= s.Filesz-(h.phoff-s.Offset) {
			return s.Vaddr + h.phoff - s.Offset
		}
	}
	for i := range progs {
		if v := progs[i].vaddr; progs[i].kind == ptPhdr && m.holds(v, n) {
			return v
		}
	}
	return 0
}

// holds tells whether one segment has all of the n bytes at addr.
func (m *Image) holds(addr, n uint64) bool {
	for _, s := range m.Segments {
		if addr >= s.Vaddr && addr < s.End() {
			return n <= s.End()-addr
		}
	}
	return false
}

func (m *Image) checkEntry() error {
	if m.Entry == 0 && m.Type == Dyn && m.Interp == "" {
		return bad("not an executable: ELF shared library for %s", m.CPU)
	}
	if !m.holds(m.Entry, 1) {
		return bad("damaged ELF: entry point %#x is in no segment", m.Entry)
	}
	return nil
}

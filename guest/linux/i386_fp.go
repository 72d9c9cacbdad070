package linux

import (
	"encoding/binary"

	"trapgate/kernel"
)

// The FP state of an i386 frame starts with what FSAVE stores (struct
// _fpstate_32, Linux 6.12 arch/x86/include/uapi/asm/sigcontext.h and
// arch/x86/kernel/fpu/regset.c): control, status and tag word, instruction and
// operand address with their segments, eight registers of ten bytes, and again
// the status. Behind it is the state as 64-bit programs have it.
const (
	fsaveSize   = 112
	fsaveRegs   = 28
	fsaveStatus = 108

	fxRegs = 32 // the registers of fxsave, 16 bytes each
)

// fp386 is the FP state of an i386 frame.
func fp386(area []byte, cs, ds uint16) []byte {
	le := binary.LittleEndian
	fx := linuxFP(area)
	le.PutUint32(fx[fpSoftware+4:], le.Uint32(fx[fpSoftware+4:])+fsaveSize)
	b := make([]byte, fsaveSize, fsaveSize+len(fx))
	const ones = 0xffff0000
	putWords(b, ones|uint32(le.Uint16(fx)), ones|uint32(le.Uint16(fx[2:])), fullTags(fx),
		le.Uint32(fx[8:]), uint32(cs), le.Uint32(fx[16:]), ones|uint32(ds))
	for i := range 8 {
		copy(b[fsaveRegs+10*i:][:10], fx[fxRegs+16*i:])
	}
	copy(b[fsaveStatus:], fx[2:4])
	return append(b, fx...)
}

// fullTags makes the tag word of FSAVE, two bits a register, from the short one
// of FXSAVE: 0 valid, 1 zero, 2 special, 3 empty.
func fullTags(fx []byte) uint32 {
	le := binary.LittleEndian
	top := int(le.Uint16(fx[2:]) >> 11 & 7)
	tags := uint32(0xffff0000)
	for i := range 8 {
		reg := fx[fxRegs+16*((i-top)&7):]
		exp, sig := le.Uint16(reg[8:])&0x7fff, le.Uint64(reg)
		tag := uint32(2)
		switch {
		case fx[4]>>i&1 == 0:
			tag = 3
		case exp == 0x7fff:
		case exp == 0 && sig == 0:
			tag = 1
		case exp != 0 && sig>>63 != 0:
			tag = 0
		}
		tags |= tag << (2 * i)
	}
	return tags
}

// shortTags is the reverse of fullTags.
func shortTags(tags uint16) byte {
	var short byte
	for i := range 8 {
		if tags>>(2*i)&3 != 3 {
			short |= 1 << i
		}
	}
	return short
}

// loadFP386 makes the FP state at addr of an i386 frame the thread's. What the
// first part holds goes before the second.
func loadFP386(t *kernel.Thread, addr uint64) error {
	if addr == 0 {
		return loadFP(t, 0)
	}
	var b [fsaveSize]byte
	if err := t.Read(addr, b[:]); err != nil {
		return err
	}
	area := t.FP()
	if err := readFP(t, addr+fsaveSize, area); err != nil {
		return err
	}
	le := binary.LittleEndian
	copy(area[:2], b[:2])
	copy(area[2:4], b[4:6])
	area[4] = shortTags(le.Uint16(b[8:]))
	area[5] = 0
	copy(area[6:8], b[18:20]) // opcode
	le.PutUint64(area[8:], uint64(le.Uint32(b[12:])))
	le.PutUint64(area[16:], uint64(le.Uint32(b[20:])))
	for i := range 8 {
		reg := area[fxRegs+16*i:][:16]
		clear(reg[copy(reg, b[fsaveRegs+10*i:][:10]):])
	}
	le.PutUint64(area[fxsaveSize:], le.Uint64(area[fxsaveSize:])|1)
	return t.LoadFP()
}

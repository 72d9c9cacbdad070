package image

import (
	"encoding/binary"
	"fmt"
)

const (
	peExecutable = 0x0002 // IMAGE_FILE_EXECUTABLE_IMAGE
	peLibrary    = 0x2000 // IMAGE_FILE_DLL
	// Signature, file header, and the optional header up to Subsystem, which
	// stands at the same place in both of its forms.
	peHead = 4 + 20 + 70
)

// loadPE tells Windows from what else starts with MZ: DOS and EFI.
func loadPE(f file, head []byte) (*Image, error) {
	if len(head) < 64 {
		return nil, bad("truncated program for DOS or Windows: %d bytes", len(head))
	}
	at := uint64(binary.LittleEndian.Uint32(head[60:])) // e_lfanew
	if !f.has(at, 4) || at < 4 {
		return &Image{System: "dos", CPU: "386", Stack: -1}, nil
	}
	sig, err := f.read(at, 4)
	if err != nil {
		return nil, err
	}
	if string(sig) != "PE\x00\x00" {
		return &Image{System: "dos", CPU: "386", Stack: -1}, nil
	}
	if !f.has(at, peHead) {
		return nil, bad("truncated PE: header at offset %d, the file has %d bytes", at, f.size)
	}
	pe, err := f.read(at, peHead)
	if err != nil {
		return nil, err
	}
	return parsePE(pe)
}

func parsePE(pe []byte) (*Image, error) {
	u16 := func(at int) uint16 { return binary.LittleEndian.Uint16(pe[at:]) }
	cpu, flags, subsystem := peCPU(u16(4)), u16(22), u16(24+68)
	switch magic := u16(24); {
	case flags&peExecutable == 0:
		return nil, bad("not an executable: PE object file for %s, not linked yet", cpu)
	case magic != 0x10b && magic != 0x20b:
		return nil, bad("damaged PE: optional header %#x", magic)
	case flags&peLibrary != 0:
		return nil, bad("not an executable: PE library (DLL) for %s", cpu)
	}
	return &Image{System: peSystem(subsystem), CPU: cpu, Stack: -1}, nil
}

// peSystem names the Subsystem: 2 and 3 are windows and console programs.
func peSystem(subsystem uint16) string {
	switch subsystem {
	case 2, 3:
		return "windows"
	case 1:
		return "windows kernel"
	case 9:
		return "windows ce"
	case 10, 11, 12, 13:
		return "efi"
	}
	return fmt.Sprintf("unknown: PE subsystem %d", subsystem)
}

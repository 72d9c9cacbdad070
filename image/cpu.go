package image

import (
	"encoding/binary"
	"fmt"
)

// elfCPU is one machine of ELF under the name that Go gives it. Where Go has
// several names for one machine they stand in the order 64-bit little endian,
// 64-bit big endian, 32-bit little endian, 32-bit big endian.
var elfCPU = map[uint16][4]string{
	2:   {"", "", "", "sparc"},
	3:   {"", "", "386", ""},
	4:   {"", "", "", "m68k"},
	8:   {"mips64le", "mips64", "mipsle", "mips"},
	18:  {"", "", "", "sparc"},
	20:  {"", "", "ppc", "ppc"},
	21:  {"ppc64le", "ppc64", "", ""},
	22:  {"", "s390x", "", "s390"},
	40:  {"", "", "arm", "armbe"},
	42:  {"", "", "sh", "sheb"},
	43:  {"", "sparc64", "", ""},
	50:  {"ia64", "ia64", "", ""},
	62:  {"amd64", "", "x32", ""},
	183: {"arm64", "arm64be", "arm64p32", "arm64p32be"},
	243: {"riscv64", "", "riscv", ""},
	247: {"bpf", "bpf", "", ""},
	258: {"loong64", "", "loong32", ""},
}

func (h *elfHeader) cpu() string {
	i := 0
	if !h.wide {
		i = 2
	}
	if h.order == binary.BigEndian {
		i++
	}
	if name := elfCPU[h.machine][i]; name != "" {
		return name
	}
	return fmt.Sprintf("ELF machine %d", h.machine)
}

// machCPU names cputype of mach/machine.h (macOS 14).
func machCPU(cpu uint32) string {
	switch cpu {
	case 7:
		return "386"
	case 0x01000007:
		return "amd64"
	case 12:
		return "arm"
	case 0x0100000c:
		return "arm64"
	case 0x0200000c:
		return "arm64p32"
	case 18:
		return "ppc"
	case 0x01000012:
		return "ppc64"
	}
	return fmt.Sprintf("Mach-O CPU %#x", cpu)
}

// peCPU names Machine of IMAGE_FILE_HEADER (PE specification, 2024).
func peCPU(machine uint16) string {
	switch machine {
	case 0x14c:
		return "386"
	case 0x8664:
		return "amd64"
	case 0xaa64, 0xa641:
		return "arm64"
	case 0x1c0, 0x1c2, 0x1c4:
		return "arm"
	case 0x200:
		return "ia64"
	case 0x5064:
		return "riscv64"
	case 0x6264:
		return "loong64"
	case 0xebc:
		return "EFI byte code"
	}
	return fmt.Sprintf("PE machine %#x", machine)
}

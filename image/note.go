package image

import (
	"encoding/binary"
	"fmt"
)

// note is one entry of a PT_NOTE: who wrote it, what it is, and its first
// word, which is all that the notes of a system need.
type note struct {
	owner string
	kind  uint32
	size  int
	word  uint32
}

// appendNotes walks the notes in b and stops in silence at the first one that
// does not fit: notes are hints, and Linux ignores a damaged one too.
func appendNotes(notes []note, b []byte, order binary.ByteOrder, align uint64) []note {
	pad := 4
	if align == 8 {
		pad = 8 // GNU property notes
	}
	for len(b) >= 12 {
		r := fields{b: b, order: order}
		nameLen, descLen, kind := uint64(r.u32()), uint64(r.u32()), r.u32()
		if nameLen > maxNote || descLen > maxNote {
			break
		}
		desc := roundUp(12+int(nameLen), pad)
		end := desc + int(descLen)
		if end > len(b) {
			break
		}
		n := note{owner: cString(b[12 : 12+nameLen]), kind: kind, size: int(descLen)}
		if descLen >= 4 {
			n.word = order.Uint32(b[desc:])
		}
		notes = append(notes, n)
		b = b[min(roundUp(end, pad), len(b)):]
	}
	return notes
}

func roundUp(n, to int) int { return (n + to - 1) &^ (to - 1) }

func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// noteSystems are the owners of a type 1 note that names a system.
var noteSystems = map[string]string{
	"FreeBSD":   "freebsd",
	"OpenBSD":   "openbsd",
	"NetBSD":    "netbsd",
	"DragonFly": "dragonfly",
	"Android":   "linux",
}

// gnuSystems are the first word of GNU's note of type 1 (NT_GNU_ABI_TAG).
var gnuSystems = []string{"linux", "hurd", "solaris", "freebsd with GNU libc"}

// interpSystems know a dynamic program by its dynamic linker where it has no note.
var interpSystems = map[string]string{
	"/libexec/ld-elf.so.1":     "freebsd",
	"/usr/libexec/ld.so":       "openbsd",
	"/usr/libexec/ld.elf_so":   "netbsd",
	"/libexec/ld.elf_so":       "netbsd",
	"/usr/libexec/ld-elf.so.2": "dragonfly",
	"/usr/lib/ld.so.1":         "solaris",
	"/lib/ld.so.1":             "hurd",
	"/usr/lib/amd64/ld.so.1":   "solaris",
	"/lib/amd64/ld.so.1":       "solaris",
}

// osabis names EI_OSABI; 0 (System V) and 3 (GNU) are settled by note.
var osabis = map[uint8]string{
	2:  "netbsd",
	6:  "solaris",
	7:  "aix",
	9:  "freebsd",
	12: "openbsd",
}

// system names the system. A note wins over EI_OSABI: every system's own
// loader reads its note, and old tools left EI_OSABI at 0.
func (m *Image) system(osabi uint8, notes []note) string {
	system := ""
	for _, n := range notes {
		if n.owner == "FreeBSD" && n.kind == 4 {
			m.Features = n.word
		}
		if n.kind != 1 || n.size < 4 || system != "" {
			continue
		}
		if s := noteSystems[n.owner]; s != "" {
			system, m.ABI = s, n.word
		}
		if n.owner == "GNU" && int64(n.word) < int64(len(gnuSystems)) {
			system = gnuSystems[n.word]
		}
	}
	if system == "" {
		system = osabis[osabi]
	}
	if system == "" {
		system = interpSystems[m.Interp]
	}
	if system != "" {
		return system
	}
	if osabi == 0 || osabi == 3 {
		return "linux"
	}
	return fmt.Sprintf("unknown: OSABI %d", osabi)
}

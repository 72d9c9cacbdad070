package trace

import (
	"fmt"
	"strconv"
	"strings"

	"trapgate/desc"
)

// text prints argument or field i.
func (s *scope) text(i int) string {
	a := &s.args[i]
	switch {
	case a.Dir != desc.Value:
		return s.pointer(a, s.vals[i])
	case a.Len.Array:
		return s.inline(a)
	case a.Type.Kind == desc.Struct:
		return s.structure(a.Type.Struct, s.slice(a.Offset, a.Type.Size), s.dir)
	case a.Type.Kind == desc.SigSet:
		return s.d.sigset(s.slice(a.Offset, a.Type.Size))
	}
	return s.d.value(a.Type, s.vals[i])
}

// value prints a plain number of a type.
func (d *Decoder) value(t *desc.Type, v uint64) string {
	v = cut(v, t.Size)
	switch t.Kind {
	case desc.Int, desc.FD, desc.PID:
		return strconv.FormatInt(signed(v, t.Size), 10)
	case desc.DirFD:
		return d.dirFD(signed(v, t.Size))
	case desc.ID:
		return id(v, t.Size)
	case desc.Hex, desc.Dev:
		return hex(v)
	case desc.Addr:
		return address(v)
	case desc.Mode:
		return mode(v)
	case desc.Signal:
		return d.signal(signed(v, t.Size))
	case desc.Flags:
		return flags(t.Set, v)
	case desc.Enum:
		return enum(t, v)
	case desc.WaitStatus:
		return d.waitStatus(v)
	}
	return strconv.FormatUint(v, 10)
}

func hex(v uint64) string {
	if v == 0 {
		return "0"
	}
	return "0x" + strconv.FormatUint(v, 16)
}

func address(v uint64) string {
	if v == 0 {
		return "NULL"
	}
	return hex(v)
}

func (d *Decoder) dirFD(v int64) string {
	if v == d.Sys.CWD && v != 0 {
		return "AT_FDCWD"
	}
	return strconv.FormatInt(v, 10)
}

func id(v uint64, size uint32) string {
	if signed(v, size) == -1 {
		return "-1"
	}
	return strconv.FormatUint(v, 10)
}

// fileTypes are the same on all Unix systems.
var fileTypes = map[uint64]string{
	0o010000: "S_IFIFO", 0o020000: "S_IFCHR", 0o040000: "S_IFDIR", 0o060000: "S_IFBLK",
	0o100000: "S_IFREG", 0o120000: "S_IFLNK", 0o140000: "S_IFSOCK",
}

func mode(v uint64) string {
	if name := fileTypes[v&0o170000]; name != "" {
		return fmt.Sprintf("%s|0%02o", name, v&^0o170000)
	}
	return fmt.Sprintf("0%02o", v)
}

func (d *Decoder) signal(n int64) string {
	if name := d.Sys.SignalName(int(n)); name != "" {
		return name
	}
	return strconv.FormatInt(n, 10)
}

func enum(t *desc.Type, v uint64) string {
	if name := t.Set.NameOf(v); name != "" {
		return name
	}
	if t.Set.Decimal {
		return strconv.FormatUint(v, 10)
	}
	return hex(v)
}

// flags prints the values of groups, then the names of bits, then what is left.
func flags(set *desc.Set, v uint64) string {
	b := make([]byte, 0, 64)
	rest := v
	last := "" // the signal of clone(2)
	for i := range set.Groups {
		g := &set.Groups[i]
		switch name := g.NameOf(v); {
		case name == "":
			continue
		case strings.HasPrefix(name, "SIG"):
			last = name
		default:
			b = join(b, name)
		}
		rest &^= g.Mask
	}
	for i := range set.Members {
		m := &set.Members[i]
		if m.Value != 0 && rest&m.Value == m.Value {
			b = join(b, m.Name)
			rest &^= m.Value
		}
	}
	if rest != 0 {
		b = join(b, hex(rest))
	}
	if last != "" {
		b = join(b, last)
	}
	switch {
	case len(b) > 0:
	case set.NameOf(0) != "":
		return set.NameOf(0)
	default:
		return "0"
	}
	return string(b)
}

// join adds a name to names joined by |.
func join(b []byte, name string) []byte {
	if len(b) > 0 {
		b = append(b, '|')
	}
	return append(b, name...)
}

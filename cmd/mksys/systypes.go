package main

import (
	"fmt"
	"strings"

	"trapgate/desc"
)

// memType is the Go type of a value in memory: it has the very size.
func (s *caller) memType(t *desc.Type) string {
	switch t.Kind {
	case desc.Struct:
		return s.structName(t.Struct)
	case desc.SigSet:
		return "Sigset"
	case desc.FDSet:
		return "FDSet"
	case desc.WaitStatus:
		return "WaitStatus"
	case desc.Signal:
		return "Signal"
	case desc.Byte, desc.Sockaddr, desc.String:
		return "byte"
	case desc.Addr:
		return "uintptr"
	case desc.Int, desc.FD, desc.DirFD, desc.PID, desc.MIB:
		return fmt.Sprintf("int%d", t.Size*8)
	case desc.Enum:
		if t.Wide && t.Set != nil && s.isAddress(t) {
			return "uintptr"
		}
		if t.Size <= 4 && s.fits(t, t.Size*8-1) {
			return fmt.Sprintf("int%d", t.Size*8)
		}
	}
	return fmt.Sprintf("uint%d", t.Size*8)
}

// paramType is the Go type of a word: of an argument or a result.
func (s *caller) paramType(t *desc.Type) string {
	switch t.Kind {
	case desc.Signal:
		return "Signal"
	case desc.Addr:
		return "uintptr"
	case desc.FD, desc.DirFD, desc.PID, desc.ID:
		return "int"
	case desc.Mode:
		return "uint32"
	case desc.Int:
		if t.Name == "off" || t.Size == 8 && !t.Wide {
			return fmt.Sprintf("int%d", t.Size*8)
		}
		return "int"
	case desc.Hex, desc.Uint:
		if t.Wide && t.Name != "ulong" {
			return "uintptr"
		}
	case desc.Enum:
		if s.isAddress(t) {
			return "uintptr"
		}
		if t.Size <= 4 && s.fits(t, 31) {
			return "int"
		}
	}
	switch {
	case t.Wide:
		return "uint"
	case t.Size > 4:
		return "uint64"
	}
	return "uint32"
}

// isAddress says whether an enumeration stands for an address.
func (s *caller) isAddress(t *desc.Type) bool { return t.Wide && t.Name == "sig_handler" }

// fits says whether the values of an enumeration have so many bits, and a sign.
func (s *caller) fits(t *desc.Type, bits uint32) bool {
	for _, m := range t.Set.Members {
		v, err := s.cpu.check.Constant(m.Name)
		if err == nil && (v >= 1<<bits || v < -1<<bits) {
			return false
		}
	}
	return true
}

// structName is the Go type of a structure: a name that a call has too, or that
// ends so in C, gets the ending _t.
func (s *caller) structName(st *desc.StructType) string {
	s.structure(st)
	base, isT := strings.CutSuffix(st.Name, "_t")
	name := exported(base)
	if isT || s.funcs[name] {
		name += "_t"
	}
	return name
}

// structure adds the declaration of a structure and of those in it.
func (s *caller) structure(st *desc.StructType) {
	if s.seen[st] {
		return
	}
	s.seen[st] = true
	name, prefix := s.structName(st), commonPrefix(st)
	var b, offsets strings.Builder
	fmt.Fprintf(&b, "\n// %s is struct %s, %d bytes.\ntype %s struct {\n", name, st.Name, st.Size, name)
	at, widest := uint32(0), uint32(1)
	for i := range st.Fields {
		f := &st.Fields[i]
		typ, size, al := s.field(f)
		if f.Offset%al != 0 {
			typ, al = fmt.Sprintf("[%d]uint32", size/4), 4 // packed
		}
		if next := (at + al - 1) / al * al; next < f.Offset {
			fmt.Fprintf(&b, "\t_ [%d]byte\n", f.Offset-at)
		}
		at, widest = f.Offset+size, max(widest, al)
		if f.Hidden {
			fmt.Fprintf(&b, "\t_ %s\n", typ)
			continue
		}
		field := exported(strings.TrimPrefix(f.Name, prefix))
		fmt.Fprintf(&b, "\t%s %s\n", field, typ)
		fmt.Fprintf(&offsets, "\t{\"%s.%s\", unsafe.Offsetof(%s{}.%s), %d},\n", name, field, name, field, f.Offset)
	}
	if (at+widest-1)/widest*widest < st.Size {
		fmt.Fprintf(&b, "\t_ [%d]byte\n", st.Size-at)
	}
	s.add("types", name, b.String()+"}\n")
	s.add("layout", name, fmt.Sprintf("\t{\"%s\", unsafe.Sizeof(%s{}), %d},\n%s", name, name, st.Size, offsets.String()))
}

// field is the Go type of a field, its size and its alignment.
func (s *caller) field(f *desc.Arg) (typ string, size, al uint32) {
	word := uint32(s.cpu.Word)
	if f.Dir != desc.Value {
		return s.fieldPointer(f.Type), word, word
	}
	typ, size, al = s.memType(f.Type), f.Type.Size, s.alignment(f.Type)
	if f.Len.Kind == desc.Const {
		typ, size = fmt.Sprintf("[%d]%s", f.Len.N, typ), size*f.Len.N
	}
	return typ, size, al
}

func (s *caller) fieldPointer(t *desc.Type) string {
	if t.Kind == desc.Opaque || t.Kind == desc.Strings {
		return "unsafe.Pointer"
	}
	return "*" + s.memType(t)
}

// alignment is that of the Go type.
func (s *caller) alignment(t *desc.Type) uint32 {
	word := uint32(s.cpu.Word)
	switch {
	case t.Kind == desc.SigSet && t.Size > 8:
		return 4
	case t.Kind != desc.Struct:
		return min(max(t.Size, 1), word)
	}
	al := uint32(1)
	for i := range t.Struct.Fields {
		if f := &t.Struct.Fields[i]; f.Dir != desc.Value {
			al = max(al, word)
		} else if a := s.alignment(f.Type); f.Offset%a == 0 {
			al = max(al, a)
		} else {
			al = max(al, 4)
		}
	}
	return al
}

// commonPrefix is what all visible fields of a structure start with, up to an
// underscore: st_ in struct stat.
func commonPrefix(st *desc.StructType) string {
	prefix, first := "", true
	for i := range st.Fields {
		f := &st.Fields[i]
		if f.Hidden {
			continue
		}
		p := f.Name[:strings.Index(f.Name, "_")+1]
		if !first && p != prefix || p == "" || p == f.Name {
			return ""
		}
		prefix, first = p, false
	}
	return prefix
}

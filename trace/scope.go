package trace

import (
	"encoding/binary"

	"trapgate/desc"
)

// scope is a list of arguments or of fields with their values: lengths and
// conditions of one refer to another of the same scope.
type scope struct {
	d     *Decoder
	m     Memory
	args  []desc.Arg
	vals  []uint64
	raw   []byte   // of a structure
	dir   desc.Dir // of the pointer that led here
	depth int
	// done limits what an out pointer shows: at the exit of a call that counts
	// what it has filled. left does so for the buffers behind structures.
	done *uint64
	left *uint64
	room *int // bytes that the line may still read
}

// exit prepares the scope of a call for what it has written.
func (s *scope) exit(c *desc.Call, r Result) {
	if c.Result.Name != "done" || r.Errno != 0 {
		return
	}
	n := r.Value
	if c.Result.Type.Name == "int" {
		n = cut(n, 4)
	}
	s.done = &n
	if c.Result.Type.Name != "int" {
		bytes := n
		s.left = &bytes
	}
}

// present says whether an argument is there: its condition holds and no earlier
// reading of the same word did. A reading as void says that it is not.
func (s *scope) present(i int) bool {
	if s.args[i].Type.Kind == desc.Void || !s.holds(i) {
		return false
	}
	for j := i - 1; j >= 0 && s.args[j].Name == s.args[i].Name; j-- {
		if s.holds(j) {
			return false
		}
	}
	return true
}

func (s *scope) holds(i int) bool {
	w := s.args[i].When
	return w == nil || w.Holds(s.args[w.Arg].Type, s.vals[w.Arg])
}

// count is the number of elements behind a pointer.
func (s *scope) count(a *desc.Arg) uint64 {
	n := uint64(1)
	switch a.Len.Kind {
	case desc.Const:
		n = uint64(a.Len.N)
	case desc.ByArg:
		n = s.vals[a.Len.N]
		if t := s.args[a.Len.N].Type; t.Kind == desc.Int && signed(n, t.Size) < 0 {
			n = 0
		}
	case desc.AtArg:
		n = s.deref(int(a.Len.N))
	}
	if s.done != nil && a.Dir == desc.Out && s.counted(a) {
		n = min(n, *s.done)
	}
	return n
}

// counted says whether the result counts the elements of this argument: a
// count of bytes is not one of structures.
func (s *scope) counted(a *desc.Arg) bool {
	return a.Len.Kind == desc.ByArg && (a.Type.Kind != desc.Struct || s.left == nil) &&
		a.Type.Kind != desc.Sockaddr
}

// deref reads the number behind a pointer of this scope.
func (s *scope) deref(i int) uint64 {
	size := s.args[i].Type.Size
	b := make([]byte, 8)
	if size == 0 || size > 8 || !s.read(s.vals[i], b[:size]) {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// read fills b, or reports false.
func (s *scope) read(addr uint64, b []byte) bool {
	if s.m == nil || addr == 0 || addr+uint64(len(b)) < addr {
		return false
	}
	return s.readSome(addr, b) == len(b)
}

// readSome fills as much of b as can be read, within the room of the line.
func (s *scope) readSome(addr uint64, b []byte) int {
	if *s.room -= len(b); *s.room < 0 {
		return 0
	}
	n, _ := s.m.ReadAt(addr, b)
	return max(0, min(n, len(b)))
}

// fields opens the scope of a structure.
func (s *scope) fields(st *desc.StructType, raw []byte, dir desc.Dir) *scope {
	in := &scope{d: s.d, m: s.m, args: st.Fields, raw: raw, dir: dir, depth: s.depth + 1, left: s.left, room: s.room,
		vals: make([]uint64, len(st.Fields))}
	for i := range st.Fields {
		f := &st.Fields[i]
		size := f.Type.Size
		if f.Dir != desc.Value {
			size = uint32(s.d.Sys.Word)
		}
		in.vals[i] = load(raw, f.Offset, size)
	}
	return in
}

// load reads a number of up to 8 bytes out of a structure.
func load(raw []byte, off, size uint32) uint64 {
	var b [8]byte
	if int64(off) < int64(len(raw)) {
		copy(b[:min(size, 8)], raw[off:])
	}
	return binary.LittleEndian.Uint64(b[:])
}

// signed extends the sign of a number of size bytes.
func signed(v uint64, size uint32) int64 {
	if size == 0 || size >= 8 {
		return int64(v)
	}
	shift := 64 - 8*size
	return int64(v<<shift) >> shift
}

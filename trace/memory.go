package trace

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"trapgate/desc"
)

// pointer prints what an address leads to.
func (s *scope) pointer(a *desc.Arg, addr uint64) string {
	if addr == 0 || s.depth > maxDepth {
		return address(addr)
	}
	n := s.count(a)
	switch a.Type.Kind {
	case desc.Opaque:
		return address(addr)
	case desc.Byte:
		return s.buffer(a, addr, n)
	case desc.String:
		return s.path(addr)
	case desc.Strings:
		return s.vector(a, addr)
	case desc.Sockaddr:
		return s.sockaddr(addr, n)
	case desc.SigSet:
		if a.Type.Size > 0 {
			n = uint64(a.Type.Size)
		}
		return s.sigsetAt(addr, n)
	case desc.FDSet:
		return s.fdset(addr, n)
	}
	return s.array(a, addr, n)
}

// buffer prints n bytes. Within a structure the bytes that the call has done
// are shared out among the buffers.
func (s *scope) buffer(a *desc.Arg, addr, n uint64) string {
	if s.dir == desc.Out && s.left != nil {
		n = min(n, *s.left)
		*s.left -= n
	}
	b := make([]byte, min(n, uint64(s.d.strings())))
	if !s.read(addr, b) {
		return address(addr)
	}
	return quoteCut(b, n > uint64(len(b)))
}

// path prints a string up to its NUL, whole if it is not longer than a path.
func (s *scope) path(addr uint64) string {
	b, ended := s.cstring(addr, maxPath)
	if b == nil && !ended {
		return address(addr)
	}
	return quoteCut(b, !ended)
}

// cstring reads up to most bytes before a NUL, in steps that end at pages.
func (s *scope) cstring(addr uint64, most int) (text []byte, ended bool) {
	const page = 4096
	if s.m == nil {
		return nil, false
	}
	var chunk [256]byte
	for len(text) < most {
		step := min(len(chunk), most-len(text), page-int(addr%page))
		n := s.readSome(addr, chunk[:step])
		if i := bytes.IndexByte(chunk[:n], 0); i >= 0 {
			return append(text, chunk[:i]...), true
		}
		text = append(text, chunk[:n]...)
		if n < step || addr+uint64(n) < addr {
			return nil, false
		}
		addr += uint64(n)
	}
	return text, false
}

// vector prints a NULL-terminated vector of strings; an environment prints as
// its size.
func (s *scope) vector(a *desc.Arg, addr uint64) string {
	var out []string
	word := uint64(s.d.Sys.Word)
	brief := a.Type.Name == "envp" && !s.d.Verbose
	for n := 0; ; n++ {
		b := make([]byte, 8)
		if !s.read(addr+uint64(n)*word, b[:word]) {
			return address(addr)
		}
		p := binary.LittleEndian.Uint64(b)
		switch {
		case p == 0 && brief:
			return fmt.Sprintf("%s /* %d vars */", address(addr), n)
		case p == 0:
			return "[" + strings.Join(out, ", ") + "]"
		case brief && n < maxElems:
		case n >= s.d.elems():
			return "[" + strings.Join(append(out, "..."), ", ") + "]"
		default:
			out = append(out, s.element(p))
		}
	}
}

func (s *scope) element(addr uint64) string {
	b, ended := s.cstring(addr, s.d.strings())
	if b == nil && !ended {
		return address(addr)
	}
	return quoteCut(b, !ended)
}

// array prints elements of a fixed size; a single structure has no brackets.
func (s *scope) array(a *desc.Arg, addr, n uint64) string {
	size := uint64(a.Type.Size)
	if size == 0 {
		return address(addr)
	}
	shown := min(n, uint64(s.d.elems()))
	raw := make([]byte, shown*size)
	if !s.read(addr, raw) {
		return address(addr)
	}
	dir := a.Dir
	if s.dir != desc.Value && dir == desc.InOut {
		dir = s.dir
	}
	if !a.Len.Array && shown == 1 {
		return s.one(a.Type, raw, dir)
	}
	return s.list(a.Type, raw, dir, n > shown)
}

func (s *scope) list(t *desc.Type, raw []byte, dir desc.Dir, more bool) string {
	if t.Kind == desc.MIB {
		return mib(t, raw, more)
	}
	var out []string
	for ; len(raw) >= int(t.Size); raw = raw[t.Size:] {
		out = append(out, s.one(t, raw[:t.Size], dir))
	}
	if more {
		out = append(out, "...")
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// mib prints the numbers that name a variable of sysctl, each by the name that
// it has after the ones before: [CTL_KERN, KERN_PROC, KERN_PROC_PID, 7].
func mib(t *desc.Type, raw []byte, more bool) string {
	var out []string
	var before []uint64
	for ; len(raw) >= int(t.Size); raw = raw[t.Size:] {
		v := load(raw, 0, t.Size)
		name := desc.NameOf(t.Set.NamesAfter(desc.PathKey(before)), v)
		if name == "" {
			name = strconv.FormatInt(signed(v, t.Size), 10)
		}
		out, before = append(out, name), append(before, v)
	}
	if more {
		out = append(out, "...")
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (s *scope) one(t *desc.Type, raw []byte, dir desc.Dir) string {
	switch t.Kind {
	case desc.Struct:
		return s.structure(t.Struct, raw, dir)
	case desc.SigSet:
		return s.d.sigset(raw)
	}
	return s.d.value(t, load(raw, 0, t.Size))
}

// inline prints an array that lies within a structure; bytes are a text.
func (s *scope) inline(a *desc.Arg) string {
	if a.Type.Kind == desc.Byte {
		text, _, _ := bytes.Cut(s.slice(a.Offset, a.Len.N), []byte{0})
		return quote(text)
	}
	n := min(a.Len.N, uint32(s.d.elems()))
	return s.list(a.Type, s.slice(a.Offset, a.Type.Size*n), s.dir, a.Len.N > n)
}

func (s *scope) slice(off, size uint32) []byte {
	if uint64(off)+uint64(size) > uint64(len(s.raw)) {
		return nil
	}
	return s.raw[off : off+size]
}

func (s *scope) structure(st *desc.StructType, raw []byte, dir desc.Dir) string {
	if s.depth > maxDepth {
		return "{...}"
	}
	if st.Name == "siginfo" {
		return s.d.siginfo(s.d.readSiginfo(raw))
	}
	in := s.fields(st, raw, dir)
	var out []string
	quiet := false
	for i := range st.Fields {
		f := &st.Fields[i]
		switch {
		case f.Hidden || !in.present(i):
		case f.Quiet && !s.d.Verbose:
			quiet = true
		default:
			out = append(out, f.Name+"="+in.text(i))
		}
	}
	if quiet {
		out = append(out, "...")
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// maxSigset and maxFDs are the largest sets that a system has.
const (
	maxSigset = 128
	maxFDs    = 1024
)

func (s *scope) sigsetAt(addr, n uint64) string {
	b := make([]byte, min(n, maxSigset))
	if !s.read(addr, b) {
		return address(addr)
	}
	return s.d.sigset(b)
}

// sigset prints the signals of a set, or those that are not in it if they are
// fewer: ~[KILL STOP].
func (d *Decoder) sigset(b []byte) string {
	members := 0
	for _, x := range b {
		members += bits.OnesCount8(x)
	}
	known := min(8*len(b), len(d.Sys.Signals)-1)
	invert := members > known*2/3 && members > 0
	var names []string
	for i := range min(8*len(b), known) {
		if b[i/8]>>(i%8)&1 == 1 != invert {
			names = append(names, strings.TrimPrefix(d.signal(int64(i+1)), "SIG"))
		}
	}
	text := "[" + strings.Join(names, " ") + "]"
	if invert {
		return "~" + text
	}
	return text
}

func (s *scope) fdset(addr, n uint64) string {
	n = min(n, maxFDs)
	word := uint64(s.d.Sys.Word)
	b := make([]byte, (n+8*word-1)/(8*word)*word)
	if !s.read(addr, b) {
		return address(addr)
	}
	var fds []string
	for i := range int(n) {
		if b[i/8]>>(i%8)&1 == 1 {
			fds = append(fds, strconv.Itoa(i))
		}
	}
	return "[" + strings.Join(fds, " ") + "]"
}

package trace

import (
	"fmt"
	"strings"

	"trapgate/desc"
)

// Memory is the memory of the traced process. A short count says how much of b
// could be read.
type Memory interface {
	ReadAt(addr uint64, b []byte) (int, error)
}

// Args are the argument words of a call.
type Args = [8]uint64

// Decoder prints the calls of one system.
type Decoder struct {
	Sys *desc.System
	// Strings is how many bytes of a buffer are printed; 0 is 32.
	Strings int
	// Elems is how many elements of an array are printed; 0 is 32.
	Elems int
	// Column is where the result stands at least.
	Column int
	// Verbose prints the quiet fields of structures too.
	Verbose bool
}

// The limits, whatever the options say.
const (
	maxString = 1 << 16
	maxElems  = 1 << 12
	maxPath   = 4096
	maxDepth  = 6
	maxRead   = 1 << 20 // bytes of memory for one line
)

func (d *Decoder) strings() int { return limit(d.Strings, maxString) }
func (d *Decoder) elems() int   { return limit(d.Elems, maxElems) }

func limit(n, most int) int {
	if n <= 0 {
		n = 32
	}
	return min(n, most)
}

// Pending is a call that has been entered. Of its arguments those are text
// already that the call itself may change or that the kernel only reads.
type Pending struct {
	// Call describes the call; nil if the system has none of that number.
	Call   *desc.Call
	Number int
	Args   Args
	d      *Decoder
	texts  []string // by index of Call.Args; "" is for the exit
	before []string // what an inout argument held at the entry
}

// Result is the outcome of a call.
type Result struct {
	Value uint64
	Errno int // the guest's number; 0 is success
}

// Enter reads the arguments of a call before the kernel sees it. Without memory
// (nil) pointers print as addresses.
func (d *Decoder) Enter(number int, args *Args, m Memory) *Pending {
	p := &Pending{Call: d.Sys.Call(number), Number: number, Args: *args, d: d}
	if p.Call == nil {
		return p
	}
	p.unwrap(m)
	both := make([]string, 2*len(p.Call.Args))
	p.texts, p.before = both[:len(p.Call.Args)], both[len(p.Call.Args):]
	s := p.scope(m)
	for i := range s.args {
		a := &s.args[i]
		switch {
		case !s.present(i):
		case a.Dir == desc.Value || a.Dir == desc.In || s.vals[i] == 0:
			p.texts[i] = s.text(i)
		case a.Dir == desc.InOut && (a.Type.Kind != desc.Struct || !a.Len.Array):
			p.before[i] = s.text(i)
		}
	}
	return p
}

// unwrap replaces a call that only carries others by the one it carries.
func (p *Pending) unwrap(m Memory) {
	op := p.Args[0]
	if p.Call.SubWords {
		const version = 16 // the high half of ipc's first word tells the form of the others
		op = p.Args[0] & (1<<version - 1)
		if op < uint64(len(p.Call.Sub)) && p.Call.Sub[op] != nil {
			p.Call = p.Call.Sub[op]
		}
		return
	}
	if m == nil || op >= uint64(len(p.Call.Sub)) || p.Call.Sub[op] == nil {
		return
	}
	sub := p.Call.Sub[op]
	word := p.d.Sys.Word
	raw := make([]byte, word*min(sub.Words(), len(p.Args)))
	if n, _ := m.ReadAt(cut(p.Args[1], uint32(word)), raw); n < len(raw) {
		return
	}
	p.Call, p.Args = sub, Args{}
	for i := range len(raw) / word {
		p.Args[i] = load(raw, uint32(i*word), uint32(word))
	}
}

func (p *Pending) scope(m Memory) *scope {
	room := maxRead
	s := &scope{d: p.d, m: m, args: p.Call.Args, vals: make([]uint64, len(p.Call.Args)), room: &room}
	for i := range p.Call.Args {
		s.vals[i] = p.word(&p.Call.Args[i])
	}
	return s
}

// word is the value of an argument: its words together, cut to its size.
func (p *Pending) word(a *desc.Arg) uint64 {
	v := p.Args[a.Word%8]
	size := a.Type.Size
	if a.Dir != desc.Value || a.Words < 2 && int(size) > p.d.Sys.Word {
		size = uint32(p.d.Sys.Word)
	}
	if a.Words == 2 && p.d.Sys.Word == 4 {
		v = v&0xffffffff | p.Args[(a.Word+1)%8]<<32
	}
	return cut(v, size)
}

// cut keeps the low size bytes of a word.
func cut(v uint64, size uint32) uint64 {
	if size == 0 || size >= 8 {
		return v
	}
	return v & (1<<(8*size) - 1)
}

// Start is the text of a call that has not returned: name and arguments up to
// the first one that is known only afterwards.
func (p *Pending) Start() string {
	if p.Call == nil {
		return p.unknown()
	}
	s := p.scope(nil)
	var b strings.Builder
	b.WriteString(p.Call.Name + "(")
	first := true
	for i := range s.args {
		if !s.present(i) {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		if p.texts[i] == "" {
			return b.String()
		}
		b.WriteString(p.texts[i])
	}
	return b.String()
}

// Exit is the whole line of a call that has returned.
func (p *Pending) Exit(r Result, m Memory) string {
	b := make([]byte, 0, 128)
	if p.Call == nil {
		b = append(b, p.unknown()...)
	} else {
		b = append(append(b, p.Call.Name...), '(')
		for i, text := range p.arguments(r, m) {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(b, text...)
		}
	}
	b = append(b, ')')
	for len(b) < p.d.Column-1 {
		b = append(b, ' ')
	}
	return string(append(append(b, " = "...), p.result(r)...))
}

func (p *Pending) arguments(r Result, m Memory) []string {
	out := make([]string, 0, len(p.Call.Args))
	s := p.scope(m)
	s.exit(p.Call, r)
	for i := range s.args {
		switch {
		case !s.present(i):
		case p.texts[i] != "":
			out = append(out, p.texts[i])
		case p.before[i] != "":
			out = append(out, changed(&s.args[i], p.before[i], s.text(i)))
		case r.Errno != 0 && s.args[i].Dir == desc.Out:
			out = append(out, address(s.vals[i]))
		default:
			out = append(out, s.text(i))
		}
	}
	return out
}

// changed prints what an argument held before and after the call: [28 => 16]
// for a single number, [4] => [] for a set.
func changed(a *desc.Arg, before, after string) string {
	switch {
	case before == after || !strings.HasSuffix(before, "]") && !strings.HasSuffix(before, "}"):
		return before
	case a.Len.Kind == desc.Const && strings.HasPrefix(after, "["):
		return before[:len(before)-1] + " => " + after[1:]
	}
	return before + " => " + after
}

// unknown is a call without a description, up to the closing parenthesis.
func (p *Pending) unknown() string {
	words := make([]string, 6)
	for i := range words {
		words[i] = fmt.Sprintf("%#x", p.Args[i])
	}
	return fmt.Sprintf("syscall_%#x(%s", p.Number, strings.Join(words, ", "))
}

package syntax

import (
	"slices"
	"strings"

	"trapgate/desc"
)

// maxWords is how many words a call can pass.
const maxWords = 8

// maxNumber bounds the numbers of calls without a class, maxName those of errors
// and signals: they are places in a table.
const (
	maxNumber = 1 << 14
	maxName   = 1 << 12
)

// small reports a number that is no place in a table.
func (c *Checker) small(f Fact, n, most int64) bool {
	if n < 0 || n >= most {
		c.factErrorf(f.Line, "`%s` has the number %d, not one from 0 to %d", f.Name, n, most-1)
		return false
	}
	return true
}

// calls fills the table by number and reports calls without number or block.
func (c *Checker) calls(s *desc.System) {
	blocks := c.blocks()
	s.Sorted = slices.ContainsFunc(c.facts.Calls, func(f Fact) bool { return f.Class != "" })
	for _, f := range c.facts.Calls {
		n, ok := f.On(c.cpu)
		if !ok {
			continue
		}
		switch {
		case s.Sorted && f.Class == "":
			c.factErrorf(f.Line, "call `%s` has no class, others have one", f.Name)
			continue
		case !s.Sorted && !c.small(f, n, maxNumber):
			continue
		}
		b := blocks[f.Name]
		if b == nil {
			c.factErrorf(f.Line, "call `%s` is not described for %s", f.Name, c.cpu)
			continue
		}
		call := c.call(b, int(n))
		call.Class, call.Since = f.Class, f.Text
		c.Status[int(n)] = c.statusOf(b)
		if s.Sorted {
			s.Calls = append(s.Calls, call)
			continue
		}
		for len(s.Calls) <= int(n) {
			s.Calls = append(s.Calls, nil)
		}
		s.Calls[n] = call
	}
	if s.Sorted {
		slices.SortFunc(s.Calls, func(a, b *desc.Call) int { return a.Number - b.Number })
	}
	c.within(s, blocks)
}

// within adds the calls that hide behind others.
func (c *Checker) within(s *desc.System, blocks map[string]*Call) {
	for _, d := range c.file.Decls {
		w, ok := d.(*Within)
		if !ok || w.CPU != "" && w.CPU != c.cpu {
			continue
		}
		outer := s.ByName(w.Call)
		if outer == nil || len(outer.Args) < 2 {
			c.errorf(w.Line, "no call `%s` with a selector and an address", w.Call)
			continue
		}
		for _, it := range w.Items {
			outer.SubWords = outer.SubWords || it.Words != nil
			c.sub(outer, w.Line, it, blocks[it.Host])
		}
	}
}

// maxSub bounds the selectors of calls within a call.
const maxSub = 256

func (c *Checker) sub(outer *desc.Call, line int, it SetItem, b *Call) {
	n := c.constant(line, it.Name, 4)
	if b == nil || n >= maxSub {
		c.errorf(line, "within `%s`: no call `%s`", outer.Name, it.Host)
		return
	}
	for len(outer.Sub) <= int(n) {
		outer.Sub = append(outer.Sub, nil)
	}
	inner := c.call(b, outer.Number)
	inner.Status, inner.Why = outer.Status, outer.Why
	outer.Sub[n] = inner
	if outer.SubWords {
		c.rearrange(outer, inner, line, it)
	}
}

// rearrange gives the arguments of an inner call the words of the outer one.
func (c *Checker) rearrange(outer, inner *desc.Call, line int, it SetItem) {
	if len(it.Words) != inner.Words() {
		c.errorf(line, "within `%s`: `%s` has %d words, not %d", outer.Name, inner.Name, inner.Words(), len(it.Words))
		return
	}
	words := make([]uint8, len(it.Words))
	for i, name := range it.Words {
		j := slices.IndexFunc(outer.Args, func(a desc.Arg) bool { return a.Name == name })
		if j < 0 {
			c.errorf(line, "within `%s`: no argument `%s`", outer.Name, name)
			return
		}
		words[i] = outer.Args[j].Word
	}
	for i := range inner.Args {
		inner.Args[i].Word = words[inner.Args[i].Word]
	}
}

// named are the calls that have a number, or hide behind one that has.
func (c *Checker) named() map[string]bool {
	out := map[string]bool{}
	for _, f := range c.facts.Calls {
		out[f.Name] = true
	}
	for _, d := range c.file.Decls {
		if w, ok := d.(*Within); ok {
			for _, it := range w.Items {
				out[it.Host] = true
			}
		}
	}
	return out
}

// blocks indexes the call blocks that serve this CPU.
func (c *Checker) blocks() map[string]*Call {
	named := c.named()
	out := map[string]*Call{}
	for _, d := range c.file.Decls {
		call, ok := d.(*Call)
		if !ok || call.CPU != "" && call.CPU != c.cpu {
			continue
		}
		old := out[call.Name]
		switch {
		case !named[call.Name]:
			c.errorf(call.Line, "call `%s` has no number", call.Name)
		case old != nil && old.CPU == call.CPU:
			c.errorf(call.Line, "call `%s` is described twice", call.Name)
		case old == nil || call.CPU != "":
			out[call.Name] = call
		}
	}
	return out
}

func (c *Checker) call(b *Call, number int) *desc.Call {
	out := &desc.Call{Number: number, Name: b.Name, Line: b.Line, Source: c.source(b)}
	c.args(b, out)
	c.results(b, out)
	st := c.statusOf(b)
	c.status(b, st)
	out.Status, out.Why = st.Kind, st.Why
	if st.Kind == desc.Direct {
		out.Why = st.Via
	}
	return out
}

// results resolves the conditional results and the last one, which always holds.
func (c *Checker) results(b *Call, out *desc.Call) {
	out.Result = desc.Arg{Type: c.typeOf(b.Line, "void")}
	for i := range b.Results {
		r := c.arg(&b.Results[i], b.Args)
		last := i == len(b.Results)-1
		switch {
		case r.Dir != desc.Value || r.Len.Array:
			c.errorf(b.Line, "call `%s`: a result is a plain value", b.Name)
		case last != (b.Results[i].If == nil):
			c.errorf(b.Line, "call `%s`: of several results the last one has no condition", b.Name)
		case last:
			out.Result = r
		case r.When != nil:
			out.Others = append(out.Others, r)
		}
	}
}

// statusOf is the status that holds on this CPU.
func (c *Checker) statusOf(b *Call) Status {
	if slices.Contains(c.file.Unserved, c.cpu) {
		return Status{Kind: desc.No}
	}
	for _, s := range b.PerCPU {
		if s.CPU == c.cpu {
			return s.Status
		}
	}
	return b.Status
}

func (c *Checker) source(b *Call) string {
	if len(b.Comment) == 0 || !strings.Contains(b.Comment[0], "(") {
		c.errorf(b.Line, "call `%s` has no source: write `# System version manual(section)` above it", b.Name)
		return ""
	}
	return b.Comment[0]
}

// args resolves the arguments and gives each its words.
func (c *Checker) args(b *Call, out *desc.Call) {
	next := uint8(0)
	for i := range b.Args {
		a := c.arg(&b.Args[i], b.Args)
		if first := find(b.Args, a.Name); first < i {
			a.Word, a.Words = out.Args[first].Word, out.Args[first].Words
			c.alternative(&b.Args[i], &out.Args[first])
		} else {
			a.Word, a.Words = next, c.words(&b.Args[i], &a)
			next += a.Words
		}
		out.Args = append(out.Args, a)
	}
	if next > maxWords {
		c.errorf(b.Line, "call `%s` has %d words, at most %d fit", b.Name, next, maxWords)
	}
}

// alternative checks a second reading: the earlier one must have a condition.
func (c *Checker) alternative(src *Arg, first *desc.Arg) {
	if first.When == nil {
		c.errorf(src.Line, "argument `%s` is given twice, the first without a condition", src.Name)
	}
}

func (c *Checker) words(src *Arg, a *desc.Arg) uint8 {
	if a.Dir != desc.Value {
		return 1
	}
	switch a.Type.Kind {
	case desc.Struct, desc.Byte, desc.String, desc.Strings, desc.Sockaddr, desc.SigSet, desc.FDSet, desc.Opaque:
		c.errorf(src.Line, "argument `%s` must be a pointer: write in, out or inout", a.Name)
	}
	if a.Type.Size > c.word {
		return 2
	}
	return 1
}

func (c *Checker) status(b *Call, s Status) {
	via, host := strings.CutPrefix(s.Via, "host.")
	switch {
	case s.Kind != desc.Direct:
	case s.Via == "host32" && c.cpu != "386":
		c.errorf(b.Line, "call `%s`: host32 serves the CPU 386 only", b.Name)
	case host && via != "", s.Via == "host32", s.Via == "gate.clock", s.Via == "gate.clock32", s.Via == "gate.umtx", s.Via == "gate.kevent", s.Via == "gate.stat", s.Via == "gate.statfd":
	default:
		c.errorf(b.Line, "call `%s`: `%s` is none of host.NAME, host32, gate.clock", b.Name, s.Via)
	}
	if s.Guard && len(b.Args) < 2 {
		c.errorf(b.Line, "call `%s`: guard needs an address and a length", b.Name)
	}
}

func (c *Checker) errors(s *desc.System) {
	for _, f := range c.facts.Errors {
		n, _ := f.On(c.cpu)
		if !c.small(f, n, maxName) {
			continue
		}
		for len(s.Errors) <= int(n) {
			s.Errors = append(s.Errors, desc.ErrorName{})
		}
		if !f.Alias {
			s.Errors[n] = desc.ErrorName{Name: f.Name, Text: f.Text}
		}
	}
}

func (c *Checker) signals(s *desc.System) {
	for _, f := range c.facts.Signals {
		n, _ := f.On(c.cpu)
		if !c.small(f, n, maxName) {
			continue
		}
		for len(s.Signals) <= int(n) {
			s.Signals = append(s.Signals, "")
		}
		if !f.Alias {
			s.Signals[n] = f.Name
		}
	}
}

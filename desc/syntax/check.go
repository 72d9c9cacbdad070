package syntax

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"trapgate/desc"
)

// Checker resolves a file for one CPU.
type Checker struct {
	file  *File
	facts *Facts
	cpu   string
	word  uint32
	types map[string]*desc.Type
	decls map[string]Decl // sets and structures that serve this CPU
	busy  map[string]bool // structures being laid out
	errs  []error
	// Status has the status of each call as written, by number.
	Status map[int]Status
	// Sets are those declared, by name.
	Sets map[string]*desc.Set
}

// Check resolves a file for one of its CPUs. The system is complete only if
// there are no errors.
func Check(f *File, facts *Facts, cpu string) (*desc.System, *Checker, []error) {
	c := &Checker{file: f, facts: facts, cpu: cpu, word: wordSize[cpu],
		types: map[string]*desc.Type{}, decls: map[string]Decl{}, busy: map[string]bool{},
		Status: map[int]Status{}, Sets: map[string]*desc.Set{}}
	s := &desc.System{Name: f.System, CPU: cpu, Word: int(c.word), SockaddrLen: f.SockaddrLen}
	c.collect()
	c.calls(s)
	c.errors(s)
	c.signals(s)
	c.layouts()
	s.Families = c.Sets["families"]
	s.CWD, _ = c.Constant("AT_FDCWD")
	slices.SortStableFunc(c.errs, func(a, b error) int { return a.(*Error).Line - b.(*Error).Line })
	return s, c, c.errs
}

func (c *Checker) errorf(line int, format string, args ...any) {
	c.errs = append(c.errs, &Error{c.file.Name, line, fmt.Sprintf(format, args...)})
}

// factErrorf reports a mistake in numbers.txt.
func (c *Checker) factErrorf(line int, format string, args ...any) {
	c.errs = append(c.errs, &Error{c.facts.Name, line, fmt.Sprintf(format, args...)})
}

// collect indexes types and resolves all sets, so that unused ones are checked.
func (c *Checker) collect() {
	for _, d := range c.file.Decls {
		name := ""
		switch d := d.(type) {
		case *Set:
			name = d.Name
		case *Struct:
			name = d.Name
		default:
			continue
		}
		c.declare(name, d)
	}
	for _, name := range slices.Sorted(maps.Keys(c.decls)) {
		c.typeOf(0, name)
	}
}

// declare keeps the declaration that serves this CPU: its own before the common one.
func (c *Checker) declare(name string, d Decl) {
	b := d.base()
	if b.CPU != "" && b.CPU != c.cpu {
		return
	}
	old := c.decls[name]
	_, isBasic := basic[name]
	switch {
	case isBasic || old != nil && old.base().CPU == b.CPU:
		c.errorf(b.Line, "type `%s` is declared twice", name)
	case old == nil || b.CPU != "":
		c.decls[name] = d
	}
}

func (c *Checker) typeOf(line int, name string) *desc.Type {
	if t := c.types[name]; t != nil {
		return t
	}
	var t *desc.Type
	switch d := c.decls[name].(type) {
	case *Set:
		t = c.set(d)
	case *Struct:
		t = c.structure(d)
	default:
		if t = c.basic(name); t == nil {
			c.errorf(line, "no type `%s`", name)
			return &desc.Type{Kind: desc.Opaque, Name: name}
		}
	}
	c.types[name] = t
	return t
}

func (c *Checker) basic(name string) *desc.Type {
	b, ok := basic[name]
	if !ok {
		return nil
	}
	t := &desc.Type{Kind: b.kind, Name: name, Size: b.size}
	if b.size == word && b.kind < desc.Byte && b.kind != desc.Void {
		t.Size, t.Wide = c.word, true
	}
	return t
}

func (c *Checker) set(d *Set) *desc.Type {
	width := c.basic("uint")
	if d.Width != "" {
		if width = c.basic(d.Width); width == nil {
			c.errorf(d.Line, "no type `%s`", d.Width)
			width = c.basic("uint")
		}
	}
	s := &desc.Set{Name: d.Name, Decimal: d.Width != "" && (width.Kind == desc.Int || width.Kind == desc.Uint)}
	c.Sets[d.Name] = s
	for _, it := range d.Items {
		switch {
		case it.Group == nil:
			s.Members = append(s.Members, c.members(d.Line, []SetItem{it}, width.Size)...)
		case d.Kind == MIBSet:
			c.path(s, d.Line, it)
		default:
			s.Groups = append(s.Groups, desc.Group{Mask: c.constant(d.Line, it.Name, width.Size),
				Members: c.members(d.Line, it.Group, width.Size)})
		}
	}
	kind := [...]desc.Kind{EnumSet: desc.Enum, FlagSet: desc.Flags, MIBSet: desc.MIB}[d.Kind]
	return &desc.Type{Kind: kind, Name: d.Name, Size: width.Size, Wide: width.Wide, Set: s}
}

// path adds the names that follow others: CTL_KERN, or CTL_KERN.KERN_PROC. The
// last of those before is itself one of the names that it follows.
func (c *Checker) path(s *desc.Set, line int, it SetItem) {
	before := strings.Split(it.Name, ".")
	var numbers []uint64
	for _, name := range before {
		numbers = append(numbers, c.constant(line, name, 4))
	}
	last := len(numbers) - 1
	parent, key := desc.Member{Name: before[last], Value: numbers[last]}, desc.PathKey(numbers[:last])
	switch {
	case key == "":
		s.Members = append(s.Members, parent)
	case !slices.Contains(s.NamesAfter(key), parent):
		c.errorf(line, "`%s` of `%s` is not among the names before it", before[last], s.Name)
	}
	s.Paths = append(s.Paths, desc.Path{Key: desc.PathKey(numbers), Members: c.members(line, it.Group, 4)})
}

// members are the names that this CPU has: one that numbers.txt has for other
// CPUs alone is left out.
func (c *Checker) members(line int, its []SetItem, size uint32) []desc.Member {
	var out []desc.Member
	for _, it := range its {
		if !c.elsewhere(it.Name) {
			out = append(out, desc.Member{Name: it.Name, Value: c.constant(line, it.Name, size)})
		}
	}
	return out
}

// elsewhere says whether only other CPUs have a constant of this name.
func (c *Checker) elsewhere(name string) bool {
	f, ok := c.facts.Consts[name]
	if !ok {
		return false
	}
	_, here := f.On(c.cpu)
	return !here
}

// constant is the value of a number, a constant or a signal, cut to size bytes.
func (c *Checker) constant(line int, name string, size uint32) uint64 {
	v, err := c.Constant(name)
	if err != nil {
		c.errorf(line, "%v", err)
	}
	return uint64(v) & (1<<(8*size) - 1)
}

// Constant looks a constant up by name; a number is itself.
func (c *Checker) Constant(name string) (int64, error) {
	if '0' <= name[0] && name[0] <= '9' {
		return parseNumber(name)
	}
	if f, ok := c.facts.Consts[name]; ok {
		if v, ok := f.On(c.cpu); ok {
			return v, nil
		}
	}
	for _, f := range c.facts.Signals {
		if f.Name == name {
			v, _ := f.On(c.cpu)
			return v, nil
		}
	}
	return 0, fmt.Errorf("no constant `%s` on %s", name, c.cpu)
}

func (c *Checker) structure(d *Struct) *desc.Type {
	st := &desc.StructType{Name: d.Name}
	if c.busy[d.Name] {
		c.errorf(d.Line, "structure `%s` holds itself", d.Name)
		return &desc.Type{Kind: desc.Opaque, Name: d.Name}
	}
	c.busy[d.Name] = true
	defer delete(c.busy, d.Name)
	widest := uint32(1)
	for i := range d.Fields {
		f := c.arg(&d.Fields[i], d.Fields)
		size, al := c.fieldSize(&d.Fields[i], &f)
		if !d.Packed {
			widest = max(widest, al)
			st.Size = align(st.Size, al)
		}
		f.Offset = st.Size
		f.Hidden, f.Quiet = strings.HasPrefix(f.Name, "_"), d.Fields[i].Quiet
		st.Size += size
		st.Fields = append(st.Fields, f)
	}
	st.Size = align(st.Size, widest)
	return &desc.Type{Kind: desc.Struct, Name: d.Name, Size: st.Size, Struct: st}
}

// fieldSize is the room a field takes, and its alignment.
func (c *Checker) fieldSize(src *Arg, f *desc.Arg) (size, al uint32) {
	switch {
	case f.Dir != desc.Value:
		return c.word, c.word
	case f.Type.Size == 0:
		c.errorf(src.Line, "`%s` has no fixed size", f.Type.Name)
		return 0, 1
	case f.Type.Kind == desc.Struct:
		al = c.structAlign(f.Type.Struct)
	default:
		al = alignment(f.Type, c.word)
	}
	size = f.Type.Size
	if f.Len.Kind == desc.Const {
		size *= f.Len.N
	}
	return size, al
}

func (c *Checker) structAlign(s *desc.StructType) uint32 {
	al := uint32(1)
	for i := range s.Fields {
		f := &s.Fields[i]
		switch {
		case f.Dir != desc.Value:
			al = max(al, c.word)
		case f.Type.Kind == desc.Struct:
			al = max(al, c.structAlign(f.Type.Struct))
		default:
			al = max(al, alignment(f.Type, c.word))
		}
	}
	return al
}

// arg resolves an argument or a field; its siblings give length and condition.
func (c *Checker) arg(a *Arg, siblings []Arg) desc.Arg {
	out := desc.Arg{Name: a.Name, Type: c.typeOf(a.Line, a.Type), Dir: a.Dir}
	if a.Len != nil {
		out.Len = c.length(a, siblings)
	}
	if a.If != nil {
		out.When = c.when(a, siblings)
	}
	return out
}

func find(args []Arg, name string) int {
	return slices.IndexFunc(args, func(a Arg) bool { return a.Name == name })
}

func (c *Checker) length(a *Arg, siblings []Arg) desc.Len {
	if n, err := strconv.ParseUint(a.Len.Name, 0, 16); err == nil && !a.Len.At {
		return desc.Len{Kind: desc.Const, N: uint32(n), Array: true}
	}
	i := find(siblings, a.Len.Name)
	switch {
	case i < 0:
		c.errorf(a.Line, "length of `%s`: no argument `%s`", a.Name, a.Len.Name)
	case a.Dir == desc.Value:
		c.errorf(a.Line, "length of `%s`: only a pointer has a length that varies", a.Name)
	case a.Len.At && siblings[i].Dir == desc.Value:
		c.errorf(a.Line, "length of `%s`: `%s` is no pointer", a.Name, a.Len.Name)
	case a.Len.At:
		return desc.Len{Kind: desc.AtArg, N: uint32(i), Array: true}
	}
	return desc.Len{Kind: desc.ByArg, N: uint32(max(i, 0)), Array: true}
}

func (c *Checker) when(a *Arg, siblings []Arg) *desc.When {
	i := find(siblings, a.If.Arg)
	if i < 0 || siblings[i].Dir != desc.Value {
		c.errorf(a.Line, "condition of `%s`: no plain argument `%s`", a.Name, a.If.Arg)
		return nil
	}
	w := &desc.When{Arg: uint8(i)}
	size := c.typeOf(a.Line, siblings[i].Type).Size
	for _, v := range a.If.Values {
		if c.elsewhere(v) {
			continue
		}
		w.Values = append(w.Values, c.constant(a.Line, v, max(size, 1)))
	}
	return w
}

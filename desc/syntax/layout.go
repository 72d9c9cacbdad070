package syntax

import (
	"slices"
	"strings"

	"trapgate/desc"
)

// layouts compares the structures with the sizes and offsets of numbers.txt.
func (c *Checker) layouts() {
	for _, f := range c.facts.Structs {
		st := c.structOf(f, f.Name)
		if want, _ := f.On(c.cpu); st != nil && int64(st.Size) != want {
			c.wrong(f.Name, "has %d bytes on %s, %s:%d says %d", st.Size, c.cpu, c.facts.Name, f.Line, want)
		}
	}
	for _, f := range c.facts.Offsets {
		name, field, _ := strings.Cut(f.Name, ".")
		st := c.structOf(f, name)
		if st == nil {
			continue
		}
		want, _ := f.On(c.cpu)
		i := slices.IndexFunc(st.Fields, func(a desc.Arg) bool { return a.Name == field })
		switch {
		case i < 0:
			c.wrong(name, "has no field `%s`, which %s:%d has", field, c.facts.Name, f.Line)
		case int64(st.Fields[i].Offset) != want:
			c.wrong(name, "has `%s` at %d on %s, %s:%d says %d", field, st.Fields[i].Offset, c.cpu, c.facts.Name, f.Line, want)
		}
	}
}

// wrong reports a structure that is not as numbers.txt has it.
func (c *Checker) wrong(name, format string, args ...any) {
	c.errorf(c.decls[name].base().Line, "structure `%s` "+format, append([]any{name}, args...)...)
}

// structOf is the structure of a fact on this CPU; nil where the fact is silent.
func (c *Checker) structOf(f Fact, name string) *desc.StructType {
	if _, ok := f.On(c.cpu); !ok {
		return nil
	}
	d, ok := c.decls[name].(*Struct)
	if !ok {
		c.factErrorf(f.Line, "structure `%s` is not described for %s", name, c.cpu)
		return nil
	}
	return c.typeOf(d.Line, name).Struct
}

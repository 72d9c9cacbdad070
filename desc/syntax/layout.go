package syntax

import (
	"slices"
	"strconv"
	"strings"

	"trapgate/desc"
)

// layouts compares the structures with the sizes and offsets of numbers.txt.
func (c *Checker) layouts() {
	for _, f := range c.facts.Structs {
		if st := c.structOf(f, f.Name); st != nil {
			c.agree(f, f.Name, "has", st.Size, "bytes")
		}
	}
	for _, f := range c.facts.Offsets {
		name, field, _ := strings.Cut(f.Name, ".")
		st := c.structOf(f, name)
		if st == nil {
			continue
		}
		i := slices.IndexFunc(st.Fields, func(a desc.Arg) bool { return a.Name == field })
		if i < 0 {
			c.errorf(c.decls[name].base().Line, "structure `%s` has no field `%s`, which numbers.txt:%d has", name, field, f.Line)
			continue
		}
		c.agree(f, name, "has `"+field+"` at", st.Fields[i].Offset, "")
	}
}

// structOf is the structure of a fact on this CPU; nil where the fact is silent.
func (c *Checker) structOf(f Fact, name string) *desc.StructType {
	if _, ok := f.On(c.cpu); !ok {
		return nil
	}
	d, ok := c.decls[name].(*Struct)
	if !ok {
		c.errorf(1, "structure `%s` of numbers.txt:%d is not described for %s", name, f.Line, c.cpu)
		return nil
	}
	return c.typeOf(d.Line, name).Struct
}

func (c *Checker) agree(f Fact, name, what string, got uint32, unit string) {
	want, _ := f.On(c.cpu)
	if int64(got) != want {
		c.errorf(c.decls[name].base().Line, "structure `%s` %s %s on %s, numbers.txt:%d says %d", name,
			strings.TrimSpace(what), strings.TrimSpace(strings.Join([]string{utoa(got), unit}, " ")), c.cpu, f.Line, want)
	}
}

func utoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

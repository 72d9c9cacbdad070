package main

import (
	"fmt"
	"strconv"

	"trapgate/desc/syntax"
)

func emitDoc(g *guest, f *goFile) error {
	f.doc = fmt.Sprintf(`Package abi holds the numbers, names and argument structures of %s: all
that guest/%s/calls.sys and numbers.txt say, as Go values.

	numbers.go  call numbers
	errno.go    error numbers, and the table from the neutral errors to them
	signal.go   signal numbers, and the tables from and to the host's
	const.go    the constants that calls.sys names
	args.go     what a handler gets
	types.go    how arguments are read
	calls.go    the calls by number, for the decoder

It is a leaf: it imports desc and the neutral errors only.`, g.file.System, g.name)
	f.generate = "\n//go:generate go run trapgate/cmd/mksys -root ../../..\n"
	return nil
}

func emitNumbers(g *guest, f *goFile) error {
	for _, c := range g.cpus {
		prefix := "SYS_"
		if c.suffix() != "" {
			prefix += c.suffix() + "_"
		}
		f.printf("\n// The call numbers of %s.\nconst (\n", c.CPU)
		for _, call := range c.Calls {
			if call != nil {
				f.printf("\t%s%s = %s\n", prefix, call.Name, number(call.Number))
			}
		}
		f.printf(")\n")
	}
	return nil
}

// number writes a call's number; one with a class in its upper bits as these.
func number(n int) string {
	if n > 0xffff {
		return fmt.Sprintf("%#x", n)
	}
	return strconv.Itoa(n)
}

// constName keeps the system's spelling, but makes the name an exported one.
func constName(name string) string {
	if name[0] == '_' {
		return "X" + name
	}
	return name
}

// emitConsts writes each constant that a set names, and every other constant of
// numbers.txt that has no second meaning.
func emitConsts(g *guest, f *goFile) error {
	taken := map[string]bool{}
	for _, fact := range append(append([]syntax.Fact{}, g.facts.Errors...), g.facts.Signals...) {
		taken[fact.Name] = true
	}
	for _, c := range g.cpus {
		for _, call := range c.Calls {
			if call != nil {
				taken["SYS_"+call.Name] = true
			}
		}
	}
	f.printf("\n// The constants of numbers.txt.\nconst (\n")
	for _, fact := range g.facts.ConstList {
		g.emitConst(f, fact, taken)
	}
	f.printf(")\n")
	return nil
}

// emitConst writes one constant; a CPU with another value has its own name.
func (g *guest) emitConst(f *goFile, fact syntax.Fact, taken map[string]bool) {
	if taken[fact.Name] {
		return
	}
	first, ok := fact.On(g.cpus[0].CPU)
	if ok {
		f.printf("\t%s = %s\n", constName(fact.Name), hex(first))
	}
	for _, c := range g.cpus[1:] {
		if v, has := fact.On(c.CPU); has && (!ok || v != first) {
			f.printf("\t%s_%s = %s\n", constName(fact.Name), c.CPU, hex(v))
		}
	}
}

// hex writes a constant as C headers do; all ones in 64 bits is unsigned.
func hex(v int64) string {
	switch {
	case -0x80000000 <= v && v < 0:
		if v > -10 {
			return fmt.Sprintf("%d", v)
		}
		return fmt.Sprintf("-%#x", -v)
	case 0 <= v && v < 10:
		return fmt.Sprintf("%d", v)
	}
	return fmt.Sprintf("%#x", uint64(v))
}

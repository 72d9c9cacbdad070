package main

import (
	"fmt"
	"slices"
	"strings"

	"trapgate/desc"
	"trapgate/desc/syntax"
)

// direct builds the gate's table of one CPU.
type direct struct {
	g      *guest
	cpu    cpu
	flags  []string // literals of flag maps
	values []string
	index  map[string]int // set -> place in flags or values
}

// emitDirect writes the direct tables.
func emitDirect(g *guest, f *goFile) error {
	if !slices.ContainsFunc(g.cpus, g.served) {
		return nil
	}
	f.imports = []string{"trapgate/gate"}
	if g != g.host {
		f.imports = append(f.imports, "trapgate/guest/"+g.name+"/abi")
	}
	f.printf("\n// pass hands on the first arguments as they are.\n")
	f.printf("var pass = [6]gate.Arg{{From: 0}, {From: 1}, {From: 2}, {From: 3}, {From: 4}, {From: 5}}\n")
	if slices.ContainsFunc(g.cpus, func(c cpu) bool { return c.Word == 4 }) {
		f.printf("\n// low hands on the low halves of the first arguments.\n")
		f.printf("var low = [6]gate.Arg{{Op: gate.Zero32, From: 0}, {Op: gate.Zero32, From: 1}, {Op: gate.Zero32, From: 2}, " +
			"{Op: gate.Zero32, From: 3}, {Op: gate.Zero32, From: 4}, {Op: gate.Zero32, From: 5}}\n")
	}
	for _, c := range g.cpus {
		if !g.served(c) {
			continue
		}
		d := &direct{g: g, cpu: c, index: map[string]int{}}
		if err := d.emit(f); err != nil {
			return err
		}
	}
	return nil
}

func (d *direct) emit(f *goFile) error {
	var rows strings.Builder
	for _, call := range d.cpu.Calls {
		if call == nil || call.Status != desc.Direct {
			continue
		}
		row, err := d.row(call)
		if err != nil {
			return err
		}
		fmt.Fprintf(&rows, "\t\t// %s, calls.sys:%d\n\t\t%d: %s,\n", call.Name, call.Line, call.Number, row)
	}
	f.printf("\n// direct%s tells the gate how to finish calls of %s by itself.\n", d.cpu.suffix(), d.cpu.CPU)
	f.printf("var direct%s = gate.Table{\n\tCalls: []gate.Call{\n%s\t},\n", d.cpu.suffix(), rows.String())
	emitMaps(f, "Flags", "FlagMap", d.flags)
	emitMaps(f, "Values", "ValueMap", d.values)
	if d.g != d.g.host {
		f.printf("\tErrno: abi.Errno[:],\n")
	}
	f.printf("}\n")
	return nil
}

func emitMaps(f *goFile, field, typ string, maps []string) {
	if len(maps) == 0 {
		return
	}
	f.printf("\t%s: []gate.%s{\n%s\t},\n", field, typ, strings.Join(maps, ""))
}

// row is the gate.Call of a direct call.
func (d *direct) row(c *desc.Call) (string, error) {
	st := d.cpu.check.Status[c.Number]
	var parts []string
	switch st.Via {
	case "host32":
		parts = append(parts, "Rule: gate.Host32", fmt.Sprintf("Host: %d", c.Number))
	case "gate.clock":
		parts = append(parts, "Rule: gate.Clock")
	case "gate.umtx":
		parts = append(parts, "Rule: gate.Umtx")
	case "gate.kevent":
		parts = append(parts, "Rule: gate.Kevent")
	case "gate.stat":
		parts = append(parts, "Rule: gate.Stat")
	case "gate.statfd":
		parts = append(parts, "Rule: gate.StatFD")
	case "gate.clock32":
		parts = append(parts, "Rule: gate.Clock32")
	default:
		n, ok := d.hostNumber(st.Via)
		if !ok {
			return "", fmt.Errorf("%s:%d: the host has no call `%s`", d.g.file.Name, c.Line, st.Via)
		}
		parts = append(parts, "Rule: gate.Host", fmt.Sprintf("Host: %d", n))
	}
	if st.Guard {
		parts = append(parts, "Guard: true")
	}
	var args string
	var err error
	switch st.Via {
	case "host32":
		args = d.words(c)
	case "gate.umtx", "gate.kevent":
		args = fmt.Sprintf("pass[:%d]", c.Words()) // the gate knows what they mean
	default:
		if args, err = d.args(c); err != nil {
			return "", err
		}
	}
	if args != "" {
		parts = append(parts, "Args: "+args)
	}
	return "{" + strings.Join(parts, ", ") + "}", nil
}

func (d *direct) hostNumber(via string) (int, bool) {
	c := d.g.host.cpus[0].ByName(strings.TrimPrefix(via, "host."))
	if c == nil {
		return 0, false
	}
	return c.Number, true
}

// words moves all words of a call as they are; a handler gets paths in /proc.
func (d *direct) words(c *desc.Call) string {
	if len(c.Args) == 0 {
		return ""
	}
	last := c.Args[len(c.Args)-1]
	n := last.Word + last.Words
	if !d.cpu.check.Status[c.Number].OrServed {
		return fmt.Sprintf("low[:%d]", n)
	}
	ops := make([]string, n)
	for w := range ops {
		ops[w] = "Zero32"
	}
	for i := range c.Args {
		if a := &c.Args[i]; a.Dir == desc.In && a.Type.Kind == desc.String {
			ops[a.Word] = "Path32"
		}
	}
	for w, op := range ops {
		ops[w] = fmt.Sprintf("{Op: gate.%s, From: %d}", op, w)
	}
	return "[]gate.Arg{" + strings.Join(ops, ", ") + "}"
}

// args moves each word once; a plain call shares the table of passes.
func (d *direct) args(c *desc.Call) (string, error) {
	var ops []string
	plain, next := true, uint8(0)
	for i := range c.Args {
		a := &c.Args[i]
		if a.Word < next {
			continue // another reading of the word before
		}
		next = a.Word + a.Words
		op, err := d.op(a, d.cpu.check.Status[c.Number].OrServed)
		if err != nil {
			return "", fmt.Errorf("%s:%d: %w", d.g.file.Name, c.Line, err)
		}
		plain = plain && op == ""
		if op == "" {
			op = "Op: gate.Pass, "
		}
		ops = append(ops, fmt.Sprintf("{%sFrom: %d}", op, a.Word))
		if i := strings.Index(op, "Value:"); i >= 0 {
			value := strings.TrimSuffix(op[i:], ", ")
			ops[len(ops)-1] = fmt.Sprintf("{%sFrom: %d, %s}", op[:i], a.Word, value)
		}
	}
	switch {
	case len(ops) == 0:
		return "", nil
	case plain:
		return fmt.Sprintf("pass[:%d]", len(ops)), nil
	}
	return "[]gate.Arg{" + strings.Join(ops, ", ") + "}", nil
}

// op is how one host argument is made, as the start of a literal; "" passes it.
// Of a call that a handler serves too, the handler gets what paths in /proc,
// signal masks and the times of 32-bit programs need.
func (d *direct) op(a *desc.Arg, orServed bool) (string, error) {
	switch {
	case orServed && a.Dir == desc.In && a.Type.Kind == desc.SigSet:
		return "Op: gate.Null, ", nil
	case orServed && a.Dir == desc.In && a.Type.Kind == desc.String && d.cpu.Word == 4:
		return "Op: gate.Path32, ", nil
	case orServed && a.Dir == desc.In && a.Type.Kind == desc.String:
		return "Op: gate.Path, ", nil
	case orServed && a.Dir != desc.Value && a.Dir != desc.Out && a.Type.Name == "timespec" && d.cpu.Word == 4:
		return "Op: gate.Null, ", nil
	case orServed && a.Dir != desc.Value && a.Dir != desc.Out && a.Type.Name == "timespec64":
		return "Op: gate.Nsec32, ", nil
	}
	if d.g != d.g.host && a.Dir == desc.Value && a.Type.Set != nil {
		return d.mapped(a.Type)
	}
	switch {
	case a.Words == 2:
		return "Op: gate.Pair32, ", nil
	case d.cpu.Word == 8:
		return "", nil
	case a.Dir == desc.Value && isSigned(a.Type.Kind):
		return "Op: gate.Sign32, ", nil
	}
	return "Op: gate.Zero32, ", nil
}

// mapped translates a set by name.
func (d *direct) mapped(t *desc.Type) (string, error) {
	op, list := "Flags", &d.flags
	if t.Kind == desc.Enum {
		op, list = "Values", &d.values
	}
	i, ok := d.index[t.Name]
	if !ok {
		text, err := d.mapLiteral(t)
		if err != nil {
			return "", err
		}
		i = len(*list)
		d.index[t.Name] = i
		*list = append(*list, text)
	}
	return fmt.Sprintf("Op: gate.%s, Value: %d, ", op, i), nil
}

// mapLiteral pairs guest and host values of a set.
func (d *direct) mapLiteral(t *desc.Type) (string, error) {
	set := d.setDecl(t.Name)
	var b strings.Builder
	fmt.Fprintf(&b, "\t\t{ // %s\n", t.Name)
	for _, it := range set.Items {
		members := it.Group
		if members == nil {
			members = []syntax.SetItem{it}
		}
		for _, m := range members {
			if err := d.pair(&b, t, m); err != nil {
				return "", err
			}
		}
	}
	b.WriteString("\t\t},\n")
	return b.String(), nil
}

func (d *direct) pair(b *strings.Builder, t *desc.Type, m syntax.SetItem) error {
	host := m.Host
	switch host {
	case "-":
		return nil
	case "":
		host = m.Name
	}
	from, err := d.cpu.check.Constant(m.Name)
	if err != nil {
		return err
	}
	to, err := d.g.host.cpus[0].check.Constant(host)
	if err != nil {
		return fmt.Errorf("%s of `%s`: the host has %w: write %s=-", m.Name, t.Name, err, m.Name)
	}
	if from == 0 && t.Kind == desc.Flags {
		return nil // no bit
	}
	fmt.Fprintf(b, "\t\t\t{Guest: %#x, Host: %#x}, // %s\n", uint32(from), uint32(to), m.Name)
	return nil
}

func (d *direct) setDecl(name string) *syntax.Set {
	for _, decl := range d.g.file.Decls {
		if s, ok := decl.(*syntax.Set); ok && s.Name == name && (s.CPU == "" || s.CPU == d.cpu.CPU) {
			return s
		}
	}
	return &syntax.Set{}
}

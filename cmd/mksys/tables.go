package main

import (
	"fmt"
	"strings"

	"trapgate/desc"
)

// systemName is the Go name of a guest on one CPU.
func systemName(c cpu) string {
	if c.CPU == "386" {
		return "I386"
	}
	return strings.ToUpper(c.CPU)
}

// typeNames gives each type one Go variable; a type that is the same on the
// first CPU is shared.
type typeNames struct {
	first *typeNames
	cpu   cpu
	text  map[string]string // Go variable -> literal
	order []string
	refs  map[*desc.Type]string
}

func namesOf(g *guest) []*typeNames {
	var out []*typeNames
	for _, c := range g.cpus {
		n := &typeNames{cpu: c, text: map[string]string{}, refs: map[*desc.Type]string{}}
		if len(out) > 0 {
			n.first = out[0]
		}
		for _, call := range c.Calls {
			if call != nil {
				n.call(call)
			}
		}
		out = append(out, n)
	}
	return out
}

func (n *typeNames) call(c *desc.Call) {
	for i := range c.Args {
		n.ref(c.Args[i].Type)
	}
	n.ref(c.Result.Type)
	for i := range c.Others {
		n.ref(c.Others[i].Type)
	}
	for _, sub := range c.Sub {
		if sub != nil {
			n.call(sub)
		}
	}
}

// ref is the Go variable of a type.
func (n *typeNames) ref(t *desc.Type) string {
	if r := n.refs[t]; r != "" {
		return r
	}
	name := "type" + exported(t.Name)
	text := n.literal(t)
	if n.first != nil && n.first.text[name] == text {
		n.refs[t] = name
		return name
	}
	if n.first != nil {
		name += n.cpu.suffix()
	}
	if _, ok := n.text[name]; !ok {
		n.order = append(n.order, name)
	}
	n.text[name], n.refs[t] = text, name
	return name
}

func (n *typeNames) literal(t *desc.Type) string {
	s := fmt.Sprintf("{Kind: desc.%s, Name: %q", kindNames[t.Kind], t.Name)
	if t.Size > 0 {
		s += fmt.Sprintf(", Size: %d", t.Size)
	}
	if t.Wide {
		s += ", Wide: true"
	}
	if t.Set != nil {
		s += ", Set: " + setLiteral(t.Set)
	}
	if t.Struct != nil {
		s += ", Struct: " + n.structLiteral(t.Struct)
	}
	return s + "}"
}

func setLiteral(s *desc.Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "&desc.Set{Name: %q", s.Name)
	if s.Decimal {
		b.WriteString(", Decimal: true")
	}
	if len(s.Members) > 0 {
		b.WriteString(", Members: " + membersLiteral(s.Members))
	}
	if len(s.Paths) > 0 {
		b.WriteString(", Paths: []desc.Path{\n")
		for _, p := range s.Paths {
			fmt.Fprintf(&b, "{Key: %q, Members: %s},\n", p.Key, membersLiteral(p.Members))
		}
		b.WriteString("}")
	}
	if len(s.Groups) > 0 {
		b.WriteString(", Groups: []desc.Group{\n")
		for _, g := range s.Groups {
			fmt.Fprintf(&b, "{Mask: %#x, Members: %s},\n", g.Mask, membersLiteral(g.Members))
		}
		b.WriteString("}")
	}
	return b.String() + "}"
}

func membersLiteral(ms []desc.Member) string {
	var b strings.Builder
	b.WriteString("[]desc.Member{\n")
	for _, m := range ms {
		fmt.Fprintf(&b, "{Name: %q, Value: %#x},\n", m.Name, m.Value)
	}
	return b.String() + "}"
}

func (n *typeNames) structLiteral(s *desc.StructType) string {
	var b strings.Builder
	fmt.Fprintf(&b, "&desc.StructType{Name: %q, Size: %d, Fields: []desc.Arg{\n", s.Name, s.Size)
	for i := range s.Fields {
		b.WriteString(n.arg(&s.Fields[i], "") + ",\n")
	}
	return b.String() + "}}"
}

// arg is the literal of an argument, field or result.
func (n *typeNames) arg(a *desc.Arg, typeName string) string {
	s := typeName + "{"
	if a.Name != "" {
		s += fmt.Sprintf("Name: %q, ", a.Name)
	}
	s += "Type: &" + n.ref(a.Type)
	if a.Dir != desc.Value {
		s += ", Dir: desc." + dirNames[a.Dir]
	}
	if a.Len != (desc.Len{}) {
		s += fmt.Sprintf(", Len: desc.Len{Kind: desc.%s, N: %d, Array: %v}", lenNames[a.Len.Kind], a.Len.N, a.Len.Array)
	}
	if a.When != nil {
		s += fmt.Sprintf(", When: &desc.When{Arg: %d, Values: %#v}", a.When.Arg, a.When.Values)
	}
	for _, v := range []struct {
		name  string
		value int
	}{{"Word", int(a.Word)}, {"Words", int(a.Words)}, {"Offset", int(a.Offset)}} {
		if v.value != 0 {
			s += fmt.Sprintf(", %s: %d", v.name, v.value)
		}
	}
	if a.Hidden {
		s += ", Hidden: true"
	}
	if a.Quiet {
		s += ", Quiet: true"
	}
	return s + "}"
}

var (
	kindNames = strings.Fields(`Void Int Uint Hex Addr FD DirFD Mode PID ID Dev Signal Flags Enum Byte String
		Strings Struct Sockaddr SigSet FDSet WaitStatus MIB Opaque`)
	dirNames    = strings.Fields("Value In Out InOut")
	lenNames    = strings.Fields("One Const ByArg AtArg")
	statusNames = strings.Fields("No Part Served Direct")
)

// emitTypes writes the types that the calls use.
func emitTypes(g *guest, f *goFile) error {
	f.imports = []string{"trapgate/desc"}
	for _, n := range namesOf(g) {
		if len(n.order) == 0 {
			continue
		}
		f.printf("\n// The types of %s.\nvar (\n", n.cpu.CPU)
		for _, name := range n.order {
			f.printf("\t%s = desc.Type%s\n", name, n.text[name])
		}
		f.printf(")\n")
	}
	return nil
}

// emitCalls writes the systems and their calls by number.
func emitCalls(g *guest, f *goFile) error {
	f.imports = []string{"trapgate/desc"}
	for _, n := range namesOf(g) {
		emitSystem(g, f, n)
	}
	f.printf("\n// errorNames are the errors by number.\nvar errorNames = []desc.ErrorName{\n")
	for i, e := range g.cpus[0].Errors {
		if e.Name != "" {
			f.printf("\t%d: {Name: %q, Text: %q},\n", i, e.Name, e.Text)
		}
	}
	f.printf("}\n\n// signalNames are the signals by number.\nvar signalNames = []string{\n")
	for i, s := range g.cpus[0].Signals {
		if s != "" {
			f.printf("\t%d: %q,\n", i, s)
		}
	}
	f.printf("}\n")
	return nil
}

func emitSystem(g *guest, f *goFile, n *typeNames) {
	c := n.cpu
	table := "Calls" + strings.ToUpper(c.CPU)
	f.printf("\n// %s is %s on %s, as the decoder sees it.\n", systemName(c), g.file.System, c.CPU)
	f.printf("var %s = &desc.System{\n\tName: %q,\n\tCPU: %q,\n\tWord: %d,\n\tCalls: %s,\n",
		systemName(c), c.Name, c.CPU, c.Word, table)
	f.printf("\tErrors: errorNames,\n\tSignals: signalNames,\n")
	if c.Sorted {
		f.printf("\tSorted: true,\n")
	}
	if c.CWD != 0 {
		f.printf("\tCWD: %d,\n", c.CWD)
	}
	if c.SockaddrLen {
		f.printf("\tSockaddrLen: true,\n")
	}
	if c.Families != nil {
		f.printf("\tFamilies: typeFamilies.Set,\n")
	}
	f.printf("}\n\n// %s are the calls of %s by number.\nvar %s = []*desc.Call{\n", table, c.CPU, table)
	for _, call := range c.Calls {
		switch {
		case call == nil:
		case c.Sorted:
			f.printf("\t%s", n.callLiteral(call))
		default:
			f.printf("\t%d: %s", call.Number, n.callLiteral(call))
		}
	}
	f.printf("}\n")
}

func (n *typeNames) argList(field string, args []desc.Arg) string {
	if len(args) == 0 {
		return ""
	}
	s := "\t\t" + field + ": []desc.Arg{\n"
	for i := range args {
		s += "\t\t\t" + n.arg(&args[i], "") + ",\n"
	}
	return s + "\t\t},\n"
}

func (n *typeNames) callLiteral(c *desc.Call) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{\n\t\tNumber: %d, Name: %q, Status: desc.%s,", c.Number, c.Name, statusNames[c.Status])
	if c.Why != "" {
		fmt.Fprintf(&b, " Why: %q,", c.Why)
	}
	fmt.Fprintf(&b, "\n\t\tSource: %q, Line: %d,", c.Source, c.Line)
	for _, v := range []struct{ name, value string }{{"Class", c.Class}, {"Since", c.Since}} {
		if v.value != "" {
			fmt.Fprintf(&b, " %s: %q,", v.name, v.value)
		}
	}
	b.WriteString("\n")
	b.WriteString(n.argList("Args", c.Args) + n.argList("Others", c.Others))
	if c.SubWords {
		b.WriteString("\t\tSubWords: true,\n")
	}
	if len(c.Sub) > 0 {
		b.WriteString("\t\tSub: []*desc.Call{\n")
		for i, sub := range c.Sub {
			if sub != nil {
				fmt.Fprintf(&b, "\t\t\t%d: %s", i, n.callLiteral(sub))
			}
		}
		b.WriteString("\t\t},\n")
	}
	return b.String() + "\t\tResult: " + n.arg(&c.Result, "desc.Arg") + ",\n\t},\n"
}

package main

import (
	"fmt"
	"go/format"
	"maps"
	"path"
	"slices"
	"strings"

	"trapgate/desc"
	"trapgate/desc/syntax"
)

// callers are the systems that have a package sys/<system>, and the forms of
// the raw call there: the most arguments of each.
var callers = map[string][]int{"linux": {3, 6}, "freebsd": {3, 6, 9}}

// caller is the caller's side of one system on one CPU.
type caller struct {
	g     *guest
	cpu   cpu
	facts sysFacts
	funcs map[string]bool // names of wrappers, on all CPUs
	file  map[string][]sysDecl
	seen  map[*desc.StructType]bool
}

// sysDecl is one declaration of a generated file.
type sysDecl struct{ name, text string }

// sysKinds are the generated files: what stands before and after the
// declarations, and what they import.
var sysKinds = []struct {
	name, head, tail string
	imports          string
	test             bool
	perCPU           bool // nothing is shared, so that the list is whole
}{
	{name: "numbers", perCPU: true, head: "// The numbers of the calls. A comment says why a call has no wrapper.\nconst (\n", tail: ")\n"},
	{name: "errno", head: "// The errors.\nconst (\n", tail: ")\n"},
	{name: "signal", head: "// The signals.\nconst (\n", tail: ")\n"},
	{name: "const", head: "// The constants.\nconst (\n", tail: ")\n"},
	{name: "errtext", head: "// errorTable has names and texts of the errors by number.\nvar errorTable = [...]struct{ name, text string }{\n", tail: "}\n"},
	{name: "sigtext", head: "// signalNames has the names of the signals by number.\nvar signalNames = [...]string{\n", tail: "}\n"},
	{name: "types", imports: "unsafe"},
	{name: "calls", imports: "unsafe"},
	{name: "layout", head: "func init() {\n\tlayouts = append(layouts, []layout{\n", tail: "\t}...)\n}\n", imports: "unsafe", test: true},
}

// sysFiles makes the files of sys/<system>. What is the same on all CPUs stands
// once, in z<kind>.go; the rest in z<cpu>_<kind>.go.
func sysFiles(g *guest) (map[string][]byte, error) {
	if callers[g.name] == nil {
		return nil, nil
	}
	return callerFiles(g, callers[g.name])
}

func callerFiles(g *guest, forms []int) (map[string][]byte, error) {
	var all []*caller
	funcs := map[string]bool{}
	for _, c := range g.cpus {
		s := &caller{g: g, cpu: c, facts: factsOf(g.name), funcs: funcs, file: map[string][]sysDecl{}, seen: map[*desc.StructType]bool{}}
		s.nameFuncs()
		all = append(all, s)
	}
	for _, s := range all {
		if err := s.emit(forms); err != nil {
			return nil, err
		}
	}
	files := map[string][]byte{}
	for i := range sysKinds {
		if err := writeKind(g, all, i, files); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (s *caller) add(kind, name, text string) {
	s.file[kind] = append(s.file[kind], sysDecl{name, text})
}

// emit makes all declarations for this CPU.
func (s *caller) emit(forms []int) error {
	s.constants()
	for _, call := range s.cpu.Calls {
		if call == nil {
			continue
		}
		reason := s.leftOut(call)
		text := fmt.Sprintf("\tSYS_%s = %s", call.Name, number(call.Number))
		if reason != "" {
			text += " // " + reason
		}
		s.add("numbers", "SYS_"+call.Name, text+"\n")
		if reason != "" {
			continue
		}
		if err := s.wrappers(call, forms); err != nil {
			return fmt.Errorf("%s:%d: %s: %w", s.g.file.Name, call.Line, call.Name, err)
		}
	}
	return s.unique()
}

// unique fails if two declarations have one name.
func (s *caller) unique() error {
	seen := map[string]string{}
	for _, kind := range []string{"numbers", "errno", "signal", "const", "types", "calls"} {
		for _, d := range s.file[kind] {
			if old := seen[d.name]; old != "" {
				return fmt.Errorf("mksys: sys/%s: %s is declared in %s and in %s", s.g.name, d.name, old, kind)
			}
			seen[d.name] = kind
		}
	}
	return nil
}

// constants adds errors, signals and the constants of numbers.txt.
func (s *caller) constants() {
	taken := map[string]bool{}
	for _, f := range s.g.facts.Errors {
		n, _ := f.On(s.cpu.CPU)
		taken[f.Name] = true
		s.add("errno", f.Name, fmt.Sprintf("\t%s = Errno(%d)\n", f.Name, n))
		if !f.Alias {
			s.add("errtext", f.Name, fmt.Sprintf("\t%d: {%q, %q},\n", n, f.Name, lowerFirst(f.Text)))
		}
	}
	for _, f := range s.g.facts.Signals {
		n, _ := f.On(s.cpu.CPU)
		taken[f.Name] = true
		s.add("signal", f.Name, fmt.Sprintf("\t%s = Signal(%d)\n", f.Name, n))
		if !f.Alias {
			s.add("sigtext", f.Name, fmt.Sprintf("\t%d: %q,\n", n, f.Name))
		}
	}
	for _, f := range s.g.facts.ConstList {
		if strings.HasPrefix(f.Name, "SYS_") {
			continue // SYS_SOCKET is no number of a call, but an operation of socketcall
		}
		if v, ok := f.On(s.cpu.CPU); ok && !taken[f.Name] {
			taken[f.Name] = true
			s.add("const", constName(f.Name), fmt.Sprintf("\t%s = %s\n", constName(f.Name), s.constant(f, v)))
		}
	}
}

// constant writes a value; all ones of an unsigned word is no -1.
func (s *caller) constant(f syntax.Fact, v int64) string {
	if v < 0 && f.Unsigned {
		return fmt.Sprintf("%#x", uint64(v))
	}
	return hex(v)
}

// lowerFirst makes a text of the system's an error text of Go's: in the middle
// of a sentence.
func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// writeKind writes the files of one kind.
func writeKind(g *guest, all []*caller, kind int, files map[string][]byte) error {
	k := sysKinds[kind]
	shared := map[string]string{}
	for _, d := range all[0].file[k.name] {
		if !k.perCPU || len(all) == 1 {
			shared[d.name] = d.text
		}
	}
	for _, s := range all[1:] {
		here := map[string]string{}
		for _, d := range s.file[k.name] {
			here[d.name] = d.text
		}
		maps.DeleteFunc(shared, func(name, text string) bool { return here[name] != text })
	}
	isShared := func(d sysDecl) bool { return shared[d.name] == d.text }
	var cpus []string
	for _, s := range all {
		cpus = append(cpus, s.cpu.CPU)
		own := slices.DeleteFunc(slices.Clone(s.file[k.name]), isShared)
		if err := writeDecls(g, kind, []string{s.cpu.CPU}, own, files); err != nil {
			return err
		}
	}
	common := slices.DeleteFunc(slices.Clone(all[0].file[k.name]), func(d sysDecl) bool { return !isShared(d) })
	return writeDecls(g, kind, cpus, common, files)
}

// writeDecls writes one file; one without declarations is removed.
func writeDecls(g *guest, kind int, cpus []string, decls []sysDecl, files map[string][]byte) error {
	k := sysKinds[kind]
	name := "z" + k.name
	if len(cpus) == 1 && len(g.cpus) > 1 {
		name = "z" + strings.Replace(cpus[0], "386", "i386", 1) + "_" + k.name
	}
	if k.test {
		name += "_test"
	}
	name = path.Join("sys", g.name, name+".go")
	if len(decls) == 0 {
		if files[name] == nil {
			files[name] = nil // to be removed
		}
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// Code generated by mksys from guest/%s/calls.sys. DO NOT EDIT.\n\n//go:build %s\n\npackage %s\n\n",
		g.name, buildLine(g.name, cpus), g.name)
	var body strings.Builder
	for _, d := range decls {
		body.WriteString(d.text)
	}
	if k.imports != "" && strings.Contains(body.String(), k.imports+".") {
		fmt.Fprintf(&b, "import %q\n\n", k.imports)
	}
	b.WriteString(k.head + body.String() + k.tail)
	out, err := format.Source([]byte(b.String()))
	if err != nil {
		return fmt.Errorf("mksys: %s: %w", name, err)
	}
	files[name] = out
	return nil
}

func buildLine(system string, cpus []string) string {
	if len(cpus) == 1 {
		return system + " && " + cpus[0]
	}
	cpus = slices.Sorted(slices.Values(cpus))
	return system + " && (" + strings.Join(cpus, " || ") + ")"
}

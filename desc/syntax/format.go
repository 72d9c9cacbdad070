package syntax

import (
	"fmt"
	"strings"

	"trapgate/desc"
)

const (
	lineWidth    = 100 // calls and sets are broken after this column
	statusColumn = 72  // where the status of a short call stands
)

// Format writes a file in the one accepted form.
func Format(f *File) string {
	var b strings.Builder
	comment(&b, f.Head)
	if len(f.Head) > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "system %s\ncpus %s\n", f.System, strings.Join(f.CPUs, " "))
	if len(f.Unserved) > 0 {
		fmt.Fprintf(&b, "unserved %s\n", strings.Join(f.Unserved, " "))
	}
	if f.SockaddrLen {
		b.WriteString("sockaddr len\n")
	}
	for _, d := range f.Decls {
		b.WriteString("\n")
		comment(&b, d.base().Comment)
		if cpu := d.base().CPU; cpu != "" {
			b.WriteString("@" + cpu + " ")
		}
		decl(&b, d)
	}
	return b.String()
}

func comment(b *strings.Builder, lines []string) {
	for _, l := range lines {
		b.WriteString(strings.TrimRight("# "+l, " ") + "\n")
	}
}

func decl(b *strings.Builder, d Decl) {
	switch d := d.(type) {
	case *Set:
		b.WriteString(strings.TrimRight(setWords[d.Kind]+" "+d.Name+" "+d.Width, " "))
		items(b, d.Items)
	case *Within:
		b.WriteString("within " + d.Call)
		items(b, d.Items)
	case *Errors:
		b.WriteString("errors")
		items(b, d.Items)
	case *Struct:
		structure(b, d)
	case *Call:
		b.WriteString(callText(d) + "\n")
	}
}

// items fills lines with names; a group has its own line.
func items(b *strings.Builder, its []SetItem) {
	b.WriteString(" {")
	col := lineWidth
	for _, it := range its {
		s := itemText(it)
		if it.Group != nil && 8+len(s) > lineWidth {
			s = groupLines(it)
		}
		if it.Group != nil || col+1+len(s) > lineWidth {
			b.WriteString("\n\t" + s)
			col = 8 + len(s)
		} else {
			b.WriteString(" " + s)
			col += 1 + len(s)
		}
		if it.Group != nil {
			col = lineWidth
		}
	}
	b.WriteString("\n}\n")
}

// groupLines breaks a long group: each line starts with its name.
func groupLines(it SetItem) string {
	prefix := it.Name + ":"
	out, col := prefix, 8+len(prefix)
	for _, m := range it.Group {
		if col+1+len(m.Name) > lineWidth && col > 8+len(prefix) {
			out += "\n\t" + prefix
			col = 8 + len(prefix)
		}
		out += " " + m.Name
		col += 1 + len(m.Name)
	}
	return out
}

func itemText(it SetItem) string {
	switch {
	case it.Group != nil:
		names := make([]string, len(it.Group))
		for i := range it.Group {
			names[i] = it.Group[i].Name
		}
		return it.Name + ": " + strings.Join(names, " ")
	case it.Words != nil:
		return it.Name + "=" + it.Host + "(" + strings.Join(it.Words, " ") + ")"
	case it.Host != "":
		return it.Name + "=" + it.Host
	}
	return it.Name
}

func structure(b *strings.Builder, s *Struct) {
	b.WriteString("struct " + s.Name)
	if s.Packed {
		b.WriteString(" packed")
	}
	b.WriteString(" {\n")
	for i := range s.Fields {
		b.WriteString("\t" + argText(&s.Fields[i]) + "\n")
	}
	b.WriteString("}\n")
}

var dirNames = [...]string{desc.In: "in", desc.Out: "out", desc.InOut: "inout"}

func argText(a *Arg) string {
	parts := []string{a.Name}
	if a.Dir != desc.Value {
		parts = append(parts, dirNames[a.Dir])
	}
	t := a.Type
	if a.Len != nil {
		star := ""
		if a.Len.At {
			star = "*"
		}
		t = "[" + star + a.Len.Name + "]" + t
	}
	parts = append(parts, t)
	if a.If != nil {
		parts = append(parts, "if", a.If.Arg, strings.Join(a.If.Values, "|"))
	}
	if a.Quiet {
		parts = append(parts, "quiet")
	}
	return strings.Join(parts, " ")
}

// callText puts a call on one line, or breaks its arguments.
func callText(c *Call) string {
	var lines []string
	line := c.Name + "("
	for i := range c.Args {
		s := argText(&c.Args[i])
		if i < len(c.Args)-1 {
			s += ", "
		}
		if len(line)+len(s) > lineWidth {
			lines = append(lines, strings.TrimRight(line, " "))
			line = "        "
		}
		more := breakValues(line + s)
		lines, line = append(lines, more[:len(more)-1]...), more[len(more)-1]
	}
	line += ")"
	if len(c.Results) > 0 {
		s := " (" + resultText(c.Results) + ")"
		if len(line)+len(s) > lineWidth+10 {
			lines = append(lines, line)
			line = "       "
		}
		line += s
	}
	line += strings.Repeat(" ", max(2, statusColumn-len(line))) + statusText(c.Status)
	for _, s := range c.PerCPU {
		line += " | " + s.CPU + " " + statusText(s.Status)
	}
	return strings.Join(append(lines, line), "\n")
}

// breakValues breaks a line that is too long behind a | of a condition.
func breakValues(line string) []string {
	var out []string
	for len(line) > lineWidth+2 {
		i := strings.LastIndexByte(line[:lineWidth], '|')
		if i < 0 {
			break
		}
		out = append(out, line[:i+1])
		line = "                " + line[i+1:]
	}
	return append(out, line)
}

func resultText(results []Arg) string {
	parts := make([]string, len(results))
	for i := range results {
		parts[i] = argText(&results[i])
	}
	return strings.Join(parts, ", ")
}

func statusText(s Status) string {
	switch s.Kind {
	case desc.Part:
		return `part "` + s.Why + `"`
	case desc.Direct:
		t := "direct " + s.Via
		if s.Guard {
			t += " guard"
		}
		if s.OrServed {
			t += " or served"
		}
		return t
	}
	return s.Kind.String()
}

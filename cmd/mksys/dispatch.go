package main

import "strings"

// emitDispatch writes the tables from call number to handler. Without a
// hand-written system.go there are no handlers yet, and no file.
func emitDispatch(g *guest, f *goFile) error {
	if !g.handlers {
		return nil
	}
	f.imports = []string{"trapgate/guest/" + g.name + "/abi", "trapgate/kernel"}
	for _, c := range g.cpus {
		if !g.served(c) {
			continue
		}
		f.printf("\n// calls%s are the calls of %s that have a handler, by number.\n", c.suffix(), c.CPU)
		f.printf("var calls%s = [...]kernel.Call{\n", c.suffix())
		for _, h := range g.handlersOf(c) {
			f.printf("\t// calls.sys:%d\n", h.call.Line)
			f.printf("\t%d: {Name: %q, Handler: %s},\n", h.call.Number, h.call.Name, closure(h))
		}
		f.printf("}\n")
	}
	return nil
}

// closure turns argument words into the handler's structure.
func closure(h handler) string {
	var b strings.Builder
	b.WriteString("func(t *kernel.Thread, a *kernel.Args) (uint64, error) {\n\t\treturn " + h.name + "(t")
	if len(h.fields) > 0 {
		b.WriteString(", &abi." + argsName(h.name) + "{")
		for i, f := range h.fields {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(f.name + ": " + f.expr)
		}
		b.WriteString("}")
	}
	b.WriteString(")\n\t}")
	return b.String()
}

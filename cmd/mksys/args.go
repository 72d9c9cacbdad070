package main

import (
	"fmt"
	"slices"

	"trapgate/desc"
)

// makeField gives an argument its Go type: pointers are uint64, numbers have
// the width of the C type, words of the CPU are 64 bits wide.
func makeField(a *desc.Arg, wordSize int) field {
	f := field{name: exported(a.Name), pointer: a.Dir != desc.Value}
	signed, size := false, 8
	if !f.pointer {
		signed, size = isSigned(a.Type.Kind), int(a.Type.Size)
	}
	if a.Type.Wide {
		size = 8
	}
	f.typ = fmt.Sprintf("uint%d", max(size, 1)*8)
	if signed {
		f.typ = f.typ[1:]
	}
	f.expr = expression(a, f.typ, signed, wordSize)
	return f
}

func isSigned(k desc.Kind) bool {
	return k == desc.Int || k == desc.FD || k == desc.DirFD || k == desc.PID || k == desc.Signal
}

func expression(a *desc.Arg, typ string, signed bool, wordSize int) string {
	arg := fmt.Sprintf("a[%d]", a.Word)
	switch {
	case a.Words == 2:
		return fmt.Sprintf("%s(uint64(uint32(a[%d])) | a[%d]<<32)", typ, a.Word, a.Word+1)
	case typ == "uint64" && wordSize == 8:
		return arg
	case wordSize == 4 && typ == "uint64":
		return "uint64(uint32(" + arg + "))"
	case wordSize == 4 && typ == "int64":
		return "int64(int32(" + arg + "))"
	}
	return typ + "(" + arg + ")"
}

// handler is a Go function that the guest's package must have.
type handler struct {
	name   string
	call   *desc.Call
	fields []field
}

// needsHandler says whether a call can reach a handler.
func (c cpu) needsHandler(call *desc.Call) bool {
	switch call.Status {
	case desc.Served, desc.Part:
		return true
	case desc.Direct:
		return c.check.Status[call.Number].OrServed
	}
	return false
}

// handlers are those of one CPU, by call number. A handler whose arguments are
// not those of the first CPU's gets a name of its own.
func (g *guest) handlersOf(c cpu) []handler {
	var out []handler
	for _, call := range c.Calls {
		if call == nil || !c.needsHandler(call) {
			continue
		}
		h := handler{handlerName(call.Name), call, fields(call, c.Word)}
		first := g.cpus[0]
		if other := first.ByName(call.Name); c.suffix() != "" && other != nil &&
			!sameFields(h.fields, fields(other, first.Word)) {
			h.name += c.suffix()
		}
		out = append(out, h)
	}
	return out
}

// sameFields compares names and types; the order of the words does not matter.
func sameFields(a, b []field) bool {
	if len(a) != len(b) {
		return false
	}
	for _, f := range a {
		if !slices.ContainsFunc(b, func(o field) bool { return o.name == f.name && o.typ == f.typ }) {
			return false
		}
	}
	return true
}

// emitArgs writes the argument structures of all handlers.
func emitArgs(g *guest, f *goFile) error {
	done := map[string]bool{}
	for _, c := range g.cpus {
		for _, h := range g.handlersOf(c) {
			if len(h.fields) == 0 || done[h.name] {
				continue
			}
			done[h.name] = true
			f.printf("\n// %s are the arguments of %s: calls.sys:%d\ntype %s struct {\n",
				argsName(h.name), h.call.Name, h.call.Line, argsName(h.name))
			for _, fl := range h.fields {
				f.printf("\t%s %s\n", fl.name, fl.typ)
			}
			f.printf("}\n")
		}
	}
	return nil
}

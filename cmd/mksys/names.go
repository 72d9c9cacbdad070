package main

import (
	"go/token"
	"strings"

	"trapgate/desc"
)

// exported is a name of calls.sys as an exported Go name: old_len is OldLen.
func exported(name string) string {
	var b strings.Builder
	for _, part := range strings.Split(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// handlerName is the Go function that serves a call: rt_sigaction is rtSigaction,
// __sysctl is sysctl; a call named as a Go keyword gets the ending Call.
func handlerName(call string) string {
	s := exported(call)
	s = strings.ToLower(s[:1]) + s[1:]
	if token.IsKeyword(s) {
		s += "Call"
	}
	return s
}

// argsName is the structure of a handler's arguments.
func argsName(handler string) string {
	return strings.ToUpper(handler[:1]) + handler[1:] + "Args"
}

// field is a field of an argument structure and how it is made from the words.
type field struct {
	name, typ, expr string
	pointer         bool
}

// fields are the arguments of a call for its handler, one for each word that
// is named; a second reading of a word decides unless the first is a pointer.
func fields(c *desc.Call, wordSize int) []field {
	var out []field
	for i := range c.Args {
		a := &c.Args[i]
		f := makeField(a, wordSize)
		j := len(out) - 1
		switch {
		case j < 0 || out[j].name != f.name:
			out = append(out, f)
		case f.pointer || !out[j].pointer:
			out[j] = f
		}
	}
	return out
}

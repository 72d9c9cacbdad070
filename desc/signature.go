package desc

import (
	"strconv"
	"strings"
)

var dirWords = [...]string{Value: "", In: "in ", Out: "out ", InOut: "inout "}

// Signature is the call as calls.sys declares it, without conditions and with
// the last reading of a word that has several.
func (c *Call) Signature() string {
	var args []string
	for i := range c.Args {
		if i+1 < len(c.Args) && c.Args[i+1].Name == c.Args[i].Name {
			continue
		}
		args = append(args, c.Args[i].Declaration(c.Args))
	}
	s := c.Name + "(" + strings.Join(args, ", ") + ")"
	if c.Result.Name != "" {
		s += " (" + c.Result.Declaration(nil) + ")"
	}
	return s
}

// Declaration is the argument as calls.sys writes it; siblings name lengths.
func (a *Arg) Declaration(siblings []Arg) string {
	length := ""
	switch {
	case a.Len.Kind == Const:
		length = "[" + strconv.Itoa(int(a.Len.N)) + "]"
	case a.Len.Kind == ByArg && int(a.Len.N) < len(siblings):
		length = "[" + siblings[a.Len.N].Name + "]"
	case a.Len.Kind == AtArg && int(a.Len.N) < len(siblings):
		length = "[*" + siblings[a.Len.N].Name + "]"
	}
	return a.Name + " " + dirWords[a.Dir] + length + a.Type.Name
}

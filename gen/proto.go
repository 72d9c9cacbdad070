package gen

import (
	"fmt"
	"strings"
)

// Proto is one prototype.
type Proto struct {
	File string
	Line int
	// Raw: written as //sysnb. The call returns at once, so the scheduler is not told.
	Raw     bool
	Name    string
	Params  []Param
	Results []Param
	// Fails is the condition in brackets by which a DLL function has failed.
	Fails string
	// Call is what follows the equals sign: SYS_LSEEK or advapi32.RegCloseKey.
	Call string
}

// Param is a parameter or a result.
type Param struct{ Name, Type string }

// errorf is an error about the prototype's line.
func (p *Proto) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.File, p.Line, fmt.Sprintf(format, args...))
}

// fails: the last result is an error by the name that the wrappers set.
func (p *Proto) fails() bool {
	n := len(p.Results)
	return n > 0 && p.Results[n-1].Name == "err"
}

// values are the results without the error.
func (p *Proto) values() []Param {
	if p.fails() {
		return p.Results[:len(p.Results)-1]
	}
	return p.Results
}

// ParseLine reads a line of a source file. It returns nil, nil if the line
// holds no prototype.
func ParseLine(file string, number int, line string) (*Proto, error) {
	p := &Proto{File: file, Line: number}
	rest, ok := strings.CutPrefix(line, "//sys")
	if !ok {
		return nil, nil
	}
	rest, p.Raw = strings.CutPrefix(rest, "nb")
	if rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return nil, nil
	}
	return p, p.parse(rest)
}

func (p *Proto) parse(s string) error {
	name, s, ok := strings.Cut(s, "(")
	p.Name = strings.TrimSpace(name)
	if !ok || !isName(p.Name) {
		return p.errorf("malformed prototype: want a name and parameters in parentheses")
	}
	params, s, ok := cutClosing(s)
	if !ok {
		return p.errorf("%s: the parameters have no closing parenthesis", p.Name)
	}
	s = strings.TrimSpace(s)
	var err error
	if p.Params, err = p.list(params); err != nil {
		return err
	}
	if after, found := strings.CutPrefix(s, "("); found {
		var results string
		if results, s, ok = cutClosing(after); !ok {
			return p.errorf("%s: the results have no closing parenthesis", p.Name)
		}
		if p.Results, err = p.list(results); err != nil {
			return err
		}
	}
	return p.parseTail(strings.TrimSpace(s))
}

// parseTail reads what follows the results: [condition] = call.
func (p *Proto) parseTail(s string) error {
	if after, found := strings.CutPrefix(s, "["); found {
		i := strings.LastIndex(after, "]")
		if i < 0 {
			return p.errorf("%s: the condition has no closing bracket", p.Name)
		}
		p.Fails, s = strings.TrimSpace(after[:i]), strings.TrimSpace(after[i+1:])
	}
	if after, found := strings.CutPrefix(s, "="); found {
		p.Call, s = strings.TrimSpace(after), ""
		if p.Call == "" || strings.ContainsAny(p.Call, " \t(") {
			return p.errorf("%s: want the name of one call after the equals sign, got %q", p.Name, p.Call)
		}
	}
	if s != "" {
		return p.errorf("%s: do not understand %q", p.Name, s)
	}
	for i, r := range p.Results {
		if r.Name == "err" && i < len(p.Results)-1 {
			return p.errorf("%s: err must be the last result", p.Name)
		}
	}
	return nil
}

// list reads parameters. Each has a name and a type of its own.
func (p *Proto) list(s string) ([]Param, error) {
	var list []Param
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	for _, item := range strings.Split(s, ",") {
		name, typ, ok := strings.Cut(strings.TrimSpace(item), " ")
		typ = strings.TrimSpace(typ)
		if !ok || !isName(name) || typ == "" {
			return nil, p.errorf("%s: parameter %q needs a name and a type of its own", p.Name, strings.TrimSpace(item))
		}
		if strings.ContainsAny(typ, "( ") || strings.HasPrefix(typ, "...") {
			return nil, p.errorf("%s: cannot pass a %s to a call", p.Name, typ)
		}
		list = append(list, Param{name, typ})
	}
	return list, nil
}

// cutClosing cuts s at the parenthesis that closes the one before s.
func cutClosing(s string) (inside, after string, ok bool) {
	depth := 1
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

func isName(s string) bool {
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

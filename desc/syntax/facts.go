package syntax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Facts is what numbers.txt says of a system. Each line is one of
//
//	cpus amd64 386
//	call read amd64=0 386=3
//	errno EPERM 1 Operation not permitted
//	signal SIGHUP 1 term
//	const O_CREAT 0x40
//	const F_GETLK64 amd64=5 386=0xc
//	struct stat amd64=144 386=64
//	offset stat.st_size amd64=48 386=20
//
// A number without a CPU holds for each; `alias` in place of an error's text or
// after a signal's action marks a second name of that number. A call may have a
// class before its numbers, `call exit bsd amd64=0x2000001`, and behind them the
// release that brought it, `call openat amd64=257 2.6.16`. A struct has its size,
// and an offset tells where a field lies; what calls.sys lays out must agree.
type Facts struct {
	Name    string // of the file
	CPUs    []string
	Calls   []Fact
	Errors  []Fact
	Signals []Fact
	Consts  map[string]Fact
	Structs []Fact // sizes
	Offsets []Fact // of fields, struct.field
	// ConstList is Consts in the order of the file.
	ConstList []Fact
}

// Fact is a name and its number per CPU.
type Fact struct {
	Name   string
	Value  map[string]int64 // key "" is for each CPU
	Text   string           // text of an error, action of a signal, release of a call
	Class  string           // of a call
	Alias  bool
	Line   int
	Common bool // one value for all CPUs
	// Unsigned: a value is above the largest signed one.
	Unsigned bool
}

// On returns the value on a CPU.
func (f Fact) On(cpu string) (int64, bool) {
	if f.Common {
		cpu = ""
	}
	v, ok := f.Value[cpu]
	return v, ok
}

// ParseFacts reads numbers.txt.
func ParseFacts(name, text string) (*Facts, []error) {
	f := &Facts{Name: name, Consts: map[string]Fact{}}
	var errs []error
	seen := map[string]int{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		if err := f.add(n, words); err != nil {
			errs = append(errs, &Error{name, n, err.Error()})
		}
		if len(words) < 2 || words[0] == "cpus" {
			continue
		}
		key := words[0] + " " + words[1]
		if at := seen[key]; at > 0 {
			errs = append(errs, &Error{name, n, fmt.Sprintf("`%s` stands in line %d too", key, at)})
		}
		seen[key] = n
	}
	return f, append(errs, f.twice()...)
}

// twice reports calls that share a number.
func (f *Facts) twice() []error {
	var errs []error
	type number struct {
		cpu string
		n   int64
	}
	seen := map[number]string{}
	for _, c := range f.Calls {
		for cpu, n := range c.Value {
			if old := seen[number{cpu, n}]; old != "" {
				errs = append(errs, &Error{f.Name, c.Line, fmt.Sprintf("`%s` and `%s` have the number %d on %s", old, c.Name, n, cpu)})
			}
			seen[number{cpu, n}] = c.Name
		}
	}
	slices.SortStableFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

func (f *Facts) add(n int, w []string) error {
	if w[0] == "cpus" {
		f.CPUs = w[1:]
		return nil
	}
	if len(w) < 3 {
		return fmt.Errorf("expected a kind, a name and a number")
	}
	class := ""
	if w[0] == "call" && !strings.Contains(w[2], "=") && len(w) > 3 {
		class, w = w[2], slices.Delete(slices.Clone(w), 2, 3)
	}
	fact, err := parseFact(n, w)
	if err != nil {
		return err
	}
	fact.Class = class
	switch w[0] {
	case "struct":
		f.Structs = append(f.Structs, fact)
	case "offset":
		f.Offsets = append(f.Offsets, fact)
	case "call":
		f.Calls = append(f.Calls, fact)
	case "errno":
		f.Errors = append(f.Errors, fact)
	case "signal":
		f.Signals = append(f.Signals, fact)
	case "const":
		f.Consts[fact.Name] = fact
		f.ConstList = append(f.ConstList, fact)
	default:
		return fmt.Errorf("`%s` is no kind of fact", w[0])
	}
	return nil
}

func parseFact(n int, w []string) (Fact, error) {
	fact := Fact{Name: w[1], Value: map[string]int64{}, Line: n}
	for i, s := range w[2:] {
		cpu, number, perCPU := strings.Cut(s, "=")
		if i > 0 && !perCPU {
			fact.Text = strings.Join(w[i+2:], " ")
			break
		}
		if !perCPU {
			cpu, number, fact.Common = "", s, true
		}
		v, err := parseNumber(number)
		if err != nil {
			return fact, err
		}
		fact.Value[cpu] = v
		fact.Unsigned = fact.Unsigned || v < 0 && number[0] != '-'
	}
	if rest, ok := strings.CutSuffix(fact.Text, "alias"); ok {
		fact.Alias, fact.Text = true, strings.TrimSpace(rest)
	}
	return fact, nil
}

// parseNumber accepts the whole range of 64 bits, signed or not.
func parseNumber(s string) (int64, error) {
	if v, err := strconv.ParseInt(s, 0, 64); err == nil {
		return v, nil
	}
	u, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("`%s` is no number", s)
	}
	return int64(u), nil
}

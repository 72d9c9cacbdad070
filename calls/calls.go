package calls

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trapgate/arch"
	"trapgate/desc"
	darwin "trapgate/guest/darwin/abi"
	freebsd "trapgate/guest/freebsd/abi"
	linux "trapgate/guest/linux/abi"
	openbsd "trapgate/guest/openbsd/abi"
)

// System is a described system on one CPU.
type System struct {
	*desc.System
	*arch.Convention
	served  bool     // programs of it run
	actions []string // by signal: what it does by default
}

// Title is the system as people write it: linux/amd64.
func (s *System) Title() string { return s.System.Name + "/" + s.System.CPU }

// Systems are all that are described.
var Systems = []*System{
	system(linux.AMD64, linux.SignalAction[:]),
	system(linux.I386, linux.SignalAction[:]),
	system(linux.ARM64, linux.SignalAction[:]),
	system(freebsd.AMD64, freebsd.SignalAction[:]),
	system(openbsd.AMD64, openbsd.SignalAction[:]),
	system(darwin.AMD64, darwin.SignalAction[:]),
	system(darwin.ARM64, darwin.SignalAction[:]),
}

func system(d *desc.System, actions []string) *System {
	served := slices.ContainsFunc(d.Calls, func(c *desc.Call) bool { return c != nil && c.Status != desc.No })
	return &System{d, arch.Of(d.Name, d.CPU), served, actions}
}

// Select returns the systems that a word names: linux/386, freebsd, arm64; ""
// names all.
func Select(word string) ([]*System, error) {
	var out []*System
	for _, s := range Systems {
		if word == "" || word == s.Title() || word == s.System.Name || word == s.System.CPU {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		titles := make([]string, len(Systems))
		for i, s := range Systems {
			titles[i] = s.Title()
		}
		return nil, fmt.Errorf("no system %q; described are %s", word, strings.Join(titles, ", "))
	}
	return out, nil
}

// Arg is an argument of a call and where it is handed over.
type Arg struct {
	Name string `json:"name"`
	Type string `json:"type"` // as calls.sys writes it, with direction and length
	In   string `json:"in"`   // registers, or a place on the stack
}

// Call is what is known of one call on one system.
type Call struct {
	System    string `json:"system"`
	Name      string `json:"name"`
	Number    int    `json:"number"`
	Class     string `json:"class,omitempty"`
	Within    string `json:"within,omitempty"` // the call that carries it: socketcall 9
	Signature string `json:"signature"`
	Args      []Arg  `json:"arguments"`
	Trap      string `json:"trap"`
	NumberIn  string `json:"number_in"`
	Result    string `json:"result_in"`
	Error     string `json:"error"`
	Note      string `json:"note,omitempty"`
	Since     string `json:"since,omitempty"`
	Status    string `json:"status"`
	How       string `json:"how"`
	Source    string `json:"source"`
}

// Filter says which calls are wanted. The zero Filter wants all.
type Filter struct {
	Systems []*System // nil: all
	Number  *int
	Status  string
}

// All returns the calls that a filter lets pass: by system, then by number.
func All(f Filter) []Call { return find(f, func(string) bool { return true }) }

// Named returns the calls of a name; case does not matter.
func Named(f Filter, name string) []Call {
	return find(f, func(n string) bool { return strings.EqualFold(n, name) })
}

// Containing returns the calls whose name contains a text; case does not matter.
func Containing(f Filter, text string) []Call {
	text = strings.ToLower(text)
	return find(f, func(n string) bool { return strings.Contains(strings.ToLower(n), text) })
}

func find(f Filter, wanted func(name string) bool) []Call {
	systems := f.Systems
	if systems == nil {
		systems = Systems
	}
	out := []Call{}
	for _, s := range systems {
		for _, c := range s.Calls {
			if c != nil {
				out = s.add(out, c, f, wanted)
			}
		}
	}
	return out
}

// add appends a call, and those that hide behind it and have no number of their own.
func (s *System) add(out []Call, c *desc.Call, f Filter, wanted func(string) bool) []Call {
	if f.Number != nil && *f.Number != c.Number || f.Status != "" && f.Status != c.Status.String() {
		return out
	}
	if wanted(c.Name) {
		out = append(out, s.call(c))
	}
	for op, sub := range c.Sub {
		if sub != nil && f.Number == nil && wanted(sub.Name) && s.ByName(sub.Name) == nil {
			r := s.call(sub)
			r.Within = fmt.Sprintf("%s %d", c.Name, op)
			for i := range r.Args {
				r.Args[i].In = "memory"
			}
			out = append(out, r)
		}
	}
	return out
}

func (s *System) call(c *desc.Call) Call {
	return Call{
		System: s.Title(), Name: c.Name, Number: c.Number, Class: c.Class, Signature: c.Signature(), Args: s.args(c),
		Trap: s.Trap, NumberIn: s.Convention.Number, Result: s.Result, Error: s.Convention.ErrorOf(c.Class), Note: s.Note,
		Since: c.Since, Status: c.Status.String(), How: s.how(c), Source: c.Source,
	}
}

// args are the arguments, each word once, by its last reading.
func (s *System) args(c *desc.Call) []Arg {
	out := []Arg{}
	for i := range c.Args {
		a := &c.Args[i]
		if i+1 < len(c.Args) && c.Args[i+1].Name == a.Name {
			continue
		}
		var places []string
		for w := range int(a.Words) {
			places = append(places, s.Place(int(a.Word)+w))
		}
		text := strings.TrimPrefix(a.Declaration(c.Args), a.Name+" ")
		out = append(out, Arg{a.Name, text, strings.Join(places, " ")})
	}
	return out
}

// how tells in words who finishes a call.
func (s *System) how(c *desc.Call) string {
	host, isHost := strings.CutPrefix(c.Why, "host.")
	switch {
	case !s.served:
		return "described only: no program of " + s.Title() + " runs yet"
	case c.Status == desc.No:
		return "not served: the program is told that there is no such call"
	case c.Status == desc.Served:
		return "a handler answers"
	case c.Status == desc.Part:
		return "a handler answers, but: " + c.Why
	case isHost:
		return "the gate makes the host's " + host
	case c.Why == "host32":
		return "the gate makes the same call of the host by int $0x80"
	}
	return "the gate answers by itself (" + c.Why + ")"
}

// Names are the names of all calls of the systems, each once, in order.
func Names(systems []*System) []string {
	seen := map[string]bool{}
	for _, s := range systems {
		for _, c := range s.Calls {
			if c == nil {
				continue
			}
			seen[c.Name] = true
			for _, sub := range c.Sub {
				if sub != nil {
					seen[sub.Name] = true
				}
			}
		}
	}
	out := make([]string, 0, len(seen))
	for n := range seen {
		out = append(out, n)
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}

package calls

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"trapgate/desc"
)

// Errno is an error number of one system.
type Errno struct {
	System    string         `json:"system"`
	Number    int            `json:"number"`
	Name      string         `json:"name"`
	Text      string         `json:"text"`
	Elsewhere map[string]int `json:"elsewhere"` // the numbers of that name on other systems
}

// Signal is a signal of one system.
type Signal struct {
	System    string         `json:"system"`
	Number    int            `json:"number"`
	Name      string         `json:"name"`
	Default   string         `json:"default"` // what it does to a program that does not catch it
	Elsewhere map[string]int `json:"elsewhere"`
}

// Flag is a name of a set and its value on each system that has it.
type Flag struct {
	Name   string            `json:"name"`
	Set    string            `json:"set"`
	Values map[string]string `json:"values"`
}

// perName returns one system for each name: errors and signals do not depend on the CPU.
func perName(systems []*System) []*System {
	var out []*System
	for _, s := range systems {
		if !slices.ContainsFunc(out, func(o *System) bool { return o.System.Name == s.System.Name }) {
			out = append(out, s)
		}
	}
	return out
}

// key is a number or a name that is asked for.
type key struct {
	name   string
	number int
	isNum  bool
}

func parseKey(word string) key {
	if n, err := strconv.ParseInt(word, 0, 32); err == nil {
		return key{number: int(n), isNum: true}
	}
	return key{name: strings.ToUpper(word)}
}

// matches says whether a number and a name are meant; a name may lack its prefix.
func (k key) matches(n int, name, prefix string) bool {
	if k.isNum {
		return n == k.number && name != ""
	}
	return name != "" && (k.name == name || prefix+k.name == name)
}

// Errnos returns the errors that a number or a name means, and the names of all.
func Errnos(systems []*System, word string) (found []Errno, names []string) {
	k := parseKey(word)
	found = []Errno{}
	seen := map[string]bool{}
	for _, s := range perName(systems) {
		for n, e := range s.Errors {
			seen[e.Name] = true
			if k.matches(n, e.Name, "E") {
				found = append(found, Errno{s.System.Name, n, e.Name, e.Text, elsewhere(s, func(o *System) int {
					return slices.IndexFunc(o.Errors, func(x desc.ErrorName) bool { return x.Name == e.Name })
				})})
			}
		}
	}
	delete(seen, "")
	return found, slices.Sorted(maps.Keys(seen))
}

// SignalsOf returns the signals that a number or a name means, and the names of all.
func SignalsOf(systems []*System, word string) (found []Signal, names []string) {
	k := parseKey(word)
	found = []Signal{}
	seen := map[string]bool{}
	for _, s := range perName(systems) {
		for n, name := range s.Signals {
			seen[name] = true
			if k.matches(n, name, "SIG") {
				found = append(found, Signal{s.System.Name, n, name, s.actions[n], elsewhere(s, func(o *System) int {
					return slices.Index(o.Signals, name)
				})})
			}
		}
	}
	delete(seen, "")
	return found, slices.Sorted(maps.Keys(seen))
}

// elsewhere are the numbers of a name on the other systems that have it.
func elsewhere(s *System, number func(*System) int) map[string]int {
	out := map[string]int{}
	for _, o := range perName(Systems) {
		if n := number(o); n >= 0 && o.System.Name != s.System.Name {
			out[o.System.Name] = n
		}
	}
	return out
}

// Flags returns the members of the sets that a word names: a call (each set
// that its arguments take), a set of calls.sys, or one of its members.
func Flags(systems []*System, word string) []Flag {
	t := flagTable{at: map[[2]string]int{}}
	var names []string // of the sets: a system without the call may have its set
	for _, s := range systems {
		for _, set := range s.setsOf(word) {
			names = append(names, set.Name)
		}
	}
	for _, s := range systems {
		sets := s.setsOf(word)
		if len(sets) == 0 {
			sets = s.setsNamed(names)
		}
		for _, set := range sets {
			t.addSet(s.Title(), set)
		}
	}
	if t.flags == nil {
		return []Flag{}
	}
	return t.flags
}

// setsOf are the sets that a word names, the most exact meaning first.
func (s *System) setsOf(word string) []*desc.Set {
	var byCall, byName, byMember []*desc.Set
	s.eachSet(func(c *desc.Call, set *desc.Set) {
		switch {
		case strings.EqualFold(c.Name, word):
			byCall = addOnce(byCall, set)
		case strings.EqualFold(set.Name, word):
			byName = addOnce(byName, set)
		case hasMember(set, strings.ToUpper(word)):
			byMember = addOnce(byMember, set)
		}
	})
	switch {
	case byCall != nil:
		return byCall
	case byName != nil:
		return byName
	}
	return byMember
}

func (s *System) setsNamed(names []string) []*desc.Set {
	var out []*desc.Set
	s.eachSet(func(_ *desc.Call, set *desc.Set) {
		if slices.Contains(names, set.Name) {
			out = addOnce(out, set)
		}
	})
	return out
}

func (s *System) eachSet(yield func(*desc.Call, *desc.Set)) {
	for _, c := range s.Calls {
		if c == nil {
			continue
		}
		for i := range c.Args {
			if set := c.Args[i].Type.Set; set != nil {
				yield(c, set)
			}
		}
	}
}

func addOnce(sets []*desc.Set, set *desc.Set) []*desc.Set {
	if slices.ContainsFunc(sets, func(o *desc.Set) bool { return o.Name == set.Name }) {
		return sets
	}
	return append(sets, set)
}

func hasMember(set *desc.Set, name string) bool {
	return slices.ContainsFunc(membersOf(set), func(m desc.Member) bool { return m.Name == name })
}

// membersOf are all names of a set: those of groups and of paths too.
func membersOf(set *desc.Set) []desc.Member {
	var out []desc.Member
	for i := range set.Groups {
		out = append(out, set.Groups[i].Members...)
	}
	out = append(out, set.Members...)
	for i := range set.Paths {
		out = append(out, set.Paths[i].Members...)
	}
	return out
}

// flagTable collects names with their values by system.
type flagTable struct {
	flags []Flag
	at    map[[2]string]int
}

func (t *flagTable) addSet(system string, set *desc.Set) {
	for _, m := range membersOf(set) {
		key := [2]string{set.Name, m.Name}
		i, ok := t.at[key]
		if !ok {
			i = len(t.flags)
			t.at[key] = i
			t.flags = append(t.flags, Flag{m.Name, set.Name, map[string]string{}})
		}
		t.flags[i].Values[system] = hex(m.Value)
	}
}

func hex(v uint64) string {
	if v == 0 {
		return "0"
	}
	return fmt.Sprintf("%#x", v)
}

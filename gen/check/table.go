package check

import (
	"slices"
	"strings"

	"trapgate/desc"
	darwin "trapgate/guest/darwin/abi"
	freebsd "trapgate/guest/freebsd/abi"
	linux "trapgate/guest/linux/abi"
	openbsd "trapgate/guest/openbsd/abi"

	"trapgate/gen"
)

// systems are those that are described.
var systems = []*desc.System{linux.I386, linux.AMD64, linux.ARM64, freebsd.AMD64, openbsd.AMD64, darwin.AMD64, darwin.ARM64}

// Targets are the systems that code can be checked for.
func Targets() []gen.Target {
	var list []gen.Target
	for _, s := range systems {
		list = append(list, gen.Target{OS: s.Name, CPU: s.CPU})
	}
	return list
}

// table is the description of a target by number and by name.
type table struct {
	gen.Target
	word     int
	byNumber map[int64]*desc.Call
	byName   map[string]*desc.Call
}

// bsdClass is where the numbers of the Unix calls start on Darwin/amd64. Go's
// Syscall adds it.
const bsdClass = 0x2000000

func newTable(t gen.Target) *table {
	i := slices.IndexFunc(systems, func(s *desc.System) bool { return s.Name == t.OS && s.CPU == t.CPU })
	if i < 0 {
		return nil
	}
	tab := &table{Target: t, word: systems[i].Word, byNumber: map[int64]*desc.Call{}, byName: map[string]*desc.Call{}}
	for _, c := range systems[i].Calls {
		if c == nil {
			continue
		}
		number := int64(c.Number)
		if t.OS == "darwin" {
			if t.CPU == "amd64" {
				number -= bsdClass
			}
			if number < 0 || number >= bsdClass {
				continue // Mach's
			}
		}
		tab.byNumber[number] = c
		if _, old := tab.byName[plain(c.Name)]; !old || !isOld(c.Name) {
			tab.byName[plain(c.Name)] = c
		}
	}
	return tab
}

// number is the call's number as Go's Syscall takes it.
func (t *table) number(c *desc.Call) int64 {
	if t.OS == "darwin" && t.CPU == "amd64" {
		return int64(c.Number) - bsdClass
	}
	return int64(c.Number)
}

// plain takes from a name what does not tell calls apart: the prefix of an
// entry for old programs, and underscores.
func plain(name string) string {
	name = strings.ToLower(name)
	if isOld(name) {
		_, name, _ = strings.Cut(name, "_")
	}
	return strings.TrimLeft(name, "_")
}

// isOld: FreeBSD keeps such entries for the programs of an old release.
func isOld(name string) bool {
	digits := strings.TrimPrefix(name, "freebsd")
	return len(digits) < len(name) && digits != "" && digits[0] >= '0' && digits[0] <= '9'
}

// constName is the call that a constant is named after, or "".
func constName(name string) string {
	name = strings.TrimLeft(name, "_")
	lower := strings.ToLower(name)
	rest, ok := strings.CutPrefix(lower, "sys_")
	switch rest {
	case "maxsyscall", "invalid", "arch_specific_syscall", "syscall", "_syscall":
		return "" // no call, or the one that makes others
	}
	if !ok {
		return ""
	}
	return plain(rest)
}

// sameCall: c is what the name says, spelled in one of the ways of the
// systems: fstat64 for newfstat, pread for pread64, setuid for setuid32.
func sameCall(name string, c *desc.Call) bool {
	return loose(name) == loose(plain(c.Name))
}

func loose(name string) string {
	if name == "obreak" {
		return "break"
	}
	name = strings.TrimPrefix(name, "new")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "64"), "32")
	return strings.ReplaceAll(name, "_", "")
}

// described: the arguments are known. What no kernel serves any more has a
// number and a name only.
func described(c *desc.Call) bool { return len(c.Args) > 0 || c.Status != desc.No }

// needed is the number of words that every use of the call has. Which of the
// later ones count depends on an earlier one.
func needed(c *desc.Call) int {
	first := c.Words()
	for i := range c.Args {
		if c.Args[i].When != nil {
			first = min(first, int(c.Args[i].Word))
		}
	}
	return first
}

// argAt is the argument that starts at a word, if its type is beyond doubt.
func argAt(c *desc.Call, word int) *desc.Arg {
	var found *desc.Arg
	for i := range c.Args {
		if a := &c.Args[i]; int(a.Word) == word {
			if found != nil || a.When != nil {
				return nil
			}
			found = a
		}
	}
	return found
}

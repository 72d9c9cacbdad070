package gen

import (
	"fmt"
	"slices"
	"strings"
)

// Target is a system on a CPU, named as the Go tool names them.
type Target struct{ OS, CPU string }

// bits is the size of a pointer on each CPU of Go 1.26.
var bits = map[string]int{
	"386": 32, "amd64": 64, "arm": 32, "arm64": 64, "loong64": 64,
	"mips": 32, "mipsle": 32, "mips64": 64, "mips64le": 64,
	"ppc": 32, "ppc64": 64, "ppc64le": 64, "riscv64": 64, "s390x": 64, "sparc64": 64,
}

// systems are those that we write for.
var systems = []string{"darwin", "dragonfly", "freebsd", "linux", "netbsd", "openbsd", "windows"}

// ParseTarget reads "freebsd/amd64".
func ParseTarget(s string) (Target, error) {
	system, cpu, ok := strings.Cut(s, "/")
	switch {
	case !ok:
		return Target{}, fmt.Errorf("target %q is not of the form system/cpu", s)
	case !slices.Contains(systems, system):
		return Target{}, fmt.Errorf("target %q: no system %q; there are %s", s, system, strings.Join(systems, ", "))
	case bits[cpu] == 0:
		return Target{}, fmt.Errorf("target %q: no CPU %q", s, cpu)
	}
	return Target{system, cpu}, nil
}

// ParseTargets reads a list of targets with commas between.
func ParseTargets(s string) ([]Target, error) {
	var list []Target
	for _, name := range strings.Split(s, ",") {
		t, err := ParseTarget(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func (t Target) String() string { return t.OS + "/" + t.CPU }

// Bits is the size of a pointer.
func (t Target) Bits() int { return bits[t.CPU] }

// bigEndian: the upper half of a 64-bit value is the first word of its pair.
func (t Target) bigEndian() bool { return t.CPU == "mips" || t.CPU == "ppc" }

// evenPairs: a pair of words starts in an even register.
func (t Target) evenPairs() bool {
	return t.CPU == "arm" || t.CPU == "mips" || t.CPU == "mipsle"
}

// padsWide tells whether the kernel wants an empty word before a 64-bit
// argument, on every CPU. These systems inherit it from 4.4BSD, where off_t is
// aligned in the argument structure. DragonFly's own calls do without.
func (t Target) padsWide(call string) bool {
	if t.OS == "dragonfly" {
		return call != "extpread" && call != "extpwrite"
	}
	return t.OS == "netbsd"
}

// library is the C library through which calls are made, or "".
func (t Target) library() string {
	switch t.OS {
	case "darwin":
		return "/usr/lib/libSystem.B.dylib"
	case "openbsd":
		return "libc.so"
	}
	return ""
}

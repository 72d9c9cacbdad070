package imports

import (
	"fmt"
	"path"
	"strings"
)

// layers are the folders from the top down. A package imports only from layers
// below its own, or from its own folder.
var layers = [][]string{
	{"cmd"},
	{"route"},
	{"gen", "calls"},
	{"guest"}, // the list of systems alone, not the folders in it
	{"trace", "guest/*"},
	{"kernel"},
	{"gate"},
	{"image"},
	{"machine"},
	{"sys"},
	{"arch"},
	{"desc"},
}

// leaves stand outside the layers: whoever may import them, and what they may
// import themselves.
var leaves = []struct {
	folder  string
	users   []string // nil: everyone
	imports []string
}{
	{"kernel/kerr", nil, nil},
	{"internal/*", nil, nil},
	{"guest/*/abi", []string{"cmd", "route", "guest", "guest/*", "trace", "sys", "gen", "calls"}, []string{"desc", "kernel/kerr"}},
	{"test/examples", []string{"cmd", "test"}, nil},
}

// never are arrows that go down and are wrong all the same.
var never = []struct{ from, to, why string }{
	{"trace", "kernel", "one decoder prints our guests and host processes alike"},
	{"trace", "gate", "one decoder prints our guests and host processes alike"},
}

// checkArrow returns what is wrong with package from importing package to,
// both relative to the module, or nil.
func checkArrow(from, to string) error {
	if top(from) == "test" && leafOf(from) < 0 {
		return nil // tests see everything
	}
	for _, n := range never {
		if within(from, n.from) && within(to, n.to) && leafOf(to) < 0 {
			return fmt.Errorf("%s imports %s, which it never may: %s", from, to, n.why)
		}
	}
	if i := leafOf(from); i >= 0 && !allowed(to, leaves[i].imports) && !within(to, from) {
		return fmt.Errorf("%s imports %s: a leaf that may import only %q", from, to, leaves[i].imports)
	} else if i >= 0 {
		return nil
	}
	if i := leafOf(to); i >= 0 {
		if users := leaves[i].users; users != nil && !allowed(from, users) {
			return fmt.Errorf("%s imports %s, which is for %q", from, to, users)
		}
		return nil
	}
	return checkLayers(from, to)
}

func checkLayers(from, to string) error {
	a, afolder := layerOf(from)
	b, bfolder := layerOf(to)
	switch {
	case a < 0:
		return fmt.Errorf("%s is in no layer: add its folder to test/imports/rules.go", from)
	case b < 0:
		return fmt.Errorf("%s imports %s, which is in no layer", from, to)
	case a > b:
		return fmt.Errorf("%s imports %s: this arrow goes up", from, to)
	case a == b && afolder != bfolder:
		return fmt.Errorf("%s imports %s: they stand side by side", from, to)
	}
	return nil
}

func leafOf(pkg string) int {
	for i, l := range leaves {
		if within(pkg, l.folder) {
			return i
		}
	}
	return -1
}

// layerOf returns the layer of pkg and the folder in it, "guest/linux".
func layerOf(pkg string) (int, string) {
	if pkg == "guest" {
		return 3, pkg
	}
	for i, l := range layers {
		for _, folder := range l {
			if folder != "guest" && within(pkg, folder) {
				return i, prefix(pkg, folder)
			}
		}
	}
	return -1, ""
}

// within tells whether pkg is folder or lies in it; a * stands for one name.
func within(pkg, folder string) bool {
	ok, _ := path.Match(folder, prefix(pkg, folder))
	return ok
}

// prefix is as much of pkg as folder has names.
func prefix(pkg, folder string) string {
	names := strings.Split(pkg, "/")
	n := strings.Count(folder, "/") + 1
	return strings.Join(names[:min(n, len(names))], "/")
}

func allowed(pkg string, folders []string) bool {
	for _, f := range folders {
		if within(pkg, f) && (f != "guest" || pkg == "guest") {
			return true
		}
	}
	return false
}

func top(pkg string) string { return prefix(pkg, "x") }

// maxLines is the limit for a file written by hand.
const maxLines = 700

// longFiles are over the limit; the figures may shrink, not grow.
var longFiles = map[string]int{}

// suffixFolders may have files that are built on some hosts only.
var suffixFolders = []string{"gate", "machine", "sys", "trace/live", "internal"}

// hasHostSuffix tells whether the Go tool reads a GOOS or GOARCH from a file
// name, and so drops the file in silence elsewhere.
func hasHostSuffix(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(name, path.Ext(name)), "_test")
	_, last, found := cutLast(name, "_")
	return found && strings.Contains(hostSuffixes, " "+last+" ")
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// hostSuffixes is from go/build/syslist.go of Go 1.26.
const hostSuffixes = " aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd" +
	" plan9 solaris wasip1 windows zos 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64" +
	" mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm "

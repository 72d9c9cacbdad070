//go:build linux && amd64

package sys_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// different are the constants for which golang.org/x/sys/unix has another value,
// and why ours stands.
var different = map[string]string{
	"linux RWF_SUPPORTED":     "x/sys is made from a later kernel",
	"linux O_LARGEFILE":       "the kernel's value; in C it is 0 with 64 bits",
	"linux F_GETLK":           "the kernel's value; x/sys has F_GETLK64 under this name on a 386",
	"linux F_SETLK":           "like F_GETLK",
	"linux F_SETLKW":          "like F_GETLK",
	"freebsd AF_MAX":          "FreeBSD 14; x/sys is made from 12",
	"freebsd DIOCSKERNELDUMP": "FreeBSD 14",
	"freebsd IFF_CANTCHANGE":  "FreeBSD 14",
	"freebsd SIOCAIFADDR":     "FreeBSD 14",
	"freebsd SIOCSIFPHYADDR":  "FreeBSD 14",
	"freebsd SYS_GETGROUPS":   "FreeBSD 15; the older number is SYS_freebsd14_getgroups",
	"freebsd SYS_SETGROUPS":   "like SYS_GETGROUPS",
	"freebsd SYS_SWAPOFF":     "FreeBSD 14; the older number is SYS_freebsd13_swapoff",
}

// TestConstants compares all constants with those of golang.org/x/sys/unix, which
// are made on machines of each system.
func TestConstants(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "unix")
	for _, r := range []struct {
		system, cpu string
		least       int
	}{{"linux", "amd64", 2900}, {"linux", "386", 2900}, {"linux", "arm64", 2800}, {"freebsd", "amd64", 1700}} {
		theirs := map[string]uint64{}
		for _, pattern := range []string{"zerrors_S.go", "zerrors_S_C.go", "zsysnum_S_C.go", "ztypes_S.go", "ztypes_S_C.go"} {
			name := strings.NewReplacer("S", r.system, "C", r.cpu).Replace(pattern)
			readConstants(t, filepath.Join(dir, name), theirs)
		}
		ours := map[string]uint64{}
		files, _ := filepath.Glob(r.system + "/z*.go")
		for _, path := range files {
			if isFor(t, path, r.cpu) {
				readConstants(t, path, ours)
			}
		}
		same := 0
		for name, v := range ours {
			if strings.HasPrefix(name, "SYS_") {
				name = "SYS_" + strings.ToUpper(name[4:])
			}
			want, ok := theirs[name]
			switch {
			case !ok:
			case uint32(v) == uint32(want):
				same++
			case different[r.system+" "+name] == "":
				t.Errorf("%s/%s: %s is %#x, in x/sys/unix %#x", r.system, r.cpu, name, v, want)
			}
		}
		if same < r.least {
			t.Errorf("%s/%s: only %d constants agree", r.system, r.cpu, same)
		}
		t.Logf("%s/%s: %d constants agree", r.system, r.cpu, same)
	}
}

// readConstants adds the constants of a file whose value is a plain number, or
// one in parentheses behind a type.
func readConstants(t *testing.T, path string, into map[string]uint64) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil && strings.Contains(err.Error(), "no such file") {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for i, e := range spec.Values {
				if v, ok := number(e); ok {
					into[spec.Names[i].Name] = v
				}
			}
		}
	}
}

func number(e ast.Expr) (uint64, bool) {
	switch e := e.(type) {
	case *ast.CallExpr:
		return number(e.Args[0])
	case *ast.UnaryExpr:
		v, ok := number(e.X)
		return -v, ok && e.Op == token.SUB
	case *ast.BasicLit:
		v, err := strconv.ParseUint(e.Value, 0, 64)
		return v, err == nil
	}
	return 0, false
}

package check

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"trapgate/gen"
)

// wish is a finding that a line asks for: a part of its message, with targets
// before it where it is for those alone.
type wish struct {
	file string
	line int
	text string
	met  bool
}

// TestFindings checks small packages that say themselves what is to be found.
func TestFindings(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(err, "no archives")
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { findings(t, name) })
	}
}

func findings(t *testing.T, archive string) {
	dir, wishes := unpack(t, archive)
	targets, err := gen.ParseTargets("linux/386,linux/amd64,freebsd/amd64,openbsd/amd64")
	if err != nil {
		t.Fatal(err)
	}
	report, err := Run(dir, targets, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		wanted := false
		for i := range wishes {
			w := &wishes[i]
			if w.file == f.File && w.line == f.Line && strings.Contains(f.String(), w.text) {
				w.met, wanted = true, true
			}
		}
		if !wanted && !(f.Kind == Direct && archive != "testdata/openbsd.txtar") {
			t.Errorf("not wanted: %v", f)
		}
	}
	if report.Constants+report.Protos+report.Calls == 0 {
		t.Error("nothing was looked at")
	}
	for _, w := range wishes {
		if !w.met {
			t.Errorf("%s:%d: not found: %s", w.file, w.line, w.text)
		}
	}
}

// unpack writes the files of an archive to a module of their own.
func unpack(t *testing.T, archive string) (dir string, wishes []wish) {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	a.Files = append(a.Files, txtar.File{Name: "go.mod", Data: []byte("module p\n\ngo 1.26.0\n\nrequire golang.org/x/sys v0.49.0\n")},
		txtar.File{Name: "go.sum", Data: sums})
	for _, f := range a.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(f.Data), "\n") {
			for _, text := range strings.Split(line, "// WANT")[1:] {
				at := i + 1
				if rest, next := strings.CutPrefix(text, "+1"); next {
					at, text = at+1, rest
				}
				wishes = append(wishes, wish{file: f.Name, line: at, text: strings.TrimSpace(text)})
			}
		}
	}
	return dir, wishes
}

func TestErrors(t *testing.T) {
	if _, err := Run(t.TempDir(), []gen.Target{{OS: "netbsd", CPU: "amd64"}}, []string{"."}); err == nil || !strings.Contains(err.Error(), "netbsd/amd64 is not described") {
		t.Error(err)
	}
	if _, err := Run(t.TempDir(), Targets()[:1], []string{"./nothing"}); err == nil {
		t.Error("no error for a package that is not there")
	}
}

func TestFindingString(t *testing.T) {
	f := Finding{"a.go", 3, Number, []string{"linux/386", "linux/amd64"}, "SYS_X is 1"}
	if got := fmt.Sprint(f); got != "a.go:3: linux/386,linux/amd64: SYS_X is 1" {
		t.Error(got)
	}
}

// TestTables holds the names together: each described call is found by its own.
func TestTables(t *testing.T) {
	for _, target := range Targets() {
		tab := newTable(target)
		for number, c := range tab.byNumber {
			if strings.HasSuffix(c.Name, "syscall") {
				continue
			}
			if named := tab.byName[plain(c.Name)]; named == nil || !isOld(c.Name) && named != c {
				t.Errorf("%s: %d %s is not found by its name", target, number, c.Name)
			}
			if !sameCall(constName("SYS_"+c.Name), c) && constName("SYS_"+c.Name) != "" {
				t.Errorf("%s: SYS_%s is not taken for %s", target, c.Name, c.Name)
			}
		}
		if len(tab.byNumber) < 200 {
			t.Errorf("%s: %d calls", target, len(tab.byNumber))
		}
	}
}

package gen

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// userFiles are prototypes of packages that are neither x/sys nor the Go tree.
func userFiles(t *testing.T) map[string][]byte {
	t.Helper()
	a, err := txtar.ParseFile("testdata/user.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	return files
}

var userTargets = []string{"linux/amd64", "freebsd/amd64", "netbsd/386", "openbsd/amd64", "darwin/arm64", "windows/amd64"}

func userOutput(t *testing.T, name string) (*Output, string) {
	t.Helper()
	target, err := ParseTarget(name)
	if err != nil {
		t.Fatal(err)
	}
	from := "calls.go"
	if target.OS == "windows" {
		from = "dll.go"
	}
	out, err := Generate(Options{Target: target}, []File{{from, userFiles(t)[from]}})
	if err != nil {
		t.Fatal(err)
	}
	return out, from
}

func TestUserPackage(t *testing.T) {
	for _, name := range userTargets {
		t.Run(name, func(t *testing.T) {
			out, _ := userOutput(t, name)
			got := append(out.Go, out.Asm...)
			golden := filepath.Join("testdata", strings.ReplaceAll(name, "/", "_")+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestUserCompiles builds the wrappers in a module that knows nothing of us.
func TestUserCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the compiler for several systems")
	}
	sums := readFile(t, "../go.sum")
	for _, name := range []string{"freebsd/amd64", "openbsd/amd64", "darwin/arm64", "windows/amd64"} {
		out, from := userOutput(t, name)
		dir := t.TempDir()
		write(t, filepath.Join(dir, "go.mod"), []byte("module p\n\ngo 1.26.0\n\nrequire golang.org/x/sys v0.49.0\n"))
		write(t, filepath.Join(dir, "go.sum"), sums)
		src := userFiles(t)[from]
		if from == "calls.go" { // what this system lacks
			src = bytes.ReplaceAll(src, []byte("unix.OpenHow"), []byte("unix.Stat_t"))
			src = append(src, "\nvar _ unix.Stat_t\n\nconst SYS_PREAD64 = 475\n"...)
			target, _ := ParseTarget(name)
			var err error
			if out, err = Generate(Options{Target: target}, []File{{from, src}}); err != nil {
				t.Fatal(err)
			}
		}
		write(t, filepath.Join(dir, from), src)
		write(t, filepath.Join(dir, "z.go"), out.Go)
		if out.Asm != nil {
			write(t, filepath.Join(dir, "z.s"), out.Asm)
		}
		cmd := exec.Command("go", "build", ".")
		cmd.Dir = dir
		system, cpu, _ := strings.Cut(name, "/")
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+cpu, "CGO_ENABLED=0")
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, msg, out.Go)
		}
	}
}

// TestBadLines holds prototypes that cannot be written, and what is said.
func TestBadLines(t *testing.T) {
	for _, r := range []struct{ target, line, want string }{
		{"linux/amd64", "//sys f", "a.go:3: malformed prototype"},
		{"linux/amd64", "//sys f(a int", "f: the parameters have no closing parenthesis"},
		{"linux/amd64", "//sys f(a int) (n int", "f: the results have no closing parenthesis"},
		{"linux/amd64", "//sys f(a, b int)", `f: parameter "a" needs a name and a type of its own`},
		{"linux/amd64", "//sys f(a func(int))", "f: cannot pass a func(int) to a call"},
		{"linux/amd64", "//sys f(a float64)", "f: cannot pass a, a float64, to a call"},
		{"linux/amd64", "//sys f() (err error, n int)", "f: err must be the last result"},
		{"linux/amd64", "//sys f() (s string)", "f: a call cannot return a string"},
		{"linux/amd64", "//sys f() (a int, b int, c int)", "f: 3 results beside the error"},
		{"linux/amd64", "//sys f() = SYS_A SYS_B", "f: want the name of one call"},
		{"linux/amd64", "//sys f() nonsense", `f: do not understand "nonsense"`},
		{"linux/amd64", "//sys f() (err error) [failretval==0] = SYS_F", "f: a condition of failure is for functions of a DLL"},
		{"windows/amd64", "//sys f() (err error) [failretval==0 = F", "f: the condition has no closing bracket"},
		{"windows/amd64", "//sysnb f() (err error)", "f: //sysnb is for systems whose calls have numbers"},
		{"windows/amd64", "//sys f() (n int) = F?", "f may be missing and needs an error to say so"},
		{"windows/amd64", "//sys f() (n int, m int)", "f: 2 results beside the error"},
		{"windows/amd64", "//sys f(x float32)", "f: cannot pass x, a float32, to a function of a DLL"},
		{"linux/amd64", "//sys f(a int, b int, c int, d int, e int, f int, g int, h int, i int, j int)", "f: 10 argument words; 6 is the most on linux/amd64"},
		{"linux/amd64", "//sys f()\n//sys f()", "a.go:4: f stands at a.go:3 too"},
		{"netbsd/386", "//sys f(a int64, b int64, c int64, d int64)", "f: 12 argument words; 9 is the most on netbsd/386"},
		{"linux/amd64", "//sys f(a *other.T)", "f: the files import no package other"},
		{"windows/amd64", "//sys f() = a.X\n//sys g() = b.X", "g: X stands at a.go:3 too, for another DLL"},
		{"linux/amd64", "", "no //sys line"},
	} {
		target, err := ParseTarget(r.target)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Generate(Options{Target: target}, []File{{"a.go", []byte("package unix\n\n" + r.line + "\n")}})
		if err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("%s: got %v, want %s", r.line, err, r.want)
		}
	}
}

func TestInputs(t *testing.T) {
	files := []File{
		{"a_linux.go", []byte("package unix\n\n//sys a() (err error)\n")},
		{"b_freebsd_amd64.go", []byte("package unix\n\n//sys b() (err error)\n")},
		{"c.go", []byte("//go:build ignore && !darwin\n\npackage unix\n\n//sys c() (err error)\n")},
	}
	for target, want := range map[string]string{"linux/386": "ac", "freebsd/amd64": "bc", "freebsd/arm64": "c", "darwin/arm64": ""} {
		parsed, err := ParseTarget(target)
		if err != nil {
			t.Fatal(err)
		}
		in, err := read(parsed, files)
		if err != nil && want != "" {
			t.Fatal(err)
		}
		got := ""
		for _, p := range in.protosOrNone() {
			got += p.Name
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
	if _, err := read(Target{"linux", "386"}, append(files, File{"d.go", []byte("package other\n")})); err == nil {
		t.Error("two packages were taken for one")
	}
}

func (in *input) protosOrNone() []*Proto {
	if in == nil {
		return nil
	}
	return in.protos
}

func TestParseTargets(t *testing.T) {
	for _, bad := range []string{"linux", "plan9/amd64", "linux/vax", "linux/386,"} {
		if _, err := ParseTargets(bad); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	list, err := ParseTargets("linux/386, openbsd/amd64")
	if err != nil || len(list) != 2 || list[1].String() != "openbsd/amd64" {
		t.Errorf("got %v, %v", list, err)
	}
}

// TestDiff: what is different is found, and nothing else.
func TestDiff(t *testing.T) {
	base := "package p\n\nimport \"unsafe\"\n\n// A comment.\nfunc f(a int) { g(a) }\n\nvar x, y = 1, 2\n"
	for src, want := range map[string]string{
		strings.Replace(base, "A comment", "Another", 1):      "",
		strings.Replace(base, "g(a)", "g(b)", 1):              "func f: different",
		strings.Replace(base, "var x, y", "var z, y", 1):      "var x: missing; var z: not in the published file",
		strings.Replace(base, "\"unsafe\"", "\"syscall\"", 1): "import \"unsafe\": missing; import \"syscall\": not in the published file",
		"//go:build linux\n\n" + base:                         "directive //go:build linux: not in the published file",
	} {
		got, err := Diff([]byte(base), []byte(src))
		if err != nil || strings.Join(got, "; ") != want {
			t.Errorf("got %v, %v, want %s", got, err, want)
		}
	}
	if d := DiffAsm([]byte("A B // x\n"), []byte("A\tB // x\n\n// c\n")); d != nil {
		t.Error(d)
	}
	if d := DiffAsm([]byte("A\nB\n"), []byte("B\nA\n")); len(d) != 1 {
		t.Error(d)
	}
}

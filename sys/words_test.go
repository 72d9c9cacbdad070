//go:build linux && amd64

package sys_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"trapgate/desc"
	freebsd "trapgate/guest/freebsd/abi"
	linux "trapgate/guest/linux/abi"
)

// TestWords calls all wrappers with a raw call that only notes its words, and
// compares number and count with the description. Nothing of the system is
// called, so the wrappers for other systems and for arm64 run here too.
func TestWords(t *testing.T) {
	for _, r := range []struct {
		system, cpu, as string // as: a CPU of the same word size that runs here
		desc            *desc.System
		least           int
	}{
		{"linux", "amd64", "amd64", linux.AMD64, 330},
		{"linux", "386", "386", linux.I386, 370},
		{"linux", "arm64", "amd64", linux.ARM64, 300},
		{"freebsd", "amd64", "amd64", freebsd.AMD64, 400},
	} {
		t.Run(r.system+"/"+r.cpu, func(t *testing.T) {
			t.Parallel()
			lines := strings.Split(strings.TrimSpace(runWords(t, r.system, r.cpu, r.as)), "\n")
			t.Logf("%d wrappers", len(lines))
			if len(lines) < r.least {
				t.Errorf("only %d wrappers", len(lines))
			}
			for _, line := range lines {
				checkLine(t, r.desc, line)
			}
		})
	}
}

// checkLine compares a line "Name number words trailing-zeros".
func checkLine(t *testing.T, s *desc.System, line string) {
	t.Helper()
	var name string
	var number, words, zeros int
	if _, err := fmt.Sscan(line, &name, &number, &words, &zeros); err != nil {
		t.Errorf("%s", line)
		return
	}
	call := s.Call(number)
	plain := strings.ReplaceAll(call.Name, "_", "")
	switch {
	case !strings.HasPrefix(strings.ToLower(name), strings.ToLower(plain)):
		t.Errorf("%s calls %s", name, call.Name)
	case words-zeros > call.Words():
		t.Errorf("%s passes %d words, the call has %d", name, words-zeros, call.Words())
	case words-zeros < call.Words():
		t.Errorf("%s passes %d words, the call has %d", name, words-zeros, call.Words())
	}
}

// runWords builds testdata/words with the package for a CPU and runs it.
func runWords(t *testing.T, system, cpu, as string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", []byte("module words\n\ngo 1.26\n"))
	copyFile(t, "testdata/words/main.go", dir, "main.go")
	var names []string
	files, err := filepath.Glob(system + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		base := filepath.Base(path)
		if strings.HasSuffix(base, "_test.go") || base == "raw.go" || base == "doc.go" || base == "pipe.go" || !isFor(t, path, cpu) {
			continue
		}
		copyFile(t, path, dir, base)
		if strings.HasSuffix(base, "calls.go") {
			names = append(names, functions(t, path)...)
		}
	}
	var b bytes.Buffer
	b.WriteString("package main\n\nvar wrappers = []struct {\n\tname string\n\tf any\n}{\n")
	for _, name := range names {
		fmt.Fprintf(&b, "\t{%q, %s},\n", name, name)
	}
	b.WriteString("}\n")
	write(t, dir, "list.go", b.Bytes())
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOARCH="+as, "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return string(out)
}

// isFor reads the build line of a file.
func isFor(t *testing.T, path, cpu string) bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(b), "//go:build ")
	line, _, _ = strings.Cut(line, "\n")
	return strings.Contains(" "+strings.NewReplacer("(", " ", ")", " ").Replace(line)+" ", " "+cpu+" ")
}

// copyFile copies a file without its build line, as package main.
func copyFile(t *testing.T, from, dir, base string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		switch {
		case strings.HasPrefix(line, "//go:build "):
			line = ""
		case strings.HasPrefix(line, "package "):
			line = "package main\n"
		}
		out = append(out, line)
	}
	write(t, dir, base, []byte(strings.Join(out, "")))
}

func write(t *testing.T, dir, base string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, base), b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// functions lists the functions of a file.
func functions(t *testing.T, path string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			out = append(out, fn.Name.Name)
		}
	}
	return out
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gencheck "trapgate/gen/check"
)

const genSource = "package unix\n\n//sys	Dup(oldfd int) (fd int, err error)\n"

func TestGenWrites(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "calls.go")
	write(t, src, genSource, 0o644)
	for _, flag := range []string{"-target", "--target"} {
		r := newRecorder(t)
		if code := r.main("gen", flag, "freebsd/amd64", src); code != 0 || !strings.Contains(r.out.String(), "Syscall(SYS_DUP, uintptr(oldfd), 0, 0)") {
			t.Errorf("%s: got %d %q %q", flag, code, r.out.String(), r.errs.String())
		}
	}
	z := filepath.Join(dir, "z.go")
	if code := newRecorder(t).main("gen", "-target=openbsd/amd64", "-o", z, src); code != 0 {
		t.Errorf("got %d", code)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "z.s")); err != nil || !strings.Contains(string(b), "JMP\tlibc_dup(SB)") {
		t.Errorf("got %q, %v", b, err)
	}
	if code := newRecorder(t).main("gen", "-merge", "-target", "linux/386,linux/amd64", "-o", dir, src); code != 0 {
		t.Errorf("got %d", code)
	}
	b, err := os.ReadFile(filepath.Join(dir, "zsyscall_linux.go"))
	if err != nil || !strings.Contains(string(b), "func Dup(") {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestGenRefuses(t *testing.T) {
	src := filepath.Join(t.TempDir(), "calls.go")
	write(t, src, genSource, 0o644)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{src}, "no -target"},
		{[]string{"-target", "vms/vax", src}, `no system "vms"`},
		{[]string{"-target", "linux/386"}, "no files"},
		{[]string{"-target", "linux/386", "-json", src}, "-json goes with -check"},
		{[]string{"-target", "linux/386,linux/amd64", src}, "name the folder"},
		{[]string{"-target", "linux/386,freebsd/amd64", "-merge", "-o", ".", src}, "several CPUs of one system"},
		{[]string{"-target", "linux/386", "/nonexistent.go"}, "no such file"},
		{[]string{"-check", "-target", "netbsd/386"}, "netbsd/386 is not described"},
	} {
		r := newRecorder(t)
		if code := r.main(append([]string{"gen"}, c.args...)...); code != exitFailed || !strings.Contains(r.errs.String(), c.want) {
			t.Errorf("%v: got %d %q", c.args, code, r.errs.String())
		}
	}
}

func TestGenCheck(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module p\n\ngo 1.26\n", 0o644)
	write(t, filepath.Join(dir, "a.go"), "package p\n\nconst SYS_READ = 1\n", 0o644)
	t.Chdir(dir)
	r := newRecorder(t)
	if code := r.main("gen", "-check", "-target", "linux/amd64", "./..."); code != 1 || r.out.String() != "a.go:3: linux/amd64: SYS_READ is 1 here: read is 0, and 1 is write\n" {
		t.Errorf("got %d %q %q", code, r.out.String(), r.errs.String())
	}
	r = newRecorder(t)
	var found []gencheck.Finding
	if code := r.main("gen", "-check", "-json", "-target", "linux/amd64,linux/386", "."); code != 1 {
		t.Errorf("got %d %q", code, r.errs.String())
	}
	if err := json.Unmarshal(r.out.Bytes(), &found); err != nil || len(found) != 2 || found[0].Kind != gencheck.Number {
		t.Errorf("got %v, %v", found, err)
	}
	write(t, filepath.Join(dir, "a.go"), "package p\n\nconst SYS_READ = 0\n", 0o644)
	r = newRecorder(t)
	if code := r.main("gen", "-check", "-json", "-target", "linux/amd64"); code != 0 || r.out.String() != "[]\n" {
		t.Errorf("got %d %q %q", code, r.out.String(), r.errs.String())
	}
}

func TestOneDash(t *testing.T) {
	for _, c := range [][2]string{
		{"gen -target x -o y -check --json", "gen --target x -o y --check --json"},
		{"gen -target=x a.go -- -target", "gen --target=x a.go -- -target"},
		{"run -target x", "run -target x"},
	} {
		if got := oneDash(strings.Fields(c[0])); !slices.Equal(got, strings.Fields(c[1])) {
			t.Errorf("%s: got %q", c[0], got)
		}
	}
}

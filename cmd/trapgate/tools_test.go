package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trapgate/internal/host"
)

func TestDoctor(t *testing.T) {
	checks := []host.Check{
		{Name: "dispatch", Lost: "slower", Since: "Linux 5.11"},
		{Name: "seccomp", OK: true},
		{Name: "clock", OK: true, Found: "tsc"},
		{Name: "memory", Lost: "nothing works", Since: "CONFIG_SYSVIPC", Found: "ENOSYS", Needed: true},
	}
	r := newRecorder(t)
	err := r.doctor(checks)
	if f, ok := err.(*fault); !ok || f.code != 1 || !strings.Contains(f.what, "no memory (CONFIG_SYSVIPC): nothing works") {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{
		"dispatch    missing: slower; needs Linux 5.11\n", "seccomp     ok\n", "clock       ok: tsc\n",
		"memory      missing (ENOSYS): nothing works; needs CONFIG_SYSVIPC\n",
	} {
		if !strings.Contains(r.out.String(), want) {
			t.Errorf("no %q in\n%s", want, r.out.String())
		}
	}
	checks[3].OK = true
	if err := newRecorder(t).doctor(checks); err != nil {
		t.Error(err)
	}
	checks[1].OK = false
	if err := newRecorder(t).doctor(checks); err == nil || !strings.Contains(err.Error(), "without dispatch (Linux 5.11) or seccomp") {
		t.Error(err)
	}
}

func TestInk(t *testing.T) {
	if got := (ink{}).red("x"); got != "x" {
		t.Errorf("got %q", got)
	}
	if got := (ink{true}).green("x"); got != "\x1b[32mx\x1b[0m" {
		t.Errorf("got %q", got)
	}
}

func TestInstallExec(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bin")
	t.Setenv("PATH", "/bin")
	for range 2 { // the second replaces its own links
		r := newRecorder(t)
		if code := r.main("install-exec", dir); code != 0 || !strings.Contains(r.out.String(), dir+" is not in $PATH yet") {
			t.Fatalf("got %d %q %q", code, r.out.String(), r.errs.String())
		}
	}
	for _, name := range []string{"go_freebsd_amd64_exec", "go_linux_386_exec"} {
		if got, err := os.Readlink(filepath.Join(dir, name)); got != "/opt/trapgate" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	t.Setenv("PATH", "/bin:"+dir)
	r := newRecorder(t)
	if r.main("install-exec", dir); strings.Contains(r.out.String(), "not in $PATH") {
		t.Errorf("got %q", r.out.String())
	}
	write(t, filepath.Join(dir, "x"), "", 0o644)
	if err := relink("/opt/trapgate", filepath.Join(dir, "x")); err == nil {
		t.Error("a file was replaced")
	}
	r.self = func() (string, error) { return "/tmp/go-build123/b001/exe/trapgate", nil }
	if code := r.main("install-exec", dir); code != 125 {
		t.Errorf("go run: got %d", code)
	}
}

// TestDemo runs one example under a trapgate that runs it natively: what is
// for Linux succeeds, what is for FreeBSD fails and is told.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	t.Setenv("TRAPGATE_TEST_ACT", "1")
	r := newRecorder(t)
	r.self = os.Executable
	err := r.demo(context.Background(), []string{"bare"}, false)
	out := r.out.String()
	if err == nil || !strings.Contains(err.Error(), "1 of 3 programs failed") {
		t.Errorf("got %v\n%s", err, out)
	}
	for _, want := range []string{"bare on linux/386", "    ran \"/", "| int $0x80 |", "FAILED"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestDemoNames(t *testing.T) {
	r := newRecorder(t)
	if code := r.main("demo", "nosuch"); code != 125 || !strings.Contains(r.errs.String(), `no example "nosuch"`) {
		t.Errorf("got %d %q", code, r.errs.String())
	}
}

func TestTraceTail(t *testing.T) {
	r := newRecorder(t)
	d := shown{trace: strings.Repeat("call\n", 20)}
	r.showTrace(&d, false)
	if got := strings.Count(r.out.String(), "    call\n"); got != demoTail || !strings.Contains(r.out.String(), "... 8 calls before these") {
		t.Errorf("got %s", r.out.String())
	}
	r.out.Reset()
	r.showTrace(&d, true)
	if got := strings.Count(r.out.String(), "    call\n"); got != 20 {
		t.Errorf("got %s", r.out.String())
	}
}

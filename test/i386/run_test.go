package i386

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "trapgate/guest" // what is built below: results are not cached over a change
)

var trapgate string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "i386")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	trapgate = filepath.Join(dir, "trapgate")
	cmd := exec.Command("go", "build", "-o", trapgate, "trapgate/cmd/trapgate")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build trapgate: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// without skips a test whose needs are not there, and fails it where they must be.
func without(t *testing.T, why string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI must have it: "+why, args...)
	}
	t.Skipf(why, args...)
}

// need386 skips where the host itself runs no 32-bit programs.
func need386(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bare")
	if err := os.WriteFile(path, bare(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(path).Run(); errors.Is(err, syscall.ENOEXEC) {
		without(t, "this host runs no 32-bit programs")
	}
}

// outcome is what can be seen of a run.
type outcome struct {
	stdout, stderr string
	exit           string
}

func run(t *testing.T, dir string, argv []string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v", argv, err)
	}
	return outcome{normal(out.String()), normal(errs.String()), cmd.ProcessState.String()}
}

// normal takes out of a Go traceback what differs from run to run.
func normal(s string) string {
	if i := strings.Index(s, "goroutine "); i >= 0 {
		return s[:i] + changing.ReplaceAllString(s[i:], "_")
	}
	return s
}

var changing = regexp.MustCompile(`goroutine \d+|0x[0-9a-f]+`)

// modes are the ways to catch calls.
var modes = []string{"--patch=on", "--patch=off", "--intercept=seccomp"}

// same runs argv on the host and under trapgate, in every mode.
func same(t *testing.T, dir string, argv ...string) {
	t.Helper()
	want := run(t, dir, argv)
	for _, mode := range modes {
		got := run(t, dir, append([]string{trapgate, "run", mode}, argv...))
		if got != want {
			t.Errorf("%q, %s:\ngot  %s\nwant %s", argv, mode, got.diff(want), want.diff(got))
		}
	}
}

// diff is the part of an outcome that another one does not share.
func (o outcome) diff(other outcome) string {
	s, p := o.stdout+o.stderr, other.stdout+other.stderr
	n := 0
	for n < min(len(s), len(p)) && s[n] == p[n] {
		n++
	}
	n = strings.LastIndexByte(s[:n], '\n') + 1
	return fmt.Sprintf("%s, from byte %d: %.400q", o.exit, n, s[n:])
}

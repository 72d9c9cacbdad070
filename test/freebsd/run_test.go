package freebsd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trapgate/test/examples"
)

var (
	dir      string
	trapgate string
)

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	var err error
	if dir, err = os.MkdirTemp("", "freebsd"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	trapgate = filepath.Join(dir, "trapgate")
	if err := goBuild("linux", "trapgate/cmd/trapgate", trapgate); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func goBuild(goos, pkg, out string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, msg)
	}
	return nil
}

// program builds a folder of testdata for FreeBSD.
func program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := goBuild("freebsd", "./testdata/"+name, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// ways are the ways to run a guest.
var ways = [][]string{{"--patch=on"}, {"--patch=off"}, {"--intercept=seccomp"}}

// run runs a guest and returns what it printed, and how it ended.
func run(t *testing.T, flags []string, argv ...string) (stdout, stderr, end string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, trapgate, append(append([]string{"run"}, flags...), argv...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v", argv, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.String()
}

// expect runs a guest in every way.
func expect(t *testing.T, stdout, end string, argv ...string) {
	t.Helper()
	for _, flags := range ways {
		out, errs, e := run(t, flags, argv...)
		if out != stdout || e != end {
			t.Errorf("%v %q: %s, printed %q; want %s, %q\n%.2000s", flags, argv[1:], e, out, end, stdout, errs)
		}
	}
}

func TestExamples(t *testing.T) {
	for _, e := range examples.List {
		t.Run(e.Name, func(t *testing.T) {
			path, err := e.Build(t.Context(), t.TempDir(), "freebsd", "amd64")
			if err != nil {
				t.Fatal(err)
			}
			expect(t, e.Want, "exit status 0", path)
		})
	}
}

// TestCalls: the program knows what FreeBSD answers.
func TestCalls(t *testing.T) {
	path := program(t, "calls")
	for _, flags := range ways {
		if out, errs, end := run(t, flags, path); end != "exit status 0" {
			t.Errorf("%v: %s\n%s%.2000s", flags, end, out, errs)
		}
	}
}

func TestLoad(t *testing.T) {
	expect(t, "kept 4000 after 5 ticks\n", "exit status 0", program(t, "load"))
}

func TestWeb(t *testing.T) {
	expect(t, "2000 answers\n", "exit status 0", program(t, "web"))
}

func TestSpawn(t *testing.T) {
	want := `"child [a b c] hello\n" exit status 3
"from the host\n" signal: user defined signal 1
"child [through a shell] \n" exit status 3
"" fork/exec /nonexistent: no such file or directory
`
	expect(t, want, "exit status 0", program(t, "spawn"))
}

func TestFaults(t *testing.T) {
	path := program(t, "faults")
	for _, c := range []struct{ name, end, says string }{
		{"nil", "exit status 2", "signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc="},
		{"divide", "exit status 2", "integer divide by zero"},
		{"text", "exit status 2", "signal SIGSEGV: segmentation violation code=0x2 addr="},
		{"unknown", "exit status 7", "not served: number 1000 (once, first at "},
		{"term", "signal: terminated", ""},
	} {
		for _, flags := range ways {
			_, errs, end := run(t, flags, path, c.name)
			if end != c.end || !strings.Contains(errs, c.says) {
				t.Errorf("%v %s: %s, want %s and %q\n%.1000s", flags, c.name, end, c.end, c.says, errs)
			}
		}
	}
}

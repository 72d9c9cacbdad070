//go:build linux && amd64

package freebsd_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestAsGuest builds the tests of this package for FreeBSD and runs them with
// trapgate, whose trace shows what arrived.
func TestAsGuest(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds two programs")
	}
	dir := t.TempDir()
	trapgate, tests := filepath.Join(dir, "trapgate"), filepath.Join(dir, "freebsd.test")
	build(t, nil, "build", "-o", trapgate, "trapgate/cmd/trapgate")
	build(t, []string{"GOOS=freebsd", "GOARCH=amd64", "CGO_ENABLED=0"}, "test", "-c", "-o", tests, ".")
	trace := filepath.Join(dir, "trace")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, trapgate, "trace", "-o", trace, tests, "-test.v")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v: %v", cmd, err)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{", 2, 5, NULL, [5], 0x10) = 0\n", "close(-1) = -1 EBADF"} {
		if !bytes.Contains(calls, []byte(want)) {
			t.Errorf("no call with %q in the trace", want)
		}
	}
}

func build(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
}

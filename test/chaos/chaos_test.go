// Package chaos runs guests that do all the harm they can. The supervisor must
// report how they ended, in time, and leave nothing behind.
package chaos

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	rounds = flag.Int("rounds", 120, "rounds to run; 10000 is the long run")
	first  = flag.Int("first", 0, "seed of the first round")
)

func build(t testing.TB, dir, pkg string, env ...string) string {
	t.Helper()
	out := filepath.Join(dir, filepath.Base(pkg))
	c := exec.Command("go", "build", "-o", out, pkg)
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, msg)
	}
	return out
}

func TestGuestHurtsOnlyItself(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	os.Chmod(filepath.Dir(dir), 0o755)
	trapgate := build(t, dir, "trapgate/cmd/trapgate")
	guest := build(t, dir, "trapgate/test/chaos/guest")
	for i := *first; i < *first+*rounds; i++ {
		round(t, trapgate, guest, i)
	}
	time.Sleep(100 * time.Millisecond)
	if left := running(guest); len(left) > 0 {
		t.Errorf("guests left behind: %v", left)
	}
}

// round runs one guest. A guest may do itself so much harm that it never ends by
// itself (it waits for what never comes): then it is interrupted, as a user would.
func round(t *testing.T, trapgate, guest string, seed int) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	intercept := []string{"sud", "seccomp"}[seed/6%2]
	c := exec.CommandContext(ctx, trapgate, "run", "--intercept", intercept, guest, strconv.Itoa(seed))
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	var stderr bytes.Buffer
	c.Stderr = &stderr
	err := c.Run()
	msg := stderr.String()
	// A crash of the supervisor shows its own packages; the guest is Go too.
	if strings.Contains(msg, "trapgate/kernel.") || strings.Contains(msg, "trapgate/gate.") {
		t.Errorf("seed %d: the supervisor crashed: %v\n%s", seed, err, msg)
	}
	if c.ProcessState != nil && c.ProcessState.ExitCode() == 125 {
		t.Errorf("seed %d: %v\n%s", seed, err, msg)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("seed %d: cannot be interrupted: %v\n%s", seed, err, msg)
	}
}

// running lists the processes that run the guest.
func running(guest string) []string {
	var left []string
	dirs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, d := range dirs {
		if b, err := os.ReadFile(d); err == nil && bytes.HasPrefix(b, []byte(guest)) {
			left = append(left, d)
		}
	}
	return left
}

// FuzzGuest lets the fuzzer choose the rounds.
func FuzzGuest(f *testing.F) {
	dir := f.TempDir()
	os.Chmod(dir, 0o755)
	os.Chmod(filepath.Dir(dir), 0o755)
	trapgate := build(f, dir, "trapgate/cmd/trapgate")
	guest := build(f, dir, "trapgate/test/chaos/guest")
	for mode := range uint32(6) {
		f.Add(mode)
	}
	f.Fuzz(func(t *testing.T, seed uint32) { round(t, trapgate, guest, int(seed)) })
}

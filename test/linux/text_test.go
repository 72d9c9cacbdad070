package linux

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestText: a program that reads its own code, or hands it to a call, finds there
// what its file has, although its call sites have been rewritten. Without
// protection keys that takes --patch=off.
func TestText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text")
	c := exec.Command("go", "build", "-o", path, "./testdata/text")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	flags := []string{}
	if b, err := os.ReadFile("/proc/cpuinfo"); err != nil || !strings.Contains(string(b), " ospke") {
		flags = []string{"--patch=off"}
	}
	for _, args := range [][]string{{path}, {path, "write"}} {
		j := job{args: args}
		agree(t, native(t, j), guest(t, j, flags...))
	}
}

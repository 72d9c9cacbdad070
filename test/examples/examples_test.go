package examples

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestBuild builds every example for every system, and runs those that the
// host itself can run: what they print there is what they must print anywhere.
func TestBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	dir := t.TempDir()
	for _, system := range [][2]string{{"linux", "amd64"}, {"linux", "386"}, {"freebsd", "amd64"}} {
		for _, e := range List {
			t.Run(e.Name+"_"+system[0]+"_"+system[1], func(t *testing.T) {
				prog, err := e.Build(t.Context(), dir, system[0], system[1])
				if err != nil {
					t.Fatal(err)
				}
				if system[0] == "linux" {
					runNative(t, prog, e.Want)
				}
			})
		}
	}
}

func runNative(t *testing.T, prog, want string) {
	out, err := exec.Command(prog).Output()
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skip("this host runs no 32-bit programs")
	}
	if err != nil || string(out) != want {
		t.Errorf("got %q, %v\nwant %q", out, err, want)
	}
}

// TestList: each folder is listed, and each one says what it is.
func TestList(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, e := range List {
		listed[e.Name] = e.About != "" && e.Want != ""
	}
	for _, e := range entries {
		if e.IsDir() && !listed[e.Name()] {
			t.Errorf("%s is in no row of List", filepath.Join("test/examples", e.Name()))
		}
	}
}

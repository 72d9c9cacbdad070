package host

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

func TestMain(m *testing.M) {
	if sig := os.Getenv("HOST_TEST_DIE"); sig != "" {
		Die(syscall.Signal(sig[0]))
	}
	os.Exit(m.Run())
}

func TestDie(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGSEGV, syscall.SIGKILL, syscall.SIGABRT, syscall.SIGUSR1} {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), "HOST_TEST_DIE="+string(rune(sig)))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != sig || len(out) > 0 {
			t.Errorf("%v: got %v, output %q", sig, err, out)
		}
	}
}

// TestChecks: this test runs on many hosts, so only the shape is tested, and
// that a host with the two ways to catch calls is found fit.
func TestChecks(t *testing.T) {
	checks := Checks()
	for _, c := range checks {
		t.Logf("%-30s %v %s", c.Name, c.OK, c.Found)
		if c.Name == "" || c.Lost == "" || c.Since == "" {
			t.Errorf("incomplete: %+v", c)
		}
	}
	if Kernel() == "" {
		t.Error("no kernel release")
	}
}

func TestRuns(t *testing.T) {
	all := func() []Check { return []Check{{OK: true}, {OK: true}, {OK: true, Needed: true}, {}} }
	tests := []struct {
		name string
		lose []int
		want bool
	}{
		{"all", nil, true}, {"no dispatch", []int{0}, true}, {"no seccomp", []int{1}, true},
		{"neither", []int{0, 1}, false}, {"a needed one", []int{2}, false},
	}
	for _, tt := range tests {
		checks := all()
		for _, i := range tt.lose {
			checks[i].OK = false
		}
		if got := Runs(checks); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

func TestIsTerminal(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if IsTerminal(f) {
		t.Error("/dev/null is no terminal")
	}
}

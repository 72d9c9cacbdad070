//go:build linux && amd64

package sys_test

import (
	"os"
	"os/exec"
	"testing"
)

// TestEverywhere checks each package for each of its CPUs, the assembly with it,
// and runs the tests of Linux on a 386. Those of FreeBSD run in sys/freebsd.
func TestEverywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: compiles for other CPUs")
	}
	for _, r := range []struct {
		system, cpu string
		args        []string
	}{
		{"linux", "amd64", []string{"vet", "./linux"}},
		{"linux", "386", []string{"vet", "./linux"}},
		{"linux", "arm64", []string{"vet", "./linux"}},
		{"freebsd", "amd64", []string{"vet", "./freebsd"}},
		{"linux", "386", []string{"test", "./linux"}},
	} {
		cmd := exec.Command("go", r.args...)
		cmd.Env = append(os.Environ(), "GOOS="+r.system, "GOARCH="+r.cpu, "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s/%s: %v: %v\n%s", r.system, r.cpu, cmd, err, out)
		}
	}
}

package linux

import (
	"strings"
	"testing"
)

// TestGoRuntime: collector, preemption by SIGURG, signals, children, faults.
func TestGoRuntime(t *testing.T) {
	prog, err := goBuild("gc", "trapgate/test/linux/testdata/gc")
	if err != nil {
		t.Fatal(err)
	}
	j := job{args: []string{prog}}
	want := native(t, j)
	for mode, flags := range modes {
		t.Run(mode, func(t *testing.T) {
			got := guest(t, j, flags...)
			if got.out != want.out || got.status != want.status || got.status.ExitStatus() != 2 ||
				!strings.Contains(got.errs, "nil pointer dereference") || !strings.Contains(got.errs, "gc/main.go") {
				t.Errorf("natively: %v\nunder trapgate: %v", want, got)
			}
		})
	}
}

package linux

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestC runs each program of testdata natively and in each mode.
func TestC(t *testing.T) {
	files, err := filepath.Glob("testdata/*.c")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".c")
		t.Run(name, func(t *testing.T) {
			j := job{args: []string{compile(t, name)}}
			want := native(t, j)
			if want.status != 0 {
				t.Fatalf("the native run failed: %v", want)
			}
			for mode, flags := range modes {
				t.Run(mode, func(t *testing.T) { agree(t, want, guest(t, j, flags...)) })
			}
			t.Run("static", func(t *testing.T) {
				same(t, job{args: []string{compile(t, name, "-static")}})
			})
		})
	}
}

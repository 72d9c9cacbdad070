//go:build linux && (386 || amd64 || arm64)

package linux

import "testing"

// layout is a size or an offset in a generated type, as the compiler has it and
// as the description has it.
type layout struct {
	what      string
	got, want uintptr
}

// layouts are filled in by the generated test files.
var layouts []layout

func TestLayouts(t *testing.T) {
	if len(layouts) < 100 {
		t.Fatalf("only %d sizes and offsets", len(layouts))
	}
	for _, l := range layouts {
		if l.got != l.want {
			t.Errorf("%s: %d, want %d", l.what, l.got, l.want)
		}
	}
}

package arch

import "testing"

func TestPlace(t *testing.T) {
	for _, r := range []struct {
		system, cpu string
		word        int
		want        string
	}{
		{"linux", "amd64", 0, "rdi"},
		{"linux", "amd64", 3, "r10"},
		{"linux", "amd64", 6, ""},
		{"linux", "386", 5, "ebp"},
		{"linux", "arm64", 5, "x5"},
		{"freebsd", "amd64", 6, "[rsp+8]"},
		{"freebsd", "amd64", 7, "[rsp+16]"},
		{"darwin", "arm64", 7, "x7"},
		{"darwin", "arm64", 8, "[sp]"},
	} {
		if got := Of(r.system, r.cpu).Place(r.word); got != r.want {
			t.Errorf("%s/%s word %d: got %q, want %q", r.system, r.cpu, r.word, got, r.want)
		}
	}
	if Of("plan9", "amd64") != nil {
		t.Error("a convention of nothing")
	}
}

func TestComplete(t *testing.T) {
	for _, c := range Conventions {
		if c.Trap == "" || c.Number == "" || len(c.Args) < 6 || c.Word == 0 || c.Result == "" || c.Error == "" {
			t.Errorf("%s/%s: %+v", c.System, c.CPU, c)
		}
	}
}

package calls

import (
	"slices"
	"strings"
	"testing"
)

func TestNear(t *testing.T) {
	names := Names(Systems)
	for name, want := range map[string]string{
		"opneat": "openat", "epollctl": "epoll_ctl", "GETPID": "getpid", "gettimofday": "gettimeofday", "kqeue": "kqueue",
	} {
		if got := Near(name, names); len(got) == 0 || got[0] != want {
			t.Errorf("%s: got %v, want %s first", name, got, want)
		}
	}
	if got := Near("xyzzyxyzzy", names); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

func TestDistance(t *testing.T) {
	for _, r := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"read", "read", 0}, {"read", "raed", 1}, {"read", "rad", 1}, {"read", "reads", 1}, {"read", "write", 4}, {"read", "close", 4}} {
		if got := distance(r.a, r.b, 3); got != r.want {
			t.Errorf("%s %s: got %d, want %d", r.a, r.b, got, r.want)
		}
	}
}

func TestSelect(t *testing.T) {
	for word, want := range map[string]int{"": len(Systems), "linux": 3, "arm64": 2, "freebsd/amd64": 1, "amd64": 4} {
		if got, err := Select(word); err != nil || len(got) != want {
			t.Errorf("%s: got %d, %v", word, len(got), err)
		}
	}
	if _, err := Select("plan9"); err == nil || !strings.Contains(err.Error(), "linux/386") {
		t.Errorf("got %v", err)
	}
}

// TestNumbers: every number leads to its call and only there.
func TestNumbers(t *testing.T) {
	for _, s := range Systems {
		for _, c := range s.Calls {
			if c == nil {
				continue
			}
			got := All(Filter{Systems: []*System{s}, Number: &c.Number})
			if len(got) != 1 || got[0].Name != c.Name {
				t.Fatalf("%s %d: got %+v, want %s", s.Title(), c.Number, got, c.Name)
			}
		}
	}
}

// TestPlaces: every argument of every call is handed over somewhere.
func TestPlaces(t *testing.T) {
	for _, c := range All(Filter{}) {
		for _, a := range c.Args {
			if a.In == "" || a.Type == "" || slices.Contains(strings.Split(a.In, " "), "") {
				t.Errorf("%s %s: %+v", c.System, c.Name, a)
			}
		}
	}
}

// TestPair: 64 bits on a 386 are two registers, the seventh word of FreeBSD lies
// on the stack, a call within socketcall has its words in memory.
func TestPair(t *testing.T) {
	place := func(system, call, arg string) string {
		systems, _ := Select(system)
		rows := Named(Filter{Systems: systems}, call)
		for _, a := range rows[0].Args {
			if a.Name == arg {
				return a.In
			}
		}
		return ""
	}
	for _, r := range []struct{ system, call, arg, want string }{
		{"linux/386", "pread64", "offset", "esi edi"},
		{"freebsd", "sendfile", "flags", "[rsp+8]"},
		{"linux/386", "send", "buf", "memory"},
		{"darwin/arm64", "mmap", "offset", "x5"},
	} {
		if got := place(r.system, r.call, r.arg); got != r.want {
			t.Errorf("%s %s %s: got %q, want %q", r.system, r.call, r.arg, got, r.want)
		}
	}
}

func TestTable(t *testing.T) {
	tab := Table{Head: []string{"A", "EMPTY", "LONG HEAD", "C"}}
	tab.Add("äöü", "", "1", "x")
	tab.Add("b", "", "", "")
	got := strings.Join(tab.Lines(func(column, cell string, isHead bool) string {
		if column == "C" && !isHead {
			return "<" + cell + ">"
		}
		return cell
	}), "\n")
	want := "A    LONG HEAD  C\näöü  1          <x>\nb               <>"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

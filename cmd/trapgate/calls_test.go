package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"trapgate/calls"
)

var update = flag.Bool("update", false, "rewrite testdata")

// callsLines are command lines of calls whose answers do not change with what is
// served: of systems that are not, and of names and numbers.
var callsLines = []string{
	"pledge",
	"task_self_trap",
	"thread_fast_set_cthread_self64 set_cthread_self",
	"mmap -s openbsd",
	"-number 257 --system=openbsd",
	"-number 56 -system linux/arm64",
	"-number 0x2000004",
	"-number -28 -status no",
	"clone -system arm64",
	"ulock -s darwin/arm64",
	"openta -system openbsd",
	"epol_clt",
	"xyzzy",
	"-number 9999",
	"-number x",
	"-status bad",
	"-system plan9",
	"-errno 35",
	"-errno again",
	"-errno EAGIAN",
	"-errno 11 -system linux/386",
	"-signal 10",
	"-signal usr1 -system freebsd",
	"-signal SIGURS1",
	"-flags open",
	"-flags whence -system linux/386",
	"-flags MAP_STACK -system openbsd",
	"-flags nothing",
	"-json -errno EPERM -system openbsd",
	"-json -signal 9 -system linux",
	"-json -flags access -system openbsd",
	"-json getthrid",
}

// TestCalls compares what calls prints with testdata; it holds no colours, since
// nobody sits in front of it.
func TestCalls(t *testing.T) {
	var all bytes.Buffer
	for _, line := range callsLines {
		r := newRecorder(t)
		code := r.main(append([]string{"calls"}, strings.Fields(line)...)...)
		fmt.Fprintf(&all, "$ trapgate calls %s\n%s%s", line, r.out.String(), r.errs.String())
		if code != 0 {
			fmt.Fprintf(&all, "exit code %d\n", code)
		}
		all.WriteString("\n")
	}
	const golden = "testdata/calls.golden"
	if *update {
		if err := os.WriteFile(golden, all.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := all.String(); got != string(want) {
		t.Errorf("%s", firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestCallsJSON: every call of every system, as a list that can be read back.
func TestCallsJSON(t *testing.T) {
	r := newRecorder(t)
	if code := r.main("calls", "-json"); code != 0 {
		t.Fatal(r.errs.String())
	}
	var rows []calls.Call
	if err := json.Unmarshal(r.out.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, s := range calls.Systems {
		for _, c := range s.Calls {
			if c != nil {
				want++
			}
		}
	}
	if len(rows) < want {
		t.Errorf("got %d calls, want at least %d", len(rows), want)
	}
	for _, c := range rows {
		if c.System == "" || c.Name == "" || c.Trap == "" || c.Status == "" || c.Source == "" || c.How == "" {
			t.Fatalf("incomplete: %+v", c)
		}
	}
}

// TestCallsLists: without a name all calls of a system are listed, one a line.
func TestCallsLists(t *testing.T) {
	r := newRecorder(t)
	if code := r.main("calls", "-system", "freebsd"); code != 0 {
		t.Fatal(r.errs.String())
	}
	if n := strings.Count(r.out.String(), "\nfreebsd/amd64 "); n != len(calls.All(calls.Filter{Systems: calls.Systems[3:4]})) || n < 400 {
		t.Errorf("got %d lines", n)
	}
}

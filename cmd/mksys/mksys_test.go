package main

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trapgate/desc"
	"trapgate/desc/syntax"
	darwin "trapgate/guest/darwin/abi"
	freebsd "trapgate/guest/freebsd/abi"
	linux "trapgate/guest/linux/abi"
	openbsd "trapgate/guest/openbsd/abi"
	"trapgate/kernel/kerr"
)

var update = flag.Bool("update", false, "rewrite testdata")

const root = "../.."

// TestUpToDate: the committed files are what the descriptions say.
func TestUpToDate(t *testing.T) {
	files, err := Generate(root)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := Differences(root, files)
	if err != nil {
		t.Fatal(err)
	}
	if len(changed) > 0 {
		t.Errorf("run go generate ./desc: these differ: %s", strings.Join(changed, " "))
	}
}

// toy resolves the descriptions in testdata: a host and a guest.
func toy(t *testing.T) *guest {
	t.Helper()
	var all []*guest
	for _, name := range []string{"host", "toy"} {
		g := &guest{name: name, handlers: true}
		if err := g.resolve(name+"/calls.sys", read(t, name+".sys"), name+"/numbers.txt", read(t, name+".numbers")); err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
		g.host = all[0]
	}
	return all[1]
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestGolden compares each output for the toy system with its file in testdata.
func TestGolden(t *testing.T) {
	g := toy(t)
	for name, emit := range emitters {
		f := newFile(g, name)
		if err := emit(g, f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := f.source()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden := filepath.Base(name) + ".golden"
		if *update {
			if err := os.WriteFile(filepath.Join("testdata", golden), got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if want := read(t, golden); string(got) != want {
			t.Errorf("%s:\ngot:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// TestNoDispatch: without a hand-written system.go there is no dispatch file.
func TestNoDispatch(t *testing.T) {
	g := toy(t)
	g.handlers = false
	f := newFile(g, "zdispatch.go")
	if err := emitDispatch(g, f); err != nil {
		t.Fatal(err)
	}
	if b, err := f.source(); err != nil || b != nil {
		t.Errorf("got %q, %v", b, err)
	}
}

// TestErrnoTotal: every neutral error has a number in each system.
func TestErrnoTotal(t *testing.T) {
	for name, table := range map[string][kerr.Count]uint16{"linux": linux.Errno, "freebsd": freebsd.Errno,
		"openbsd": openbsd.Errno, "darwin": darwin.Errno} {
		for n, v := range table[1:] {
			if v == 0 {
				t.Errorf("%s has no number for the neutral error %d", name, n+1)
			}
		}
	}
	if freebsd.Errno[kerr.EAGAIN] != 35 || freebsd.Errno[kerr.ENOATTR] != 87 || linux.Errno[kerr.ENOATTR] != 61 {
		t.Error("wrong number")
	}
}

// TestSignals: the maps from and to the host undo each other.
func TestSignals(t *testing.T) {
	for n, host := range freebsd.SignalToHost {
		if host != 0 && int(freebsd.SignalFromHost[host]) != n {
			t.Errorf("signal %d is %d on the host, which is %d", n, host, freebsd.SignalFromHost[host])
		}
	}
	if freebsd.SignalToHost[freebsd.SIGURG] != linux.SIGURG || freebsd.SignalName(16) != "SIGURG" {
		t.Error("SIGURG")
	}
}

// TestNumbers: the number of a call is what the register holds, with its class.
func TestNumbers(t *testing.T) {
	for _, r := range []struct {
		sys    *desc.System
		number int
		name   string
		class  string
	}{
		{linux.ARM64, 56, "openat", ""},
		{linux.ARM64, 5, "setxattr", ""},
		{openbsd.AMD64, 321, "openat", ""},
		{darwin.AMD64, 0x2000004, "write", "bsd"},
		{darwin.AMD64, 0x100001c, "task_self_trap", "mach"},
		{darwin.AMD64, 0x3000003, "thread_fast_set_cthread_self64", "mdep"},
		{darwin.ARM64, 4, "write", "bsd"},
		{darwin.ARM64, -28, "task_self_trap", "mach"},
		{darwin.ARM64, 0x80000002, "set_cthread_self", "mdep"},
	} {
		c := r.sys.Call(r.number)
		if c == nil || c.Name != r.name || c.Class != r.class {
			t.Errorf("%s/%s %#x: got %+v, want %s", r.sys.Name, r.sys.CPU, r.number, c, r.name)
		}
	}
	if darwin.AMD64.Call(4) != nil || darwin.ARM64.Call(-1000) != nil {
		t.Error("a call without its class")
	}
}

// TestUnserved: what is not served yet is `no`, each of its calls.
func TestUnserved(t *testing.T) {
	for _, sys := range []*desc.System{linux.ARM64, openbsd.AMD64, darwin.AMD64, darwin.ARM64} {
		for _, c := range sys.Calls {
			if c != nil && c.Status != desc.No {
				t.Errorf("%s/%s %s is %s", sys.Name, sys.CPU, c.Name, c.Status)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for call, want := range map[string]string{
		"openat": "openat", "rt_sigaction": "rtSigaction", "__sysctl": "sysctl", "select": "selectCall",
		"_umtx_op": "umtxOp", "accept4": "accept4", "break": "breakCall",
	} {
		if got := handlerName(call); got != want {
			t.Errorf("%s: got %s, want %s", call, got, want)
		}
	}
}

// TestNameLists: the lists from which the tables are written are as long as
// those of package desc.
func TestNameLists(t *testing.T) {
	if len(kindNames) != int(desc.Opaque)+1 || len(statusNames) != int(desc.Direct)+1 ||
		len(dirNames) != int(desc.InOut)+1 || len(lenNames) != int(desc.AtArg)+1 {
		t.Error("a list of names is too short or too long")
	}
}

// unmeasured are structures that no header could be asked about: the kernel's own
// forms, which it does not export. The list may shrink, not grow.
var unmeasured = []string{
	"linux/386 sigaction", "linux/arm64 msghdr", "linux/arm64 mmsghdr", "linux/arm64 sched_param",
	"linux/arm64 ifreq_addr", "linux/arm64 ifreq_flags", "linux/arm64 ifreq_int", "linux/arm64 ifconf",
	"linux/* bpf_map_create", "linux/* bpf_map_elem", "linux/* bpf_prog_load", "linux/* bpf_obj",
	"linux/* bpf_id", "linux/* bpf_info", "linux/* bpf_attach", "linux/* bpf_link", // members of a union
	"linux/* mnt_id_req", "linux/* landlock_ruleset_attr", // as far as all releases have them
}

// TestLayouts: numbers.txt has the size of each structure that a call uses, on
// each CPU; the checker compares it, and the offsets, with what calls.sys lays out.
func TestLayouts(t *testing.T) {
	all, err := loadAll(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		for _, c := range g.cpus {
			for _, name := range structNames(c.System) {
				measured := slices.ContainsFunc(g.facts.Structs, func(f syntax.Fact) bool {
					_, ok := f.On(c.CPU)
					return ok && f.Name == name
				})
				listed := slices.Contains(unmeasured, c.Name+"/"+c.CPU+" "+name) || slices.Contains(unmeasured, c.Name+"/* "+name)
				switch {
				case !measured && !listed:
					t.Errorf("%s/%s: numbers.txt has no `struct %s`", c.Name, c.CPU, name)
				case measured && listed:
					t.Errorf("%s/%s %s: take it off the list", c.Name, c.CPU, name)
				}
			}
		}
	}
}

// structNames are the structures that the calls of a system use.
func structNames(s *desc.System) []string {
	seen := map[string]bool{}
	var visit func(t *desc.Type)
	visit = func(t *desc.Type) {
		if t.Struct == nil || seen[t.Name] {
			return
		}
		seen[t.Name] = true
		for i := range t.Struct.Fields {
			visit(t.Struct.Fields[i].Type)
		}
	}
	for _, c := range s.Calls {
		if c == nil {
			continue
		}
		for i := range c.Args {
			visit(c.Args[i].Type)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

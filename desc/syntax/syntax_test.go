package syntax

import (
	"errors"
	"os"
	"strings"
	"testing"

	"trapgate/desc"
)

const numbers = `
cpus amd64 386
call read amd64=0 386=3
call pread amd64=17 386=180
call old 386=7
errno EPERM 1 Operation not permitted
errno EAGAIN 11 Try again
errno EWOULDBLOCK 11 alias
signal SIGHUP 1 term
const A 1
const B 2
const MASK 0x30
const M1 0x10
const WIDE amd64=-1 386=0xff
`

const head = "system toy\ncpus amd64 386\n\n"

// blocks describes each call of numbers.
const blocks = `
# Toy 1 read(2)
read(fd fd, buf out [n]byte, n size) (done ssize) direct host.read | 386 direct host32

# Toy 1 pread(2)
pread(fd fd, st out pair, at off64 if fd 1) served

# Toy 1 old(2)
old() (r int) part "nothing"

struct pair {
	a int8
	b int64
	c [3]int16
	p in [c1]byte
	c1 size
}
`

func facts(t *testing.T, text string) *Facts {
	t.Helper()
	f, errs := ParseFacts("numbers.txt", text)
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	return f
}

func resolve(t *testing.T, text, cpu string) (*desc.System, []error) {
	t.Helper()
	f, errs := Parse("calls.sys", text)
	if len(errs) > 0 {
		return nil, errs
	}
	s, _, errs := Check(f, facts(t, numbers), cpu)
	return s, errs
}

func TestCheck(t *testing.T) {
	s, errs := resolve(t, head+blocks, "amd64")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	read := s.ByName("read")
	if read.Status != desc.Direct || read.Why != "host.read" || read.Source != "Toy 1 read(2)" {
		t.Errorf("read: %+v", read)
	}
	if l := read.Args[1].Len; l != (desc.Len{Kind: desc.ByArg, N: 2, Array: true}) {
		t.Errorf("length of buf: %+v", l)
	}
	if s.ByName("old") != nil {
		t.Error("amd64 has a call without number")
	}
	if s.ErrorOf(11).Name != "EAGAIN" || s.SignalName(1) != "SIGHUP" {
		t.Error("names of errors and signals")
	}
}

// TestPerCPU: words, layouts and statuses of the second CPU.
func TestPerCPU(t *testing.T) {
	s, errs := resolve(t, head+blocks, "386")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	if got := s.ByName("read"); got.Number != 3 || got.Why != "host32" {
		t.Errorf("read: %+v", got)
	}
	if got := s.ByName("pread"); got.Words() != 4 || got.Args[2].Words != 2 {
		t.Errorf("a 64-bit argument takes %d words of %d", got.Args[2].Words, got.Words())
	}
	if got := s.ByName("old"); got.Status != desc.Part || got.Why != "nothing" {
		t.Errorf("old: %+v", got)
	}
}

func TestLayout(t *testing.T) {
	for _, want := range []struct {
		cpu     string
		offsets []uint32
		size    uint32
	}{
		{"amd64", []uint32{0, 8, 16, 24, 32}, 40},
		{"386", []uint32{0, 4, 12, 20, 24}, 28},
	} {
		s, errs := resolve(t, head+blocks, want.cpu)
		if len(errs) > 0 {
			t.Fatal(errors.Join(errs...))
		}
		st := s.ByName("pread").Args[1].Type.Struct
		if st.Size != want.size {
			t.Errorf("%s: size %d, want %d", want.cpu, st.Size, want.size)
		}
		for i, f := range st.Fields {
			if f.Offset != want.offsets[i] {
				t.Errorf("%s: %s at %d, want %d", want.cpu, f.Name, f.Offset, want.offsets[i])
			}
		}
	}
}

// TestWithin: a call behind a call needs no number.
func TestWithin(t *testing.T) {
	s, errs := resolve(t, head+blocks+`
# Toy(2)
hidden(a int, b in [a]byte) (r int) served

@386 within read { B=hidden A=pread }
`, "386")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	read := s.ByName("read")
	if len(read.Sub) != 3 || read.Sub[2].Name != "hidden" || read.Sub[2].Status != desc.Direct {
		t.Errorf("got %+v", read.Sub)
	}
}

func TestSets(t *testing.T) {
	s, errs := resolve(t, head+blocks+`
flags f { A B }

flags g {
	MASK: M1 0x20
	A
}

enum families { WIDE }
`, "386")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	if s.Families == nil || s.Families.NameOf(0xff) != "WIDE" {
		t.Errorf("families: %+v", s.Families)
	}
}

// TestErrors: each bad input with what is said of it. The input stands behind
// the head and the blocks; lines are counted from its own start.
func TestErrors(t *testing.T) {
	for _, r := range []struct{ input, want string }{
		{"flags f { A B", "2: expected a name, found end of file"},
		{"flags f { A=; }", "1: expected a constant of the host, found `}`"},
		{"flags f { NONE }", "1: no constant `NONE` on amd64"},
		{"enum int { A }", "1: type `int` is declared twice"},
		{"enum e { A }\n\nenum e { A }", "3: type `e` is declared twice"},
		{"enum e what { A }", "1: no type `what`"},
		{"struct s {\n\ta nothing\n}", "2: no type `nothing`"},
		{"struct s {\n\ta str\n}", "2: `str` has no fixed size"},
		{"struct s {\n\ta s\n}", "1: structure `s` holds itself"},
		{"struct s {\n\ta in [b]byte\n}", "2: length of `a`: no argument `b`"},
		{"struct s {\n\ta [b]int\n\tb int\n}", "2: length of `a`: only a pointer has a length that varies"},
		{"struct s {\n\ta in [*b]byte\n\tb int\n}", "2: length of `a`: `b` is no pointer"},
		{"# Toy(2)\nwrite() (r int) no", "2: call `write` has no number"},
		{"# Toy(2)\nread() (r int) no", "2: call `read` is described twice"},
		{"# Toy(2)\nread(", "3: expected a name, found end of file"},
		{"# Toy(2)\nread(a int b int) no", "2: expected `,`, found `b`"},
		{"# Toy(2)\nread() (r int) maybe", "2: expected `direct`, `served`, `part` or `no`, found `maybe`"},
		{"# Toy(2)\nread() (r int) part why", "2: expected a text in quotes, found `why`"},
		{"# Toy(2)\nread() (r int) part \"why", "2: string is not closed"},
		{"# Toy(2)\nread() (r int) direct host.read or not", "2: expected `served`, found `not`"},
		{"@arm64 struct s {\n}", "1: no CPU `arm64` in this file"},
		{"@amd64 read() no", "1: call `read` has no source: write `# System version manual(section)` above it"},
		{"# Toy(2)\n@amd64 read() direct host32", "2: call `read`: host32 serves the CPU 386 only"},
		{"# Toy(2)\n@amd64 read() direct read", "2: call `read`: `read` is none of host.NAME, host32, gate.clock"},
		{"# Toy(2)\n@amd64 read() direct host.read guard", "2: call `read`: guard needs an address and a length"},
		{"# Toy(2)\n@amd64 read(a str) no", "2: argument `a` must be a pointer: write in, out or inout"},
		{"# Toy(2)\n@amd64 read() (a in str) no", "2: call `read`: a result is a plain value"},
		{"# Toy(2)\n@amd64 read() (a int, b int) no", "2: call `read`: of several results the last one has no condition"},
		{"# Toy(2)\n@amd64 read(a int, a long) no", "2: argument `a` is given twice, the first without a condition"},
		{"# Toy(2)\n@amd64 read(a int, b int if c A) no", "2: condition of `b`: no plain argument `c`"},
		{"# Toy(2)\n@amd64 read(a int if b X, b int) no", "2: no constant `X` on amd64"},
		{"# Toy(2)\n@amd64 read(a int, b int, c int, d int, e int, f int, g int, h int, i int) no",
			"2: call `read` has 9 words, at most 8 fit"},
		{"within fork { A=read }", "1: no call `fork` with a selector and an address"},
		{"within read { A=fork }", "1: within `read`: no call `fork`"},
		{"within read { A }", "1: within `read`: no call ``"},
		{"mib m int {\n\tA.B: M1\n}", "1: `B` of `m` is not among the names before it"},
		{"mib m int {\n\tNONE: M1\n}", "1: no constant `NONE` on amd64"},
		{"within read { A=read(", "1: expected `)`, found end of line"},
		{"what x", "1: `what` starts no declaration"},
		{"$", "1: unexpected character '$'"},
	} {
		_, errs := resolve(t, head+blocks+"\n"+r.input+"\n", "amd64")
		offset := strings.Count(head+blocks+"\n", "\n")
		if !said(errs, offset, r.want) {
			t.Errorf("%q:\n got %v\nwant %s", r.input, errs, r.want)
		}
	}
}

func said(errs []error, offset int, want string) bool {
	for _, err := range errs {
		e := err.(*Error)
		if got := (&Error{"", e.Line - offset, e.Msg}).Error(); got == ":"+want {
			return true
		}
	}
	return false
}

func TestFactErrors(t *testing.T) {
	for _, r := range []struct{ input, want string }{
		{"call read", "numbers.txt:1: expected a kind, a name and a number"},
		{"call read amd64=x", "numbers.txt:1: `x` is no number"},
		{"fact read 1", "numbers.txt:1: `fact` is no kind of fact"},
		{"const A 1\nconst B 1\nconst A 1", "numbers.txt:3: `const A` stands in line 1 too"},
		{"call a amd64=1\ncall b amd64=1 386=1", "numbers.txt:2: `a` and `b` have the number 1 on amd64"},
		{"struct s", "numbers.txt:1: expected a kind, a name and a number"},
	} {
		_, errs := ParseFacts("numbers.txt", r.input)
		if len(errs) != 1 || errs[0].Error() != r.want {
			t.Errorf("%q: got %v, want %s", r.input, errs, r.want)
		}
	}
}

// TestUndescribed: a number without a block is an error.
func TestUndescribed(t *testing.T) {
	_, errs := resolve(t, head+strings.Replace(blocks, "read(fd", "fd(fd", 1), "amd64")
	if !said(errs, 0, "3: call `read` is not described for amd64") {
		t.Errorf("got %v", errs)
	}
}

// TestLayoutFacts: what numbers.txt measured must be what calls.sys lays out.
func TestLayoutFacts(t *testing.T) {
	check := func(more string) []error {
		f, errs := Parse("calls.sys", head+blocks)
		if len(errs) > 0 {
			t.Fatal(errors.Join(errs...))
		}
		_, _, errs = Check(f, facts(t, numbers+more), "amd64")
		return errs
	}
	if errs := check("struct pair amd64=40 386=28\noffset pair.b 8\noffset pair.c1 amd64=32\n"); len(errs) > 0 {
		t.Error(errors.Join(errs...))
	}
	for more, want := range map[string]string{
		"struct pair 28":       "structure `pair` has 40 bytes on amd64, numbers.txt:17 says 28",
		"offset pair.b 4":      "structure `pair` has `b` at 8 on amd64, numbers.txt:17 says 4",
		"offset pair.d 4":      "structure `pair` has no field `d`, which numbers.txt:17 has",
		"struct nothing 4":     "structure `nothing` is not described for amd64",
		"struct nothing 386=4": "",
	} {
		errs := check("\n\n" + more + "\n")
		switch {
		case want == "" && len(errs) > 0, want != "" && len(errs) != 1:
			t.Errorf("%s: got %v, want %s", more, errs, want)
		case want != "" && errs[0].(*Error).Msg != want:
			t.Errorf("%s: got %v, want %s", more, errs, want)
		}
	}
}

// TestClasses: a system with classes of calls finds them by number, in order.
func TestClasses(t *testing.T) {
	f, errs := Parse("calls.sys", "system toy\ncpus amd64\nunserved amd64\n\n# Toy(2)\na() (r int) served\n\n# Toy(2)\nb() (r int) direct host.b\n")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	s, _, errs := Check(f, facts(t, "call a unix amd64=0x2000001\ncall b mach amd64=-7 1.5\n"), "amd64")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	a, b := s.Call(0x2000001), s.Call(-7)
	if a == nil || b == nil || a.Class != "unix" || b.Class != "mach" || b.Since != "1.5" || s.Call(1) != nil {
		t.Errorf("got %+v, %+v", a, b)
	}
	if a.Status != desc.No || b.Status != desc.No {
		t.Error("a call is served on a CPU that is not")
	}
}

// TestWithinWords: the words of an inner call are those of the outer one, by name.
func TestWithinWords(t *testing.T) {
	const more = "\n# Toy(2)\nhidden(a int, b in [a]byte) (r int) served\n\n@386 within read { "
	s, errs := resolve(t, head+blocks+more+"B=hidden(n buf) }\n", "386")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	if sub := s.ByName("read").Sub[2]; !s.ByName("read").SubWords || sub.Args[0].Word != 2 || sub.Args[1].Word != 1 {
		t.Errorf("got %+v", sub)
	}
	for words, want := range map[string]string{
		"(n)":       "within `read`: `hidden` has 2 words, not 1",
		"(n other)": "within `read`: no argument `other`",
	} {
		_, errs := resolve(t, head+blocks+more+"B=hidden"+words+" }\n", "386")
		if len(errs) != 1 || errs[0].(*Error).Msg != want {
			t.Errorf("%s: got %v", words, errs)
		}
	}
}

// TestMIB: names of sysctl by the numbers before them.
func TestMIB(t *testing.T) {
	s, errs := resolve(t, head+blocks+"\nmib m int {\n\tA: B\n\tA.B: M1\n\tMASK\n}\n\n# Toy(2)\n@amd64 read(x in [2]m) no\n", "amd64")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	set := s.ByName("read").Args[0].Type.Set
	for key, want := range map[string]string{"": "A", ".1": "B", ".1.2": "M1"} {
		if ms := set.NamesAfter(key); len(ms) == 0 || ms[0].Name != want {
			t.Errorf("after %q: got %v, want %s", key, ms, want)
		}
	}
}

// TestElsewhere: a name that only another CPU has is left out.
func TestElsewhere(t *testing.T) {
	f, errs := Parse("calls.sys", head+"flags f {\n\tA ONLY\n}\n\n# Toy(2)\na(x f, y int if x A|ONLY) no\n")
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	s, _, errs := Check(f, facts(t, "call a amd64=1 386=1\nconst A 1\nconst ONLY 386=2\n"), "amd64")
	if len(errs) > 0 || len(s.ByName("a").Args[0].Type.Set.Members) != 1 || len(s.ByName("a").Args[1].When.Values) != 1 {
		t.Errorf("got %+v, %v", s.ByName("a"), errs)
	}
}

// TestNumberRange: numbers are places in tables.
func TestNumberRange(t *testing.T) {
	f, _ := Parse("calls.sys", head)
	for text, want := range map[string]string{
		"call a amd64=-1":       "`a` has the number -1, not one from 0 to 16383",
		"errno E 99999 Text":    "`E` has the number 99999, not one from 0 to 4095",
		"signal SIGX -2 ignore": "`SIGX` has the number -2, not one from 0 to 4095",
	} {
		if _, _, errs := Check(f, facts(t, text), "amd64"); len(errs) != 1 || errs[0].Error() != "numbers.txt:1: "+want {
			t.Errorf("%s: got %v", text, errs)
		}
	}
	_, _, errs := Check(f, facts(t, "call a unix 386=1\ncall b amd64=1"), "amd64")
	if len(errs) != 1 || errs[0].Error() != "numbers.txt:2: call `b` has no class, others have one" {
		t.Errorf("got %v", errs)
	}
}

// TestErrorSkipsBlock: the declarations behind a bad one are still read.
func TestErrorSkipsBlock(t *testing.T) {
	f, errs := Parse("calls.sys", head+"flags f (\n\nenum e { A }\n")
	if len(errs) != 1 || len(f.Decls) != 1 {
		t.Errorf("got %d errors and %d declarations", len(errs), len(f.Decls))
	}
}

func seeds(t testing.TB) []string {
	out := []string{head + blocks, head + "# a note\n\nmib m int {\n\tA: B\n\tA.B: M1\n\tA.B: M2\n}\n\nwithin a { A=read(b c) B=x }\n\n# Toy(2)\n@386 read(a in [4]int, b dirfd if a A|B) no | 386 served\n"}
	for _, name := range []string{"linux", "freebsd", "openbsd", "darwin"} {
		b, err := os.ReadFile("../../guest/" + name + "/calls.sys")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// TestFormatted: the committed descriptions are in the one accepted form.
func TestFormatted(t *testing.T) {
	for _, text := range seeds(t)[2:] {
		f, errs := Parse("calls.sys", text)
		if len(errs) > 0 {
			t.Fatal(errors.Join(errs...))
		}
		if Format(f) != text {
			t.Errorf("%s: not formatted: go run ./cmd/mksys -fmt", f.System)
		}
	}
}

// FuzzFacts: no text makes the reader of numbers.txt fail in another way than
// by errors that name a line, and what it reads can be checked against.
func FuzzFacts(f *testing.F) {
	f.Add(numbers)
	f.Add("call a unix amd64=0x2000001 1.5\nstruct pair amd64=40\noffset pair.b 8\nerrno E 1 alias\ncpus\n")
	for _, name := range []string{"linux", "darwin"} {
		b, err := os.ReadFile("../../guest/" + name + "/numbers.txt")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	file, _ := Parse("calls.sys", head+blocks)
	f.Fuzz(func(t *testing.T, text string) {
		facts, errs := ParseFacts("n", text)
		for _, err := range errs {
			if e, ok := err.(*Error); !ok || e.Line < 1 {
				t.Errorf("%v has no line", err)
			}
		}
		if len(errs) == 0 {
			Check(file, facts, "amd64")
		}
	})
}

// FuzzFormat: what parses formats to a text that parses to the same text.
func FuzzFormat(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, errs := Parse("a", text)
		if len(errs) > 0 {
			return
		}
		once := Format(file)
		again, errs := Parse("b", once)
		if len(errs) > 0 {
			t.Fatalf("%v\nin %q\nfrom %q", errs, once, text)
		}
		if twice := Format(again); twice != once {
			t.Errorf("got %q\nthen %q", once, twice)
		}
		facts, _ := ParseFacts("n", numbers)
		Check(file, facts, "386")
	})
}

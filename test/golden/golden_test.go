package golden

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/tools/txtar"

	"trapgate/test/examples"
)

var (
	update = flag.Bool("update", false, "write the traces to testdata")
	rounds = flag.Int("rounds", 1, "how often each program is traced")
	opts   = flag.String("trapgate", "", "further flags of trapgate trace")
)

// timeout is for one program, on a machine that has much to do.
const timeout = 2 * time.Minute

var systems = [][2]string{{"linux", "amd64"}, {"linux", "386"}, {"freebsd", "amd64"}}

// TestGolden traces each example on each system and compares with the file. The
// programs get no descriptors but the first three, so that all numbers are known.
func TestGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs programs")
	}
	if err := unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	build := t.TempDir()
	trapgate := buildTrapgate(t, build)
	for _, s := range systems {
		for _, e := range examples.List {
			t.Run(s[0]+"-"+s[1]+"-"+e.Name, func(t *testing.T) {
				prog, err := e.Build(t.Context(), build, s[0], s[1])
				if err != nil {
					t.Fatal(err)
				}
				for range *rounds {
					compare(t, trapgate, s[0]+"-"+s[1], prog, e)
				}
			})
		}
	}
}

func buildTrapgate(t *testing.T, dir string) string {
	out := filepath.Join(dir, "trapgate")
	cmd := exec.Command("go", "build", "-o", out, "trapgate/cmd/trapgate")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	return out
}

// TestReaderLeaves: the program goes on when nobody reads its trace any more.
func TestReaderLeaves(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs programs")
	}
	dir := t.TempDir()
	trapgate := buildTrapgate(t, dir)
	for _, e := range examples.List {
		prog, err := e.Build(t.Context(), dir, "linux", "amd64")
		if err != nil {
			t.Fatal(err)
		}
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(trapgate, "trace", prog)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, w
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		r.Read(make([]byte, 1))
		r.Close()
		if err := cmd.Wait(); err != nil || out.String() != e.Want {
			t.Errorf("%s: %v, printed %q", e.Name, err, out.String())
		}
	}
}

// compare traces a program in a folder with a short name: the traces show only
// the beginnings of long strings.
func compare(t *testing.T, trapgate, system, built string, e examples.Example) {
	dir, err := os.MkdirTemp("/tmp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	prog := filepath.Join(dir, e.Name)
	if text, err := os.ReadFile(built); err != nil || os.WriteFile(prog, text, 0o755) != nil {
		t.Fatal("copy the program:", err)
	}
	stdout, trace := run(t, trapgate, prog)
	if stdout != e.Want {
		t.Fatalf("printed %q, not %q", stdout, e.Want)
	}
	got := Normal(trace, dir, e.Entry == "")
	file := filepath.Join("testdata", system+"-"+e.Name+".txt")
	if *update {
		if err := os.WriteFile(file, archive(system, e, got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := archive(system, e, got); !bytes.Equal(txtar.Format(a), want) {
		t.Errorf("%s differs (-update writes it anew):\n%s\nthe whole trace:\n%s", file, diff(string(txtar.Format(a)), string(want)), trace)
	}
}

// archive is the file of an example.
func archive(system string, e examples.Example, trace string) []byte {
	head := "Trace of example " + e.Name + " on " + system + ", written by go test ./test/golden -update.\n\n"
	if e.Entry == "" {
		head += Rule
	} else {
		head += "Every call, as it was printed.\n"
	}
	return txtar.Format(&txtar.Archive{Comment: []byte(head), Files: []txtar.File{
		{Name: "args", Data: []byte(e.Name + "\n")},
		{Name: "stdout", Data: []byte(e.Want)},
		{Name: "trace", Data: []byte(trace)},
	}})
}

// run gives what the program printed and its trace.
func run(t *testing.T, trapgate, prog string) (stdout, trace string) {
	file := prog + ".trace"
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	args := append([]string{"trace", "-o", file}, strings.Fields(*opts)...)
	cmd := exec.CommandContext(ctx, trapgate, append(args, prog)...)
	cmd.Dir = filepath.Dir(prog)
	cmd.Env = append(os.Environ(), "TMPDIR="+cmd.Dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || errs.Len() > 0 {
		t.Fatalf("%v: %s", err, errs.String())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), string(text)
}

// diff shows the lines from the first to the last that differ.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for len(w) > 0 && len(g) > 0 && w[0] == g[0] {
		w, g = w[1:], g[1:]
	}
	for len(w) > 0 && len(g) > 0 && w[len(w)-1] == g[len(g)-1] {
		w, g = w[:len(w)-1], g[:len(g)-1]
	}
	return "-\t" + strings.Join(w, "\n-\t") + "\n+\t" + strings.Join(g, "\n+\t")
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets this test program stand for trapgate with a kernel that runs
// programs natively, so that what is tested here is the command alone.
func TestMain(m *testing.M) {
	if os.Getenv("TRAPGATE_TEST_ACT") != "" {
		a := &app{stdout: os.Stdout, stderr: os.Stderr, start: startNative, die: dieLike, self: os.Executable}
		os.Exit(a.main(os.Args))
	}
	os.Exit(m.Run())
}

func startNative(ctx context.Context, j job) (outcome, error) {
	cmd := exec.CommandContext(ctx, j.Path)
	cmd.Args, cmd.Env = j.Args, j.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return outcome{}, err
	}
	if j.Trace != nil {
		fmt.Fprintf(j.Trace, "ran %q\n", j.Args[0])
	}
	ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
	o := outcome{Exit: ws.ExitStatus(), Counts: counts{Calls: 3, Direct: 2, Served: 1}}
	if ws.Signaled() {
		o.Signal = ws.Signal()
	}
	return o, nil
}

// recorder is an app whose kernel only notes what it was asked for.
type recorder struct {
	app
	out, errs bytes.Buffer
	jobs      []job
	outcome   outcome
	fails     error
	died      syscall.Signal
}

func newRecorder(t *testing.T) *recorder {
	r := new(recorder)
	r.stdout, r.stderr = &r.out, &r.errs
	r.start = func(_ context.Context, j job) (outcome, error) {
		r.jobs = append(r.jobs, j)
		return r.outcome, r.fails
	}
	r.die = func(o outcome) { r.died = o.Signal }
	r.self = func() (string, error) { return "/opt/trapgate", nil }
	return r
}

func (r *recorder) main(args ...string) int { return r.app.main(append([]string{"trapgate"}, args...)) }

func write(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRefusals: one clear line and the right exit code for all bad input.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, content string, mode os.FileMode) string {
		return write(t, filepath.Join(dir, name), content, mode)
	}
	elf := func(name string, change func([]byte)) string {
		b := bytes.Clone(self[:4096])
		change(b)
		return file(name, string(b), 0o755)
	}
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o755); err != nil {
		t.Fatal(err)
	}
	file("noexec", "x", 0o644)
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no command", []string{"walk"}, 125, `unknown command "walk"`},
		{"no program", []string{"run"}, 125, "run: no program named; see: trapgate run --help"},
		{"flag", []string{"run", "--fast", "x"}, 125, "unknown flag: --fast; see: trapgate --help"},
		{"intercept", []string{"run", "--intercept=magic", "x"}, 125, "--intercept=magic: not one of auto, sud, seccomp"},
		{"patch", []string{"run", "--patch=maybe", "x"}, 125, "--patch=maybe: not one of on, off"},
		{"sysroot", []string{"run", "--sysroot=/nosuch", "x"}, 125, "--sysroot=/nosuch: no such folder"},
		{"doctor", []string{"doctor", "x"}, 125, "unknown command"},
		{"trace output", []string{"trace", "-o", "/nosuch/file", "/proc/self/exe"}, 125, "trace output: open /nosuch/file"},
		{"not found", []string{"run", "nosuch"}, 127, "nosuch: not found in $PATH"},
		{"empty", []string{"run", ""}, 127, "not found"},
		{"path not found", []string{"run", dir + "/nosuch"}, 127, "/nosuch: not found"},
		{"below a file", []string{"run", dir + "/noexec/x"}, 126, "not a directory"},
		{"folder", []string{"run", dir}, 126, "is a directory; name a program in it"},
		{"fifo", []string{"run", fifo}, 126, "not a regular file"},
		{"permission", []string{"run", dir + "/noexec"}, 126, "permission denied; make it executable: chmod +x"},
		{"permission in $PATH", []string{"run", "noexec"}, 126, "noexec: " + dir + "/noexec: permission denied"},
		{"text", []string{"run", file("text", "echo hello\n", 0o755)}, 126,
			"not an executable: text file; name its interpreter, as in: trapgate run sh " + dir + "/text"},
		{"empty file", []string{"run", file("empty", "", 0o755)}, 126, "not an executable: empty file"},
		{"no interpreter", []string{"run", file("s1", "#!\n", 0o755)}, 126, "#! line names no interpreter"},
		{"interpreter missing", []string{"run", file("s2", "#!/nosuch -x\n", 0o755)}, 126,
			"cannot start its #! interpreter /nosuch: not found"},
		{"script loop", []string{"run", file("s3", "#!"+dir+"/s3\n", 0o755)}, 126, "more than 5 scripts"},
		{"truncated", []string{"run", elf("cut", func([]byte) {})}, 126, "truncated ELF: segment"},
		{"riscv", []string{"run", elf("riscv", func(b []byte) { b[18] = 243 })}, 126, "truncated ELF"},
		{"hostile", []string{"run", elf("hostile", func(b []byte) { b[56], b[57] = 0xff, 0xff })}, 126,
			"damaged ELF: 65535 program headers"},
		{"macOS", []string{"run", file("mac", "\xcf\xfa\xed\xfe\x0c\x00\x00\x01\x00\x00\x00\x00\x02\x00\x00\x00"+
			strings.Repeat("\x00", 32), 0o755)}, 126,
			"a program for darwin on arm64, which is not served; served are linux/amd64, linux/386, freebsd/amd64"},
	}
	for _, tt := range tests {
		r := newRecorder(t)
		code := r.main(tt.args...)
		line := r.errs.String()
		if code != tt.code || !strings.Contains(line, tt.want) || len(r.jobs) > 0 {
			t.Errorf("%s: got %d %q; want %d %q", tt.name, code, line, tt.code, tt.want)
		}
		if !strings.HasPrefix(line, "trapgate: ") || strings.Count(line, "\n") != 1 || r.out.Len() > 0 {
			t.Errorf("%s: not one line on stderr: %q, stdout %q", tt.name, line, r.out.String())
		}
	}
}

// TestUnreadable needs a user whom permissions stop.
func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	r := newRecorder(t)
	path := write(t, filepath.Join(t.TempDir(), "x"), "x", 0o111)
	if code := r.main("run", path); code != 126 || !strings.Contains(r.errs.String(), "it must be readable") {
		t.Errorf("got %d %q", code, r.errs.String())
	}
}

func TestRunPassesAll(t *testing.T) {
	r := newRecorder(t)
	if code := r.main("run", "--strict", "--patch=off", "--intercept=sud", "/proc/self/exe", "--strict", "-o", "x"); code != 0 {
		t.Fatal(code, r.errs.String())
	}
	want := job{
		Path: "/proc/self/exe", Args: []string{"/proc/self/exe", "--strict", "-o", "x"}, Env: os.Environ(),
		Intercept: "sud", Strict: true,
	}
	if !reflect.DeepEqual(r.jobs[0], want) {
		t.Errorf("got %+v", r.jobs[0])
	}
}

// TestScriptDepth: five scripts may lead to a program, as on Linux 6.18.
func TestScriptDepth(t *testing.T) {
	dir := t.TempDir()
	interp := "/proc/self/exe"
	for i := 1; i <= 6; i++ {
		interp = write(t, fmt.Sprintf("%s/s%d", dir, i), "#!"+interp+"\n", 0o755)
	}
	if code := newRecorder(t).main("run", dir+"/s5"); code != 0 {
		t.Errorf("five scripts: got %d", code)
	}
	if code := newRecorder(t).main("run", dir+"/s6"); code != 126 {
		t.Errorf("six scripts: got %d", code)
	}
}

func TestScripts(t *testing.T) {
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inner := write(t, filepath.Join(dir, "inner"), "#! "+exe+" -i \n", 0o755)
	write(t, filepath.Join(dir, "outer"), "#!"+inner+"\n", 0o755)
	t.Setenv("PATH", "/nosuch:"+dir)
	r := newRecorder(t)
	if code := r.main("run", "outer", "a", "b"); code != 0 {
		t.Fatal(code, r.errs.String())
	}
	want := []string{exe, "-i", inner, dir + "/outer", "a", "b"}
	if r.jobs[0].Path != exe || !reflect.DeepEqual(r.jobs[0].Args, want) {
		t.Errorf("got %+v", r.jobs[0])
	}
}

// TestSysroot: a script's interpreter and a dynamic linker are looked for
// among the guest's own files first.
func TestSysroot(t *testing.T) {
	root := t.TempDir()
	exe, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	os.Mkdir(root+"/bin", 0o755)
	sh := write(t, root+"/bin/sh", string(exe), 0o755)
	script := write(t, root+"/script", "#!/bin/sh\n", 0o755)
	r := newRecorder(t)
	if code := r.main("run", "--sysroot", root, script); code != 0 || r.jobs[0].Path != sh || r.jobs[0].Args[0] != "/bin/sh" {
		t.Errorf("got %d %q %+v", code, r.errs.String(), r.jobs)
	}
}

func TestExecName(t *testing.T) {
	for name, want := range map[string]bool{
		"go_freebsd_amd64_exec": true, "/x/go_linux_386_exec": true, "trapgate": false, "go_exec_x": false,
	} {
		if isExecName(name) != want {
			t.Errorf("isExecName(%q) = %v", name, !want)
		}
	}
	r := newRecorder(t)
	if code := r.app.main([]string{"/bin/go_linux_386_exec", "/proc/self/exe", "-test.v"}); code != 0 {
		t.Fatal(code, r.errs.String())
	}
	if got := r.jobs[0].Args; !reflect.DeepEqual(got, []string{"/proc/self/exe", "-test.v"}) {
		t.Errorf("got %q", got)
	}
}

func TestOutcomes(t *testing.T) {
	stats := filepath.Join(t.TempDir(), "stats")
	tests := []struct {
		name    string
		outcome outcome
		fails   error
		code    int
		stderr  string
	}{
		{"fine", outcome{}, nil, 0, ""},
		{"exit", outcome{Exit: 7}, nil, 7, ""},
		{"signal", outcome{Signal: syscall.SIGTERM}, nil, 143, ""},
		{"unserved", outcome{Unserved: "2 calls not served"}, nil, 0, "trapgate: /proc/self/exe: 2 calls not served\n"},
		{"failed", outcome{}, errors.New("gate: no\nluck"), 125, "trapgate: /proc/self/exe: gate: no; luck\n"},
	}
	for _, tt := range tests {
		r := newRecorder(t)
		r.outcome, r.fails = tt.outcome, tt.fails
		r.outcome.Counts = counts{Calls: 4, Direct: 3, Served: 1}
		code := r.main("run", "--stats", stats, "/proc/self/exe")
		if code != tt.code || r.errs.String() != tt.stderr || r.died != tt.outcome.Signal {
			t.Errorf("%s: got %d %q %v", tt.name, code, r.errs.String(), r.died)
		}
	}
	var c counts
	b, err := os.ReadFile(stats)
	if err != nil || json.Unmarshal(b, &c) != nil || c != (counts{4, 3, 1, 0}) {
		t.Errorf("statistics: %s, %v", b, err)
	}
}

func TestTraceFile(t *testing.T) {
	out := filepath.Join(t.TempDir(), "trace")
	r := newRecorder(t)
	r.start = func(_ context.Context, j job) (outcome, error) {
		_, err := j.Trace.Write([]byte("write(1) = 1\n"))
		return outcome{Signal: syscall.SIGKILL}, err
	}
	r.die = func(outcome) { // the trace must be on disk by now
		if b, err := os.ReadFile(out); string(b) != "write(1) = 1\n" {
			t.Errorf("got %q, %v", b, err)
		}
	}
	if code := r.main("trace", "-o", out, "/proc/self/exe"); code != 137 {
		t.Error(code, r.errs.String())
	}
}

func TestVersionAndHelp(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"version", "trapgate "}, {"--help", "Examples:"}, {"run --help", "--patch"}, {"trace --help", "--output"},
		{"demo --help", "bare"}, {"doctor --help", "exits with 1"}, {"install-exec --help", "go test"},
		{"completion bash", "bash completion"}, {"", "Available Commands"},
	} {
		r := newRecorder(t)
		if code := r.main(strings.Fields(tt.args)...); code != 0 || !strings.Contains(r.out.String(), tt.want) || r.errs.Len() > 0 {
			t.Errorf("%s: got %d %q %q", tt.args, code, r.out.String(), r.errs.String())
		}
	}
	if strings.Contains(newHelp(t), "--stats") {
		t.Error("--stats is for demo and not shown")
	}
}

func newHelp(t *testing.T) string {
	r := newRecorder(t)
	r.main("run", "--help")
	return r.out.String()
}

// TestWholeCommand runs real programs through the command, natively.
func TestWholeCommand(t *testing.T) {
	tests := []struct {
		args   []string
		out    string
		code   int
		signal syscall.Signal
	}{
		{[]string{"run", "sh", "-c", "echo $0 $1; exit 5", "a", "-b"}, "a -b\n", 5, 0},
		{[]string{"run", "sh", "-c", "kill -TERM $$"}, "", -1, syscall.SIGTERM},
		{[]string{"run", "sh", "-c", "kill -SEGV $$"}, "", -1, syscall.SIGSEGV},
		{[]string{"trace", "-o", "/dev/stdout", "sh", "-c", "exit 0"}, "ran \"sh\"\n", 0, 0},
	}
	for _, tt := range tests {
		cmd := exec.Command("/proc/self/exe", tt.args...)
		cmd.Env = append(os.Environ(), "TRAPGATE_TEST_ACT=1")
		out, _ := cmd.Output()
		ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if string(out) != tt.out || ws.ExitStatus() != tt.code || ws.Signaled() != (tt.signal != 0) || ws.Signaled() && ws.Signal() != tt.signal {
			t.Errorf("%q: got %q, %v", tt.args, out, cmd.ProcessState)
		}
	}
}

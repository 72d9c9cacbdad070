package linux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a program may take before the test gives up on it. It
// is far above what any needs.
const patience = 10 * time.Minute

// modes are the ways to run a guest that must make no difference.
var modes = map[string][]string{
	"sud":     {"--intercept=sud"},
	"seccomp": {"--intercept=seccomp"},
	"nopatch": {"--patch=off"},
}

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "trapgate-linux"); err != nil {
		panic(err)
	}
	os.Chmod(buildDir, 0o755)
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

// trapgate is the command, built once.
var trapgate = sync.OnceValues(func() (string, error) {
	return goBuild("trapgate", "trapgate/cmd/trapgate")
})

func goBuild(name, pkg string) (string, error) {
	out := filepath.Join(buildDir, name)
	c := exec.Command("go", "build", "-o", out, pkg)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %v\n%s", pkg, err, msg)
	}
	return out, nil
}

func command(t *testing.T) string {
	t.Helper()
	path, err := trapgate()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// packages are the Debian packages of tools that are not named like them.
var packages = map[string]string{
	"cc": "gcc libc6-dev", "python3": "python3", "xz": "xz-utils", "flock": "util-linux", "setpriv": "util-linux",
	"ssh-keygen": "openssh-client", "node": "nodejs", "java": "default-jdk-headless", "xargs": "findutils",
	"objdump": "binutils", "nm": "binutils", "script": "bsdutils",
}

// need finds a tool, or skips the test: in CI it is installed, and a skip is a failure.
func need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		install(t, tool)
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, "%s is not installed", tool)
		}
	}
}

var updateOnce sync.Once

// install fetches a tool from Debian where that is what the machine is for.
func install(t *testing.T, tool string) {
	if os.Getenv("CI") != "true" || os.Getuid() != 0 {
		return
	}
	apt := func(args ...string) {
		c := exec.Command("apt-get", args...)
		c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := c.CombinedOutput(); err != nil {
			t.Logf("apt-get %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	updateOnce.Do(func() { apt("update", "-q") })
	pkg := packages[tool]
	if pkg == "" {
		pkg = tool
	}
	apt(append([]string{"install", "-qy", "--no-install-recommends"}, strings.Fields(pkg)...)...)
}

func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("in CI this must run: "+format, args...)
	}
	t.Skipf(format, args...)
}

// compile compiles testdata/NAME.c.
func compile(t *testing.T, name string, flags ...string) string {
	t.Helper()
	need(t, "cc")
	out := filepath.Join(buildDir, filepath.Base(name)+strings.Join(flags, ""))
	if _, err := os.Stat(out); err == nil {
		return out
	}
	args := append([]string{"-O1", "-pthread", "-o", out, "testdata/" + name + ".c"}, flags...)
	if msg, err := exec.Command("cc", append(args, "-lm")...).CombinedOutput(); err != nil {
		t.Fatalf("cc %s: %v\n%s", name, err, msg)
	}
	return out
}

// job is a program to run.
type job struct {
	args  []string
	dir   string
	env   []string // besides our own
	stdin string
}

// result is how it ended.
type result struct {
	out, errs string
	status    syscall.WaitStatus
}

func (r result) String() string {
	end := fmt.Sprintf("exit %d", r.status.ExitStatus())
	if r.status.Signaled() {
		end = "signal: " + r.status.Signal().String()
	}
	return fmt.Sprintf("%s\nstdout:\n%s\nstderr:\n%s", end, tail(r.out), tail(r.errs))
}

// tail keeps a failure readable.
func tail(s string) string {
	const most = 6000
	if len(s) > most {
		return "..." + s[len(s)-most:]
	}
	return s
}

// native runs the job as it is.
func native(t *testing.T, j job) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, j.args[0], j.args[1:]...)
	c.Dir, c.Env, c.Stdin = j.dir, append(os.Environ(), j.env...), strings.NewReader(j.stdin)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", j.args, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%v does not end\nstdout:\n%s\nstderr:\n%s", j.args, tail(out.String()), tail(errs.String()))
	}
	return result{out.String(), errs.String(), c.ProcessState.Sys().(syscall.WaitStatus)}
}

// guest runs the job under trapgate.
func guest(t *testing.T, j job, flags ...string) result {
	t.Helper()
	j.args = append(append([]string{command(t), "run"}, flags...), j.args...)
	return native(t, j)
}

// same runs the job natively and under trapgate and compares.
func same(t *testing.T, j job, flags ...string) {
	t.Helper()
	want := native(t, j)
	agree(t, want, guest(t, j, flags...))
}

func agree(t *testing.T, want, got result) {
	t.Helper()
	// The core flag differs: trapgate dumps no core for the guest's.
	if want.out != got.out || want.errs != got.errs || want.status&^0x80 != got.status&^0x80 {
		t.Errorf("%s\nnatively: %v\nunder trapgate: %v", firstDifference(want.out, got.out), want, got)
	}
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return fmt.Sprintf("stdout differs in line %d:\n- %s\n+ %s", i+1, as[i], bs[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(as), len(bs))
}

package linux

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// put writes a file that all users can reach.
func put(t *testing.T, name string, data []byte, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(buildDir, name)
	os.Remove(path)
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// goProgram is a static program to damage.
func goProgram(t *testing.T, env ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "p")
	c := exec.Command("go", "build", "-o", out, "trapgate/test/examples/hello")
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// oneLine checks what the user sees of a program that cannot be run.
func oneLine(t *testing.T, r result, code int, words ...string) {
	t.Helper()
	if r.status.ExitStatus() != code || r.out != "" || strings.Count(r.errs, "\n") != 1 || !strings.HasPrefix(r.errs, "trapgate: ") {
		t.Errorf("want exit %d and one line: %v", code, r)
	}
	for _, w := range words {
		if !strings.Contains(r.errs, w) {
			t.Errorf("%q does not say %q", r.errs, w)
		}
	}
}

// TestBadInput: one clear line, the exit codes of the shell, nothing left running.
func TestBadInput(t *testing.T) {
	hello := goProgram(t)
	change := func(f func(b []byte)) []byte { b := bytes.Clone(hello); f(b); return b }
	le := binary.LittleEndian
	tests := []struct {
		name string
		data []byte
		mode os.FileMode
		code int
		say  string
	}{
		{"text", []byte("echo hello\n"), 0o755, 126, "text file"},
		{"empty", nil, 0o755, 126, "empty file"},
		{"no-permission", hello, 0o644, 126, "permission denied"},
		{"header-only", hello[:64], 0o755, 126, "truncated"},
		{"half-header", hello[:40], 0o755, 126, ""},
		{"cut", hello[:len(hello)/4], 0o755, 126, "truncated"},
		{"magic-only", hello[:4], 0o755, 126, ""},
		{"riscv", change(func(b []byte) { le.PutUint16(b[18:], uint16(elf.EM_RISCV)) }), 0o755, 126, "riscv"},
		{"big-endian", change(func(b []byte) { b[5] = 2 }), 0o755, 126, ""},
		{"object", change(func(b []byte) { le.PutUint16(b[16:], 1) }), 0o755, 126, ""},
		{"entry-outside", change(func(b []byte) { le.PutUint64(b[24:], 0xffff800000000000) }), 0o755, 126, ""},
		{"headers-outside", change(func(b []byte) { le.PutUint64(b[32:], 1<<62) }), 0o755, 126, ""},
		{"many-headers", change(func(b []byte) { le.PutUint16(b[56:], 0xffff) }), 0o755, 126, ""},
		{"arm64", goProgram(t, "GOARCH=arm64"), 0o755, 126, "arm64"},
		{"openbsd", goProgram(t, "GOOS=openbsd"), 0o755, 126, "openbsd"},
		{"windows", goProgram(t, "GOOS=windows"), 0o755, 126, "windows"},
		{"darwin", goProgram(t, "GOOS=darwin", "GOARCH=arm64"), 0o755, 126, "darwin"},
		{"script-missing", []byte("#!/nosuch/interpreter -x\n"), 0o755, 126, "/nosuch/interpreter"},
		{"script-none", []byte("#!\n"), 0o755, 126, "#!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := put(t, "bad-"+tt.name, tt.data, tt.mode)
			oneLine(t, guest(t, job{args: []string{path}}), tt.code, "bad-"+tt.name, tt.say)
		})
	}
	oneLine(t, guest(t, job{args: []string{t.TempDir()}}), 126, "directory")
	oneLine(t, guest(t, job{args: []string{"/dev/null"}}), 126, "/dev/null")
	oneLine(t, guest(t, job{args: []string{"/nosuch"}}), 127, "not found")
	oneLine(t, guest(t, job{args: []string{"nosuchprogram"}}), 127, "not found in $PATH")
	oneLine(t, guest(t, job{args: []string{"/etc/passwd/x"}}), 126, "not a directory")
	noneLeft(t, "bad-")
}

// TestMissingLinker: a dynamic program whose interpreter is not there.
func TestMissingLinker(t *testing.T) {
	b, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	from := []byte("/lib64/ld-linux-x86-64.so.2")
	if !bytes.Contains(b, from) {
		t.Skip("/bin/sh is not dynamic")
	}
	path := put(t, "bad-linker", bytes.Replace(b, from, []byte("/lib64/no-linux-x86-64.so.2"), 1), 0o755)
	oneLine(t, guest(t, job{args: []string{path}}), 126, "/lib64/no-linux-x86-64.so.2")
	// A dynamic linker that is no program at all.
	put(t, "notlinker123456", []byte("text"), 0o755)
}

// TestHostile changes every byte of the headers in turn. Whatever comes out, the
// supervisor must not crash, and nothing may stay.
func TestHostile(t *testing.T) {
	hello := goProgram(t)
	end := 64 + 56*int(binary.LittleEndian.Uint16(hello[56:]))
	for at := 0; at < end; at += 3 {
		for _, v := range []byte{0xff, 0x00, 0x80} {
			b := bytes.Clone(hello)
			b[at] ^= v | 1
			r := guest(t, job{args: []string{put(t, "hostile", b, 0o755)}})
			if strings.Contains(r.errs, "trapgate/kernel.") || strings.Contains(r.errs, "trapgate/image.") {
				t.Fatalf("byte %d ^ %#x: %v", at, v|1, r)
			}
		}
	}
	noneLeft(t, "hostile")
}

// TestUnreadable: what a user may execute but not read cannot be loaded.
func TestUnreadable(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	nobody := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	for mode, code := range map[os.FileMode]int{0o711: 126, 0o700: 126, 0o755: 0} {
		path := put(t, "unreadable", goProgram(t), mode)
		c := exec.Command(command(t), "run", path)
		c.SysProcAttr = nobody
		var out, errs bytes.Buffer
		c.Stdout, c.Stderr = &out, &errs
		c.Run()
		r := result{out.String(), errs.String(), c.ProcessState.Sys().(syscall.WaitStatus)}
		if code != 0 {
			oneLine(t, r, code, "permission")
		} else if r.status != 0 {
			t.Errorf("as nobody: %v", r)
		}
	}
}

// running are the processes whose command line has the text.
func running(text string) []string {
	var found []string
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range all {
		if b, err := os.ReadFile(f); err == nil && bytes.Contains(b, []byte(text)) && !strings.HasPrefix(f, "/proc/self/") {
			found = append(found, f)
		}
	}
	return found
}

func noneLeft(t *testing.T, text string) {
	t.Helper()
	if left := running(filepath.Join(buildDir, text)); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
}

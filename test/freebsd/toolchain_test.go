package freebsd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestToolchain: the Go toolchain built for FreeBSD, run as a guest, builds a
// program byte for byte as the native one does.
func TestToolchain(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a toolchain")
	}
	root, home := filepath.Join(dir, "goroot"), t.TempDir()
	work := filepath.Join(home, "hello")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	toolchain(t, root)
	write(t, filepath.Join(work, "go.mod"), "module hello\n\ngo 1.26\n")
	write(t, filepath.Join(work, "main.go"), "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"built\") }\n")
	env := []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GOTOOLCHAIN=local", "CGO_ENABLED=0", "GOOS=freebsd", "GOARCH=amd64", "TMPDIR=" + home}
	build := func(out, goroot string, argv ...string) []byte {
		t.Helper()
		cmd := exec.Command(argv[0], append(argv[1:], "build", "-trimpath", "-buildvcs=false", "-o", out, ".")...)
		cmd.Dir = work
		cmd.Env = append(env, "GOROOT="+goroot, "GOCACHE="+filepath.Join(home, "cache"+out))
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", argv, err, msg)
		}
		b, err := os.ReadFile(filepath.Join(work, out))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	guest := build("guest", root, trapgate, "run", filepath.Join(root, "bin/go"))
	native := build("native", runtime.GOROOT(), "go")
	if !bytes.Equal(guest, native) {
		t.Errorf("the guest's program has %d bytes, the native one %d, and they differ", len(guest), len(native))
	}
	expect(t, "built\n", "exit status 0", filepath.Join(work, "guest"))
}

// toolchain makes a GOROOT with the tools for FreeBSD.
func toolchain(t *testing.T, root string) {
	t.Helper()
	tools := filepath.Join(root, "pkg/tool/freebsd_amd64")
	for _, d := range []string{filepath.Join(root, "bin"), tools} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	native := runtime.GOROOT()
	for _, name := range []string{"src", "lib", "VERSION", "go.env", "pkg/include"} {
		if err := os.Symlink(filepath.Join(native, name), filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for pkg, out := range map[string]string{"cmd/go": "bin/go", "cmd/compile": "", "cmd/link": "", "cmd/asm": ""} {
		if out == "" {
			out = filepath.Join("pkg/tool/freebsd_amd64", filepath.Base(pkg))
		}
		if err := goBuild("freebsd", pkg, filepath.Join(root, out)); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// std are the packages whose own tests must pass.
const std = `errors sort strings bytes strconv fmt encoding/json regexp math/big compress/gzip
	archive/tar crypto/sha256 bufio io path/filepath sync sync/atomic context time text/template
	os/signal os/exec io/fs`

// TestStd runs the tests of packages of the Go tree with trapgate as -exec.
func TestStd(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	for pkg := range strings.FieldsSeq(std) {
		t.Run(pkg, func(t *testing.T) {
			cmd := exec.Command("go", "test", "-short", "-count=1", "-exec", trapgate+" run", pkg)
			cmd.Env = append(os.Environ(), "GOOS=freebsd", "GOARCH=amd64", "CGO_ENABLED=0")
			if msg, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%.4000s", err, msg)
			}
		})
	}
}

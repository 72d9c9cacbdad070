package i386

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"trapgate/test/examples"
)

// bare is a whole ELF file: write(1, "Hello world!\n", 13) and exit(0).
func bare() []byte {
	const base, code = 0x08048000, 84
	text := []byte{
		0xb8, 4, 0, 0, 0, // mov $4, %eax
		0xbb, 1, 0, 0, 0, // mov $1, %ebx
		0xb9, 0, 0, 0, 0, // mov $hello, %ecx
		0xba, 13, 0, 0, 0, // mov $13, %edx
		0xcd, 0x80, // int $0x80
		0xb8, 1, 0, 0, 0, // mov $1, %eax
		0x31, 0xdb, // xor %ebx, %ebx
		0xcd, 0x80,
	}
	le := binary.LittleEndian
	le.PutUint32(text[11:], base+code+uint32(len(text)))
	file := make([]byte, code)
	copy(file, "\x7fELF\x01\x01\x01")
	le.PutUint16(file[16:], 2) // ET_EXEC
	le.PutUint16(file[18:], 3) // EM_386
	le.PutUint32(file[20:], 1)
	le.PutUint32(file[24:], base+code)
	le.PutUint32(file[28:], 52)
	le.PutUint16(file[40:], 52)
	le.PutUint16(file[42:], 32)
	le.PutUint16(file[44:], 1)
	file = append(append(file, text...), "Hello world!\n"...)
	for i, v := range []uint32{1, 0, base, base, uint32(len(file)), uint32(len(file)), 5, 4096} {
		le.PutUint32(file[52+4*i:], v) // PT_LOAD, r-x
	}
	return file
}

func TestBare(t *testing.T) {
	need386(t)
	path := filepath.Join(t.TempDir(), "bare")
	if err := os.WriteFile(path, bare(), 0o755); err != nil {
		t.Fatal(err)
	}
	same(t, "", path)
	if out := run(t, "", []string{trapgate, "run", path}).stdout; out != "Hello world!\n" {
		t.Errorf("got %q", out)
	}
}

func TestExamples(t *testing.T) {
	need386(t)
	for _, e := range examples.List {
		t.Run(e.Name, func(t *testing.T) {
			path, err := e.Build(t.Context(), t.TempDir(), "linux", "386")
			if err != nil {
				t.Fatal(err)
			}
			same(t, "", path)
		})
	}
}

// goBuild builds a package for 386 with the go command.
func goBuild(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=386", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
}

func TestGoPrograms(t *testing.T) {
	need386(t)
	for _, name := range []string{"goroutines", "traceback", "children", "web", "notify", "self"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			goBuild(t, "build", "-trimpath", "-o", path, "./testdata/"+name)
			same(t, "", path)
		})
	}
}

// TestFrames compares signal frames, segments and old calls field by field.
func TestFrames(t *testing.T) {
	need386(t)
	cc, err := exec.LookPath("gcc")
	if err != nil {
		without(t, "no C compiler")
	}
	path := filepath.Join(t.TempDir(), "frames")
	out, err := exec.Command(cc, "-m32", "-O1", "-w", "-static", "-nostdlib", "-ffreestanding", "-no-pie", "-fno-pic",
		"-fno-omit-frame-pointer", "-fno-stack-protector", "-mno-sse", "-fcf-protection=none",
		"-o", path, "testdata/frames.c").CombinedOutput()
	if err != nil {
		without(t, "the C compiler makes no 32-bit programs: %s", out)
	}
	same(t, "", path)
}

// TestStd runs the tests of packages of the Go library.
func TestStd(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	need386(t)
	for _, pkg := range []string{"errors", "sort", "strings", "bytes", "strconv", "fmt", "encoding/json", "regexp",
		"math/big", "compress/gzip", "archive/tar", "crypto/sha256", "bufio", "io", "path/filepath", "sync",
		"sync/atomic", "context", "time", "text/template", "os/signal", "os/exec", "io/fs", "os"} {
		t.Run(pkg, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "std.test")
			goBuild(t, "test", "-c", "-o", path, pkg)
			dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
			if err != nil {
				t.Fatal(err)
			}
			o := run(t, string(dir[:len(dir)-1]), []string{trapgate, "run", path, "-test.short"})
			if o.exit != "exit status 0" {
				t.Errorf("%s\n%.4000s\n%.4000s", o.exit, o.stdout, o.stderr)
			}
		})
	}
}

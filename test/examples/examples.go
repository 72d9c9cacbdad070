package examples

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed bare files hello signals spawn threads
var source embed.FS

// Example is one program.
type Example struct {
	Name  string
	About string
	Want  string // standard output
	// Entry is the symbol where the program starts, "" for that of the Go runtime.
	Entry string
}

// List is every example, the simplest first.
var List = []Example{
	{"bare", "assembly without the Go runtime: two writes, one of them refused, and exit",
		"Hello world!\nclose(-1) failed with errno 9, as it must\n", "main.bare"},
	{"hello", "one write by package syscall", "hello syscall\n", ""},
	{"files", "create, write, rename, list, read and remove files", "1 entry: b 14 bytes: hello, files!\nnothing left\n", ""},
	{"threads", "goroutines on several threads, garbage collection, a ticker", "3 ticks, sum 499500\n", ""},
	{"signals", "catch a signal, and a nil dereference", "caught user defined signal 1\nrecovered from a nil dereference\n", ""},
	{"spawn", "start itself with a pipe, and pass on an exit code", "child says: hello from the child\nchild exits with 3\n", ""},
}

// Build writes the source of e to a folder in dir, builds it there for one
// system and returns the program's path. It needs the go command but neither
// network nor module cache.
func (e Example) Build(ctx context.Context, dir, goos, goarch string) (string, error) {
	src := filepath.Join(dir, e.Name+"_"+goos+"_"+goarch)
	if err := e.unpack(src); err != nil {
		return "", err
	}
	out := filepath.Join(src, e.Name)
	args := []string{"build", "-trimpath", "-o", out}
	if e.Entry != "" {
		args = append(args, "-ldflags=-E="+e.Entry)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, ".")...)
	cmd.Dir = src
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=-mod=mod",
		"GO111MODULE=on", "GOWORK=off", "GOPROXY=off", "GOTOOLCHAIN=local", "PWD="+src)
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s for %s/%s: %w\n%s", e.Name, goos, goarch, err, msg)
	}
	return out, nil
}

func (e Example) unpack(dir string) error {
	files, err := fs.Sub(source, e.Name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module "+e.Name+"\n\ngo 1.26\n"), 0o644)
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) installCmd() *cobra.Command {
	return &cobra.Command{
		Use: "install-exec [DIR]", Short: "let go test and go run find trapgate by themselves",
		Long: `install-exec makes links named go_freebsd_amd64_exec, go_linux_386_exec, ... in DIR.
The go command starts the programs of another system with them, so that
"GOOS=freebsd go test ./..." works with no flag. DIR is by default where
"go install" puts programs; it must be in $PATH.`,
		Example: "  trapgate install-exec\n  trapgate install-exec ~/bin",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := installDir(args)
			if err != nil {
				return err
			}
			return a.install(dir)
		},
	}
}

// installDir is what `go install` would take.
func installDir(args []string) (string, error) {
	if len(args) == 1 {
		return filepath.Abs(args[0])
	}
	out, err := exec.Command("go", "env", "GOBIN", "GOPATH").Output()
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) < 2 {
		return "", failf(exitFailed, "install-exec: cannot ask the go command for its folder: %v; name one", err)
	}
	if lines[0] != "" {
		return lines[0], nil
	}
	list := filepath.SplitList(lines[1])
	if len(list) == 0 {
		return "", failf(exitFailed, "install-exec: no GOPATH; name a folder")
	}
	return filepath.Join(list[0], "bin"), nil
}

func (a *app) install(dir string) error {
	self, err := a.self()
	if err != nil {
		return failf(exitFailed, "install-exec: %v", err)
	}
	if strings.Contains(self, "/go-build") {
		return failf(exitFailed, "install-exec: `go run` removes this program at its end; build one first: go install ./cmd/trapgate")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return failf(exitFailed, "install-exec: %v", err)
	}
	for _, s := range served {
		if s.OS == runtime.GOOS && s.CPU == runtime.GOARCH {
			continue // the go command starts its own system's programs itself
		}
		link := filepath.Join(dir, "go_"+s.OS+"_"+s.CPU+"_exec")
		if err := relink(self, link); err != nil {
			return failf(exitFailed, "install-exec: %v", err)
		}
		fmt.Fprintf(a.stdout, "%s -> %s\n", link, self)
	}
	if !slices.Contains(filepath.SplitList(os.Getenv("PATH")), dir) {
		fmt.Fprintf(a.stdout, "%s is not in $PATH yet: PATH=$PATH:%s\n", dir, dir)
	}
	return nil
}

// relink replaces a link, but never a file that somebody put there.
func relink(target, link string) error {
	st, err := os.Lstat(link)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case st.Mode().Type() != fs.ModeSymlink:
		return fmt.Errorf("%s is there already and is no link; remove it first", link)
	default:
		if err := os.Remove(link); err != nil {
			return err
		}
	}
	return os.Symlink(target, link)
}

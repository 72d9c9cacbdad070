package imports

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "trapgate"

// source is one file of the module; pkg and path are relative to it, ast is
// nil for assembly.
type source struct {
	pkg, path string
	ast       *ast.File
	lines     int
}

// readModule parses the head of every Go file, whatever host it is built for.
func readModule(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var files []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != root && isHidden(d.Name()):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(p) != ".go" && filepath.Ext(p) != ".s":
			return nil
		}
		rel, _ := filepath.Rel(root, p)
		f, err := readSource(p, rel)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files found", len(files))
	}
	return files
}

// isHidden names the folders that the Go tool passes over too.
func isHidden(dir string) bool {
	return strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_") || dir == "testdata" || dir == "vendor"
}

func readSource(path, rel string) (source, error) {
	f := source{pkg: filepath.Dir(rel), path: rel}
	b, err := os.ReadFile(path)
	if err != nil {
		return f, err
	}
	f.lines = bytes.Count(b, []byte("\n"))
	if filepath.Ext(path) == ".go" {
		f.ast, err = parser.ParseFile(token.NewFileSet(), path, b, parser.ImportsOnly|parser.ParseComments)
	}
	return f, err
}

func TestImportGraph(t *testing.T) {
	for _, f := range readModule(t) {
		if f.ast == nil || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, spec := range f.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ours := strings.CutPrefix(imported, module+"/")
			if !ours {
				continue
			}
			if err := checkArrow(f.pkg, to); err != nil {
				t.Errorf("%s: %v", f.path, err)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	commented := map[string]bool{}
	for _, f := range readModule(t) {
		if f.ast != nil && !strings.HasSuffix(f.path, "_test.go") {
			commented[f.pkg] = commented[f.pkg] || f.ast.Doc != nil
		}
		if f.lines > max(maxLines, longFiles[f.path]) && (f.ast == nil || !ast.IsGenerated(f.ast)) {
			t.Errorf("%s has %d lines, more than %d", f.path, f.lines, maxLines)
		}
		if hasHostSuffix(filepath.Base(f.path)) && !allowed(f.pkg, suffixFolders) {
			t.Errorf("%s: the Go tool drops a file of this name on other hosts", f.path)
		}
	}
	for pkg, ok := range commented {
		if !ok {
			t.Errorf("package %s has no comment", pkg)
		}
	}
}

func TestCheckArrow(t *testing.T) {
	tests := []struct {
		from, to string
		ok       bool
	}{
		{"cmd/trapgate", "kernel", true},
		{"cmd/trapgate", "guest", true},
		{"cmd/trapgate", "test/examples", true},
		{"cmd/mksys", "desc/syntax", true},
		{"route", "trace", true},
		{"guest", "guest/linux", true},
		{"guest/linux", "kernel", true},
		{"guest/linux", "guest/linux/abi", true},
		{"guest/freebsd", "kernel/kerr", true},
		{"trace", "guest/freebsd/abi", true},
		{"trace/live", "trace", true},
		{"kernel", "gate", true},
		{"gate", "desc", true},
		{"gate", "internal/host", true},
		{"desc/syntax", "desc", true},
		{"guest/linux/abi", "desc", true},
		{"guest/linux/abi", "kernel/kerr", true},
		{"sys/linux", "arch", true},
		{"test/guests", "cmd/trapgate", true},

		{"kernel", "guest", false},
		{"kernel", "guest/linux", false},
		{"kernel", "guest/linux/abi", false},
		{"kernel", "trace", false},
		{"trace", "kernel", false},
		{"trace/live", "kernel", false},
		{"trace", "gate", false},
		{"trace", "guest/linux", false},
		{"guest/linux", "trace", false},
		{"guest/linux", "guest/freebsd", false},
		{"guest/linux/abi", "kernel", false},
		{"kernel/kerr", "desc", false},
		{"internal/host", "kernel", false},
		{"image", "gate", false},
		{"desc", "desc2", false},
		{"util", "desc", false},
		{"kernel", "cmd/trapgate", false},
		{"kernel", "test/examples", false},
		{"test/examples", "kernel", false},
	}
	for _, tt := range tests {
		if err := checkArrow(tt.from, tt.to); (err == nil) != tt.ok {
			t.Errorf("%s -> %s: %v", tt.from, tt.to, err)
		}
	}
	if err := checkArrow("trace", "kernel/kerr"); err != nil {
		t.Error(err)
	}
}

func TestHostSuffix(t *testing.T) {
	for name, want := range map[string]bool{
		"a_linux.go": true, "a_amd64.s": true, "a_linux_amd64.go": true, "a_freebsd_test.go": true, "x_386.go": true,
		"amd64.go": false, "linux.go": false, "amd64_frame.go": false, "a_test.go": false, "linux386.s": false,
	} {
		if hasHostSuffix(name) != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
}

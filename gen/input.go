package gen

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// File is a source file with prototypes.
type File struct {
	Path string
	Data []byte
}

// input is what the files of one target say.
type input struct {
	pkg      string
	protos   []*Proto
	declared map[string]bool   // at top level
	packages map[string]string // import paths, by the name in the files
	imported []string          // functions of the C library that hand-written code asks for
}

// read parses those files that the Go tool would build for the target.
func read(t Target, files []File) (*input, error) {
	in := &input{declared: map[string]bool{}, packages: map[string]string{}}
	used := 0
	for _, f := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if !t.builds(f.Path, parsed) {
			continue
		}
		used++
		if in.pkg != "" && in.pkg != parsed.Name.Name {
			return nil, fmt.Errorf("%s: package %s, where the files before it are of package %s", f.Path, parsed.Name.Name, in.pkg)
		}
		in.pkg = parsed.Name.Name
		in.declare(parsed)
		in.imports(parsed)
		if err := in.prototypes(f); err != nil {
			return nil, err
		}
	}
	if used == 0 {
		return nil, fmt.Errorf("none of the files is built for %s", t)
	}
	return in, in.unique()
}

func (in *input) prototypes(f File) error {
	for i, line := range strings.Split(string(f.Data), "\n") {
		p, err := ParseLine(f.Path, i+1, strings.TrimRight(line, "\r"))
		if err != nil {
			return err
		}
		if p != nil {
			in.protos = append(in.protos, p)
		}
	}
	return nil
}

// unique refuses a second prototype of one name.
func (in *input) unique() error {
	seen := map[string]*Proto{}
	for _, p := range in.protos {
		if first := seen[p.Name]; first != nil {
			return p.errorf("%s stands at %s:%d too", p.Name, first.File, first.Line)
		}
		seen[p.Name] = p
	}
	return nil
}

func (in *input) declare(f *ast.File) {
	for _, i := range f.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		name := base(path)
		if i.Name != nil {
			name = i.Name.Name
		}
		in.packages[name] = path
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				in.declared[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					in.declared[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range s.Names {
						in.declared[n.Name] = true
					}
				}
			}
		}
	}
}

// imports finds the C functions that the file reaches by trampolines of its own
// naming. Their assembly is ours to write.
func (in *input) imports(f *ast.File) {
	for _, group := range f.Comments {
		for _, c := range group.List {
			words := strings.Fields(c.Text)
			if len(words) == 4 && words[0] == "//go:cgo_import_dynamic" && words[1] == "libc_"+words[2] {
				in.imported = append(in.imported, words[2])
			}
		}
	}
}

// builds tells whether a file counts for the target: by its name, and by its
// build constraint. The tag ignore is taken as set, for a file may hold
// prototypes alone.
func (t Target) builds(path string, f *ast.File) bool {
	if !t.buildsName(strings.TrimSuffix(filepath.Base(path), ".go")) {
		return false
	}
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			if expr, err := constraint.Parse(c.Text); err == nil && !expr.Eval(t.hasTag) {
				return false
			}
		}
	}
	return true
}

func (t Target) hasTag(tag string) bool {
	switch tag {
	case t.OS, t.CPU, "gc", "ignore":
		return true
	case "unix":
		return t.OS != "windows"
	}
	return strings.HasPrefix(tag, "go1.")
}

// buildsName judges by the last two words of the name, as the Go tool does.
func (t Target) buildsName(name string) bool {
	words := strings.Split(name, "_")[1:]
	if n := len(words); n > 0 && bits[words[n-1]] != 0 {
		if words[n-1] != t.CPU {
			return false
		}
		words = words[:n-1]
	}
	n := len(words)
	return n == 0 || !slices.Contains(knownSystems, words[n-1]) || words[n-1] == t.OS
}

// knownSystems are the systems that the Go tool (1.26) reads from a file name.
var knownSystems = strings.Fields("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl" +
	" netbsd openbsd plan9 solaris wasip1 windows zos")

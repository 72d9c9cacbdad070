package gen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
)

// Diff compares two Go files declaration by declaration, without comments and
// positions, but with their build constraints and compiler directives. Each
// difference is one line of the result.
func Diff(want, got []byte) ([]string, error) {
	a, err := digest(want)
	if err != nil {
		return nil, err
	}
	b, err := digest(got)
	if err != nil {
		return nil, err
	}
	diffs := sets("import", a.imports, b.imports)
	diffs = append(diffs, sets("directive", a.directives, b.directives)...)
	for _, name := range a.order {
		switch {
		case b.decls[name] == nil:
			diffs = append(diffs, name+": missing")
		case !same(reflect.ValueOf(a.decls[name]), reflect.ValueOf(b.decls[name])):
			diffs = append(diffs, name+": different")
		}
	}
	for _, name := range b.order {
		if a.decls[name] == nil {
			diffs = append(diffs, name+": not in the published file")
		}
	}
	if len(diffs) == 0 && !slices.Equal(a.order, b.order) {
		diffs = append(diffs, "the order of the declarations is different")
	}
	return diffs, nil
}

// Decls is the number of declarations of a file that Diff compares.
func Decls(src []byte) int {
	d, err := digest(src)
	if err != nil {
		return 0
	}
	return len(d.order)
}

type digested struct {
	imports, directives []string
	order               []string
	decls               map[string]ast.Node
}

func digest(src []byte) (*digested, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	d := &digested{decls: map[string]ast.Node{}}
	for _, i := range f.Imports {
		d.imports = append(d.imports, i.Path.Value)
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:") {
				d.directives = append(d.directives, c.Text)
			}
		}
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			d.add("func "+decl.Name.Name, decl)
		case *ast.GenDecl:
			for _, s := range decl.Specs {
				d.spec(decl.Tok, s)
			}
		}
	}
	return d, nil
}

func (d *digested) spec(tok token.Token, s ast.Spec) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		d.add(tok.String()+" "+s.Names[0].Name, s)
	case *ast.TypeSpec:
		d.add("type "+s.Name.Name, s)
	}
}

func (d *digested) add(name string, n ast.Node) {
	for d.decls[name] != nil {
		name += "'"
	}
	d.decls[name] = n
	d.order = append(d.order, name)
}

func sets(what string, want, got []string) []string {
	var diffs []string
	for _, s := range want {
		if !slices.Contains(got, s) {
			diffs = append(diffs, fmt.Sprintf("%s %s: missing", what, s))
		}
	}
	for _, s := range got {
		if !slices.Contains(want, s) {
			diffs = append(diffs, fmt.Sprintf("%s %s: not in the published file", what, s))
		}
	}
	return diffs
}

var (
	typePos     = reflect.TypeFor[token.Pos]()
	typeComment = reflect.TypeFor[*ast.CommentGroup]()
)

// same compares syntax trees, but for positions and comments.
func same(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	if !a.IsValid() || a.Type() == typePos || a.Type() == typeComment {
		return true
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// DiffAsm compares two assembly files line by line, without comments and empty
// lines.
func DiffAsm(want, got []byte) []string {
	a, b := asmLines(want), asmLines(got)
	if !slices.Equal(a, b) {
		diffs := sets("line", a, b)
		if len(diffs) == 0 {
			diffs = []string{"the order of the lines is different"}
		}
		return diffs
	}
	return nil
}

func asmLines(src []byte) []string {
	var lines []string
	for line := range bytes.Lines(src) {
		text := strings.Join(strings.Fields(string(line)), " ")
		if text != "" && !strings.HasPrefix(text, "//") {
			lines = append(lines, text)
		}
	}
	return lines
}

package gen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
)

// Merge takes the functions that all files have alike out of them, and returns
// a file with those functions for all CPUs of the system, and the files without.
func Merge(system, firstLine string, files [][]byte) (common []byte, rest [][]byte, err error) {
	var cuts []*cut
	count := map[string]int{}
	for _, src := range files {
		c, err := cutFuncs(src)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range c.funcs {
			count[c.text(f)]++
		}
		cuts = append(cuts, c)
	}
	if len(cuts) == 0 {
		return nil, nil, fmt.Errorf("nothing to merge")
	}
	shared := func(text string) bool { return count[text] == len(files) }
	if common, err = cuts[0].commonFile(system, firstLine, shared); err != nil {
		return nil, nil, err
	}
	for _, c := range cuts {
		src, err := c.without(shared)
		if err != nil {
			return nil, nil, err
		}
		rest = append(rest, src)
	}
	return common, rest, nil
}

// cut is a file and its functions.
type cut struct {
	src   []byte
	set   *token.FileSet
	file  *ast.File
	funcs []*ast.FuncDecl
}

func cutFuncs(src []byte) (*cut, error) {
	c := &cut{src: src, set: token.NewFileSet()}
	var err error
	c.file, err = parser.ParseFile(c.set, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range c.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			c.funcs = append(c.funcs, f)
		}
	}
	return c, nil
}

// offset is the place of a position in the file.
func (c *cut) offset(p token.Pos) int { return c.set.File(c.file.FileStart).Offset(p) }

// text is the function without the comment before it, which names a line.
func (c *cut) text(f *ast.FuncDecl) string {
	return string(c.src[c.offset(f.Pos()):c.offset(f.End())])
}

func (c *cut) commonFile(system, firstLine string, shared func(string) bool) ([]byte, error) {
	var b bytes.Buffer
	for _, f := range c.funcs {
		if text := c.text(f); shared(text) {
			b.WriteString(text + "\n\n")
		}
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s\n\n//go:build %s\n\npackage %s\n\nimport (\n", firstLine, system, c.file.Name.Name)
	for _, i := range c.file.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		// x/sys imports syscall in all files, the Go tree in none.
		name := path[strings.LastIndex(path, "/")+1:]
		if path == "syscall" || bytes.Contains(b.Bytes(), []byte(name+".")) {
			fmt.Fprintf(&head, "\t%q\n", path)
		}
	}
	head.WriteString(")\n\n")
	if !bytes.Contains(b.Bytes(), []byte("syscall.")) && bytes.Contains(head.Bytes(), []byte(`"syscall"`)) {
		b.WriteString("var _ syscall.Errno\n")
	}
	return format.Source(append(head.Bytes(), b.Bytes()...))
}

func (c *cut) without(shared func(string) bool) ([]byte, error) {
	var b bytes.Buffer
	at := 0
	for _, f := range c.funcs {
		if !shared(c.text(f)) {
			continue
		}
		start := c.lineComment(c.offset(f.Pos()))
		b.Write(c.src[at:start])
		at = c.offset(f.End())
	}
	b.Write(c.src[at:])
	return format.Source(b.Bytes())
}

// lineComment is where the comment before a function starts.
func (c *cut) lineComment(start int) int {
	for _, g := range c.file.Comments {
		end := c.offset(g.End())
		if end <= start && strings.TrimSpace(string(c.src[end:start])) == "" {
			return c.offset(g.Pos())
		}
	}
	return start
}

package check

import (
	"bytes"
	"go/token"
	"go/types"
	"os"
	"strings"

	"trapgate/desc"
	"trapgate/gen"
)

// protos checks the //sys lines of a file, and notes their names.
func (c *checker) protos(file string, names map[string]bool) {
	src, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(src, []byte("\n//sys")) {
		return
	}
	for i, line := range strings.Split(string(src), "\n") {
		p, err := gen.ParseLine(file, i+1, strings.TrimRight(line, "\r"))
		if p == nil {
			continue
		}
		if err != nil {
			c.all.add(c.Target, file, i+1, Words, err.Error()[strings.Index(err.Error(), ": ")+2:])
			continue
		}
		names[p.Name] = true
		c.all.count(&c.all.Protos, file, i+1)
		c.proto(p)
	}
}

func (c *checker) proto(p *gen.Proto) {
	say := func(kind, message string) { c.all.add(c.Target, p.File, p.Line, kind, message) }
	d := c.protoCall(p, say)
	if d == nil || !described(d) {
		return
	}
	word := 0
	start := make([]int, len(p.Params))
	for i, param := range p.Params {
		start[i] = word
		word += p.Words(c.Target, word, param)
	}
	total := d.Words()
	switch {
	case word > total:
		say(Words, d.Name+" takes "+count(total)+", and "+p.Name+" passes "+count(word)+": "+d.Signature())
		return
	case word < needed(d) && c.halved(p, d, start, say):
		return
	case word < needed(d) && zeroMatters(d, word): // the wrapper passes 0
		say(Words, d.Name+" takes "+count(total)+", and "+p.Name+" passes "+count(word)+": "+d.Signature())
		return
	}
	for i, param := range p.Params {
		c.param(p, d, start[i], param, say)
	}
}

func (c *checker) library() bool { return c.OS == "openbsd" || c.OS == "darwin" }

// halved reports the first parameter of one word where the call takes two.
func (c *checker) halved(p *gen.Proto, d *desc.Call, start []int, say func(kind, message string)) bool {
	for i, param := range p.Params {
		a := argAt(d, start[i])
		if a != nil && a.Words == 2 && p.Words(c.Target, start[i], param) == 1 {
			say(Width, a.Name+" of "+d.Name+" has 64 bits: "+param.Type+" has fewer")
			return true
		}
	}
	return false
}

// protoCall is the call that a prototype is of, or nil where it is no kernel's.
func (c *checker) protoCall(p *gen.Proto, say func(kind, message string)) *desc.Call {
	if c.library() {
		return c.byName[p.Symbol()]
	}
	name := p.Constant()
	number, ok := c.lookup(name)
	if !ok {
		d := c.byName[constName(name)]
		if d == nil {
			say(Gone, name+": there is no such call")
		}
		return d
	}
	here, named := c.byNumber[number], c.byName[constName(name)]
	switch {
	case here != nil && sameCall(constName(name), here):
		if isOld(here.Name) {
			say(Gone, name+" is "+here.Name+": for programs of an old release, and missing in kernels built without them")
		}
		return here
	case named != nil:
		say(Number, name+" is not the number of "+named.Name)
		return named
	case here == nil:
		say(Gone, name+": there is no such call")
	}
	return here
}

// lookup finds a constant in the package, or in those that have the numbers.
func (c *checker) lookup(name string) (int64, bool) {
	scopes := []*types.Package{c.pkg.Types}
	for _, imported := range c.pkg.Types.Imports() {
		if strings.HasSuffix(imported.Path(), "golang.org/x/sys/unix") || imported.Path() == "syscall" {
			scopes = append(scopes, imported)
		}
	}
	for _, s := range scopes {
		if obj, ok := s.Scope().Lookup(name).(*types.Const); ok {
			return intValue(obj.Val())
		}
	}
	return 0, false
}

// param checks the width of a parameter.
func (c *checker) param(p *gen.Proto, d *desc.Call, word int, param gen.Param, say func(kind, message string)) {
	a := argAt(d, word)
	if a == nil {
		return
	}
	tv, err := types.Eval(c.pkg.Fset, c.pkg.Types, token.NoPos, param.Type)
	if err != nil || !tv.IsType() {
		return
	}
	sizes := c.pkg.TypesSizes
	if a.Dir != desc.Value {
		if ptr, ok := tv.Type.Underlying().(*types.Pointer); ok {
			pos := c.lineStart(p)
			c.memory(pos, d, a, ptr.Elem())
		}
		return
	}
	b, ok := tv.Type.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 {
		return
	}
	whole := a.Type.Kind == desc.Int && a.Type.Size == 8 || a.Type.Kind == desc.Uint && a.Type.Size == 8 && !a.Type.Wide
	if whole && a.Words == 1 && sizes.Sizeof(b) < 8 {
		say(Width, a.Name+" of "+d.Name+" has 64 bits: "+param.Type+" has fewer")
	}
}

// lineStart is the position of a prototype.
func (c *checker) lineStart(p *gen.Proto) (pos token.Pos) {
	c.pkg.Fset.Iterate(func(f *token.File) bool {
		if f.Name() == p.File {
			pos = f.LineStart(p.Line)
			return false
		}
		return true
	})
	return pos
}

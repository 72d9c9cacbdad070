package syntax

import "trapgate/desc"

func (p *parser) set(b Base, kind SetKind) *Set {
	s := &Set{Base: b, Kind: kind, Name: p.word("the name of the set")}
	if p.tok.kind == tokWord {
		s.Width = p.word("a type")
	}
	s.Items = p.items()
	return s
}

// items reads { NAME NAME=HOST ... } with a group to itself on its line.
func (p *parser) items() []SetItem {
	p.expect("{")
	items := []SetItem{}
	for !p.is("}") {
		p.blankLines()
		if p.is("}") {
			break
		}
		it := p.item()
		if last := len(items) - 1; it.Group != nil && last >= 0 && items[last].Group != nil && items[last].Name == it.Name {
			items[last].Group = append(items[last].Group, it.Group...) // a long group has several lines
			continue
		}
		items = append(items, it)
	}
	p.expect("}")
	return items
}

func (p *parser) item() SetItem {
	it := SetItem{Name: p.word("a name")}
	switch {
	case p.accept("="):
		it.Host = p.host()
		it.Words = p.words()
	case p.accept(":"):
		it.Group = []SetItem{}
		for p.tok.kind == tokWord {
			it.Group = append(it.Group, SetItem{Name: p.word("a name")})
		}
		if len(it.Group) == 0 {
			p.fail("expected the values of `%s`, found %v", it.Name, p.tok)
		}
	}
	return it
}

// words reads the words of a call within another: (first ptr second).
func (p *parser) words() []string {
	if !p.accept("(") {
		return nil
	}
	words := []string{}
	for p.tok.kind == tokWord {
		words = append(words, p.word("an argument"))
	}
	p.expect(")")
	return words
}

func (p *parser) host() string {
	if p.accept("-") {
		return "-"
	}
	return p.word("a constant of the host")
}

func (p *parser) structure(b Base) *Struct {
	s := &Struct{Base: b, Name: p.word("the name of the structure")}
	s.Packed = p.accept("packed")
	p.expect("{")
	p.endLine()
	for p.blankLines(); !p.is("}"); p.blankLines() {
		s.Fields = append(s.Fields, p.arg())
		p.endLine()
	}
	p.expect("}")
	return s
}

// arg reads `name [direction] [length] type [if arg VALUE|VALUE]`.
func (p *parser) arg() Arg {
	a := Arg{Line: p.tok.line, Name: p.word("a name")}
	switch {
	case p.accept("in"):
		a.Dir = desc.In
	case p.accept("out"):
		a.Dir = desc.Out
	case p.accept("inout"):
		a.Dir = desc.InOut
	}
	if p.accept("[") {
		a.Len = &Len{At: p.accept("*")}
		a.Len.Name = p.word("a length")
		p.expect("]")
	}
	a.Type = p.word("a type")
	if p.accept("if") {
		a.If = &If{Arg: p.word("an argument")}
		a.If.Values = append(a.If.Values, p.word("a value"))
		for p.accept("|") {
			a.If.Values = append(a.If.Values, p.word("a value"))
		}
	}
	a.Quiet = p.accept("quiet")
	return a
}

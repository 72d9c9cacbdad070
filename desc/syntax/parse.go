package syntax

import (
	"fmt"
	"slices"
)

// parser reads tokens with one token of look-ahead. The first error of a
// declaration is kept and the rest of that declaration skipped.
type parser struct {
	lex  lexer
	tok  token
	file *File
	errs []error
	deep int // within parentheses newlines are blanks
}

// bail is the panic that leaves a declaration after an error.
type bail struct{}

// Parse reads a calls.sys file. On errors the file holds what could be read.
func Parse(name, text string) (*File, []error) {
	p := &parser{lex: lexer{file: name, text: text, line: 1}, file: &File{Name: name}}
	p.advance()
	p.header()
	for p.tok.kind != tokEOF {
		p.declaration()
	}
	return p.file, append(p.lex.errs, p.errs...)
}

func (p *parser) advance() {
	p.tok = p.lex.next()
	for p.deep > 0 && p.tok.kind == tokNewline {
		p.tok = p.lex.next()
	}
}

func (p *parser) fail(format string, args ...any) {
	p.errs = append(p.errs, &Error{p.file.Name, p.tok.line, fmt.Sprintf(format, args...)})
	panic(bail{})
}

// recovering runs f; after an error it skips to the next blank line.
func (p *parser) recovering(f func()) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if _, ok := r.(bail); !ok {
			panic(r)
		}
		p.deep = 0
		p.skipBlock()
	}()
	f()
}

func (p *parser) skipBlock() {
	for blank := false; p.tok.kind != tokEOF; p.advance() {
		if p.tok.kind != tokNewline {
			blank = false
			continue
		}
		if blank {
			return
		}
		blank = true
	}
}

func (p *parser) is(text string) bool {
	return (p.tok.kind == tokPunct || p.tok.kind == tokWord) && p.tok.text == text
}

func (p *parser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail("expected `%s`, found %v", text, p.tok)
	}
}

func (p *parser) word(what string) string {
	if p.tok.kind != tokWord {
		p.fail("expected %s, found %v", what, p.tok)
	}
	s := p.tok.text
	p.advance()
	return s
}

func (p *parser) endLine() {
	if p.tok.kind == tokEOF {
		return
	}
	if p.tok.kind != tokNewline {
		p.fail("expected end of line, found %v", p.tok)
	}
	p.advance()
}

func (p *parser) blankLines() {
	for p.tok.kind == tokNewline {
		p.advance()
	}
}

// comments reads comment lines; alone says that a blank line follows them.
func (p *parser) comments() (lines []string, alone bool) {
	for p.tok.kind == tokComment {
		lines = append(lines, p.tok.text)
		p.advance()
		p.endLine()
	}
	return lines, len(lines) > 0 && (p.tok.kind == tokNewline || p.tok.kind == tokEOF)
}

func (p *parser) header() {
	p.recovering(func() {
		p.blankLines()
		p.file.Head, _ = p.comments()
		p.blankLines()
		p.expect("system")
		p.file.System = p.word("the name of the system")
		p.endLine()
		p.expect("cpus")
		for p.tok.kind == tokWord {
			p.file.CPUs = append(p.file.CPUs, p.word("a CPU"))
		}
		p.endLine()
		if p.accept("unserved") {
			p.unserved()
		}
		if p.accept("sockaddr") {
			p.expect("len")
			p.file.SockaddrLen = true
			p.endLine()
		}
	})
}

// unserved reads the CPUs on which nothing is served yet.
func (p *parser) unserved() {
	for p.tok.kind == tokWord {
		cpu := p.word("a CPU")
		if !slices.Contains(p.file.CPUs, cpu) {
			p.fail("no CPU `%s` in this file", cpu)
		}
		p.file.Unserved = append(p.file.Unserved, cpu)
	}
	p.endLine()
}

func (p *parser) declaration() {
	p.recovering(func() {
		p.blankLines()
		if p.tok.kind == tokEOF {
			return
		}
		b := Base{Line: p.tok.line}
		var alone bool
		if b.Comment, alone = p.comments(); alone {
			p.add(&Note{b})
			return
		}
		b.Line = p.tok.line
		if p.accept("@") {
			b.CPU = p.word("a CPU")
			if !slices.Contains(p.file.CPUs, b.CPU) {
				p.fail("no CPU `%s` in this file", b.CPU)
			}
		}
		p.keyword(b)
		p.endLine()
	})
}

func (p *parser) keyword(b Base) {
	name := p.word("a declaration")
	if p.is("(") {
		p.add(p.call(b, name))
		return
	}
	switch name {
	case "flags":
		p.add(p.set(b, FlagSet))
	case "enum":
		p.add(p.set(b, EnumSet))
	case "mib":
		p.add(p.set(b, MIBSet))
	case "struct":
		p.add(p.structure(b))
	case "within":
		p.add(&Within{b, p.word("the name of a call"), p.items()})
	case "errors":
		p.add(&Errors{b, p.items()})
	default:
		p.fail("`%s` starts no declaration", name)
	}
}

func (p *parser) add(d Decl) { p.file.Decls = append(p.file.Decls, d) }

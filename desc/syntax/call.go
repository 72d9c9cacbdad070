package syntax

import "trapgate/desc"

func (p *parser) call(b Base, name string) *Call {
	c := &Call{Base: b, Name: name}
	p.open()
	for !p.is(")") {
		c.Args = append(c.Args, p.arg())
		if !p.is(")") {
			p.expect(",")
		}
	}
	p.expect(")") // the result may stand on the next line
	p.deep--
	if p.is("(") {
		p.open()
		c.Results = append(c.Results, p.arg())
		for p.accept(",") {
			c.Results = append(c.Results, p.arg())
		}
		p.close()
	}
	c.Status = p.status()
	for p.accept("|") {
		cpu := p.word("a CPU")
		c.PerCPU = append(c.PerCPU, CPUStatus{cpu, p.status()})
	}
	return c
}

// open and close read parentheses, within which lines may be broken.
func (p *parser) open() {
	p.deep++
	p.expect("(")
}

func (p *parser) close() {
	if !p.is(")") {
		p.fail("expected `)`, found %v", p.tok)
	}
	p.deep--
	p.advance()
}

func (p *parser) status() Status {
	switch {
	case p.accept("no"):
		return Status{Kind: desc.No}
	case p.accept("served"):
		return Status{Kind: desc.Served}
	case p.accept("part"):
		return Status{Kind: desc.Part, Why: p.str()}
	case p.accept("direct"):
		return p.direct()
	}
	p.fail("expected `direct`, `served`, `part` or `no`, found %v", p.tok)
	return Status{}
}

func (p *parser) direct() Status {
	s := Status{Kind: desc.Direct, Via: p.word("host.NAME, host32 or gate.clock")}
	s.Guard = p.accept("guard")
	if p.accept("or") {
		p.expect("served")
		s.OrServed = true
	}
	return s
}

func (p *parser) str() string {
	if p.tok.kind != tokString {
		p.fail("expected a text in quotes, found %v", p.tok)
	}
	s := p.tok.text
	p.advance()
	return s
}

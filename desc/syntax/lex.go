package syntax

import (
	"fmt"
	"strings"
)

// Error is a mistake in a file, with its place.
type Error struct {
	File string
	Line int
	Msg  string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokNewline
	tokWord    // name or number
	tokString  // text between double quotes
	tokComment // text after #
	tokPunct   // one character
)

type token struct {
	kind tokenKind
	text string
	line int
}

func (t token) String() string {
	switch t.kind {
	case tokEOF:
		return "end of file"
	case tokNewline:
		return "end of line"
	case tokComment:
		return "comment"
	}
	return "`" + t.text + "`"
}

type lexer struct {
	file string
	text string
	pos  int
	line int
	errs []error
}

const punct = "()[]{},|=:@*-"

func isWord(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (l *lexer) next() token {
	for l.pos < len(l.text) && (l.text[l.pos] == ' ' || l.text[l.pos] == '\t' || l.text[l.pos] == '\r') {
		l.pos++
	}
	if l.pos >= len(l.text) {
		return token{tokEOF, "", l.line}
	}
	switch c := l.text[l.pos]; {
	case c == '\n':
		l.pos++
		l.line++
		return token{tokNewline, "\n", l.line - 1}
	case c == '#':
		return token{tokComment, strings.TrimSpace(l.take(func(c byte) bool { return c != '\n' })[1:]), l.line}
	case c == '"':
		return l.str()
	case isWord(c):
		return token{tokWord, l.take(isWord), l.line}
	case strings.IndexByte(punct, c) >= 0:
		l.pos++
		return token{tokPunct, string(c), l.line}
	default:
		l.pos++
		l.errs = append(l.errs, &Error{l.file, l.line, fmt.Sprintf("unexpected character %q", c)})
		return l.next()
	}
}

func (l *lexer) take(ok func(byte) bool) string {
	start := l.pos
	for l.pos < len(l.text) && ok(l.text[l.pos]) {
		l.pos++
	}
	return l.text[start:l.pos]
}

func (l *lexer) str() token {
	l.pos++
	s := l.take(func(c byte) bool { return c != '"' && c != '\n' })
	if l.pos >= len(l.text) || l.text[l.pos] == '\n' {
		l.errs = append(l.errs, &Error{l.file, l.line, "string is not closed"})
	} else {
		l.pos++
	}
	return token{tokString, s, l.line}
}

package trace

import "strings"

// quoteCut prints bytes between quotes, with ... behind if there are more.
func quoteCut(b []byte, more bool) string {
	s := quote(b)
	if more {
		s += "..."
	}
	return s
}

var escapes = [256]string{
	'\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`, '"': `\"`, '\\': `\\`,
}

// quote prints bytes as a C string: what is not ASCII text in octal, as short as
// the next character allows.
func quote(b []byte) string {
	var s strings.Builder
	s.Grow(len(b) + 2)
	s.WriteByte('"')
	for i, c := range b {
		switch {
		case escapes[c] != "":
			s.WriteString(escapes[c])
		case ' ' <= c && c <= '~':
			s.WriteByte(c)
		default:
			s.WriteString(octal(c, i+1 < len(b) && '0' <= b[i+1] && b[i+1] <= '7'))
		}
	}
	s.WriteByte('"')
	return s.String()
}

func octal(c byte, full bool) string {
	digits := []byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7}
	switch {
	case full || c >= 0o100:
		return string(digits)
	case c >= 0o10:
		return `\` + string(digits[2:])
	}
	return `\` + string(digits[3:])
}

package image

import "bytes"

// scriptLine is what Linux looks at: 256 bytes of the file, the last of which
// it needs for the end of the string (BINPRM_BUF_SIZE).
const scriptLine = 256

// Script reads the first line of a script: the interpreter and the one
// argument that it may have, as Linux does. head is the start of the file, of
// which 256 bytes matter. ok is false when the file is no script, or when its
// interpreter does not fit and would be cut.
//
// Everything behind the interpreter is one argument, spaces inside it
// included; spaces and tabs around it are dropped, a carriage return is not. An
// argument that does not fit is cut in silence, as Linux has it.
//
// Differs: FreeBSD takes a line of up to a page (4096 bytes) and refuses a
// longer one (ENOEXEC) where Linux cuts the argument; it too gives one argument.
func Script(head []byte) (interp, arg string, ok bool) {
	if !bytes.HasPrefix(head, []byte("#!")) {
		return "", "", false
	}
	cut := len(head) >= scriptLine
	line := head[2:min(len(head), scriptLine)]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line, cut = line[:i], false
	} else if cut {
		line = line[:scriptLine-3] // the last byte is the string's end
	}
	line = bytes.TrimLeft(line, " \t")
	end := bytes.IndexAny(line, " \t\x00")
	if end < 0 {
		if cut {
			return "", "", false
		}
		end = len(line)
	}
	rest := line[end:]
	if len(rest) > 0 && rest[0] == 0 {
		rest = nil // the path ends in a NUL, as a C string does
	}
	arg = cString(bytes.Trim(rest, " \t"))
	return string(line[:end]), arg, end > 0
}

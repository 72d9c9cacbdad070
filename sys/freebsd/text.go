//go:build freebsd && amd64

package freebsd

import "strings"

// cString is s as C wants it. A text with a NUL in it is EINVAL: the kernel
// would see another one.
func cString(s string) (*byte, error) {
	if strings.IndexByte(s, 0) >= 0 {
		return nil, EINVAL
	}
	b := make([]byte, len(s)+1)
	copy(b, s)
	return &b[0], nil
}

// cStrings is the vector of argv and envp.
func cStrings(list []string) (**byte, error) {
	v := make([]*byte, len(list)+1)
	for i, s := range list {
		p, err := cString(s)
		if err != nil {
			return nil, err
		}
		v[i] = p
	}
	return &v[0], nil
}

// TextOf is the bytes of b up to a NUL: of what Getcwd writes, say.
func TextOf(b []byte) string {
	text, _, _ := strings.Cut(string(b), "\x00")
	return text
}

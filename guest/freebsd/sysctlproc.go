package freebsd

import (
	"fmt"
	"os"
	"strings"

	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// procPath is what the host tells about a guest process.
func procPath(p *kernel.Process, file string) string {
	return fmt.Sprintf("/proc/%d/%s", p.Pid(), file)
}

func readProc(p *kernel.Process, file string) ([]byte, error) {
	b, err := os.ReadFile(procPath(p, file))
	if err != nil {
		return nil, kerr.EPERM
	}
	return b, nil
}

// readNumber reads a file that holds one number.
func readNumber(file string) (n uint64) {
	b, _ := os.ReadFile(file)
	for _, c := range strings.TrimSpace(string(b)) {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}

package bench

import (
	"os"
	"syscall"
)

// maxRSS is the peak resident memory of an ended process, in KiB.
func maxRSS(p *os.ProcessState) float64 {
	return float64(p.SysUsage().(*syscall.Rusage).Maxrss)
}

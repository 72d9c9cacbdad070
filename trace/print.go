package trace

import (
	"fmt"
	"io"
	"sync"
)

// Printer writes lines of several processes to one writer, whole lines only.
type Printer struct {
	mu    sync.Mutex
	w     io.Writer
	first int  // the first process seen
	many  bool // a second one has been seen
}

// NewPrinter makes a printer for a writer. first is the process that is
// printed without its number as long as it is the only one.
func NewPrinter(w io.Writer, first int) *Printer {
	return &Printer{w: w, first: first}
}

// Line writes a line of a process.
func (p *Printer) Line(pid int, text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.many = p.many || pid != p.first
	prefix := ""
	if p.many {
		prefix = fmt.Sprintf("[pid %d] ", pid)
	}
	_, err := io.WriteString(p.w, prefix+text+"\n")
	return err
}

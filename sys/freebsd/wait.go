//go:build freebsd && amd64

package freebsd

// WaitStatus says how a child ended, stopped or went on, as wait4 tells it.
type WaitStatus uint32

// Exited says whether the child called exit.
func (w WaitStatus) Exited() bool { return w&0x7f == 0 }

// ExitStatus is the status that the child gave to exit, or -1.
func (w WaitStatus) ExitStatus() int {
	if !w.Exited() {
		return -1
	}
	return int(w >> 8 & 0xff)
}

// Signaled says whether a signal ended the child.
func (w WaitStatus) Signaled() bool { return w&0x7f != 0x7f && w&0x7f != 0 && w != 0x13 }

// TermSignal is the signal that ended the child, or 0.
func (w WaitStatus) TermSignal() Signal {
	if !w.Signaled() {
		return 0
	}
	return Signal(w & 0x7f)
}

// CoreDump says whether the child left a core file.
func (w WaitStatus) CoreDump() bool { return w.Signaled() && w&0x80 != 0 }

// Stopped says whether the child is stopped.
func (w WaitStatus) Stopped() bool { return w&0xff == 0x7f }

// StopSignal is the signal that stopped the child, or 0.
func (w WaitStatus) StopSignal() Signal {
	if !w.Stopped() {
		return 0
	}
	return Signal(w >> 8 & 0xff)
}

// Continued says whether the child went on.
func (w WaitStatus) Continued() bool { return w == 0x13 }

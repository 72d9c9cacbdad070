//go:build linux && (386 || amd64 || arm64)

package linux

import "strconv"

// Signal is a signal number. It is an os.Signal, but os/signal and os.Process
// want the signals of package syscall: syscall.Signal(s).
type Signal int32

// Signal makes this an os.Signal.
func (s Signal) Signal() {}

// String is the signal's name, "SIGINT".
func (s Signal) String() string {
	if s > 0 && int(s) < len(signalNames) && signalNames[s] != "" {
		return signalNames[s]
	}
	return "signal " + strconv.Itoa(int(s))
}

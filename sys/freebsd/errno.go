//go:build freebsd && amd64

package freebsd

import (
	"strconv"
	"syscall"
)

// Errno is an error number. In tests by errors.Is and errors.As it is also the
// [syscall.Errno] of the same number, and so fs.ErrNotExist and the like.
type Errno uintptr

// Error is the system's text of the error.
func (e Errno) Error() string {
	if int(e) < len(errorTable) && errorTable[e].text != "" {
		return errorTable[e].text
	}
	return "errno " + strconv.Itoa(int(e))
}

// Name is the error's name, "ENOENT", or "".
func (e Errno) Name() string {
	if int(e) < len(errorTable) {
		return errorTable[e].name
	}
	return ""
}

// Is says whether the error is target, for errors.Is.
func (e Errno) Is(target error) bool {
	return target == syscall.Errno(e) || syscall.Errno(e).Is(target)
}

// As sets a target that is a *syscall.Errno, for errors.As.
func (e Errno) As(target any) bool {
	t, ok := target.(*syscall.Errno)
	if ok {
		*t = syscall.Errno(e)
	}
	return ok
}

// Temporary says whether another try may go better.
func (e Errno) Temporary() bool { return syscall.Errno(e).Temporary() }

// Timeout says whether the call failed for lack of time.
func (e Errno) Timeout() bool { return syscall.Errno(e).Timeout() }

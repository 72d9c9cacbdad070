//go:build freebsd && amd64

package freebsd

// Freebsd10Pipe is the pipe(2) of FreeBSD 10, which returns both ends in registers.
func Freebsd10Pipe() (read, write int, err error) {
	r0, r1, errno := RawSyscall(SYS_freebsd10_pipe, 0, 0, 0)
	if errno != 0 {
		return -1, -1, errno
	}
	return int(r0), int(r1), nil
}

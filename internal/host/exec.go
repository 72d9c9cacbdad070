package host

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// exit42 is a whole i386 program: exit(42) by int $0x80.
var exit42 = []byte("\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x02\x00\x03\x00\x01\x00\x00\x00\x54\x80\x04\x08\x34\x00\x00\x00" + // entry, e_phoff
	"\x00\x00\x00\x00\x00\x00\x00\x00\x34\x00\x20\x00\x01\x00\x00\x00\x00\x00\x00\x00" +
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x80\x04\x08\x00\x80\x04\x08" + // PT_LOAD
	"\x60\x00\x00\x00\x60\x00\x00\x00\x05\x00\x00\x00\x00\x10\x00\x00" +
	"\xb8\x01\x00\x00\x00" + // mov $1, %eax
	"\xbb\x2a\x00\x00\x00" + // mov $42, %ebx
	"\xcd\x80") // int $0x80

// memfd tries what the gate does: start a program from memory.
func memfd() (string, bool) {
	path, done, err := memoryFile([]byte("#!/bin/sh\n"))
	if err != nil {
		return why(err)
	}
	defer done()
	return why(unix.Access(path, unix.X_OK))
}

// i386 runs a 32-bit program, which proves the gate's own int $0x80 too: both
// depend on the same part of the kernel.
func i386() (string, bool) {
	path, done, err := memoryFile(exit42)
	if err != nil {
		path, done, err = diskFile(exit42)
	}
	if err != nil {
		return why(err)
	}
	defer done()
	p, err := os.StartProcess(path, []string{"i386"}, &os.ProcAttr{})
	if err != nil {
		return why(err)
	}
	st, err := p.Wait()
	if err != nil {
		return why(err)
	}
	if st.ExitCode() != 42 {
		return fmt.Sprintf("a test program ended with %s", st), false
	}
	return "", true
}

// memoryFile makes an executable file in memory. It comes back opened for
// reading alone, since a file that somebody may write cannot be started.
func memoryFile(content []byte) (path string, done func(), err error) {
	fd, err := unix.MemfdCreate("trapgate-probe", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL { // MFD_EXEC came with Linux 6.3
		fd, err = unix.MemfdCreate("trapgate-probe", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return "", nil, err
	}
	w := os.NewFile(uintptr(fd), "memfd")
	defer w.Close()
	if _, err := w.Write(content); err != nil {
		return "", nil, err
	}
	r, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d", r.Fd()), func() { r.Close() }, nil
}

func diskFile(content []byte) (path string, done func(), err error) {
	dir, err := os.MkdirTemp("", "trapgate")
	if err != nil {
		return "", nil, err
	}
	path = dir + "/probe"
	return path, func() { os.RemoveAll(dir) }, os.WriteFile(path, content, 0o700)
}

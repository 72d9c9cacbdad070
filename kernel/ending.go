package kernel

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// waitStatus says how a process that has ended did so. Its parent may collect
// it at any time: before that /proc tells, afterwards the pidfd.
func (p *Process) waitStatus() (unix.WaitStatus, bool) {
	if ws, ok := pidfdStatus(p.pidfd); ok {
		return ws, true
	}
	if ws, ok := procStatus(p.pid); ok {
		return ws, true
	}
	return pidfdStatus(p.pidfd)
}

// pidfdStatus asks the pidfd of a process that was collected (Linux 6.15).
func pidfdStatus(fd int) (unix.WaitStatus, bool) {
	const (
		getInfo  = 0xc040ff0b // PIDFD_GET_INFO with the first form of struct pidfd_info
		infoExit = 1 << 3     // PIDFD_INFO_EXIT
		exitCode = 60
	)
	var b [64]byte
	le := binary.LittleEndian
	le.PutUint64(b[:], infoExit)
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), getInfo, uintptr(unsafe.Pointer(&b)))
	if e != 0 || le.Uint64(b[:])&infoExit == 0 {
		return 0, false
	}
	return unix.WaitStatus(le.Uint32(b[exitCode:])), true
}

// procStatus reads the status of a process that waits to be collected.
func procStatus(pid int) (unix.WaitStatus, bool) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	i := strings.LastIndexByte(string(b), ')')
	f := strings.Fields(string(b[i+1:]))
	const exitCode = 49 // field 52, counted behind the name
	if len(f) <= exitCode || f[0] != "Z" && f[0] != "X" {
		return 0, false
	}
	n, err := strconv.ParseUint(f[exitCode], 10, 32)
	return unix.WaitStatus(n), err == nil
}

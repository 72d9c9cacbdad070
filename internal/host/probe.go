package host

import (
	"encoding/binary"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// seccomp asks whether the filter action is known, since Linux 4.14; older
// kernels are asked whether a filter may be set at all: EFAULT says yes.
func seccomp() (string, bool) {
	const getActionAvail = 2
	action := uint32(unix.SECCOMP_RET_TRAP)
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, getActionAvail, 0, uintptr(unsafe.Pointer(&action)))
	if errno == 0 {
		return "", true
	}
	err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, 0, 0, 0)
	return errno.Error(), err == unix.EFAULT
}

func readMemory() (string, bool) {
	from, to := []byte{42}, []byte{0}
	local := []unix.Iovec{{Base: &to[0], Len: 1}}
	remote := []unix.RemoteIovec{{Base: uintptr(unsafe.Pointer(&from[0])), Len: 1}}
	n, err := unix.ProcessVMReadv(os.Getpid(), local, remote, 0)
	if err != nil {
		return why(err)
	}
	return "", n == 1 && to[0] == 42
}

// fsgsbase reads AT_HWCAP2 from the auxiliary vector, where bit 1 says that
// the kernel lets programs use rdfsbase and wrfsbase.
func fsgsbase() (string, bool) {
	const atHwcap2 = 26
	b, err := os.ReadFile("/proc/self/auxv")
	if err != nil {
		return why(err)
	}
	for ; len(b) >= 16; b = b[16:] {
		if binary.NativeEndian.Uint64(b) == atHwcap2 {
			return "", binary.NativeEndian.Uint64(b[8:])&2 != 0
		}
	}
	return "", false
}

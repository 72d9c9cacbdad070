//go:build linux

package main

import "syscall"

// served makes a call that goes to the supervisor: an alternate stack is asked for.
func served(n int) {
	for range n {
		syscall.RawSyscall(syscall.SYS_SIGALTSTACK, 0, 0, 0)
	}
}

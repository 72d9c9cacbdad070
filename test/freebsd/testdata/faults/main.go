// Faults ends by a fault that its argument names.
package main

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"
)

func main() {
	switch os.Args[1] {
	case "nil":
		var p *int
		*p = 1
	case "divide":
		a, b := 1, len(os.Args)-2
		os.Exit(a / b)
	case "text":
		f := main
		**(**byte)(unsafe.Pointer(&f)) = 1 // a function value points to its entry, in read-only data
	case "unknown": // a call that FreeBSD does not have: SIGSYS and ENOSYS
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGSYS)
		if _, _, e := syscall.Syscall(1000, 0, 0, 0); e == syscall.ENOSYS && <-c == syscall.SIGSYS {
			os.Exit(7)
		}
	case "term":
		syscall.Kill(os.Getpid(), syscall.SIGTERM)
		select {}
	}
}

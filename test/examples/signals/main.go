// Command signals catches a signal that it sends to itself, and a fault.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGUSR1)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
		fmt.Println("kill:", err)
		os.Exit(1)
	}
	fmt.Println("caught", <-caught)
	fault(nil)
}

// fault reads through p, which must be nil.
func fault(p *int) {
	defer func() {
		if recover() != nil {
			fmt.Println("recovered from a nil dereference")
		}
	}()
	fmt.Println(*p)
}

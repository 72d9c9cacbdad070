// Command notify takes signals of several kinds, ignores one, and dies of another.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGCHLD, syscall.SIGALRM, syscall.Signal(40))
	signal.Ignore(syscall.SIGHUP)
	pid := os.Getpid()
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, 40, syscall.SIGHUP, syscall.SIGCHLD} {
		syscall.Kill(pid, s)
		select {
		case got := <-c:
			fmt.Println("got", int(got.(syscall.Signal)))
		case <-time.After(100 * time.Millisecond):
			fmt.Println("nothing for", int(s))
		}
	}
	signal.Reset(syscall.SIGUSR1)
	syscall.Kill(pid, syscall.SIGTERM)
	time.Sleep(5 * time.Second)
	fmt.Println("still here")
}

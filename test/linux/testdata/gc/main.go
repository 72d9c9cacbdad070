// Command gc keeps the collector and the preemption of goroutines (SIGURG) busy
// while goroutines make calls, start programs, and get signals.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type node struct {
	next *node
	data [48]byte
}

// spin has no calls in its loop: only a signal can stop it.
func spin(n int) (sum uint64) {
	for i := range n {
		sum = sum*31 + uint64(i)
	}
	return sum
}

func build(n int) (list *node) {
	for i := range n {
		list = &node{next: list}
		list.data[i%48] = byte(i)
	}
	return list
}

func length(l *node) (n int) {
	for ; l != nil; l = l.next {
		n++
	}
	return n
}

func echo(wg *sync.WaitGroup) {
	defer wg.Done()
	a, b := net.Pipe()
	go io.Copy(b, b)
	buf := make([]byte, 64)
	for i := range 300 {
		fmt.Fprintf(a, "%064d", i)
		io.ReadFull(a, buf)
	}
	a.Close()
}

func main() {
	runtime.GOMAXPROCS(4)
	got := make(chan os.Signal, 64)
	signal.Notify(got, syscall.SIGUSR1)
	var stop atomic.Bool
	var gcs sync.WaitGroup
	gcs.Go(func() {
		for !stop.Load() {
			runtime.GC()
		}
	})
	var wg sync.WaitGroup
	var sum atomic.Uint64
	for range 8 {
		wg.Go(func() {
			for range 20 {
				sum.Add(spin(300000))
				if n := length(build(3000)); n != 3000 {
					panic(n)
				}
			}
		})
	}
	for range 4 {
		wg.Add(1)
		go echo(&wg)
	}
	for i := range 10 {
		wg.Go(func() {
			out, err := exec.Command("sh", "-c", fmt.Sprintf("echo %d", i)).Output()
			if err != nil || string(out) != fmt.Sprintln(i) {
				panic(fmt.Sprint(err, out))
			}
		})
	}
	for range 20 {
		syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		<-got
	}
	wg.Wait()
	stop.Store(true)
	gcs.Wait()
	t := time.NewTicker(time.Millisecond)
	for range 10 {
		<-t.C
	}
	func() {
		defer func() { fmt.Println(recover()) }()
		var p *node
		p.data[3] = 1
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		zero := len(os.Args) - 1
		fmt.Println(1 / zero)
	}()
	fmt.Println("sum", sum.Load())
	var p *int
	*p = 1 // dies with a traceback and exit 2
}

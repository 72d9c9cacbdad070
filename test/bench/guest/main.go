// Command guest measures itself: for each piece of work named by its arguments
// it prints a line with the name and the nanoseconds that one round took, the
// median of several runs.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand"
	"net"
	"os"
	"runtime"
	"slices"
	"sort"
	"syscall"
	"time"
)

// work is a piece of work: it does n rounds.
var work = map[string]struct {
	rounds int
	do     func(n int)
}{
	"getppid": {100_000, getppid},
	"served":  {5_000, served},
	"now":     {200_000, now},
	"sha256":  {40, hash},
	"sort":    {10, sorts},
	"json":    {60, marshal},
	"gc":      {5, garbage},
	"chan":    {20_000, channels},
	"pipe":    {5_000, pipes},
	"tcp":     {3_000, echo},
}

func main() {
	for _, name := range os.Args[1:] {
		w := work[name]
		w.do(w.rounds/10 + 1) // call sites are rewritten, caches warm
		var all []float64
		for range 5 {
			start := time.Now()
			w.do(w.rounds)
			all = append(all, float64(time.Since(start).Nanoseconds())/float64(w.rounds))
		}
		slices.Sort(all)
		fmt.Println(name, all[len(all)/2])
	}
}

func getppid(n int) {
	for range n {
		syscall.RawSyscall(syscall.SYS_GETPPID, 0, 0, 0)
	}
}

func now(n int) {
	for range n {
		time.Now()
	}
}

func hash(n int) {
	b := make([]byte, 1<<18)
	for range n {
		sha256.Sum256(b)
	}
}

func sorts(n int) {
	r := rand.New(rand.NewSource(1))
	for range n {
		a := make([]int, 50_000)
		for i := range a {
			a[i] = r.Int()
		}
		sort.Ints(a)
	}
}

func marshal(n int) {
	type node struct {
		Name string
		N    []int
		Sub  []node
	}
	tree := node{"root", []int{1, 2, 3}, nil}
	for i := range 200 {
		tree.Sub = append(tree.Sub, node{fmt.Sprint("sub", i), []int{i, i * i}, nil})
	}
	for range n {
		b, _ := json.Marshal(tree)
		var back node
		json.NewDecoder(bytes.NewReader(b)).Decode(&back)
	}
}

type leaf struct{ l, r *leaf }

func grow(depth int) *leaf {
	if depth == 0 {
		return &leaf{}
	}
	return &leaf{grow(depth - 1), grow(depth - 1)}
}

func garbage(n int) {
	for range n {
		grow(17)
		runtime.GC()
	}
}

func channels(n int) {
	a, b := make(chan int), make(chan int)
	go func() {
		for x := range a {
			b <- x
		}
	}()
	for i := range n {
		a <- i
		<-b
	}
	close(a)
}

func pipes(n int) {
	r1, w1, _ := os.Pipe()
	r2, w2, _ := os.Pipe()
	go func() {
		b := make([]byte, 1)
		for {
			if _, err := r1.Read(b); err != nil {
				w2.Close()
				return
			}
			w2.Write(b)
		}
	}()
	b := make([]byte, 1)
	for range n {
		w1.Write(b)
		r2.Read(b)
	}
	w1.Close()
}

func echo(n int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		b := make([]byte, 64)
		for {
			k, err := c.Read(b)
			if err != nil {
				return
			}
			c.Write(b[:k])
		}
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	b := make([]byte, 16)
	for range n {
		c.Write(b)
		c.Read(b)
	}
	c.Close()
	l.Close()
}

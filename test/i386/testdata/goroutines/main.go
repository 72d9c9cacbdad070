// Command goroutines keeps many goroutines busy that never yield, while memory
// is collected, and then counts ticks.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func spin(n int) (x uint64) {
	for i := range n {
		x = x*6364136223846793005 + uint64(i)
	}
	return x
}

func main() {
	runtime.GOMAXPROCS(4)
	var wg sync.WaitGroup
	sums := make([]uint64, 32)
	for i := range sums {
		wg.Go(func() {
			for j := range 20 {
				b := make([]byte, 1<<16)
				b[j] = 1
				sums[i] += spin(100000) + uint64(len(b))
			}
		})
	}
	for range 20 {
		runtime.GC()
	}
	wg.Wait()
	var all uint64
	for _, s := range sums {
		all += s
	}
	fmt.Println("sum", all)
	t := time.NewTicker(2 * time.Millisecond)
	start := time.Now()
	for range 10 {
		<-t.C
	}
	d := time.Since(start)
	fmt.Println("ten ticks", d > 18*time.Millisecond, d < 5*time.Second)
}

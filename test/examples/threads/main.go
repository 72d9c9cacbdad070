// Command threads keeps several threads busy: goroutines that compute and
// make garbage, collections, and a ticker.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func main() {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	var wg sync.WaitGroup
	sums := make(chan int, 4)
	for part := range 4 {
		wg.Go(func() { sums <- sum(part) })
	}
	ticks := 0
	for range 3 {
		<-ticker.C
		ticks++
	}
	wg.Wait()
	close(sums)
	total := 0
	for s := range sums {
		total += s
	}
	fmt.Printf("%d ticks, sum %d\n", ticks, total)
}

// sum adds its quarter of the numbers below 1000, with more garbage than it needs.
func sum(part int) int {
	total := 0
	for i := part; i < 1000; i += 4 {
		b := make([]int, 1+i)
		b[i] = i
		total += b[i]
		if i%500 == part {
			runtime.GC()
		}
	}
	return total
}

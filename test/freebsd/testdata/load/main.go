// Load keeps all threads busy while the garbage collector stops them, and
// counts on a ticker and on time going forward.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func main() {
	tick := time.NewTicker(5 * time.Millisecond)
	var wg sync.WaitGroup
	var mu sync.Mutex
	kept := 0
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := map[int][]byte{}
			for i := range 10000 {
				m[i%500] = make([]byte, 1000+i%300)
				if i%2000 == 0 {
					runtime.GC()
				}
			}
			spin()
			mu.Lock()
			kept += len(m)
			mu.Unlock()
		}()
	}
	for range 5 {
		<-tick.C
	}
	wg.Wait()
	fmt.Println("kept", kept, "after 5 ticks")
}

// spin has no call in its loop: only a signal can preempt it.
func spin() {
	x := 0
	for i := range 100_000_000 {
		x += i
	}
	runtime.KeepAlive(x)
}

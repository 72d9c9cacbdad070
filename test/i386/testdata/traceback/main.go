// Command traceback dies of a nil dereference in a goroutine.
package main

import "time"

type point struct{ x, y int }

//go:noinline
func get(p *point) int { return p.y }

func main() {
	go func() { println(get(nil)) }()
	time.Sleep(time.Second)
}

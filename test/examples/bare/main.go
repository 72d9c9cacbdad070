// Command bare makes its calls itself, in assembly, as the first programs of
// any course do. The linker is told to start it at bare, so not even the Go
// runtime makes a call before it.
package main

// bare is in the assembly file of each system.
func bare()

func main() { bare() }

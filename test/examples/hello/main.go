// Command hello writes one line by package syscall.
package main

import "syscall"

func main() {
	syscall.Write(1, []byte("hello syscall\n"))
}

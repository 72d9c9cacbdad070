// Command spawn starts itself and reads what its child says.
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("hello from the child")
		os.Exit(3)
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	child := exec.Command(self, "child")
	out, err := child.Output()
	fmt.Printf("child says: %s", out)
	if child.ProcessState == nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("child exits with", child.ProcessState.ExitCode())
}

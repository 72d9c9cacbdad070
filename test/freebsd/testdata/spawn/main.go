// Spawn starts programs of both systems, and tells how they ended.
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("child", os.Args[1:], os.Getenv("WORD"))
		os.Exit(3)
	}
	self := exec.Command(os.Args[0], "a", "b c")
	self.Env = append(os.Environ(), "WORD=hello")
	tell(self.CombinedOutput())
	tell(exec.Command("/bin/sh", "-c", "echo from the host; kill -USR1 $$").CombinedOutput())
	tell(exec.Command("/bin/sh", "-c", os.Args[0]+" through a shell").CombinedOutput())
	tell(exec.Command("/nonexistent").CombinedOutput())
	for range 20 {
		if out, err := exec.Command("/bin/echo", "again").Output(); err != nil || string(out) != "again\n" {
			fmt.Printf("%q %v\n", out, err)
		}
	}
}

func tell(out []byte, err error) { fmt.Printf("%q %v\n", out, err) }

// Command children starts processes of both kinds of program, one after the
// other and side by side, kills one and passes on an exit code.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sync"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("child", os.Args[1], os.Getenv("WHO"))
		os.Exit(3)
	}
	out, err := exec.Command("/bin/echo", "from the host").Output()
	fmt.Printf("%q %v\n", out, err)
	var wg sync.WaitGroup
	results := make([]string, 8)
	for i := range results {
		wg.Go(func() {
			c := exec.Command(os.Args[0], fmt.Sprint(i))
			c.Env = append(os.Environ(), "WHO=guest")
			out, err := c.CombinedOutput()
			results[i] = fmt.Sprintf("%q %v", out, err)
		})
	}
	wg.Wait()
	for _, r := range results {
		fmt.Println(r)
	}
	c := exec.Command("/bin/cat")
	in, _ := c.StdinPipe()
	var b bytes.Buffer
	c.Stdout = &b
	c.Start()
	in.Write([]byte("through cat"))
	in.Close()
	fmt.Println(c.Wait(), b.String())
	c = exec.Command("/bin/sleep", "60")
	c.Start()
	c.Process.Kill()
	fmt.Println(c.Wait())
	os.Exit(5)
}

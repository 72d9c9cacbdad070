// Command self looks at its own executable through /proc.
package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

func main() {
	a, err := os.Stat("/proc/self/exe")
	fmt.Println(a.Name(), a.Size(), a.Mode(), a.ModTime().UnixNano(), err)
	path, _ := os.Executable()
	b, _ := os.Stat(path)
	fmt.Println(os.SameFile(a, b), *a.Sys().(*syscall.Stat_t) == *b.Sys().(*syscall.Stat_t))
	f, _ := os.Open("/proc/self/exe")
	all, _ := io.ReadAll(f)
	fmt.Println(len(all))
	var st syscall.Stat_t
	fmt.Println(syscall.Stat("/proc/self/nosuch", &st), syscall.Stat("/proc/self/status", &st), st.Mode)
}

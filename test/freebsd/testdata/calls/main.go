// Calls makes system calls whose outcome on FreeBSD is known, and prints one
// line for each that went otherwise.
package main

import (
	"fmt"
	"os"
	"unsafe"
)

// check is one behaviour, named by its subject.
type check struct {
	name string
	run  func() error
}

var checks []check

func add(name string, run func() error) { checks = append(checks, check{name, run}) }

func main() {
	files()
	signals()
	queues()
	sockets()
	system()
	failed := 0
	for _, c := range checks {
		if len(os.Args) > 1 && os.Args[1] != c.name {
			continue
		}
		if os.Getenv("VERBOSE") != "" {
			println(c.name)
		}
		if err := c.run(); err != nil {
			failed++
			fmt.Printf("%s: %v\n", c.name, err)
		}
	}
	fmt.Printf("%d checks, %d failed\n", len(checks), failed)
	if failed > 0 {
		os.Exit(1)
	}
}

// want is an error unless got is what FreeBSD gives.
func want(what string, got, want any) error {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		return fmt.Errorf("%s: got %v, want %v", what, got, want)
	}
	return nil
}

// all returns the first error.
func all(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func ptr[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

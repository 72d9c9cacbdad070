// Command files does with files what most programs do with them.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "files:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "files")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(a, []byte("hello, files!\n"), 0o644); err != nil {
		return err
	}
	if err := os.Rename(a, b); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(b)
	if err != nil {
		return err
	}
	fmt.Printf("%d entry: %s %d bytes: %s", len(entries), entries[0].Name(), len(text), text)
	if err := os.Remove(b); err != nil {
		return err
	}
	if _, err := os.Stat(b); os.IsNotExist(err) {
		fmt.Println("nothing left")
	}
	return nil
}

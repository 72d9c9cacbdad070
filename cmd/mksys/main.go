// Command mksys makes everything that follows from the description of a guest
// system: guest/<system>/calls.sys and numbers.txt.
//
//	go run ./cmd/mksys          write the files that differ
//	go run ./cmd/mksys -check   list the files that differ; exit 1 if there are any
//	go run ./cmd/mksys -fmt     put each calls.sys into its one form
//
// It reads the two files and the guest's folder, nothing else, and makes the
// same bytes on every machine.
//
//	load.go      files to desc.System, one for each CPU
//	names.go     names of calls and arguments as Go spells them
//	emit.go      a Go file under construction
//	abi.go       guest/<system>/abi: numbers, errors, signals, constants
//	args.go      guest/<system>/abi: the argument structures of handlers
//	tables.go    guest/<system>/abi: the calls as desc values
//	direct.go    guest/<system>/zdirect.go: the gate's tables
//	dispatch.go  guest/<system>/zdispatch.go: registers to handlers
//	sys.go       sys/<system>: the caller's side, constants and files; systypes.go: structures;
//	             syscalls.go: wrappers; sysfacts.go: what the description does not say
//	coverage.go  COVERAGE.md: what is served, and the differences that handlers tell
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "the root of the module")
	check := flag.Bool("check", false, "only list the files that would change")
	format := flag.Bool("fmt", false, "only format the descriptions")
	flag.Parse()
	if err := run(*root, *check, *format); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string, check, format bool) error {
	if format {
		return formatAll(root)
	}
	files, err := Generate(root)
	if err != nil {
		return err
	}
	changed, err := Differences(root, files)
	if err != nil {
		return err
	}
	if check && len(changed) > 0 {
		for _, name := range changed {
			fmt.Println(name)
		}
		return fmt.Errorf("mksys: %d files are not what calls.sys says: run go generate ./...", len(changed))
	}
	return write(root, files, changed)
}

// write stores the changed files; one without content is removed.
func write(root string, files map[string][]byte, changed []string) error {
	for _, name := range changed {
		path := filepath.Join(root, filepath.FromSlash(name))
		if files[name] == nil {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("mksys: remove stale file: %w", err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return fmt.Errorf("mksys: make folder: %w", err)
		}
		if err := os.WriteFile(path, files[name], 0o666); err != nil {
			return fmt.Errorf("mksys: write: %w", err)
		}
	}
	return nil
}

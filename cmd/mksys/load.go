package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"trapgate/desc"
	"trapgate/desc/syntax"
)

// guests are the systems that have a description. The first is the host.
var guests = []string{"linux", "freebsd", "openbsd", "darwin"}

// guest is one described system.
type guest struct {
	name  string
	file  *syntax.File
	facts *syntax.Facts
	cpus  []cpu
	host  *guest // whose constants stand behind flag maps; the host has itself
	// handlers: the guest has a hand-written system.go, so dispatch is wanted.
	handlers bool
	differs  []string // what handlers say of their differences
}

// cpu is a guest on one CPU.
type cpu struct {
	*desc.System
	check *syntax.Checker
}

// suffix tells names of the second CPU from those of the first.
func (c cpu) suffix() string {
	if c.CPU == "amd64" {
		return ""
	}
	return c.CPU
}

// served says whether the guest runs on this CPU: else it has neither direct
// calls nor handlers.
func (g *guest) served(c cpu) bool { return !slices.Contains(g.file.Unserved, c.CPU) }

func loadAll(root string) ([]*guest, error) {
	var all []*guest
	for _, name := range guests {
		g, err := load(root, name)
		if err != nil {
			return nil, err
		}
		all = append(all, g)
		g.host = all[0]
	}
	return all, nil
}

func load(root, name string) (*guest, error) {
	dir := filepath.Join(root, "guest", name)
	read := func(base string) (string, string, error) {
		b, err := os.ReadFile(filepath.Join(dir, base))
		return "guest/" + name + "/" + base, string(b), err
	}
	callsName, calls, err1 := read("calls.sys")
	numbersName, numbers, err2 := read("numbers.txt")
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("mksys: %w", err)
	}
	_, err := os.Stat(filepath.Join(dir, "system.go"))
	g := &guest{name: name, handlers: err == nil}
	if g.differs, err = findDifferences(dir); err != nil {
		return nil, err
	}
	return g, g.resolve(callsName, calls, numbersName, numbers)
}

func (g *guest) resolve(callsName, calls, numbersName, numbers string) error {
	var errs, more []error
	g.file, errs = syntax.Parse(callsName, calls)
	g.facts, more = syntax.ParseFacts(numbersName, numbers)
	if errs = append(errs, more...); len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, name := range g.file.CPUs {
		s, check, more := syntax.Check(g.file, g.facts, name)
		g.cpus = append(g.cpus, cpu{s, check})
		errs = append(errs, more...)
	}
	return errors.Join(errs...)
}

// Generate makes all generated files, by their slash-separated name.
func Generate(root string) (map[string][]byte, error) {
	all, err := loadAll(root)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{coverageFile: coverage(all)}
	for _, g := range all {
		for name, emit := range emitters {
			f := newFile(g, name)
			if err := emit(g, f); err != nil {
				return nil, err
			}
			files["guest/"+g.name+"/"+name], err = f.source()
			if err != nil {
				return nil, fmt.Errorf("mksys: %s: %w", name, err)
			}
		}
		sys, err := sysFiles(g)
		if err != nil {
			return nil, err
		}
		maps.Copy(files, sys)
	}
	return files, nil
}

// Differences lists the files whose content on disk is not the one made.
func Differences(root string, files map[string][]byte) ([]string, error) {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("mksys: %w", err)
		}
		if (err == nil) != (files[name] != nil) || !bytes.Equal(old, files[name]) {
			out = append(out, name)
		}
	}
	return out, nil
}

func formatAll(root string) error {
	for _, name := range guests {
		path := filepath.Join(root, "guest", name, "calls.sys")
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("mksys: %w", err)
		}
		f, errs := syntax.Parse(path, string(b))
		if len(errs) > 0 {
			return errors.Join(errs...)
		}
		if err := os.WriteFile(path, []byte(syntax.Format(f)), 0o666); err != nil {
			return fmt.Errorf("mksys: %w", err)
		}
	}
	return nil
}

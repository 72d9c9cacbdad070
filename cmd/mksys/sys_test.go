package main

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCallerGolden compares the caller's side of the toy system with testdata/sys.
func TestCallerGolden(t *testing.T) {
	files, err := callerFiles(toy(t), []int{3, 6, 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if files[name] == nil {
			continue
		}
		golden := filepath.Join("testdata", "sys", path.Base(name)+".golden")
		if *update {
			if err := os.WriteFile(golden, files[name], 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || string(files[name]) != string(want) {
			t.Errorf("%s: %v\ngot:\n%s\nwant:\n%s", name, err, files[name], want)
		}
	}
}

// TestLeftOut: each reason belongs to a described call.
func TestLeftOut(t *testing.T) {
	all, err := loadAll(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		for name := range leftOutCalls[g.name] {
			if !slices.ContainsFunc(g.cpus, func(c cpu) bool { return c.ByName(name) != nil }) {
				t.Errorf("%s: no call %s", g.name, name)
			}
		}
	}
	for _, name := range strings.Fields(quickCalls + " " + sureCalls) {
		if !slices.ContainsFunc(all, func(g *guest) bool {
			return slices.ContainsFunc(g.cpus, func(c cpu) bool { return c.ByName(name) != nil })
		}) {
			t.Errorf("no call %s on any system", name)
		}
	}
}

package main

import (
	"debug/elf"
	"debug/gosym"
	"fmt"
	"strings"

	"trapgate/kernel"
)

// unserved is the line that tells which calls were refused, and where the first
// one of each was made.
func unserved(all []kernel.Refused) string {
	if len(all) == 0 {
		return ""
	}
	var parts []string
	for i, r := range all {
		if i == maxUnserved {
			parts = append(parts, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		name := fmt.Sprintf("number %d", r.Number)
		if c := r.System.Desc.Call(int(r.Number)); c != nil {
			name = c.Name
		}
		parts = append(parts, fmt.Sprintf("%s (%s, first at %s)", name, times(r.Count), sourceLine(r.Exe, r.Stack)))
	}
	return "calls of " + all[0].System.Name + " that are not served: " + strings.Join(parts, ", ")
}

// maxUnserved is how many calls that line tells.
const maxUnserved = 8

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// below are the packages whose code only passes calls on.
var below = []string{"syscall.", "internal/runtime/syscall", "runtime/internal/syscall", "internal/syscall/", "golang.org/x/sys/", "runtime."}

// sourceLine names the place in a Go program that a stack leads to: the first
// line outside of the packages that only pass calls on. For other programs it is
// the program counter.
func sourceLine(exe string, stack []uint64) string {
	if len(stack) == 0 {
		return exe
	}
	bare := fmt.Sprintf("%s, pc %#x", exe, stack[0])
	tab := lineTable(exe)
	if tab == nil {
		return bare
	}
	best := ""
	for i, pc := range stack {
		if i > 0 {
			pc-- // a return address: the call is before it
		}
		file, line, fn := tab.PCToLine(pc)
		if fn == nil {
			continue
		}
		best = fmt.Sprintf("%s:%d", file, line)
		if !passesOn(fn.Name) {
			return best
		}
	}
	if best == "" {
		return bare
	}
	return best
}

func passesOn(fn string) bool {
	for _, p := range below {
		if strings.HasPrefix(fn, p) {
			return true
		}
	}
	return false
}

// lineTable reads the line table of a Go program, nil if it has none.
func lineTable(exe string) *gosym.Table {
	f, err := elf.Open(exe)
	if err != nil {
		return nil
	}
	defer f.Close()
	lines, text := f.Section(".gopclntab"), f.Section(".text")
	if lines == nil || text == nil {
		return nil
	}
	data, err := lines.Data()
	if err != nil {
		return nil
	}
	tab, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
	if err != nil {
		return nil
	}
	return tab
}

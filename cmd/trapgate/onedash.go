package main

import "strings"

// oneDashFlags are the commands that take their long flags with one dash too, as
// Go's own tools do.
var oneDashFlags = map[string][]string{
	"gen":   {"target", "output", "merge", "tree", "check", "json", "help"},
	"calls": {"system", "number", "status", "errno", "signal", "flags", "json", "help"},
}

// oneDash writes such flags with the two dashes that cobra wants.
func oneDash(args []string) []string {
	if len(args) == 0 || oneDashFlags[args[0]] == nil {
		return args
	}
	long := map[string]bool{}
	for _, name := range oneDashFlags[args[0]] {
		long[name] = true
	}
	out := []string{args[0]}
	for i, arg := range args[1:] {
		if arg == "--" {
			return append(out, args[i+1:]...)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if strings.HasPrefix(arg, "-") && long[name] {
			arg = "-" + arg
		}
		out = append(out, arg)
	}
	return out
}

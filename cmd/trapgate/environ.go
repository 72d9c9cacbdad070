package main

import (
	"os"
	"slices"
	"strings"
	"syscall"
)

// Variables of the Go runtime mean the program, not us: with GODEBUG=gctrace=1
// two programs would print, GOMAXPROCS=1 would slow the wrong one down. The
// runtime reads them before any of our code, so if one is set trapgate starts
// itself again with the variables put aside.

// runtimeVars are the variables that the Go runtime of any program reads.
var runtimeVars = []string{"GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK", "GORACE"}

// aside is put before the name of a variable that is put aside.
const aside = "TRAPGATE_ASIDE_"

// hideRuntimeVars starts trapgate again if it must; then it does not return.
func hideRuntimeVars() {
	env := os.Environ()
	hidden := make([]string, 0, len(env))
	for _, kv := range env {
		if name, _, _ := strings.Cut(kv, "="); slices.Contains(runtimeVars, name) {
			kv = aside + kv
		}
		hidden = append(hidden, kv)
	}
	if slices.Equal(env, hidden) {
		return
	}
	if exe, err := os.Executable(); err == nil {
		syscall.Exec(exe, os.Args, hidden)
	}
	// Not started again: the program and we share the variables.
}

// programEnv is the environment that the program gets: ours, with what was put
// aside.
func programEnv() []string {
	env := os.Environ()
	for i, kv := range env {
		env[i] = strings.TrimPrefix(kv, aside)
	}
	return env
}

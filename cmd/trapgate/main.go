package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes of trapgate's own; all others are the program's. They are those
// of env(1), nohup(1) and the shell.
const (
	exitFailed     = 125 // trapgate itself failed, or was called wrongly
	exitCannotExec = 126 // found, but cannot be executed
	exitNotFound   = 127
)

// app is one invocation. Tests put their own streams and start function in.
type app struct {
	stdout, stderr io.Writer
	start          func(context.Context, job) (outcome, error)
	die            func(outcome) // ends this process as the guest ended
	self           func() (string, error)
}

func main() {
	hideRuntimeVars()
	a := &app{stdout: os.Stdout, stderr: os.Stderr, start: start, die: dieLike, self: os.Executable}
	os.Exit(a.main(os.Args))
}

// main runs one command line and returns the exit code.
func (a *app) main(args []string) int {
	root := a.rootCmd()
	if isExecName(args[0]) {
		args = append([]string{"trapgate", "run"}, args[1:]...)
	}
	root.SetArgs(oneDash(args[1:]))
	err := root.Execute()
	var f *fault
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &f):
		// What cobra complains about: unknown commands, flags, missing arguments.
		f = &fault{exitFailed, fmt.Sprintf("%v; see: trapgate --help", err)}
	}
	if f.what != "" {
		fmt.Fprintf(a.stderr, "trapgate: %s\n", oneLine(f.what))
	}
	return f.code
}

// fault ends the command with an exit code, and one line on stderr if what is
// not empty.
type fault struct {
	code int
	what string
}

func (f *fault) Error() string { return f.what }

func failf(code int, format string, args ...any) error {
	return &fault{code, fmt.Sprintf(format, args...)}
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), "; ")
}

// isExecName knows the names under which the go command calls us.
func isExecName(arg0 string) bool {
	base := filepath.Base(arg0)
	return strings.HasPrefix(base, "go_") && strings.HasSuffix(base, "_exec")
}

const rootLong = `trapgate runs and traces programs of other systems on Linux/amd64: one static
binary, no root, no virtual machine, nothing to download.

Exit codes: those of the program; 125 if trapgate itself fails, 126 if the
program is found but cannot be executed, 127 if it is not found. A program that
dies by a signal makes trapgate die by the same signal.`

const rootExamples = `  trapgate run ./hello                      a program of any system that is served
  trapgate trace -o calls.txt ./hello -v    its calls in a file; -v is for hello
  trapgate trace ls                         a native program, found in $PATH
  GOOS=freebsd go test -exec 'trapgate run' ./...
  trapgate calls openat                     number, registers, status of a call on each system
  trapgate demo                             build, run and trace the examples
  trapgate doctor                           what this host offers`

func (a *app) rootCmd() *cobra.Command {
	root := &cobra.Command{
		Use: "trapgate", Short: "run and trace programs of other systems",
		Long: rootLong, Example: rootExamples,
		SilenceErrors: true, SilenceUsage: true, DisableSuggestions: true,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.AddCommand(a.runCmd(), a.traceCmd(), a.demoCmd(), a.doctorCmd(), a.versionCmd(), a.installCmd(), a.genCmd(), a.callsCmd())
	return root
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// runFlags are those that run and trace share.
type runFlags struct {
	intercept, patch string
	strict           bool
	sysroot          string
	stats            string
	output           string // trace only
}

// add declares the flags. What follows the program's name belongs to the program.
func (f *runFlags) add(c *cobra.Command) {
	s := c.Flags()
	s.SetInterspersed(false)
	s.StringVar(&f.intercept, "intercept", "auto", "how calls are caught: auto, sud or seccomp")
	s.StringVar(&f.patch, "patch", "on", "rewrite call sites on their first trap: on or off")
	s.BoolVar(&f.strict, "strict", false, "end the program at its first call that is not served")
	s.StringVar(&f.sysroot, "sysroot", "", "folder with the files of the program's system (dynamic linker, libraries)")
	s.StringVar(&f.stats, "stats", "", "write the counts of calls to this file, as JSON")
	s.MarkHidden("stats")
}

func (f *runFlags) check() error {
	if !slices.Contains([]string{"auto", "sud", "seccomp"}, f.intercept) {
		return failf(exitFailed, "--intercept=%s: not one of auto, sud, seccomp", f.intercept)
	}
	if f.patch != "on" && f.patch != "off" {
		return failf(exitFailed, "--patch=%s: not one of on, off", f.patch)
	}
	if f.sysroot == "" {
		return nil
	}
	if st, err := os.Stat(f.sysroot); err != nil || !st.IsDir() {
		return failf(exitFailed, "--sysroot=%s: no such folder", f.sysroot)
	}
	return nil
}

func needProgram(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return failf(exitFailed, "%s: no program named; see: trapgate %s --help", c.Name(), c.Name())
	}
	return nil
}

func (a *app) runCmd() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use: "run [flags] PROG [ARGS]", Short: "run a program",
		Example: `  trapgate run ./hello -v            -v is for hello
  trapgate run --patch=off ./hello   leave the program's text alone`,
		Args: needProgram,
		RunE: func(c *cobra.Command, args []string) error { return a.run(c, args, &f, nil) },
	}
	f.add(c)
	return c
}

func (a *app) traceCmd() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use: "trace [flags] PROG [ARGS]", Short: "run a program and print its calls",
		Long: "trace runs a program and prints each call on stderr, with the names of its own\nsystem, when it returns.",
		Example: `  trapgate trace ./hello
  trapgate trace -o calls.txt ls -l`,
		Args: needProgram,
		RunE: func(c *cobra.Command, args []string) error { return a.trace(c, args, &f) },
	}
	f.add(c)
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the trace to this file")
	return c
}

func (a *app) trace(c *cobra.Command, args []string, f *runFlags) (err error) {
	// A reader that goes away ends the trace, not the program: writes fail, no
	// signal comes.
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
	if f.output == "" {
		return a.run(c, args, f, a.stderr)
	}
	file, err := os.Create(f.output)
	if err != nil {
		return failf(exitFailed, "trace output: %v", err)
	}
	w := bufio.NewWriter(file)
	return a.run(c, args, f, &traceFile{w, file})
}

// traceFile is flushed and closed before the program's end is passed on,
// which may be the end of this process.
type traceFile struct {
	*bufio.Writer
	file *os.File
}

func (t *traceFile) Close() error {
	err := t.Flush()
	if cerr := t.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// run resolves and runs args. trace is closed at the end if it can be.
func (a *app) run(c *cobra.Command, args []string, f *runFlags, trace io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	p, err := resolve(args, os.Getenv("PATH"), f.sysroot)
	if err != nil {
		return err
	}
	o, err := a.start(c.Context(), job{
		Path: p.path, Args: p.args, Env: programEnv(), Trace: trace,
		Intercept: f.intercept, Patch: f.patch == "on", Strict: f.strict, Sysroot: f.sysroot,
	})
	if closer, ok := trace.(io.Closer); ok {
		if cerr := closer.Close(); cerr != nil && err == nil {
			err = cerr
		}
	}
	if err != nil {
		return failf(exitFailed, "%s: %v", args[0], err)
	}
	return a.pass(args[0], f, o)
}

// pass reports on the guest and ends as it did.
func (a *app) pass(prog string, f *runFlags, o outcome) error {
	if o.Unserved != "" {
		fmt.Fprintf(a.stderr, "trapgate: %s: %s\n", prog, oneLine(o.Unserved))
	}
	if f.stats != "" {
		b, err := json.Marshal(o.Counts)
		if err == nil {
			err = os.WriteFile(f.stats, append(b, '\n'), 0o644)
		}
		if err != nil {
			return failf(exitFailed, "statistics: %v", err)
		}
	}
	if o.Signal != 0 {
		a.die(o)
		return &fault{code: 128 + int(o.Signal)}
	}
	if o.Exit != 0 {
		return &fault{code: o.Exit}
	}
	return nil
}

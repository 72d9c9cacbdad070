package main

import (
	"context"
	"io"
	"os"
	"syscall"

	"trapgate/guest"
	"trapgate/internal/host"
	"trapgate/kernel"
)

// job is one program to run, resolved: an ELF file, never a script.
type job struct {
	Path      string
	Args, Env []string
	Trace     io.Writer // nil: no trace
	Intercept string    // "auto", "sud" or "seccomp"
	Patch     bool      // rewrite call sites on their first trap
	Strict    bool      // end the guest at the first call that is not served
	Sysroot   string    // where the guest's own files are, "" for none
}

// outcome is how it ended.
type outcome struct {
	Exit     int
	Signal   syscall.Signal // 0 if it exited
	Unserved string         // the calls that were refused, in one line, or ""
	Counts   counts
}

// counts are the calls that a guest and its children made.
type counts struct {
	Calls   uint64 `json:"calls"`
	Direct  uint64 `json:"direct"`
	Served  uint64 `json:"served"`
	Refused uint64 `json:"refused"`
}

// system is one that is served.
type system struct {
	OS, CPU string
	Trap    string // the instruction by which its programs ask for a call
}

func (s system) String() string { return s.OS + "/" + s.CPU }

var served = []system{
	{"linux", "amd64", "syscall"},
	{"linux", "386", "int $0x80"},
	{"freebsd", "amd64", "syscall"},
}

// start runs a program to its end.
func start(ctx context.Context, j job) (outcome, error) {
	opts := kernel.Options{
		Path: j.Path, Args: j.Args, Env: j.Env, Systems: guest.Systems,
		Intercept: j.Intercept, Patch: j.Patch, Strict: j.Strict, Sysroot: j.Sysroot,
		Report: os.Stderr,
	}
	if j.Trace != nil {
		opts.Hook = &tracer{w: j.Trace}
	}
	r, err := kernel.Run(ctx, opts)
	o := outcome{Exit: r.Exit, Signal: r.Signal}
	o.Counts = counts{Calls: r.Calls, Direct: r.Direct, Served: r.Served}
	for _, c := range r.Refused {
		o.Counts.Refused += c.Count
	}
	o.Unserved = unserved(r.Refused)
	return o, err
}

// dieLike ends this process by the guest's signal.
func dieLike(o outcome) { host.Die(o.Signal) }

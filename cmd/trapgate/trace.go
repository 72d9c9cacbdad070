package main

import (
	"io"
	"sync"

	"trapgate/desc"
	"trapgate/kernel"
	"trapgate/trace"
)

// tracer prints what guests do, in the form of strace.
type tracer struct {
	w io.Writer

	mu      sync.Mutex
	printer *trace.Printer
}

// line prints a line of a process. The first process that prints is the program.
func (tr *tracer) line(pid int, text string) {
	tr.mu.Lock()
	if tr.printer == nil {
		tr.printer = trace.NewPrinter(tr.w, pid)
	}
	p := tr.printer
	tr.mu.Unlock()
	p.Line(pid, text)
}

func decoder(sys *kernel.System) *trace.Decoder { return &trace.Decoder{Sys: sys.Desc} }

// Enter reads the arguments that the call itself may change.
func (tr *tracer) Enter(e *kernel.CallEvent) {
	args := trace.Args(e.Args)
	p := decoder(e.System).Enter(int(e.Number), &args, e.Thread)
	e.Data = p
	if p.Call != nil && p.Call.Result.Type.Kind == desc.Void {
		tr.line(e.Thread.Process().Pid(), p.Start()+") = ?") // it does not come back
	}
}

// Exit prints the call.
func (tr *tracer) Exit(e *kernel.CallEvent) {
	p := e.Data.(*trace.Pending)
	r := trace.Result{Value: e.Result, Errno: int(e.System.Number(e.Err))}
	tr.line(e.Thread.Process().Pid(), p.Exit(r, e.Thread))
}

func (tr *tracer) Signal(t *kernel.Thread, s *kernel.Signal) {
	sys := t.System()
	num, code := sys.SignalNumber(s)
	tr.line(t.Process().Pid(), decoder(sys).SignalLine(num, code, s.Sender()))
}

func (tr *tracer) Ended(pid int, sys *kernel.System, status uint32) {
	tr.line(pid, decoder(sys).ExitLine(status))
}

package main

import (
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"trapgate/desc"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
	"trapgate/trace"
)

// tracer prints what guests do, in the form of strace.
type tracer struct {
	w io.Writer

	mu      sync.Mutex
	printer *trace.Printer

	closed atomic.Bool // nobody reads the trace any more
}

// line prints a line of a process. The first process that prints is the program.
func (tr *tracer) line(pid int, text string) {
	tr.mu.Lock()
	if tr.printer == nil {
		tr.printer = trace.NewPrinter(tr.w, pid)
	}
	p := tr.printer
	tr.mu.Unlock()
	if p.Line(pid, text) != nil {
		tr.closed.Store(true)
	}
}

func decoder(sys *kernel.System) *trace.Decoder { return &trace.Decoder{Sys: sys.Desc} }

// Enter reads the arguments that the call itself may change.
func (tr *tracer) Enter(e *kernel.CallEvent) {
	if tr.closed.Load() {
		return
	}
	args := trace.Args(e.Args)
	p := decoder(e.System).Enter(int(e.Number), &args, e.Thread)
	e.Data = p
	if p.Call != nil && p.Call.Result.Type.Kind == desc.Void {
		tr.line(e.Thread.Process().Pid(), p.Start()+") = ?") // it does not come back
	}
}

// Exit prints the call.
func (tr *tracer) Exit(e *kernel.CallEvent) {
	p, ok := e.Data.(*trace.Pending)
	if !ok || tr.closed.Load() {
		return
	}
	r := trace.Result{Value: e.Result, Errno: int(e.System.Number(e.Err))}
	if e.Err == kerr.Restart {
		r.Errno = int(kerr.Restart) // the name that strace has for it, on all systems
	}
	tr.line(e.Thread.Process().Pid(), p.Exit(r, e.Thread))
}

func (tr *tracer) Signal(t *kernel.Thread, s *kernel.Signal) {
	i := t.SignalInfo(s)
	info := trace.Signal{Number: i.Num, Code: i.Code, Status: i.Status, Pid: s.Sender(), UID: s.UID(), Addr: s.Addr()}
	if t.System().SignalInfo == nil {
		info.Timed = true
		info.User, info.System = s.Times()
	}
	tr.line(t.Process().Pid(), decoder(t.System()).SignalLine(&info))
}

func (tr *tracer) Ended(pid int, sys *kernel.System, status unix.WaitStatus) {
	if status.Signaled() {
		core := uint32(status) & 0x80
		i := kernel.SignalInfo{Num: int(status.Signal())}
		if sys.SignalInfo != nil {
			i = sys.SignalInfo(&kernel.Signal{Num: i.Num})
		}
		status = unix.WaitStatus(uint32(i.Num) | core)
	}
	tr.line(pid, decoder(sys).ExitLine(uint32(status)))
}

package trace

import (
	"fmt"

	"trapgate/desc"
)

// restarts are numbers that a Linux kernel uses inside: the call will be made
// again after a signal.
var restarts = map[int]desc.ErrorName{
	512: {Name: "ERESTARTSYS", Text: "To be restarted if SA_RESTART is set"},
	513: {Name: "ERESTARTNOINTR", Text: "To be restarted"},
	514: {Name: "ERESTARTNOHAND", Text: "To be restarted if no handler"},
	516: {Name: "ERESTART_RESTARTBLOCK", Text: "Interrupted by signal"},
}

// result prints what follows the equals sign.
func (p *Pending) result(r Result) string {
	switch {
	case r.Errno != 0:
		return p.d.failure(r.Errno)
	case p.Call == nil:
		return hex(r.Value)
	}
	t := p.resultType()
	v := cut(r.Value, t.Size)
	switch {
	case t.Kind == desc.Void:
		return "?"
	case t.Kind == desc.Addr:
		return hex(v)
	case t.Kind == desc.Flags:
		if names := flags(t.Set, v); names != "0" {
			return hex(v) + " (flags " + names + ")"
		}
	}
	return p.d.value(t, v)
}

// resultType is the type of the result that these arguments lead to.
func (p *Pending) resultType() *desc.Type {
	for i := range p.Call.Others {
		o := &p.Call.Others[i]
		a := &p.Call.Args[o.When.Arg]
		if o.When.Holds(a.Type, p.word(a)) {
			return o.Type
		}
	}
	return p.Call.Result.Type
}

func (d *Decoder) failure(n int) string {
	if e, ok := restarts[n]; ok {
		return fmt.Sprintf("? %s (%s)", e.Name, e.Text)
	}
	e := d.Sys.ErrorOf(n)
	if e.Name == "" {
		return fmt.Sprintf("-1 (errno %d)", n)
	}
	return fmt.Sprintf("-1 %s (%s)", e.Name, e.Text)
}

// waitStatus prints how a child ended. The form of the word is common to all
// Unix systems, the numbers of signals are the guest's.
func (d *Decoder) waitStatus(v uint64) string {
	sig := v & 0x7f
	switch {
	case v == 0xffff:
		return "{WIFCONTINUED(s)}"
	case v&0xff == 0x7f:
		return fmt.Sprintf("{WIFSTOPPED(s) && WSTOPSIG(s) == %s}", d.signal(int64(v>>8&0xff)))
	case sig == 0:
		return fmt.Sprintf("{WIFEXITED(s) && WEXITSTATUS(s) == %d}", v>>8&0xff)
	case v&0x80 != 0:
		return fmt.Sprintf("{WIFSIGNALED(s) && WTERMSIG(s) == %s && WCOREDUMP(s)}", d.signal(int64(sig)))
	}
	return fmt.Sprintf("{WIFSIGNALED(s) && WTERMSIG(s) == %s}", d.signal(int64(sig)))
}

// ExitLine tells how the process ended: the status word of wait4.
func (d *Decoder) ExitLine(status uint32) string {
	sig := status & 0x7f
	switch {
	case sig == 0:
		return fmt.Sprintf("+++ exited with %d +++", status>>8&0xff)
	case status&0x80 != 0:
		return fmt.Sprintf("+++ killed by %s (core dumped) +++", d.signal(int64(sig)))
	}
	return fmt.Sprintf("+++ killed by %s +++", d.signal(int64(sig)))
}

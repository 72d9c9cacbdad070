package kernel

import (
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"trapgate/gate"
)

// Process is a guest process.
type Process struct {
	k   *Kernel
	pid int
	sys *System

	known sync.Mutex // over register

	mu      sync.Mutex
	space   *Space
	threads map[*Thread]bool
	actions *actions
	exe     string // resolved path of the image
	ended   bool
	killed  bool // by us, and not yet seen to end
	row     int  // in the keeper's list
	pidfd   int

	exiting atomic.Bool // a thread has asked for the end of all

	Brk    Break
	Values sync.Map // what a guest system keeps for each process; an io.Closer is closed at its end
}

// Break is the end of the data segment, kept by us: the host's own lies behind the gate.
type Break struct {
	mu         sync.Mutex
	Start, End uint64
}

// Pid is the host's number of the process.
func (p *Process) Pid() int { return p.pid }

// Exe is the path of the image that the process runs.
func (p *Process) Exe() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exe
}

// Kernel returns the kernel that runs the process.
func (p *Process) Kernel() *Kernel { return p.k }

// newThread makes a thread in a free slot of the space and starts its
// goroutine; by is a thread of the same space that can attach memory, or nil.
func (p *Process) newThread(space *Space, by *Thread, born func(*Thread) error) (*Thread, error) {
	i, v := space.alloc()
	if i < 0 && by != nil {
		var err error
		if i, v, err = space.allocMore(by); err != nil {
			return nil, err
		}
	}
	if i < 0 {
		return nil, errNoSlot
	}
	t := &Thread{p: p, v: v, slot: i, space: space, born: born}
	p.mu.Lock()
	p.threads[t] = true
	p.mu.Unlock()
	go t.run()
	return t, nil
}

// drop gives up a thread that was never born.
func (t *Thread) drop() {
	t.dead.Store(true)
	t.v.Kill()
}

// remove forgets a thread.
func (p *Process) remove(t *Thread) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.threads, t)
}

// alone says whether t is the only thread of the process.
func (p *Process) alone(t *Thread) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.threads) == 1 && p.threads[t]
}

// endThreads lets the goroutines of all threads but one end: they are gone.
func (p *Process) endThreads(but *Thread) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t := range p.threads {
		if t != but {
			t.drop()
		}
	}
}

// Thread returns the thread with the host's number tid, or nil.
func (p *Process) Thread(tid int) *Thread {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t := range p.threads {
		if t.Tid() == tid {
			return t
		}
	}
	return nil
}

// Tids are the numbers of the process's threads.
func (p *Process) Tids() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []int
	for t := range p.threads {
		if tid := t.Tid(); tid != 0 {
			all = append(all, tid)
		}
	}
	return all
}

// kill ends the process because of something that only a guest can have caused.
func (p *Process) kill(why string) {
	p.mu.Lock()
	over := p.ended || p.killed
	p.killed = p.pid != 0
	p.mu.Unlock()
	if over || p.pid == 0 || p.dying() {
		return
	}
	p.k.report("process %d (%s) was ended: %s", p.pid, p.Exe(), why)
	unix.PidfdSendSignal(p.pidfd, unix.SIGKILL, nil, 0)
}

// dying says whether somebody else has killed the process: then what went wrong
// is no news. Its memory may be gone a moment before it is.
func (p *Process) dying() bool {
	const moment = 50 // milliseconds
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(p.pidfd), Events: unix.POLLIN}}, moment)
	return err == nil && n == 1
}

func (p *Process) isKilled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// register makes the process known by its number: from now on its end is
// noticed. Parent and child both do it, for either may come first or not at all.
func (p *Process) register(pid int) error {
	p.known.Lock()
	defer p.known.Unlock()
	if p.pid != 0 {
		return nil
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	p.pid, p.pidfd = pid, fd
	return p.k.watch(p)
}

// end is called once, when the host process is gone.
func (p *Process) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.endThreads(nil)
	p.Values.Range(func(_, v any) bool {
		if c, ok := v.(io.Closer); ok {
			c.Close()
		}
		return true
	})
	if h := p.k.opts.Hook; h != nil {
		if ws, ok := p.waitStatus(); ok {
			h.Ended(p.pid, p.sys, ws)
		}
	}
}

// takeFD returns a descriptor of ours for the file that fd is in the guest.
func (p *Process) takeFD(fd int) (int, error) {
	n, err := unix.PidfdGetfd(p.pidfd, fd, 0)
	if err != nil {
		return -1, err
	}
	unix.CloseOnExec(n)
	return n, nil
}

// FD returns a descriptor of ours for the guest's descriptor; the caller closes it.
func (t *Thread) FD(fd int) (int, error) {
	n, err := t.p.takeFD(fd)
	if err != nil {
		return -1, hostErr(err)
	}
	return n, nil
}

// siteEntry is where patched sites jump to.
var siteEntry = gate.EntryPoints()

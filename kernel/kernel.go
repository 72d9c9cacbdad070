package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/kernel/kerr"
)

// Options say what to run and how.
type Options struct {
	Path      string // of the program; it is not looked up in $PATH
	Args      []string
	Env       []string
	Systems   []*System
	Intercept string // "sud", "seccomp", or "" for the first that the host offers
	Patch     bool   // rewrite call sites
	Strict    bool   // end the guest at the first call that is not served
	Sysroot   string
	Hook      Hook      // sees every call, or nil
	Report    io.Writer // for messages to the user
}

// Result is how a run ended.
type Result struct {
	Exit    int
	Signal  syscall.Signal // not 0: the program died of it
	Calls   uint64         // known only while traced, else without the direct ones
	Direct  uint64
	Served  uint64
	Refused []Refused
}

// Kernel is all guests of one run.
type Kernel struct {
	opts Options
	pid  int
	sud  bool

	passing sync.Mutex // over signals that are passed on, one after the other

	mu        sync.Mutex
	procs     map[int]*Process // by pidfd
	byPid     map[int]*Process
	gates     map[*System]int // memfd of the gate's ELF file
	keeper    *gate.Share
	keeperPid int
	rows      []bool // of the keeper's list
	main      int
	epfd      int
	left      chan struct{} // a process has ended

	refused refusals
	stats   struct{ direct, served atomic.Uint64 }
}

var (
	errNoSUD       = errors.New("this host cannot dispatch system calls to user space (Linux 5.11 and later): try --intercept=seccomp")
	errIntercept   = errors.New("--intercept must be auto, sud or seccomp")
	errNoSlot      = errors.New("kernel: no free slot")
	errNoIntercept = errors.New("this host can neither dispatch system calls to user space (Linux 5.11 and later, CONFIG_GENERIC_ENTRY) nor filter them (seccomp, Linux 3.5 and later)")
)

// Run runs a program until it and all that it left behind have ended.
func Run(ctx context.Context, opts Options) (Result, error) {
	k := &Kernel{opts: opts, pid: os.Getpid(), procs: map[int]*Process{}, byPid: map[int]*Process{},
		gates: map[*System]int{}, left: make(chan struct{}, 1)}
	if err := k.chooseIntercept(); err != nil {
		return Result{}, err
	}
	plan, err := k.plan(k.opts.Path, opts.Args, opts.Env)
	if err != nil {
		return Result{}, err
	}
	defer plan.close()
	if err := k.prepare(); err != nil {
		return Result{}, err
	}
	defer k.close()
	sigs := make(chan os.Signal, 16)
	k.catchSignals(sigs)
	defer signal.Stop(sigs)
	if err := k.start(plan); err != nil {
		return Result{}, err
	}
	go k.watchLoop()
	return k.wait(ctx, sigs)
}

// prepare starts what every run needs: the keeper and the watch on processes.
func (k *Kernel) prepare() error {
	var err error
	if k.epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("kernel: become the parent of orphans: %w", err)
	}
	if k.keeper, err = gate.NewShare(gate.SlotSize * 2); err != nil {
		return err
	}
	k.keeper.Space().Keeper(k.pid)
	k.rows = make([]bool, gate.MaxPids)
	return k.startKeeper()
}

// startKeeper starts the process that ends the guests when we are gone.
func (k *Kernel) startKeeper() error {
	fd, err := k.gateFile(k.opts.Systems[0])
	if err != nil {
		return err
	}
	path := gate.SpacePath(fmt.Sprintf("/proc/self/fd/%d", fd), k.keeper.ID)
	k.keeperPid, err = syscall.ForkExec(path, []string{"trapgate-keeper"}, &syscall.ProcAttr{Dir: "/", Env: []string{}})
	if err != nil {
		return fmt.Errorf("kernel: start the keeper: %w", err)
	}
	return nil
}

// close frees what the run held. The keeper ends by itself, with us.
func (k *Kernel) close() {
	unix.Close(k.epfd)
	for _, fd := range k.gates {
		unix.Close(fd)
	}
}

// gateFile returns a descriptor of the gate's ELF file for the system.
func (k *Kernel) gateFile(sys *System) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if fd, ok := k.gates[sys]; ok {
		return fd, nil
	}
	file, err := gate.Build(&sys.Direct, sys.ArgRegs, k.opts.Hook != nil)
	if err != nil {
		return -1, err
	}
	fd, err := execFile(file)
	if err != nil {
		return -1, err
	}
	k.gates[sys] = fd
	return fd, nil
}

// execFile puts an ELF file where it can be executed: in memory, or, where the
// host forbids that (vm.memfd_noexec=2), in a private file without a name.
func execFile(data []byte) (int, error) {
	fd, err := unix.MemfdCreate("trapgate", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL { // before Linux 6.3
		fd, err = unix.MemfdCreate("trapgate", unix.MFD_CLOEXEC)
	}
	if err != nil {
		fd, err = unix.Open(os.TempDir(), unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o700)
	}
	if err != nil {
		return -1, fmt.Errorf("kernel: make the gate's file: %w", err)
	}
	if _, err := unix.Pwrite(fd, data, 0); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("kernel: write the gate's file: %w", err)
	}
	// A file that is open for writing cannot be executed.
	ro, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	unix.Close(fd)
	return ro, err
}

// start makes the first guest process.
func (k *Kernel) start(plan *execPlan) error {
	fd, err := k.gateFile(plan.sys)
	if err != nil {
		return err
	}
	p := &Process{k: k, sys: plan.sys, threads: map[*Thread]bool{}, actions: newActions()}
	if p.space, err = k.newSpace(plan.sys); err != nil {
		return err
	}
	ready := make(chan struct{})
	t, err := p.newThread(p.space, nil, func(t *Thread) error {
		<-ready
		if err := k.interceptFirst(t); err != nil {
			return err
		}
		t.inheritSignals()
		return t.load(plan)
	})
	if err != nil {
		return err
	}
	path := gate.SpacePath(fmt.Sprintf("/proc/%d/fd/%d", k.pid, fd), p.space.id())
	pid, err := syscall.ForkExec(path, plan.args, &syscall.ProcAttr{Env: plan.env, Files: []uintptr{0, 1, 2}})
	if err != nil {
		t.drop()
		return fmt.Errorf("kernel: start the gate: %w", err)
	}
	if err := p.register(pid); err != nil {
		return err
	}
	k.main = pid
	close(ready)
	return nil
}

// watch notices the end of a process.
func (k *Kernel) watch(p *Process) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, used := range k.rows {
		if !used {
			k.rows[i], p.row = true, i
			k.keeper.Space().SetPid(i, uint32(p.pid))
			break
		}
	}
	k.procs[p.pidfd] = p
	k.byPid[p.pid] = p
	return unix.EpollCtl(k.epfd, unix.EPOLL_CTL_ADD, p.pidfd,
		&unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT, Fd: int32(p.pidfd)})
}

// watchLoop ends the Process of each host process that has ended.
func (k *Kernel) watchLoop() {
	events := make([]unix.EpollEvent, 16)
	for {
		n, err := unix.EpollWait(k.epfd, events, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return
		}
		for _, e := range events[:n] {
			k.ended(int(e.Fd))
		}
	}
}

func (k *Kernel) ended(pidfd int) {
	k.mu.Lock()
	p := k.procs[pidfd]
	if p != nil {
		if k.byPid[p.pid] == p {
			delete(k.byPid, p.pid)
		}
		k.rows[p.row] = false
		k.keeper.Space().SetPid(p.row, 0)
	}
	k.mu.Unlock()
	if p != nil {
		p.end()
		k.mu.Lock()
		delete(k.procs, pidfd) // only now: with the last one the run is over
		k.mu.Unlock()
		unix.Close(pidfd)
	}
	select {
	case k.left <- struct{}{}:
	default: // a waiter has still to look
	}
}

// Process returns the guest process with the host's number pid, or nil.
func (k *Kernel) Process(pid int) *Process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byPid[pid]
}

// Pids are the numbers of all guest processes.
func (k *Kernel) Pids() []int {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]int, 0, len(k.byPid))
	for pid := range k.byPid {
		all = append(all, pid)
	}
	return all
}

// Sysroot is the folder in which paths of the guest's system are looked up first.
func (k *Kernel) Sysroot() string { return k.opts.Sysroot }

// report tells the user something.
func (k *Kernel) report(format string, args ...any) {
	if k.opts.Report != nil {
		fmt.Fprintf(k.opts.Report, "trapgate: "+format+"\n", args...)
	}
}

// wait waits for all guests, stops when the program stops, and passes signals on.
func (k *Kernel) wait(ctx context.Context, sigs chan os.Signal) (Result, error) {
	ends := make(chan unix.WaitStatus, 1)
	rest := make(chan struct{})
	go k.reap(ends, rest)
	var r Result
	done := false
	for {
		select {
		case ws := <-ends:
			done = true
			r.Exit, r.Signal = ws.ExitStatus(), 0
			if ws.Signaled() {
				r.Signal = ws.Signal()
			}
		case s := <-sigs:
			k.forward(s.(syscall.Signal))
		case <-ctx.Done():
			k.killAll()
			ctx = context.Background()
		case <-rest:
			if done {
				k.fill(&r)
				return r, nil
			}
		}
	}
}

// reap collects our children: the program, the keeper, and orphans of the
// guests. It tells the program's end, and then when nothing is left.
func (k *Kernel) reap(ends chan<- unix.WaitStatus, rest chan<- struct{}) {
	for {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, unix.WUNTRACED, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return
		case pid == k.main && ws.Stopped():
			k.stopWith(ws.StopSignal())
		case pid == k.keeperPid:
			// Somebody has killed it.
			if k.startKeeper() != nil {
				k.killAll()
			}
		case pid == k.main:
			ends <- ws
			go k.waitEmpty(rest)
		}
	}
}

// waitEmpty waits until all guests are gone. The end of one may be noticed long
// after it was reaped, on a machine that has much to do.
func (k *Kernel) waitEmpty(rest chan<- struct{}) {
	for {
		k.mu.Lock()
		n := len(k.procs)
		k.mu.Unlock()
		if n == 0 {
			close(rest)
			return
		}
		<-k.left
	}
}

func (k *Kernel) killAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for fd := range k.procs {
		unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	}
}

func (k *Kernel) fill(r *Result) {
	r.Direct, r.Served = k.stats.direct.Load(), k.stats.served.Load()
	r.Refused = k.refused.list()
	r.Calls = r.Direct + r.Served
	for _, c := range r.Refused {
		r.Calls += c.Count
	}
}

// hostErr is the neutral error of an error of the host.
func hostErr(err error) error {
	var e syscall.Errno
	if errors.As(err, &e) {
		return kerr.Errno(e)
	}
	return err
}

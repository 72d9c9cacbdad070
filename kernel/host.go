package kernel

import (
	"encoding/binary"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"trapgate/gate"
)

// Numbers of the host calls (Linux/amd64) that the kernel itself makes in guests.
const (
	hostMmap        = unix.SYS_MMAP
	hostMprotect    = unix.SYS_MPROTECT
	hostMunmap      = unix.SYS_MUNMAP
	hostSigaction   = unix.SYS_RT_SIGACTION
	hostSigprocmask = unix.SYS_RT_SIGPROCMASK
	hostShmat       = unix.SYS_SHMAT
	hostExecve      = unix.SYS_EXECVE
	hostOpenat      = unix.SYS_OPENAT
	hostClose       = unix.SYS_CLOSE
	hostPrctl       = unix.SYS_PRCTL
	hostArchPrctl   = unix.SYS_ARCH_PRCTL
	hostExitGroup   = unix.SYS_EXIT_GROUP
	hostTgkill      = unix.SYS_TGKILL
	hostSeccomp     = unix.SYS_SECCOMP
	hostMembarrier  = unix.SYS_MEMBARRIER
	hostFaccessat   = unix.SYS_FACCESSAT
)

// chooseIntercept decides how calls are caught.
func (k *Kernel) chooseIntercept() error {
	sud := unix.Prctl(59, 0, 0, 0, 0) == nil // PR_SET_SYSCALL_USER_DISPATCH off
	switch k.opts.Intercept {
	case "", "auto":
		k.sud = sud
	case "sud":
		k.sud = true
		if !sud {
			return errNoSUD
		}
	case "seccomp":
	default:
		return errIntercept
	}
	if k.sud || haveSeccomp() {
		return nil
	}
	return errNoIntercept
}

// haveSeccomp asks for a filter at a bad address: EFAULT means that filters exist.
func haveSeccomp() bool {
	_, _, e := syscall.RawSyscall(hostSeccomp, 1, 0, 0)
	return e == unix.EFAULT
}

// interceptFirst puts the first process under the filter that all others inherit.
func (k *Kernel) interceptFirst(t *Thread) error {
	if k.sud {
		if t.v.Ret != 0 {
			return errNoSUD
		}
		return nil
	}
	if _, err := t.HostMust(hostPrctl, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	addr, buf := t.Scratch()
	prog := trapFilter(siteEntry.Lo, siteEntry.Hi)
	le := binary.LittleEndian
	le.PutUint64(buf, uint64(len(prog)))
	le.PutUint64(buf[8:], addr+16)
	for i, f := range prog {
		b := buf[16+8*i:]
		le.PutUint16(b, f.Code)
		b[2], b[3] = f.Jt, f.Jf
		le.PutUint32(b[4:], f.K)
	}
	_, err := t.HostMust(hostSeccomp, unix.SECCOMP_SET_MODE_FILTER, 0, addr)
	return err
}

// trapFilter traps every call that is not made between lo and hi.
func trapFilter(lo, hi uint64) []unix.SockFilter {
	const (
		ld, jeq, jge, ret = 0x20, 0x15, 0x35, 0x06
		ipLow, ipHigh     = 8, 12 // struct seccomp_data.instruction_pointer
	)
	return []unix.SockFilter{
		{Code: ld, K: ipHigh},
		{Code: jeq, K: uint32(lo >> 32), Jf: 4},
		{Code: ld, K: ipLow},
		{Code: jge, K: uint32(lo), Jf: 2},
		{Code: jge, K: uint32(hi) + 1, Jt: 1},
		{Code: ret, K: unix.SECCOMP_RET_ALLOW},
		{Code: ret, K: unix.SECCOMP_RET_TRAP},
	}
}

// forwarded are the signals that another process may send us and that are meant
// for the program. Those of the terminal reach it by themselves.
var forwarded = []os.Signal{unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM}

// terminal are the signals that the terminal sends to us and the guests alike.
var terminal = []os.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGHUP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU, unix.SIGWINCH, unix.SIGCONT}

// catchSignals keeps us alive where a signal is for the program to handle.
func (k *Kernel) catchSignals(c chan os.Signal) {
	for _, s := range append(forwarded, terminal...) {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}

// forward passes a signal that we got on to the program, unless the terminal,
// or somebody who meant the whole process group, has sent it there already.
func (k *Kernel) forward(s syscall.Signal) {
	for _, f := range forwarded {
		if f == s {
			unix.Kill(k.main, s)
			return
		}
	}
	if s != unix.SIGINT && s != unix.SIGQUIT && s != unix.SIGHUP {
		return
	}
	p := k.Process(k.main)
	if p == nil {
		return
	}
	before := p.actions.taken(int(s))
	go func() {
		time.Sleep(30 * time.Millisecond)
		if p.actions.taken(int(s)) == before {
			unix.Kill(p.pid, s) // ignored or pending there: then once more is no more
		}
	}()
}

// stopWith stops us like the program, so that the shell sees its job stop.
func (k *Kernel) stopWith(s syscall.Signal) {
	for _, sys := range k.opts.Systems {
		if sys.Suspend != nil {
			sys.Suspend()
		}
	}
	unix.Kill(k.pid, unix.SIGSTOP)
}

// handlerAddrs are the gate's signal handler and restorer.
func handlerAddrs() (handler, restorer uint64) { return gate.Handler() }

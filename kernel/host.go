package kernel

import (
	"encoding/binary"
	"os"
	"os/signal"
	"slices"
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

// forwarded are the signals that are meant for the program when they are sent to
// us: by kill(2), or by a terminal that hangs up.
var forwarded = []syscall.Signal{unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGINT, unix.SIGQUIT, unix.SIGHUP, unix.SIGCONT}

// terminal are others that the terminal sends to us and the guests alike.
var terminal = []syscall.Signal{unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU, unix.SIGWINCH}

// catchSignals keeps us alive where a signal is for the program to handle.
func (k *Kernel) catchSignals(c chan os.Signal) {
	for _, s := range append(slices.Clone(forwarded), terminal...) {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}

// How far apart a signal for the whole process group may reach us and the program.
const together = 100 * time.Millisecond

// forward passes a signal that we got on to the program, unless the terminal,
// or somebody who meant the whole process group, has sent it there too. If it is
// ignored or pending there, then once more is no more.
func (k *Kernel) forward(s syscall.Signal) {
	p := k.Process(k.main)
	if p == nil || !slices.Contains(forwarded, s) {
		return
	}
	since := time.Now().Add(-together)
	go func() {
		k.passing.Lock()
		defer k.passing.Unlock()
		for range 3 {
			if p.actions.takenSince(int(s), since) {
				return
			}
			time.Sleep(together / 10)
		}
		// What the handler takes now is ours, and says nothing about the next one.
		defer p.actions.forget(int(s))
		defer time.Sleep(together / 10)
		if s == unix.SIGCONT {
			// Those that the program runs in another group are called back with it.
			if pgid, err := unix.Getpgid(p.pid); err == nil && pgid != unix.Getpgrp() {
				unix.Kill(-pgid, s)
				return
			}
		}
		unix.Kill(p.pid, s)
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

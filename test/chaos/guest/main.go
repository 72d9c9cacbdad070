// Command guest misbehaves: it makes calls with random numbers and arguments,
// writes over the gate's memory, jumps into its code, unmaps it, and dies in
// the middle. Only itself may suffer. Its argument is the seed of the round.
package main

import (
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// Where the gate has its memory in a guest (package gate, layout.go).
const (
	text  = 0x7e0000000000
	space = 0x7e1000000000
	slot  = 0x10000
)

// mayHurtOthers are calls that reach beyond the process, by name, so that a
// round on a developer's machine cannot do harm there.
var mayHurtOthers = map[uintptr]bool{}

func init() {
	for _, nr := range []uintptr{
		syscall.SYS_KILL, syscall.SYS_TKILL, syscall.SYS_TGKILL, syscall.SYS_RT_SIGQUEUEINFO, 297, 424,
		syscall.SYS_UNLINK, syscall.SYS_UNLINKAT, syscall.SYS_RENAME, syscall.SYS_RENAMEAT, 316, syscall.SYS_RMDIR,
		syscall.SYS_REBOOT, syscall.SYS_MOUNT, syscall.SYS_UMOUNT2, syscall.SYS_PIVOT_ROOT, syscall.SYS_CHROOT,
		syscall.SYS_SETTIMEOFDAY, syscall.SYS_CLOCK_SETTIME, syscall.SYS_ADJTIMEX, 305,
		syscall.SYS_SWAPON, syscall.SYS_SWAPOFF, syscall.SYS_INIT_MODULE, 313, syscall.SYS_DELETE_MODULE,
		syscall.SYS_KEXEC_LOAD, 320, syscall.SYS_TRUNCATE, syscall.SYS_CREAT, syscall.SYS_SETHOSTNAME,
		syscall.SYS_SETDOMAINNAME, syscall.SYS_ACCT, syscall.SYS_QUOTACTL, syscall.SYS_IOPERM, syscall.SYS_IOPL,
		syscall.SYS_VHANGUP, syscall.SYS_SYSLOG, syscall.SYS_PERSONALITY, syscall.SYS_SCHED_SETSCHEDULER,
		syscall.SYS_SETPRIORITY, syscall.SYS_SHMCTL, syscall.SYS_SEMCTL, syscall.SYS_MSGCTL, syscall.SYS_IOCTL,
		syscall.SYS_FORK, syscall.SYS_VFORK, syscall.SYS_PAUSE, syscall.SYS_RT_SIGSUSPEND, 130,
	} {
		mayHurtOthers[nr] = true
	}
}

func main() {
	seed, _ := strconv.ParseInt(os.Args[1], 10, 64)
	rnd := rand.New(rand.NewSource(seed))
	if os.Getuid() == 0 {
		syscall.Setgroups(nil)
		syscall.Setgid(65534)
		syscall.Setuid(65534)
	}
	modes := []func(*rand.Rand){randomCalls, scribble, jumpIn, unmapGate, signalSelf, badSignalStacks}
	for range 3 {
		go load()
	}
	modes[int(seed)%len(modes)](rnd)
	fmt.Println("survived")
	os.Exit(rnd.Intn(100))
}

// load keeps other threads in calls while the round does its harm.
func load() {
	runtime.LockOSThread()
	for {
		syscall.Getppid()
		syscall.RawSyscall(syscall.SYS_RT_SIGPENDING, 0, 8, 0)
		time.Sleep(time.Microsecond)
	}
}

// word is a number that calls may take for anything.
func word(rnd *rand.Rand) uintptr {
	switch rnd.Intn(8) {
	case 0:
		return uintptr(rnd.Intn(16))
	case 1:
		return ^uintptr(0) - uintptr(rnd.Intn(4096))
	case 2:
		return text + uintptr(rnd.Intn(0x20000))
	case 3:
		return space + uintptr(rnd.Intn(8*slot))
	case 4:
		return uintptr(rnd.Uint64())
	case 5:
		return uintptr(rnd.Uint32())
	case 6:
		return uintptr(unsafe.Pointer(&scratch[rnd.Intn(len(scratch))]))
	}
	return 1 << rnd.Intn(64)
}

var scratch [1 << 16]byte

func randomCalls(rnd *rand.Rand) {
	syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
	for range 400 {
		nr := uintptr(rnd.Intn(600))
		if mayHurtOthers[nr] {
			continue
		}
		syscall.RawSyscall6(nr, word(rnd), word(rnd), word(rnd), word(rnd), word(rnd), word(rnd))
	}
}

func scribble(rnd *rand.Rand) {
	for range 2000 {
		at := uintptr(space) + uintptr(rnd.Intn(6*slot))
		if rnd.Intn(2) == 0 { // the interesting words are at the start of a slot
			at = space + uintptr(rnd.Intn(6))*slot + uintptr(rnd.Intn(700))
		}
		poke(at, word(rnd))
		if rnd.Intn(16) == 0 {
			syscall.Getpid()
		}
	}
}

//go:nocheckptr
func poke(at, v uintptr) { *(*uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&at))) = v }

func jumpIn(rnd *rand.Rand) {
	entry := text + uintptr(rnd.Intn(0x1100))
	p := &entry
	f := *(*func())(unsafe.Pointer(&p))
	f()
}

func unmapGate(rnd *rand.Rand) {
	at := uintptr(text)
	if rnd.Intn(2) == 0 {
		at = space
	}
	size := uintptr(1+rnd.Intn(64)) << 12
	calls := [][4]uintptr{
		{syscall.SYS_MUNMAP, at, size}, {syscall.SYS_MPROTECT, at, size}, {syscall.SYS_MADVISE, at, size, 4},
		{syscall.SYS_SHMDT, space}, {syscall.SYS_MPROTECT, 0, ^uintptr(0) &^ 4095, 0}, {syscall.SYS_MUNMAP, 4096, 1<<47 - 8192},
	}
	for range 3 {
		c := calls[rnd.Intn(len(calls))]
		syscall.RawSyscall(c[0], c[1], c[2], c[3])
	}
	syscall.RawSyscall6(syscall.SYS_MREMAP, at, size, size, 3, word(rnd), 0)
}

func signalSelf(rnd *rand.Rand) {
	pid := uintptr(os.Getpid())
	for range 300 {
		syscall.RawSyscall(syscall.SYS_KILL, pid, anySignal(rnd), 0)
		syscall.Getppid()
	}
}

// anySignal is a signal that does not stop the process: nobody would wake it.
func anySignal(rnd *rand.Rand) uintptr {
	for {
		switch sig := syscall.Signal(1 + rnd.Intn(64)); sig {
		case syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
		default:
			return uintptr(sig)
		}
	}
}

// badSignalStacks has signals delivered where there is no room, and returns
// from signals that never came.
func badSignalStacks(rnd *rand.Rand) {
	ss := [3]uintptr{word(rnd), 0, word(rnd)}
	syscall.RawSyscall(syscall.SYS_SIGALTSTACK, uintptr(unsafe.Pointer(&ss)), 0, 0)
	sa := [4]uintptr{word(rnd), word(rnd) | 0x08000004, word(rnd), word(rnd)}
	for sig := range 20 {
		syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(1+rnd.Intn(64)), uintptr(unsafe.Pointer(&sa)), 0, 8, 0, 0)
		if sig > 10 {
			syscall.RawSyscall(syscall.SYS_KILL, uintptr(os.Getpid()), anySignal(rnd), 0)
		}
	}
	syscall.RawSyscall(syscall.SYS_RT_SIGRETURN, 0, 0, 0)
}

package main

import "strings"

// sysFacts are what the wrappers of a system need to know of its calls beyond
// their types.
type sysFacts struct {
	quick      map[string]bool   // calls that never wait: the scheduler is not told
	neverFails map[string]bool   // calls without an error
	leftOut    map[string]string // calls without a wrapper, and why
	sizes      map[string]string // call.argument: the structure whose size it must be
}

const (
	forks    = "the child would run with a part of the Go runtime: use os/exec"
	threads  = "the thread would run, or end, without the Go runtime knowing"
	frames   = "reads the signal frame at the stack pointer: only the end of a handler may make it"
	indirect = "the raw form is this call"
	hidden   = "its arguments are words in memory, in which the collector sees no pointers"
	contexts = "the goroutine would go on elsewhere"
	handlers = "a handler must be machine code that the runtime knows: use os/signal"
)

// quickCalls never wait, on any system.
const quickCalls = `getpid getppid gettid getuid geteuid getgid getegid getpgid getpgrp getsid setsid setpgid
	getresuid getresgid umask kill tkill tgkill getrlimit prlimit64 getrusage times time sysinfo uname
	clock_gettime clock_getres gettimeofday getcpu epoll_create1 inotify_init1 pipe pipe2 socket socketpair
	getsockname getpeername alarm getitimer setitimer rt_sigprocmask sigprocmask rt_sigpending sigpending
	sigaltstack sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
	sched_get_priority_min eventfd2 timerfd_create memfd_create
	getuid32 geteuid32 getgid32 getegid32 clock_gettime64 clock_getres_time64 ugetrlimit
	thr_self thr_kill thr_kill2 issetugid getdtablesize kqueue kqueuex sched_getcpu cap_getmode getcontext`

// sureCalls have no error.
const sureCalls = `getpid getppid gettid getuid geteuid getgid getegid getpgrp umask alarm sync
	getuid32 geteuid32 getgid32 getegid32 issetugid getdtablesize sgetmask ssetmask`

var leftOutCalls = map[string]map[string]string{
	"linux": {
		"fork": forks, "vfork": forks, "clone": forks, "clone3": forks,
		"exit": threads, "rt_sigreturn": frames, "sigreturn": frames,
		"restart_syscall": "only the kernel makes it, after a signal",
		"socketcall":      hidden, "ipc": hidden,
		"signal": handlers, "sigaction": handlers,
		"uretprobe": "only code that the kernel puts there may make it",
		"uprobe":    "only code that the kernel puts there may make it",
	},
	"freebsd": {
		"syscall": indirect, "__syscall": indirect, "afs3_syscall": "the kernel has no such call",
		"fork": forks, "vfork": forks, "rfork": forks, "pdfork": forks, "pdrfork": forks,
		"thr_new": threads, "thr_exit": threads, "thr_create": threads,
		"sigreturn": frames, "freebsd4_sigreturn": frames, "osigreturn": frames,
		"setcontext": contexts, "swapcontext": contexts,
		"freebsd10_pipe": "wrapper by hand for its two results: Freebsd10Pipe",
	},
}

// leftOutOn386 are calls that have another form there.
var leftOutOn386 = map[string]string{"mmap": hidden, "select": hidden}

// sizeArgs are the sizes of structures that a call wants to be told.
var sizeArgs = map[string]string{
	"rt_sigaction.setsize": "Sigset", "openat2.size": "OpenHow",
	"statfs64.size": "Statfs64_t", "fstatfs64.size": "Statfs64_t",
}

func factsOf(system string) sysFacts {
	f := sysFacts{quick: map[string]bool{}, neverFails: map[string]bool{}, leftOut: leftOutCalls[system], sizes: sizeArgs}
	for _, name := range strings.Fields(quickCalls) {
		f.quick[name] = true
	}
	for _, name := range strings.Fields(sureCalls) {
		f.neverFails[name] = true
	}
	return f
}

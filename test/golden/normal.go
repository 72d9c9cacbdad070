package golden

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Rule is what Normal does, in the head of each file.
const Rule = `Names stand for what differs from run to run or from host to host: ADDR, PIDn for
the n-th process, N for times, sizes of paths, numbers of variables and the host, DIR
for the folder of the program. Each process has a list of its own, in its own order.

Of a Go program the list has what the program asked for. Left out are the calls
of the runtime, whose number and order are the scheduler's: memory, threads and
signal masks and actions, futexes, clocks and sleeps, polls, reads that found nothing,
getpid, the signal that preempts, returns from handlers, limits and CPUs, and the
files in which it looks for limits of the host with all calls on them; descriptors
are numbered as if it kept none of these open. So are calls that a signal delayed and
that are made again, and SIGCHLD, which its taker may not live to take. What happens
at the same time as the rest has lists of its own: the calls on each pipe, and the
signals.
`

// process is what is known of one process of a trace.
type process struct {
	pid     string
	parent  *process
	lines   []string
	signals []string
	pipes   []*end
	ends    map[int]*end // the open ends of pipes
	own     map[int]bool // the open descriptors of the runtime's own files
	waker   int          // the descriptor that ends the runtime's polls
}

// end is a descriptor of one end of a pipe.
type end struct {
	fd    int
	lines []string
}

// Normal makes a trace comparable: see Rule. Of a program without the Go runtime
// every call stays. dir is the folder of the program.
func Normal(trace, dir string, runtime bool) string {
	procs := split(trace)
	names := map[string]string{}
	for i, p := range procs {
		names[p.pid] = "PID" + strconv.Itoa(i+1)
		if runtime {
			p.sort()
		}
	}
	var b strings.Builder
	write := func(lines []string) {
		for _, l := range lines {
			b.WriteString(name(l, dir, names) + "\n")
		}
	}
	for i, p := range procs {
		if len(procs) > 1 {
			fmt.Fprintf(&b, "\nPID%d:\n", i+1)
		}
		write(p.lines)
		for _, e := range p.pipes {
			fmt.Fprintf(&b, "descriptor %d:\n", e.fd)
			write(e.lines)
		}
		if len(p.signals) > 0 {
			b.WriteString("signals:\n")
			write(p.signals)
		}
	}
	return b.String()
}

var (
	prefix = regexp.MustCompile(`^\[pid (\d+)\] `)
	self   = regexp.MustCompile(`(?m)^getpid\(\) = (\d+)$`) // while there is one process
	birth  = regexp.MustCompile(`^v?(?:fork|clone3?)\(.* = (\d+)$`)
)

// split gives each process its lines. Those without a number are of the first
// process, which is the one that no other has made.
func split(trace string) []*process {
	byPid := map[string]*process{}
	made := map[string]*process{}
	first := &process{}
	procs := []*process{first}
	for line := range strings.Lines(trace) {
		p, text := first, strings.TrimSuffix(line, "\n")
		if m := prefix.FindStringSubmatch(text); m != nil {
			text = text[len(m[0]):]
			if p = byPid[m[1]]; p == nil {
				p = &process{pid: m[1]}
				byPid[m[1]] = p
				procs = append(procs, p)
			}
		}
		if m := birth.FindStringSubmatch(text); m != nil && !strings.Contains(text, "CLONE_THREAD") {
			made[m[1]] = p
		}
		p.lines = append(p.lines, text)
	}
	for i, p := range procs[1:] {
		if made[p.pid] == nil {
			first.pid, first.lines = p.pid, append(first.lines, p.lines...)
			procs = slices.Delete(procs, i+1, i+2)
			break
		}
	}
	if m := self.FindStringSubmatch(trace); first.pid == "" && m != nil {
		first.pid = m[1]
	}
	for _, p := range procs[1:] {
		if p.parent = made[p.pid]; p.parent.pid == first.pid {
			p.parent = first
		}
	}
	return procs
}

// The runtime's own calls, on Linux and FreeBSD.
var scheduler = regexp.MustCompile(`^(?:` +
	`(?:brk|mmap2?|munmap|madvise|prctl|arch_prctl|sysarch|set_thread_area|` +
	`thr_new|thr_self|thr_exit|thr_kill2?|gettid|getpid|tgkill|` +
	`rt_sigprocmask|sigprocmask|rt_sigaction|sigaction|sigaltstack|rt_sigreturn|sigreturn|` +
	`futex|futex_time64|_umtx_op|nanosleep|clock_nanosleep|sched_yield|` +
	`epoll_p?wait2?|clock_gettime(?:64)?|clock_nanosleep_time64|` +
	`sched_getaffinity|cpuset_getaffinity|getrlimit|setrlimit|ugetrlimit|prlimit64)\(|` +
	`clone\(.*CLONE_THREAD|kevent\(\d+, NULL, 0, |kevent\(.*EVFILT_USER, flags=0|` +
	`__sysctl\(\[CTL_(?:SYSCTL|HW|KERN, \d)` +
	`)`)

var (
	limits = regexp.MustCompile(`^open(?:at)?\((?:AT_FDCWD, )?"(?:/sys/|/proc/self/(?:cgroup|mountinfo|auxv)|/dev/u?random).* = (-?\d+)`)
	again  = regexp.MustCompile(`^read\(.* EAGAIN |= \? ERESTART`)
	ends   = regexp.MustCompile(`^pipe2?\(\[(\d+), (\d+)\]`)
	wakes  = regexp.MustCompile(`^eventfd2\(.* = (\d+)$`)
	image  = regexp.MustCompile(`^execve\(.* = 0$`)

	// Where calls have descriptors.
	descriptors = []*regexp.Regexp{
		regexp.MustCompile(`^(?:read|write|pread64|close|fstat|fstat64|fcntl|fcntl64|getdents64|getdirentries|` +
			`epoll_ctl|kevent|dup[23]|pidfd_send_signal)\((\d+)`),
		regexp.MustCompile(`^(?:open|openat|kqueue|epoll_create1|eventfd2|pidfd_open|dup[23])\(.* = (\d+)$`),
		regexp.MustCompile(`^(?:epoll_ctl\(\d+, \w+|dup[23]\(\d+|waitid\(P_PIDFD), (\d+)`),
		regexp.MustCompile(`^clone\(.*CLONE_PIDFD.*, \[(\d+)\]`),
		regexp.MustCompile(`\{ident=(\d+), filter=EVFILT_(?:READ|WRITE)`),
		regexp.MustCompile(`^pipe2\(\[(\d+)`),
		regexp.MustCompile(`^pipe2\(\[\d+, (\d+)`),
	}
)

// sort leaves the runtime's own calls out and puts those on pipes, and signals,
// aside.
func (p *process) sort() {
	p.begin()
	if p.parent != nil {
		for fd := range p.parent.own {
			p.own[fd] = true
		}
	}
	lines := p.lines
	p.lines = nil
	for _, l := range lines {
		switch m := limits.FindStringSubmatch(l); {
		case m != nil:
			p.own[number(m[1])] = true // -1 does not matter
		case strings.HasPrefix(l, "--- SIGURG"), strings.HasPrefix(l, "--- SIGCHLD"), scheduler.MatchString(l), again.MatchString(l), p.internal(l):
		case strings.HasPrefix(l, "---"):
			p.signals = append(p.signals, l)
		default:
			p.keep(l)
		}
	}
}

// begin forgets what a process had open.
func (p *process) begin() {
	p.ends, p.own, p.waker = map[int]*end{}, map[int]bool{}, -1
}

// internal says whether a call is about a descriptor of the runtime.
func (p *process) internal(l string) bool {
	m := descriptors[0].FindStringSubmatch(l)
	if m == nil {
		return false
	}
	fd := number(m[1])
	if p.own[fd] && strings.HasPrefix(l, "close") {
		delete(p.own, fd)
		return true
	}
	return p.own[fd] || fd == p.waker && (strings.HasPrefix(l, "read(") || strings.HasPrefix(l, "write("))
}

// keep puts a line where it belongs.
func (p *process) keep(l string) {
	if m := wakes.FindStringSubmatch(l); m != nil {
		p.waker = number(m[1])
	}
	to := &p.lines
	for _, fd := range p.used(l) {
		if e := p.ends[fd]; e != nil {
			to = &e.lines
			if strings.HasPrefix(l, "close") {
				delete(p.ends, fd)
			}
		}
	}
	*to = append(*to, p.renumber(l))
	if m := ends.FindStringSubmatch(l); m != nil {
		for _, fd := range m[1:] {
			e := &end{fd: p.canon(number(fd))}
			p.ends[number(fd)] = e
			p.pipes = append(p.pipes, e)
		}
	}
	if image.MatchString(l) {
		p.begin()
	}
}

// used are the descriptors that a call names.
func (p *process) used(l string) []int {
	var all []int
	for _, re := range descriptors[:len(descriptors)-2] {
		for _, m := range re.FindAllStringSubmatch(l, -1) {
			all = append(all, number(m[1]))
		}
	}
	return all
}

// canon is the number that a descriptor had without those of the runtime.
func (p *process) canon(fd int) int {
	n := fd
	for own := range p.own {
		if own >= 0 && own < fd {
			n--
		}
	}
	return n
}

func (p *process) renumber(l string) string {
	for _, re := range descriptors {
		at := 0
		for {
			m := re.FindStringSubmatchIndex(l[at:])
			if m == nil {
				break
			}
			from, to := at+m[2], at+m[3]
			text := strconv.Itoa(p.canon(number(l[from:to])))
			l = l[:from] + text + l[to:]
			at = from + len(text)
		}
	}
	return l
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// numbers are where calls have numbers of processes.
var numbers = []*regexp.Regexp{
	regexp.MustCompile(`^((?:kill|wait4|wait6|pidfd_open)\((?:P_PID, )?)(\d+)`),
	regexp.MustCompile(`^((?:v?fork|clone3?|wait4|wait6|getpid)\(.* = )(\d+)$`),
	regexp.MustCompile(`(si_pid=)(\d+)`),
}

// names are what stands for numbers and paths, in this order.
var names = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`/files\d+`), "/filesN"},
	{regexp.MustCompile(`/\* \d+ vars \*/`), "/* N vars */"},
	{regexp.MustCompile(`\b(tv_sec|tv_usec|tv_nsec|si_utime|si_stime)=\d+`), "$1=N"},
	{regexp.MustCompile(`^(readlink(?:at)?\(.* = )\d+$`), "${1}N"},
	{regexp.MustCompile(`(PATHNAME.*\[)(?:0 => )?\d+\]`), "${1}N]"},
	{regexp.MustCompile(`\b(ident=)\d{6,}`), "${1}N"},
	{regexp.MustCompile(`\b0x([0-9a-f]{1,4} \(flags)`), "0X$1"}, // no address
	{regexp.MustCompile(`\b0x[0-9a-f]{4,}`), "ADDR"},
	{regexp.MustCompile(`\b0X`), "0x"},
	{regexp.MustCompile(`nodename="[^"]*"(?:\.\.\.)?`), `nodename="N"`},
	{regexp.MustCompile(`si_uid=\d+`), "si_uid=N"},
}

func name(l, dir string, pids map[string]string) string {
	l = strings.ReplaceAll(l, dir, "DIR")
	for _, re := range numbers {
		l = re.ReplaceAllStringFunc(l, func(s string) string {
			m := re.FindStringSubmatch(s)
			if pid := pids[m[2]]; pid != "" {
				return m[1] + pid
			}
			return s
		})
	}
	for _, n := range names {
		l = n.re.ReplaceAllString(l, n.to)
	}
	return l
}

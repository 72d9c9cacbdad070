package trace

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"trapgate/desc"
	freebsd "trapgate/guest/freebsd/abi"
	linux "trapgate/guest/linux/abi"
)

// base is where the memory of a test lies.
const base = 0x10000

// flat is one piece of memory.
type flat struct {
	start uint64
	b     []byte
}

func (f flat) ReadAt(addr uint64, b []byte) (int, error) {
	if addr < f.start || addr >= f.start+uint64(len(f.b)) {
		return 0, errors.New("not mapped")
	}
	n := copy(b, f.b[addr-f.start:])
	if n < len(b) {
		return n, errors.New("end of mapping")
	}
	return n, nil
}

func text(s string) flat { return flat{base, []byte(s)} }

// words lays out 64-bit words.
func words(ws ...uint64) flat {
	var b []byte
	for _, w := range ws {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return flat{base, b}
}

// bytes lays out numbers by their size.
func lay(values ...any) flat {
	var b []byte
	for _, v := range values {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return flat{base, b}
}

func fail(errno int) Result  { return Result{Errno: errno} }
func ok(value uint64) Result { return Result{Value: value} }

const minus = ^uint64(0)

type row struct {
	call   string
	args   Args
	memory flat
	result Result
	want   string
}

func check(t *testing.T, sys *desc.System, rows []row) {
	t.Helper()
	d := &Decoder{Sys: sys}
	for _, r := range rows {
		c := sys.ByName(r.call)
		if c == nil {
			t.Errorf("no call %s", r.call)
			continue
		}
		got := d.Enter(c.Number, &r.args, r.memory).Exit(r.result, r.memory)
		if got != r.want {
			t.Errorf("%s:\n got %s\nwant %s", r.call, got, r.want)
		}
	}
}

func TestLinuxAMD64(t *testing.T) { check(t, linux.AMD64, amd64Rows) }

var amd64Rows = []row{
	{"write", Args{1, base, 14}, text("hello syscall\n"), ok(14), `write(1, "hello syscall\n", 14) = 14`},
	{"write", Args{1, base, 40}, text(strings.Repeat("a", 40)), ok(40),
		`write(1, "` + strings.Repeat("a", 32) + `"..., 40) = 40`},
	{"write", Args{1, base, 6}, text("\x001\xff\x1b[m"), ok(6), `write(1, "\0001\377\33[m", 6) = 6`},
	{"write", Args{1, 0x99, 6}, text(""), fail(14), `write(1, 0x99, 6) = -1 EFAULT (Bad address)`},
	{"read", Args{3, base, 4096}, text("abc and what was there"), ok(3), `read(3, "abc", 4096) = 3`},
	{"read", Args{3, base, 4096}, text("abc"), fail(11),
		`read(3, 0x10000, 4096) = -1 EAGAIN (Resource temporarily unavailable)`},
	{"read", Args{3, base, 10}, text("abc"), ok(0), `read(3, "", 10) = 0`},
	{"openat", Args{0xffffffffffffff9c, base, 0x80000, 0o644}, text("/etc/passwd\x00"), ok(3),
		`openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3`},
	{"openat", Args{0xffffff9c, base, 0x241, 0o644}, text("x\x00"), ok(3),
		`openat(AT_FDCWD, "x", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3`},
	{"openat", Args{5, base, 0x80000000, 0}, text("x\x00"), fail(2),
		`openat(5, "x", O_RDONLY|0x80000000) = -1 ENOENT (No such file or directory)`},
	{"mmap", Args{0, 0x1000, 3, 0x22, minus, 0}, text(""), ok(0x7f0000000000),
		`mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000`},
	{"mprotect", Args{0x5000, 0x1000, 0}, text(""), ok(0), `mprotect(0x5000, 4096, PROT_NONE) = 0`},
	{"nanosleep", Args{base, 0}, words(1, 0), ok(0), `nanosleep({tv_sec=1, tv_nsec=0}, NULL) = 0`},
	{"clock_gettime", Args{1, base}, words(5, 6), ok(0), `clock_gettime(CLOCK_MONOTONIC, {tv_sec=5, tv_nsec=6}) = 0`},
	{"pipe2", Args{base, 0x80800}, lay(int32(3), int32(4)), ok(0), `pipe2([3, 4], O_NONBLOCK|O_CLOEXEC) = 0`},
	{"wait4", Args{minus, base, 1, 0}, lay(uint32(0x300)), ok(7),
		`wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], WNOHANG, NULL) = 7`},
	{"exit_group", Args{2}, text(""), ok(0), `exit_group(2) = ?`},
	{"kill", Args{7, 9}, text(""), fail(3), `kill(7, SIGKILL) = -1 ESRCH (No such process)`},
	{"futex", Args{base, 128, 2, 0, 0, 0}, text(""), fail(512),
		`futex(0x10000, FUTEX_WAIT_PRIVATE, 2, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)`},
	{"futex", Args{base, 129, 1, 5, 5, 5}, text(""), ok(1), `futex(0x10000, FUTEX_WAKE_PRIVATE, 1) = 1`},
	{"fcntl", Args{3, 2, 1}, text(""), ok(0), `fcntl(3, F_SETFD, FD_CLOEXEC) = 0`},
	{"fcntl", Args{3, 1, 77}, text(""), ok(1), `fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)`},
	{"fcntl", Args{3, 3, 0}, text(""), ok(0x8000), `fcntl(3, F_GETFL) = 0x8000 (flags O_RDONLY|O_LARGEFILE)`},
	{"fcntl", Args{3, 0, 10}, text(""), ok(10), `fcntl(3, F_DUPFD, 10) = 10`},
	{"fcntl", Args{3, 8, 77}, text(""), ok(0), `fcntl(3, F_SETOWN, 77) = 0`},
	{"fcntl", Args{3, 1034, 0}, text(""), ok(4), `fcntl(3, F_GET_SEALS) = 0x4 (flags F_SEAL_GROW)`},
	{"ioctl", Args{0, 0x5401, base}, lay(uint32(0x500), uint32(5), uint32(0xbf), uint32(0x8a3b), [20]byte{}), ok(0),
		`ioctl(0, TCGETS, {c_iflag=ICRNL|IXON, c_oflag=OPOST|ONLCR, c_cflag=B38400|CS8|CREAD, ` +
			`c_lflag=ISIG|ICANON|ECHO|ECHOE|ECHOK|ECHOCTL|ECHOKE|IEXTEN, ...}) = 0`},
	{"ioctl", Args{0, 0x5413, base}, lay(uint16(24), uint16(80), uint16(0), uint16(0)), fail(25),
		`ioctl(0, TIOCGWINSZ, 0x10000) = -1 ENOTTY (Inappropriate ioctl for device)`},
	{"ioctl", Args{0, 0x5451, 99}, text(""), ok(0), `ioctl(0, FIOCLEX) = 0`},
	{"ioctl", Args{3, 0x8913, base}, lay([16]byte{'l', 'o'}, uint16(0x49), [22]byte{}), ok(0),
		`ioctl(3, SIOCGIFFLAGS, {ifr_name="lo", ifr_flags=IFF_UP|IFF_LOOPBACK|IFF_RUNNING}) = 0`},
	{"ioctl", Args{3, 0x40049409, 4}, text(""), ok(0), `ioctl(3, FICLONE, 4) = 0`},
	{"ioctl", Args{3, 0x80086601, base}, words(0x80000), ok(0), `ioctl(3, FS_IOC_GETFLAGS, [0x80000]) = 0`},
	{"ioctl", Args{3, 0x1234, 5}, text(""), fail(25), `ioctl(3, 0x1234, 0x5) = -1 ENOTTY (Inappropriate ioctl for device)`},
	{"prctl", Args{15, base}, text("worker\x00"), ok(0), `prctl(PR_SET_NAME, "worker") = 0`},
	{"prctl", Args{1, 15}, text(""), ok(0), `prctl(PR_SET_PDEATHSIG, SIGTERM) = 0`},
	{"prctl", Args{3}, text(""), ok(1), `prctl(PR_GET_DUMPABLE) = 1`},
	{"prctl", Args{38, 1}, text(""), ok(0), `prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0`},
	{"prctl", Args{23, 21}, text(""), ok(1), `prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) = 1`},
	{"prctl", Args{0x53564d41, 0, 0x7000, 4096, base}, text("heap\x00"), ok(0),
		`prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, 0x7000, 4096, "heap") = 0`},
	{"arch_prctl", Args{0x1002, 0x7000}, text(""), ok(0), `arch_prctl(ARCH_SET_FS, 0x7000) = 0`},
	{"arch_prctl", Args{0x1003, base}, words(0x7000), ok(0), `arch_prctl(ARCH_GET_FS, [0x7000]) = 0`},
	{"keyctl", Args{0, minus - 2, 1}, text(""), ok(7), `keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1) = 7`},
	{"keyctl", Args{11, 77, base, 3}, text("abc"), ok(3), `keyctl(KEYCTL_READ, 77, "abc", 3) = 3`},
	{"bpf", Args{0, base, 72}, lay(uint32(1), uint32(4), uint32(8), uint32(100), uint32(0)), ok(3),
		`bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4, value_size=8, max_entries=100, map_flags=0}, 72) = 3`},
	{"bpf", Args{15, 0x7000, 16}, text(""), ok(0), `bpf(BPF_OBJ_GET_INFO_BY_FD, 0x7000, 16) = 0`},
	{"ptrace", Args{0x4200, 7, 0, 0x100001}, text(""), ok(0), `ptrace(PTRACE_SETOPTIONS, 7, NULL, PTRACE_O_TRACESYSGOOD|PTRACE_O_EXITKILL) = 0`},
	{"ptrace", Args{24, 7, 0, 10}, text(""), ok(0), `ptrace(PTRACE_SYSCALL, 7, NULL, SIGUSR1) = 0`},
	{"ptrace", Args{16, 7}, text(""), ok(0), `ptrace(PTRACE_ATTACH, 7, NULL) = 0`},
	{"semctl", Args{7, 0, 16, 1}, text(""), ok(0), `semctl(7, 0, SETVAL, 0x1) = 0`},
	{"capget", Args{base, base + 8}, lay(uint32(0x20080522), int32(0), [6]uint32{1, 2, 3, 4, 5, 6}), ok(0),
		`capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, [{effective=0x1, permitted=0x2, inheritable=0x3}, ` +
			`{effective=0x4, permitted=0x5, inheritable=0x6}]) = 0`},
	{"uname", Args{base}, lay([65]byte{'L', 'x'}, [65]byte{'v', 'm'}, [260]byte{}), ok(0), `uname({sysname="Lx", nodename="vm", ...}) = 0`},
	{"fcntl", Args{3, 4, 0x802}, text(""), ok(0), `fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0`},
	{"getcwd", Args{base, 100}, text("/tmp\x00x"), ok(5), `getcwd("/tmp", 100) = 5`},
	{"umask", Args{0o22}, text(""), ok(0), `umask(022) = 000`},
	{"chmod", Args{base, 0o755}, text("f\x00"), ok(0), `chmod("f", 0755) = 0`},
	{"socket", Args{2, 0x80801, 0}, text(""), ok(3), `socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = 3`},
	{"connect", Args{3, base, 16}, text("\x02\x00\x1f\x90\x7f\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"), fail(111),
		`connect(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}, 16)` +
			` = -1 ECONNREFUSED (Connection refused)`},
	{"bind", Args{3, base, 28}, lay(uint16(10), [2]byte{0, 80}, uint32(0), [15]byte{}, byte(1), uint32(7)), ok(0),
		`bind(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0),` +
			` inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=7}, 28) = 0`},
	{"bind", Args{3, base, 10}, text("\x01\x00/tmp/s\x00z"), ok(0), `bind(3, {sa_family=AF_UNIX, sun_path="/tmp/s"}, 10) = 0`},
	{"setsockopt", Args{3, 1, 2, base, 4}, lay(int32(1)), ok(0), `setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0`},
	{"poll", Args{base, 1, 100}, lay(int32(3), int16(1), int16(0)), ok(0),
		`poll([{fd=3, events=POLLIN, revents=0}], 1, 100) = 0`},
	{"epoll_ctl", Args{4, 1, 5, base}, lay(uint32(0x80002005), uint64(0x1234)), ok(0),
		`epoll_ctl(4, EPOLL_CTL_ADD, 5, {events=EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLET, data=0x1234}) = 0`},
	{"epoll_ctl", Args{4, 2, 5, base}, words(0, 0), ok(0), `epoll_ctl(4, EPOLL_CTL_DEL, 5, 0x10000) = 0`},
	{"epoll_wait", Args{4, base, 128, 0}, lay(uint32(1), uint64(7), uint32(4), uint64(8)), ok(1),
		`epoll_wait(4, [{events=EPOLLIN, data=0x7}], 128, 0) = 1`},
	{"rt_sigprocmask", Args{2, base, 0, 8}, words(1<<1 | 1<<14), ok(0),
		`rt_sigprocmask(SIG_SETMASK, [INT TERM], NULL, 8) = 0`},
	{"rt_sigprocmask", Args{2, base, 0, 8}, words(minus &^ (1 << 8)), ok(0),
		`rt_sigprocmask(SIG_SETMASK, ~[KILL], NULL, 8) = 0`},
	{"execve", Args{base, base + 8, base + 32}, flat{base, append([]byte("/bin/ls\x00"), words(base, base, 0, base, 0).b...)}, ok(0),
		`execve("/bin/ls", ["/bin/ls", "/bin/ls"], 0x10020 /* 1 vars */) = 0`},
	{"writev", Args{1, base, 2}, flat{base, append(words(base+32, 2, base+34, 3).b, "abcde"...)}, ok(5),
		`writev(1, [{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=3}], 2) = 5`},
	{"readv", Args{0, base, 2}, flat{base, append(words(base+32, 2, base+34, 3).b, "abcde"...)}, ok(3),
		`readv(0, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=3}], 2) = 3`},
	{"fstat", Args{3, base}, statOf(0o100644, 1234), ok(0), `fstat(3, {st_mode=S_IFREG|0644, st_size=1234, ...}) = 0`},
	{"waitid", Args{1, 7, base, 4, 0}, lay([3]int32{17, 0, 2}, uint32(0), [3]int32{7, 0, 9}, uint32(0), [2]int64{1, 2}, [80]byte{}), ok(0),
		`waitid(P_PID, 7, {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=7, si_uid=0, si_status=SIGKILL, si_utime=1, si_stime=2}, WEXITED, NULL) = 0`},
	{"waitid", Args{1, 7, base, 5, 0}, lay([128]byte{}), ok(0), `waitid(P_PID, 7, {}, WNOHANG|WEXITED, NULL) = 0`},
	{"select", Args{5, base, 0, 0, 0}, words(1<<1 | 1<<4), ok(1), `select(5, [1 4], NULL, NULL, NULL) = 1`},
}

func statOf(mode uint32, size int64) flat {
	return lay([3]uint64{}, mode, [3]uint32{}, uint64(0), size, [11]uint64{})
}

func TestLinux386(t *testing.T) {
	check(t, linux.I386, []row{
		{"read", Args{0, base, 3}, text("abc"), ok(3), `read(0, "abc", 3) = 3`},
		{"pread64", Args{3, base, 3, 0x10, 1}, text("abc"), ok(3), `pread64(3, "abc", 3, 4294967312) = 3`},
		{"nanosleep", Args{base, 0}, lay(int32(1), int32(2)), ok(0), `nanosleep({tv_sec=1, tv_nsec=2}, NULL) = 0`},
		{"clock_gettime64", Args{0, base}, words(1, 2), ok(0), `clock_gettime64(CLOCK_REALTIME, {tv_sec=1, tv_nsec=2}) = 0`},
		{"mmap2", Args{0, 0x1000, 3, 0x22, 0xffffffff, 0}, text(""), ok(0xf7000000),
			`mmap2(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xf7000000`},
		{"socketcall", Args{1, base}, lay(uint32(2), uint32(0x80001), uint32(0)), ok(3),
			`socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3`},
		{"socketcall", Args{9, base}, lay(uint32(3), uint32(base+16), uint32(2), uint32(0x4000), [2]byte{'h', 'i'}), ok(2),
			`send(3, "hi", 2, MSG_NOSIGNAL) = 2`},
		{"socketcall", Args{1, 0x99}, text(""), fail(14), `socketcall(SYS_SOCKET, 0x99) = -1 EFAULT (Bad address)`},
		{"writev", Args{1, base, 1}, lay(uint32(base+8), uint32(2), [2]byte{'h', 'i'}), ok(2),
			`writev(1, [{iov_base="hi", iov_len=2}], 1) = 2`},
	})
}

func TestFreeBSD(t *testing.T) {
	check(t, freebsd.AMD64, []row{
		{"write", Args{1, base, 3}, text("hi\n"), ok(3), `write(1, "hi\n", 3) = 3`},
		{"open", Args{base, 0x100601, 0o600}, text("f\x00"), fail(13), `open("f", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0600) = -1 EACCES (Permission denied)`},
		{"read", Args{3, base, 9}, text("abc"), fail(35), `read(3, 0x10000, 9) = -1 EAGAIN (Resource temporarily unavailable)`},
		{"bind", Args{3, base, 16}, text("\x10\x02\x1f\x90\x7f\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"), ok(0),
			`bind(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}, 16) = 0`},
		{"kevent", Args{3, base, 1, 0, 0, 0}, lay(uint64(5), int16(-1), uint16(0x21), uint32(0), int64(0), uint64(9), [4]uint64{}), ok(0),
			`kevent(3, [{ident=5, filter=EVFILT_READ, flags=EV_ADD|EV_CLEAR, fflags=0, data=0, udata=0x9}], 1, NULL, 0, NULL) = 0`},
		{"__sysctl", Args{base, 2, base + 8, base + 16, 0, 0}, lay(int32(6), int32(7), [8]byte{'a', 'b'}, uint64(2)), ok(0),
			`__sysctl([CTL_HW, HW_PAGESIZE], 2, "ab", [2], NULL, 0) = 0`},
		{"_umtx_op", Args{base, 15, 1, 24, 0}, text(""), fail(60),
			`_umtx_op(0x10000, UMTX_OP_WAIT_UINT_PRIVATE, 1, 24, NULL) = -1 ETIMEDOUT (Operation timed out)`},
		{"mmap", Args{0, 4096, 3, 0x1002, minus, 0}, text(""), ok(0x800000000),
			`mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANON, -1, 0) = 0x800000000`},
	})
}

// changing is memory whose content the call changes.
func TestInOut(t *testing.T) {
	d := &Decoder{Sys: linux.AMD64}
	args := Args{3, base, base + 64}
	before := flat{base, append(make([]byte, 64), 28, 0, 0, 0)}
	after := flat{base, append(append([]byte("\x02\x00\x00\x50\x0a\x00\x00\x01"), make([]byte, 56)...), 16, 0, 0, 0)}
	p := d.Enter(linux.SYS_accept, &args, before)
	want := `accept(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, [28 => 16]) = 4`
	if got := p.Exit(ok(4), after); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestChanged: arguments that the call reads and changes show both.
func TestChanged(t *testing.T) {
	d := &Decoder{Sys: linux.AMD64}
	args := Args{5, base, 0, 0, base + 8}
	p := d.Enter(linux.SYS_select, &args, words(1<<4, 1, 0))
	want := `select(5, [4] => [], NULL, NULL, {tv_sec=1, tv_usec=0} => {tv_sec=0, tv_usec=0}) = 0`
	if got := p.Exit(ok(0), words(0, 0, 0)); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestStart(t *testing.T) {
	d := &Decoder{Sys: linux.AMD64}
	for _, r := range []struct {
		number int
		args   Args
		want   string
	}{
		{linux.SYS_read, Args{3, base, 5}, `read(3, `},
		{linux.SYS_exit_group, Args{1}, `exit_group(1`},
		{9999, Args{1}, `syscall_0x270f(0x1, 0x0, 0x0, 0x0, 0x0, 0x0`},
	} {
		if got := d.Enter(r.number, &r.args, text("")).Start(); got != r.want {
			t.Errorf("got %s, want %s", got, r.want)
		}
	}
}

func TestNoMemory(t *testing.T) {
	d := &Decoder{Sys: linux.I386}
	for _, c := range d.Sys.Calls {
		if c != nil {
			d.Enter(c.Number, &Args{1, base, base, base, base, base}, nil).Exit(ok(1), nil)
		}
	}
	if got, want := d.Enter(4, &Args{1, base, 2}, nil).Exit(ok(2), nil), "write(1, 0x10000, 2) = 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOptions(t *testing.T) {
	d := &Decoder{Sys: linux.AMD64, Strings: 4, Column: 40}
	args := Args{1, base, 6}
	m := text("abcdef")
	want := `write(1, "abcd"..., 6)                  = 6`
	if got := d.Enter(linux.SYS_write, &args, m).Exit(ok(6), m); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := d.Enter(9999, &Args{}, m).Exit(fail(38), m); !strings.HasSuffix(got, "= -1 ENOSYS (Function not implemented)") {
		t.Error(got)
	}
}

func TestLines(t *testing.T) {
	d, f := &Decoder{Sys: linux.AMD64}, &Decoder{Sys: freebsd.AMD64}
	for got, want := range map[string]string{
		d.ExitLine(0x100):     "+++ exited with 1 +++",
		d.ExitLine(9):         "+++ killed by SIGKILL +++",
		d.ExitLine(0x80 | 11): "+++ killed by SIGSEGV (core dumped) +++",
		d.SignalLine(&Signal{Number: 23, Code: -6, Pid: 100}): "--- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=100, si_uid=0} ---",
		d.SignalLine(&Signal{Number: 11, Code: 1}):            "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---",
		d.SignalLine(&Signal{Number: 14, Code: 0x80}):         "--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---",
		d.SignalLine(&Signal{Number: 34, Code: 9}):            "--- SIGRT_2 {si_signo=SIGRT_2, si_code=9} ---",
		d.SignalLine(&Signal{Number: 17, Code: 1, Pid: 5, Status: 3, Timed: true}): "--- SIGCHLD {si_signo=SIGCHLD, " +
			"si_code=CLD_EXITED, si_pid=5, si_uid=0, si_status=3, si_utime=0, si_stime=0} ---",
		f.SignalLine(&Signal{Number: 20, Code: 2, Pid: 5, Status: 9}): "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=5, si_uid=0, si_status=SIGKILL} ---",
		f.SignalLine(&Signal{Number: 8, Code: 2, Addr: 0x4000}):       "--- SIGFPE {si_signo=SIGFPE, si_code=FPE_INTDIV, si_addr=0x4000} ---",
		f.SignalLine(&Signal{Number: 30, Code: 0x10001, Pid: 7}):      "--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=7, si_uid=0} ---",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPrinter(t *testing.T) {
	var b strings.Builder
	p := NewPrinter(&b, 10)
	for _, pid := range []int{10, 11, 10} {
		if err := p.Line(pid, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if want := "x\n[pid 11] x\n[pid 10] x\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func BenchmarkOpenat(b *testing.B) {
	d := &Decoder{Sys: linux.AMD64}
	args := Args{0xffffffffffffff9c, base, 0x80000, 0}
	m := text("/etc/passwd\x00")
	for b.Loop() {
		d.Enter(linux.SYS_openat, &args, m).Exit(ok(3), m)
	}
}

//go:build linux && (386 || amd64 || arm64)

package linux_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"trapgate/sys/linux"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestRaw: results, errors and six arguments of each raw form.
func TestRaw(t *testing.T) {
	type call func(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno linux.Errno)
	type call6 func(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno linux.Errno)
	for name, f := range map[string]call{"Syscall": linux.Syscall, "RawSyscall": linux.RawSyscall} {
		if r, _, e := f(linux.SYS_getpid, 1, 2, 3); int(r) != os.Getpid() || e != 0 {
			t.Errorf("%s(getpid): %d, %d", name, r, e)
		}
		if r1, r2, e := f(linux.SYS_close, ^uintptr(0), 0, 0); r1 != ^uintptr(0) || r2 != 0 || e != linux.EBADF {
			t.Errorf("%s(close): %x, %x, %v", name, r1, r2, e)
		}
	}
	fd, err := linux.MemfdCreate("two pages", linux.MFD_CLOEXEC)
	check(t, "memfd_create", err)
	defer closeFD(t, fd)
	for at, text := range map[int64]string{0: "first page", 4096: "second page", 8191: "\x00"} {
		if _, err := linux.Pwrite64(fd, []byte(text), at); err != nil {
			t.Fatal(err)
		}
	}
	for name, f := range map[string]call6{"Syscall6": linux.Syscall6, "RawSyscall6": linux.RawSyscall6} {
		r, _, e := f(mmapNumber, 0, 4096, linux.PROT_READ, linux.MAP_SHARED, uintptr(fd), secondPage)
		if e != 0 {
			t.Fatalf("%s(mmap): %v", name, e)
		}
		if got := through(t, r, 11); got != "second page" {
			t.Errorf("%s(mmap): the page has %q", name, got)
		}
		if r1, r2, e := f(mmapNumber, 0, 4096, linux.PROT_READ, linux.MAP_SHARED, ^uintptr(0), 0); r1 != ^uintptr(0) || r2 != 0 || e != linux.EBADF {
			t.Errorf("%s(mmap): %x, %x, %v", name, r1, r2, e)
		}
		check(t, "munmap", linux.Munmap(r, 4096))
	}
}

// through reads memory that is not Go's, by way of a pipe.
func through(t *testing.T, addr, n uintptr) string {
	t.Helper()
	var p [2]int32
	check(t, "pipe2", linux.Pipe2(&p, linux.O_CLOEXEC))
	if _, _, e := linux.Syscall(linux.SYS_write, uintptr(p[1]), addr, n); e != 0 {
		t.Fatalf("write: %v", e)
	}
	closeFD(t, int(p[1]))
	buf := make([]byte, n)
	_, err := linux.Read(int(p[0]), buf)
	check(t, "read", err)
	closeFD(t, int(p[0]))
	return string(buf)
}

func open(t *testing.T, path string, flags uint32) int {
	t.Helper()
	fd, err := linux.Openat(linux.AT_FDCWD, path, flags|linux.O_CLOEXEC, 0o600)
	check(t, "open "+path, err)
	return fd
}

func closeFD(t *testing.T, fd int) {
	t.Helper()
	check(t, "close", linux.Close(fd))
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	fd := open(t, path, linux.O_RDWR|linux.O_CREAT|linux.O_EXCL)
	defer closeFD(t, fd)
	n, err := linux.Write(fd, []byte("some text"))
	if n != 9 || err != nil {
		t.Fatalf("write: %d, %v", n, err)
	}
	one, two := []byte("12345"), []byte("678")
	n, err = linux.Writev(fd, []linux.Iovec{iovec(one), iovec(two)})
	if n != 8 || err != nil {
		t.Fatalf("writev: %d, %v", n, err)
	}
	var buf [32]byte
	n, err = linux.Pread64(fd, buf[:], 5)
	if string(buf[:max(n, 0)]) != "text12345678" || err != nil {
		t.Errorf("pread64: %q, %v", buf[:max(n, 0)], err)
	}
	if n, err = linux.Read(fd, buf[:]); n != 0 || err != nil {
		t.Errorf("read at the end: %d, %v", n, err)
	}
	_, err = linux.Openat(linux.AT_FDCWD, path, linux.O_CREAT|linux.O_EXCL, 0o600)
	if !errors.Is(err, fs.ErrExist) || !errors.Is(err, linux.EEXIST) || !errors.Is(err, syscall.EEXIST) {
		t.Errorf("open again: %v", err)
	}
	var st linux.Statx_t
	check(t, "statx", linux.Statx(linux.AT_FDCWD, path, 0, linux.STATX_BASIC_STATS, &st))
	if st.Size != 17 || st.Mode != linux.S_IFREG|0o600 {
		t.Errorf("statx: size %d, mode %o", st.Size, st.Mode)
	}
}

func iovec(b []byte) linux.Iovec {
	v := linux.Iovec{Base: unsafe.SliceData(b)}
	setLen(&v, len(b))
	return v
}

// TestFarOffset: 64-bit arguments arrive whole, on a 386 too.
func TestFarOffset(t *testing.T) {
	const far = 5<<32 | 0x1234
	fd, err := linux.MemfdCreate("far", linux.MFD_CLOEXEC)
	check(t, "memfd_create", err)
	defer closeFD(t, fd)
	if n, err := linux.Pwrite64(fd, []byte("far away"), far); n != 8 || err != nil {
		t.Fatalf("pwrite64: %d, %v", n, err)
	}
	if size := sizeOf(t, fd); size != far+8 {
		t.Errorf("size is %#x", size)
	}
	var buf [8]byte
	if n, err := linux.Pread64(fd, buf[:], far+4); string(buf[:max(n, 0)]) != "away" || err != nil {
		t.Errorf("pread64: %q, %v", buf[:max(n, 0)], err)
	}
	check(t, "fallocate", linux.Fallocate(fd, linux.FALLOC_FL_KEEP_SIZE|linux.FALLOC_FL_PUNCH_HOLE, far, 4))
	if _, err := linux.Pread64(fd, buf[:], far); string(buf[:]) != "\x00\x00\x00\x00away" || err != nil {
		t.Errorf("after fallocate: %q, %v", buf, err)
	}
	truncate(t, fd, far+2)
	if size := sizeOf(t, fd); size != far+2 {
		t.Errorf("truncated to %#x", size)
	}
	if at := seek(t, fd, far+1); at != far+1 {
		t.Errorf("at %#x", at)
	}
}

// TestSlices: nil, empty, and of lengths that disagree.
func TestSlices(t *testing.T) {
	fd := open(t, "/dev/null", linux.O_RDWR)
	defer closeFD(t, fd)
	for _, b := range [][]byte{nil, {}} {
		if n, err := linux.Write(fd, b); n != 0 || err != nil {
			t.Errorf("write %v: %d, %v", b, n, err)
		}
		if n, err := linux.Read(fd, b); n != 0 || err != nil {
			t.Errorf("read %v: %d, %v", b, n, err)
		}
	}
	if n, err := linux.Getgroups(nil); n < 0 || err != nil {
		t.Errorf("getgroups: %d, %v", n, err)
	}
	var set linux.FDSet
	if _, err := linux.Pselect6(1<<20, &set, nil, nil, nil, 0); err != linux.EINVAL {
		t.Errorf("pselect6 of more descriptors than fit: %v", err)
	}
}

// TestTexts: a NUL is refused before the call.
func TestTexts(t *testing.T) {
	if fd, err := linux.Openat(linux.AT_FDCWD, "/dev/null\x00", 0, 0); fd != -1 || err != linux.EINVAL {
		t.Errorf("open: %d, %v", fd, err)
	}
	if err := linux.Execve("/does/not/exist", []string{"a", "b\x00"}, nil); err != linux.EINVAL {
		t.Errorf("execve: %v", err)
	}
	if err := linux.Execve("/does/not/exist", []string{"a", "b"}, nil); err != linux.ENOENT {
		t.Errorf("execve: %v", err)
	}
	var buf [4096]byte
	n, err := linux.Getcwd(buf[:])
	if wd, _ := os.Getwd(); err != nil || linux.TextOf(buf[:]) != wd || n != len(wd)+1 {
		t.Errorf("getcwd: %d, %q, %v", n, linux.TextOf(buf[:]), err)
	}
}

// TestPipe: results in memory, waiting, and a set of descriptors.
func TestPipe(t *testing.T) {
	var p [2]int32
	check(t, "pipe2", linux.Pipe2(&p, linux.O_CLOEXEC))
	r, w := int(p[0]), int(p[1])
	defer closeFD(t, r)
	fds := []linux.Pollfd{{Fd: p[0], Events: linux.POLLIN}}
	if n, err := linux.Ppoll(fds, &linux.Timespec{}, nil); n != 0 || err != nil {
		t.Errorf("ppoll of an empty pipe: %d, %v", n, err)
	}
	if _, err := linux.Write(w, []byte("xyz")); err != nil {
		t.Fatal(err)
	}
	if n, err := linux.Ppoll(fds, nil, nil); n != 1 || err != nil || fds[0].Revents != linux.POLLIN {
		t.Errorf("ppoll: %d, %v, %x", n, err, fds[0].Revents)
	}
	var set linux.FDSet
	set.Add(r)
	if n, err := linux.Pselect6(r+1, &set, nil, nil, nil, 0); n != 1 || err != nil || !set.Has(r) {
		t.Errorf("pselect6: %d, %v", n, err)
	}
	var waiting int32
	if n, err := linux.IoctlInt32(r, linux.FIONREAD, &waiting); n != 0 || err != nil || waiting != 3 {
		t.Errorf("ioctl: %d, %v, %d", n, err, waiting)
	}
	closeFD(t, w)
	if n, err := fcntl(r, linux.F_GETFL, 0); n&linux.O_ACCMODE != linux.O_RDONLY || err != nil {
		t.Errorf("fcntl: %d, %v", n, err)
	}
}

func TestEpoll(t *testing.T) {
	ep, err := linux.EpollCreate1(linux.EPOLL_CLOEXEC)
	check(t, "epoll_create1", err)
	defer closeFD(t, ep)
	ev, err := linux.Eventfd2(7, linux.EFD_CLOEXEC)
	check(t, "eventfd2", err)
	defer closeFD(t, ev)
	in := linux.EpollEvent{Events: linux.EPOLLIN}
	in.SetData(0x123456789abcdef0)
	check(t, "epoll_ctl", linux.EpollCtl(ep, linux.EPOLL_CTL_ADD, ev, &in))
	var out [4]linux.EpollEvent
	n, err := linux.EpollPwait(ep, out[:], -1, nil)
	if n != 1 || err != nil || out[0].GetData() != 0x123456789abcdef0 || out[0].Events != linux.EPOLLIN {
		t.Errorf("epoll_pwait: %d, %v, %+v", n, err, out[0])
	}
}

// TestSocket: addresses, and lengths that come back.
func TestSocket(t *testing.T) {
	l, err := linux.Socket(linux.AF_INET, linux.SOCK_STREAM|linux.SOCK_CLOEXEC, 0)
	check(t, "socket", err)
	defer closeFD(t, l)
	check(t, "bind", linux.Bind(l, linux.SockaddrInet4(0, [4]byte{127, 0, 0, 1})))
	check(t, "listen", linux.Listen(l, 1))
	var name [128]byte
	n, err := linux.Getsockname(l, name[:])
	if n != 16 || err != nil || linux.SockaddrPort(name[:n]) == 0 {
		t.Fatalf("getsockname: %d, %v, % x", n, err, name[:16])
	}
	c, err := linux.Socket(linux.AF_INET, linux.SOCK_STREAM|linux.SOCK_CLOEXEC, 0)
	check(t, "socket", err)
	defer closeFD(t, c)
	check(t, "setsockopt", linux.Setsockopt(c, linux.SOL_TCP, linux.TCP_NODELAY, []byte{1, 0, 0, 0}))
	one, size := int32(0), int32(4)
	check(t, "getsockopt", linux.Getsockopt(c, linux.SOL_TCP, linux.TCP_NODELAY, &one, &size))
	if one != 1 || size != 4 {
		t.Errorf("TCP_NODELAY is %d, %d bytes", one, size)
	}
	check(t, "connect", linux.Connect(c, name[:n]))
	a, n, err := linux.Accept4(l, name[:], linux.SOCK_CLOEXEC)
	if n != 16 || err != nil || linux.SockaddrFamily(name[:n]) != linux.AF_INET {
		t.Fatalf("accept4: %d, %v", n, err)
	}
	defer closeFD(t, a)
	if n, err = linux.Sendto(c, []byte("to you"), linux.MSG_NOSIGNAL, nil); n != 6 || err != nil {
		t.Fatalf("sendto: %d, %v", n, err)
	}
	var buf [16]byte
	n, _, err = linux.Recvfrom(a, buf[:], 0, nil)
	if string(buf[:max(n, 0)]) != "to you" || err != nil {
		t.Errorf("recvfrom: %q, %v", buf[:max(n, 0)], err)
	}
}

// TestMessage: a structure that points to others, which point to buffers.
func TestMessage(t *testing.T) {
	var s [2]int32
	check(t, "socketpair", linux.Socketpair(linux.AF_UNIX, linux.SOCK_DGRAM|linux.SOCK_CLOEXEC, 0, &s))
	defer closeFD(t, int(s[0]))
	defer closeFD(t, int(s[1]))
	iov := []linux.Iovec{iovec([]byte("head ")), iovec([]byte("tail"))}
	msg := linux.Msghdr{Iov: &iov[0]}
	setIovlen(&msg, len(iov))
	if n, err := linux.Sendmsg(int(s[0]), &msg, 0); n != 9 || err != nil {
		t.Fatalf("sendmsg: %d, %v", n, err)
	}
	buf := make([]byte, 32)
	in := []linux.Iovec{iovec(buf)}
	msg = linux.Msghdr{Iov: &in[0]}
	setIovlen(&msg, len(in))
	if n, err := linux.Recvmsg(int(s[1]), &msg, 0); string(buf[:max(n, 0)]) != "head tail" || err != nil {
		t.Errorf("recvmsg: %q, %v", buf[:max(n, 0)], err)
	}
}

func TestProcess(t *testing.T) {
	if linux.Getpid() != os.Getpid() || linux.Getppid() != os.Getppid() || linux.Getuid() != os.Getuid() {
		t.Error("ids")
	}
	var u linux.Utsname
	check(t, "uname", linux.Uname(&u))
	if linux.TextOf(u.Sysname[:]) != "Linux" {
		t.Errorf("uname: %q", u.Sysname)
	}
	var lim linux.Rlimit64
	check(t, "prlimit64", linux.Prlimit64(0, linux.RLIMIT_NOFILE, nil, &lim))
	if lim.Cur == 0 || lim.Cur > lim.Max {
		t.Errorf("limit: %+v", lim)
	}
	if err := linux.Kill(os.Getpid(), 0); err != nil {
		t.Errorf("kill: %v", err)
	}
	child, err := os.StartProcess("/bin/sh", []string{"sh", "-c", "exit 7"}, &os.ProcAttr{})
	check(t, "start", err)
	var ws linux.WaitStatus
	var ru linux.Rusage
	pid, err := linux.Wait4(child.Pid, &ws, 0, &ru)
	if pid != child.Pid || err != nil || !ws.Exited() || ws.ExitStatus() != 7 {
		t.Errorf("wait4: %d, %v, %x", pid, err, ws)
	}
}

func TestClock(t *testing.T) {
	var ts, res linux.Timespec
	check(t, "clock_gettime", linux.ClockGettime(linux.CLOCK_REALTIME, &ts))
	if d := time.Since(time.Unix(int64(ts.Sec), int64(ts.Nsec))); d < -time.Second || d > time.Minute {
		t.Errorf("it is %v from now", d)
	}
	check(t, "clock_getres", linux.ClockGetres(linux.CLOCK_MONOTONIC, &res))
	if err := linux.ClockGettime(1000, &ts); err != linux.EINVAL {
		t.Errorf("clock 1000: %v", err)
	}
}

func TestMemory(t *testing.T) {
	addr := mapPages(t, 8192)
	var vec [2]byte
	check(t, "mincore", linux.Mincore(addr, 8192, unsafe.Pointer(&vec)))
	check(t, "munmap", linux.Munmap(addr, 8192))
	if err := linux.Mincore(addr, 8192, unsafe.Pointer(&vec)); err != linux.ENOMEM {
		t.Errorf("mincore of what is gone: %v", err)
	}
}

func TestSignals(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var set, old linux.Sigset
	set.Add(linux.SIGUSR1, linux.SIGRT_32)
	check(t, "rt_sigprocmask", linux.RtSigprocmask(linux.SIG_BLOCK, &set, &old))
	check(t, "tgkill", linux.Tgkill(os.Getpid(), linux.Gettid(), linux.SIGUSR1))
	var info linux.Siginfo
	sig, err := linux.RtSigtimedwait(&set, &info, &linux.Timespec{Sec: 5})
	if sig != linux.SIGUSR1 || err != nil || info.Signo != sig || info.Code != linux.SI_TKILL {
		t.Errorf("rt_sigtimedwait: %v, %v, %+v", sig, err, info)
	}
	check(t, "rt_sigprocmask", linux.RtSigprocmask(linux.SIG_SETMASK, &old, nil))
	if s := linux.SIGUSR1.String() + linux.Signal(99).String(); s != "SIGUSR1signal 99" {
		t.Error(s)
	}
	if err := linux.RtSigaction(linux.SIGUSR2, nil, &linux.Sigaction{}); err != nil {
		t.Errorf("rt_sigaction: %v", err)
	}
	var _ os.Signal = linux.SIGINT
}

func TestErrno(t *testing.T) {
	for n := 1; n < 134; n++ {
		want := syscall.Errno(n).Error()
		if got := linux.Errno(n).Error(); !strings.EqualFold(got, want) && linux.Errno(n).Name() == "" && !strings.HasPrefix(want, "errno ") {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
		for _, target := range []error{fs.ErrExist, fs.ErrNotExist, fs.ErrPermission, errors.ErrUnsupported, syscall.EAGAIN} {
			if got, want := errors.Is(linux.Errno(n), target), errors.Is(syscall.Errno(n), target); got != want {
				t.Errorf("%v is %v: %v", linux.Errno(n), target, got)
			}
		}
		if linux.Errno(n).Timeout() != syscall.Errno(n).Timeout() || linux.Errno(n).Temporary() != syscall.Errno(n).Temporary() {
			t.Errorf("%v: Timeout or Temporary", linux.Errno(n))
		}
	}
	var e syscall.Errno
	if !errors.As(error(linux.ENOENT), &e) || e != syscall.ENOENT || linux.ENOENT.Name() != "ENOENT" || linux.Errno(0xfff).Error() != "errno 4095" {
		t.Error("As, Name or Error")
	}
}

// TestScheduler: a call that waits lets other goroutines run, with one processor.
func TestScheduler(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var p [2]int32
	check(t, "pipe2", linux.Pipe2(&p, linux.O_CLOEXEC))
	done := make(chan string)
	go func() {
		var buf [8]byte
		n, _ := linux.Read(int(p[0]), buf[:])
		done <- string(buf[:max(n, 0)])
	}()
	time.Sleep(10 * time.Millisecond)
	if _, err := linux.Write(int(p[1]), []byte("wake")); err != nil {
		t.Fatal(err)
	}
	if got := <-done; got != "wake" {
		t.Errorf("got %q", got)
	}
	closeFD(t, int(p[0]))
	closeFD(t, int(p[1]))
}

// TestStacks: buffers on stacks that grow and shrink, while the collector runs
// and goroutines are preempted.
func TestStacks(t *testing.T) {
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for n := range 60 {
				if !echo(t, n%30, byte(i+n)) {
					return
				}
			}
		})
	}
	wg.Wait()
	close(stop)
}

// echo sends a buffer of its stack through a pipe, below some frames.
func echo(t *testing.T, depth int, fill byte) bool {
	var pad [512]byte
	if pad[fill] = fill; depth > 0 {
		return echo(t, depth-1, fill) && pad[fill] == fill
	}
	var p [2]int32
	if err := linux.Pipe2(&p, linux.O_CLOEXEC); err != nil {
		t.Errorf("pipe2: %v", err)
		return false
	}
	defer linux.Close(int(p[0]))
	defer linux.Close(int(p[1]))
	var out, in [256]byte
	for i := range out {
		out[i] = fill
	}
	go func() {
		time.Sleep(100 * time.Microsecond)
		own := out
		_, _ = linux.Write(int(p[1]), own[:])
	}()
	if n, err := linux.Read(int(p[0]), in[:]); n != len(in) || err != nil || !bytes.Equal(in[:], out[:]) {
		t.Errorf("read %d, %v, % x", n, err, in[:8])
		return false
	}
	return true
}

// TestEscapes: an address of Go memory in a uintptr is kept where it is.
func TestEscapes(t *testing.T) {
	var word uint32
	n, err := linux.Futex(uintptr(unsafe.Pointer(&word)), linux.FUTEX_WAKE_PRIVATE, 1, 0, 0, 0)
	if n != 0 || err != nil {
		t.Errorf("futex: %d, %v", n, err)
	}
	_, err = linux.FutexTimespec(uintptr(unsafe.Pointer(&word)), linux.FUTEX_WAIT_PRIVATE, 0, &linux.Timespec{Nsec: 1000}, 0, 0)
	if err != linux.ETIMEDOUT || !linux.ETIMEDOUT.Timeout() {
		t.Errorf("futex: %v", err)
	}
}

//go:build freebsd && amd64

package freebsd_test

import (
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

	"trapgate/sys/freebsd"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestRaw: results, errors, and the arguments that are on the stack.
func TestRaw(t *testing.T) {
	type call func(number, a1, a2, a3 uintptr) (r1, r2 uintptr, errno freebsd.Errno)
	for name, f := range map[string]call{"Syscall": freebsd.Syscall, "RawSyscall": freebsd.RawSyscall} {
		if r, _, e := f(freebsd.SYS_getpid, 1, 2, 3); int(r) != os.Getpid() || e != 0 {
			t.Errorf("%s(getpid): %d, %d", name, r, e)
		}
		if r1, r2, e := f(freebsd.SYS_close, ^uintptr(0), 0, 0); r1 != ^uintptr(0) || r2 != 0 || e != freebsd.EBADF {
			t.Errorf("%s(close): %x, %x, %v", name, r1, r2, e)
		}
	}
	type call6 func(number, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno freebsd.Errno)
	for name, f := range map[string]call6{"Syscall6": freebsd.Syscall6, "RawSyscall6": freebsd.RawSyscall6} {
		fd := file(t, "0123456789")
		addr, _, e := f(freebsd.SYS_mmap, 0, 4096, freebsd.PROT_READ, freebsd.MAP_PRIVATE, uintptr(fd), 0)
		if e != 0 {
			t.Fatalf("%s(mmap): %v", name, e)
		}
		if _, _, e := f(freebsd.SYS_mmap, 0, 4096, freebsd.PROT_READ, freebsd.MAP_PRIVATE, uintptr(fd), 1); e != 0 && e != freebsd.EINVAL {
			t.Errorf("%s(mmap) at 1: %v", name, e)
		}
		check(t, "munmap", freebsd.Munmap(addr, 4096))
		check(t, "close", freebsd.Close(fd))
	}
}

func file(t *testing.T, text string) int {
	t.Helper()
	fd, err := freebsd.Openat(freebsd.AT_FDCWD, filepath.Join(t.TempDir(), "f"), freebsd.O_RDWR|freebsd.O_CREAT|freebsd.O_CLOEXEC, 0o600)
	check(t, "open", err)
	n, err := freebsd.Pwrite(fd, []byte(text), 0)
	if n != len(text) || err != nil {
		t.Fatalf("pwrite: %d, %v", n, err)
	}
	return fd
}

// TestSyscall9: sendfile has its seventh argument on the stack. That it arrives is
// seen in the trace: see TestAsGuest.
func TestSyscall9(t *testing.T) {
	fd := file(t, "0123456789")
	var s [2]int32
	check(t, "socketpair", freebsd.Socketpair(freebsd.AF_UNIX, freebsd.SOCK_STREAM, 0, &s))
	var sent int64
	check(t, "sendfile", freebsd.Sendfile(fd, int(s[0]), 2, 5, 0, &sent, freebsd.SF_NOCACHE))
	var buf [16]byte
	n, err := freebsd.Read(int(s[1]), buf[:])
	if sent != 5 || string(buf[:max(n, 0)]) != "23456" || err != nil {
		t.Errorf("sent %d, got %q, %v", sent, buf[:max(n, 0)], err)
	}
	for _, f := range []int{fd, int(s[0]), int(s[1])} {
		check(t, "close", freebsd.Close(f))
	}
}

// TestTwoResults: the old pipe has its second end in the second register.
func TestTwoResults(t *testing.T) {
	r, w, err := freebsd.Freebsd10Pipe()
	check(t, "pipe", err)
	if _, err := freebsd.Write(w, []byte("ends")); err != nil {
		t.Fatal(err)
	}
	var buf [8]byte
	if n, err := freebsd.Read(r, buf[:]); string(buf[:max(n, 0)]) != "ends" || err != nil || r == w {
		t.Errorf("read: %q, %v", buf[:max(n, 0)], err)
	}
	check(t, "close", freebsd.Close(r))
	check(t, "close", freebsd.Close(w))
}

func TestFile(t *testing.T) {
	fd := file(t, "some text")
	var st freebsd.Stat
	check(t, "fstat", freebsd.Fstat(fd, &st))
	if st.Size != 9 || st.Mode != freebsd.S_IFREG|0o600 {
		t.Errorf("size %d, mode %o", st.Size, st.Mode)
	}
	if at, err := freebsd.Lseek(fd, -4, freebsd.SEEK_END); at != 5 || err != nil {
		t.Errorf("lseek: %d, %v", at, err)
	}
	var buf [16]byte
	if n, err := freebsd.Read(fd, buf[:]); string(buf[:max(n, 0)]) != "text" || err != nil {
		t.Errorf("read: %q, %v", buf[:max(n, 0)], err)
	}
	if flags, err := freebsd.Fcntl(fd, freebsd.F_GETFL, 0); flags&freebsd.O_ACCMODE != freebsd.O_RDWR || err != nil {
		t.Errorf("fcntl: %x, %v", flags, err)
	}
	lock := freebsd.Flock_t{Type: freebsd.F_WRLCK}
	if _, err := freebsd.FcntlFlock(fd, freebsd.F_GETLK, &lock); err != nil || lock.Type != freebsd.F_UNLCK {
		t.Errorf("fcntl: %+v, %v", lock, err)
	}
	check(t, "close", freebsd.Close(fd))
	_, err := freebsd.Open("/does/not/exist", 0, 0)
	if !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, syscall.ENOENT) || err != freebsd.ENOENT {
		t.Errorf("open: %v", err)
	}
	if _, err := freebsd.Open("/dev\x00", 0, 0); err != freebsd.EINVAL {
		t.Errorf("open: %v", err)
	}
	var wd [1024]byte
	check(t, "__getcwd", freebsd.Getcwd(wd[:]))
	if want, _ := os.Getwd(); freebsd.TextOf(wd[:]) != want {
		t.Errorf("__getcwd: %q, want %q", freebsd.TextOf(wd[:]), want)
	}
}

// TestLengths: a length that comes back.
func TestLengths(t *testing.T) {
	var buf [64]byte
	n, err := freebsd.Sysctlbyname([]byte("kern.ostype"), buf[:], nil)
	if err != nil || freebsd.TextOf(buf[:n]) != "FreeBSD" {
		t.Errorf("__sysctlbyname: %d, %q, %v", n, buf[:n], err)
	}
	n, err = freebsd.Sysctl([]int32{freebsd.CTL_KERN, freebsd.KERN_OSRELEASE}, buf[:], nil)
	if err != nil || !strings.Contains(freebsd.TextOf(buf[:n]), "RELEASE") {
		t.Errorf("__sysctl: %d, %q, %v", n, buf[:n], err)
	}
	l, err := freebsd.Socket(freebsd.AF_INET, freebsd.SOCK_STREAM|freebsd.SOCK_CLOEXEC, 0)
	check(t, "socket", err)
	check(t, "bind", freebsd.Bind(l, freebsd.SockaddrInet4(0, [4]byte{127, 0, 0, 1})))
	n, err = freebsd.Getsockname(l, buf[:])
	if n != 16 || err != nil || buf[0] != 16 || freebsd.SockaddrFamily(buf[:n]) != freebsd.AF_INET || freebsd.SockaddrPort(buf[:n]) == 0 {
		t.Errorf("getsockname: %d, %v, % x", n, err, buf[:16])
	}
	check(t, "close", freebsd.Close(l))
}

func TestKqueue(t *testing.T) {
	kq, err := freebsd.Kqueue()
	check(t, "kqueue", err)
	change := []freebsd.Kevent_t{{Ident: 7, Filter: freebsd.EVFILT_USER, Flags: freebsd.EV_ADD | freebsd.EV_CLEAR, Udata: 99}}
	if n, err := freebsd.Kevent(kq, change, nil, nil); n != 0 || err != nil {
		t.Fatalf("kevent: %d, %v", n, err)
	}
	change[0].Flags, change[0].Fflags = 0, freebsd.NOTE_TRIGGER
	var out [4]freebsd.Kevent_t
	n, err := freebsd.Kevent(kq, change, out[:], &freebsd.Timespec{Sec: 5})
	if n != 1 || err != nil || out[0].Ident != 7 {
		t.Errorf("kevent: %d, %v, %+v", n, err, out[0])
	}
	check(t, "close", freebsd.Close(kq))
}

func TestProcess(t *testing.T) {
	if freebsd.Getpid() != os.Getpid() || freebsd.Getppid() != os.Getppid() || freebsd.Getuid() != os.Getuid() {
		t.Error("ids")
	}
	var ts freebsd.Timespec
	check(t, "clock_gettime", freebsd.ClockGettime(freebsd.CLOCK_REALTIME, &ts))
	if d := time.Since(time.Unix(ts.Sec, ts.Nsec)); d < -time.Second || d > time.Minute {
		t.Errorf("it is %v from now", d)
	}
	var id int64
	check(t, "thr_self", freebsd.ThrSelf(&id))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var set, old freebsd.Sigset
	set.Add(freebsd.SIGUSR1)
	check(t, "sigprocmask", freebsd.Sigprocmask(freebsd.SIG_BLOCK, &set, &old))
	check(t, "thr_self", freebsd.ThrSelf(&id))
	check(t, "thr_kill", freebsd.ThrKill(int(id), freebsd.SIGUSR1))
	sig, err := freebsd.Sigtimedwait(&set, &freebsd.Siginfo{}, &freebsd.Timespec{Sec: 5})
	if sig != freebsd.SIGUSR1 || err != nil || sig.String() != "SIGUSR1" {
		t.Errorf("sigtimedwait: %v, %v", sig, err)
	}
	check(t, "sigprocmask", freebsd.Sigprocmask(freebsd.SIG_SETMASK, &old, nil))
}

func TestErrno(t *testing.T) {
	for n := 1; n < 98; n++ {
		for _, target := range []error{fs.ErrExist, fs.ErrNotExist, fs.ErrPermission, errors.ErrUnsupported} {
			if got, want := errors.Is(freebsd.Errno(n), target), errors.Is(syscall.Errno(n), target); got != want {
				t.Errorf("%v is %v: %v", freebsd.Errno(n), target, got)
			}
		}
		if freebsd.Errno(n).Name() == "" {
			t.Errorf("%d has no name", n)
		}
	}
}

// TestStacks: buffers on stacks, while the collector runs and calls wait.
func TestStacks(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 10 {
				echo(t, n%10, byte(i+n))
			}
		})
	}
	for range 5 {
		runtime.GC()
	}
	wg.Wait()
}

func echo(t *testing.T, depth int, fill byte) {
	if depth > 0 {
		var pad [512]byte
		pad[depth] = fill
		echo(t, depth-1, pad[depth])
		return
	}
	var p [2]int32
	if err := freebsd.Pipe2(&p, freebsd.O_CLOEXEC); err != nil {
		t.Errorf("pipe2: %v", err)
		return
	}
	go func() {
		time.Sleep(100 * time.Microsecond)
		_, _ = freebsd.Write(int(p[1]), []byte{fill, fill})
	}()
	var in [64]byte
	if n, err := freebsd.Read(int(p[0]), in[:]); n != 2 || err != nil || in[1] != fill {
		t.Errorf("read: %d, %v", n, err)
	}
	_ = freebsd.Close(int(p[0]))
	_ = freebsd.Close(int(p[1]))
}

// TestAgainstSyscall compares structures with those of package syscall.
func TestAgainstSyscall(t *testing.T) {
	for name, pair := range map[string][2]uintptr{
		"stat":     {unsafe.Sizeof(freebsd.Stat{}), unsafe.Sizeof(syscall.Stat_t{})},
		"rusage":   {unsafe.Sizeof(freebsd.Rusage{}), unsafe.Sizeof(syscall.Rusage{})},
		"msghdr":   {unsafe.Sizeof(freebsd.Msghdr{}), unsafe.Sizeof(syscall.Msghdr{})},
		"flock":    {unsafe.Sizeof(freebsd.Flock_t{}), unsafe.Sizeof(syscall.Flock_t{})},
		"timespec": {unsafe.Sizeof(freebsd.Timespec{}), unsafe.Sizeof(syscall.Timespec{})},
		"st_size":  {unsafe.Offsetof(freebsd.Stat{}.Size), unsafe.Offsetof(syscall.Stat_t{}.Size)},
		"st_mode":  {unsafe.Offsetof(freebsd.Stat{}.Mode), unsafe.Offsetof(syscall.Stat_t{}.Mode)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %d, in syscall %d", name, pair[0], pair[1])
		}
	}
}

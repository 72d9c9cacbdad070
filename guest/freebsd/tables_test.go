package freebsd

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// TestSignals: every signal that a guest can name has one host signal, and back.
func TestSignals(t *testing.T) {
	seen := map[uint8]int{}
	for g, h := range toHost {
		if h == 0 {
			continue
		}
		if other, ok := seen[h]; ok {
			t.Errorf("signals %d and %d are both host signal %d", g, other, h)
		}
		seen[h] = g
		if got := guestSignal(int(h)); got != int32(g) {
			t.Errorf("signal %d is host signal %d, which is %d", g, h, got)
		}
	}
	for g := int32(1); g <= abi.SIGLIBRT; g++ {
		if _, ok := hostSignal(g); !ok {
			t.Errorf("signal %d has no host signal", g)
		}
	}
	for _, g := range []int32{-1, 0, 34, 64, 127, 1 << 30} {
		if h, ok := hostSignal(g); ok {
			t.Errorf("signal %d is host signal %d", g, h)
		}
	}
}

func TestSigset(t *testing.T) {
	for _, g := range []int32{abi.SIGHUP, abi.SIGUSR1, abi.SIGTHR, abi.SIGINFO, abi.SIGRTMIN, abi.SIGRTMIN + 5} {
		var s sigset
		s[(g-1)/8] = 1 << ((g - 1) % 8)
		h, _ := hostSignal(g)
		if got := s.host(); got != kernel.Bit(h) {
			t.Errorf("signal %d: host mask %#x", g, got)
		}
		if back := guestSet(s.host()); back != s {
			t.Errorf("signal %d: comes back as %x", g, back)
		}
	}
}

func TestSiginfo(t *testing.T) {
	for _, c := range []struct {
		sig      unix.Signal
		code     int32
		trapno   uint64
		wantSig  int32
		wantCode int32
	}{
		{unix.SIGUSR1, 0, 0, abi.SIGUSR1, abi.SI_USER},
		{unix.SIGURG, -6, 0, abi.SIGURG, abi.SI_LWP},
		{unix.SIGALRM, -2, 0, abi.SIGALRM, abi.SI_TIMER},
		{unix.SIGFPE, 1, 0, abi.SIGFPE, abi.FPE_INTDIV},
		{unix.SIGFPE, 2, 4, abi.SIGFPE, abi.FPE_INTOVF},
		{unix.SIGFPE, 3, 19, abi.SIGFPE, abi.FPE_FLTDIV},
		{unix.SIGSEGV, 1, 14, abi.SIGSEGV, abi.SEGV_MAPERR},
		{unix.SIGSEGV, 2, 14, abi.SIGSEGV, abi.SEGV_ACCERR},
		{unix.SIGSEGV, 0x80, 13, abi.SIGBUS, abi.BUS_OBJERR},
		{unix.SIGBUS, 2, 14, abi.SIGBUS, abi.BUS_OBJERR},
		{unix.SIGILL, 2, 6, abi.SIGILL, abi.ILL_ILLOPN},
		{unix.SIGILL, 3, 6, abi.SIGILL, abi.ILL_ILLADR},
		{unix.SIGCHLD, 1, 0, abi.SIGCHLD, abi.CLD_EXITED},
	} {
		s := &kernel.Signal{Num: int(c.sig), Trapno: c.trapno}
		le.PutUint32(s.Info[8:], uint32(c.code))
		i := signalInfo(s)
		if i.signo != c.wantSig || i.code != c.wantCode {
			t.Errorf("%v code %d: signal %d code %#x, want %d, %#x", c.sig, c.code, i.signo, i.code, c.wantSig, c.wantCode)
		}
	}
}

func TestWaitStatus(t *testing.T) {
	for _, c := range []struct {
		child child
		want  uint32
	}{
		{child{code: abi.CLD_EXITED, status: 7}, 7 << 8},
		{child{code: abi.CLD_KILLED, status: abi.SIGUSR1}, abi.SIGUSR1},
		{child{code: abi.CLD_DUMPED, status: abi.SIGSEGV}, abi.SIGSEGV | 0x80},
		{child{code: abi.CLD_STOPPED, status: abi.SIGSTOP}, abi.SIGSTOP<<8 | 0x7f},
		{child{code: abi.CLD_CONTINUED, status: abi.SIGCONT}, abi.SIGCONT},
	} {
		if got := c.child.wstatus(); got != c.want {
			t.Errorf("%+v: %#x, want %#x", c.child, got, c.want)
		}
	}
}

func TestOpenFlags(t *testing.T) {
	host, err := hostOpenFlags(abi.O_RDWR | abi.O_CREAT | abi.O_EXCL | abi.O_APPEND | abi.O_CLOEXEC | abi.O_NONBLOCK)
	want := uint64(unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_APPEND | unix.O_CLOEXEC | unix.O_NONBLOCK)
	if err != nil || host != want {
		t.Errorf("got %#x, %v; want %#x", host, err, want)
	}
	if _, err := hostOpenFlags(0x4000_0000); err != kerr.EINVAL {
		t.Errorf("unknown flag: %v", err)
	}
	if _, err := hostOpenFlags(abi.O_ACCMODE); err != kerr.EINVAL {
		t.Errorf("no access mode: %v", err)
	}
	if got := guestOpenFlags(unix.O_WRONLY | unix.O_APPEND | 0x8000); got != abi.O_WRONLY|abi.O_APPEND {
		t.Errorf("F_GETFL: %#x", got)
	}
}

func TestSockaddr(t *testing.T) {
	in := []byte{16, abi.AF_INET, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}
	in6 := append([]byte{28, abi.AF_INET6}, make([]byte, 26)...)
	un := append([]byte{9, abi.AF_UNIX}, "/tmp/a"...)
	for _, c := range []struct {
		guest  []byte
		family uint16
		size   int
	}{{in, unix.AF_INET, 16}, {in6, unix.AF_INET6, 28}, {append(un, 0), unix.AF_UNIX, 9}} {
		h, err := hostSockaddr(c.guest)
		if err != nil || le.Uint16(h) != c.family || len(h) != c.size {
			t.Errorf("%x: host %x, %v", c.guest, h, err)
			continue
		}
		if back := guestSockaddr(h); !bytes.Equal(back, c.guest) {
			t.Errorf("%x comes back as %x", c.guest, back)
		}
	}
	if b := guestSockaddr([]byte{1, 0}); len(b) != 16 || b[0] != 16 || b[1] != abi.AF_UNIX {
		t.Errorf("address without a path: %x", b)
	}
	if _, err := hostSockaddr([]byte{16, 99, 0}); err != kerr.EAFNOSUPPORT {
		t.Errorf("unknown family: %v", err)
	}
	if _, err := hostSockaddr(append([]byte{0, abi.AF_UNIX}, bytes.Repeat([]byte("x"), 120)...)); err != kerr.ENAMETOOLONG {
		t.Errorf("long path: %v", err)
	}
}

func TestControl(t *testing.T) {
	host := make([]byte, 24)
	le.PutUint64(host, 20)
	le.PutUint32(host[8:], unix.SOL_SOCKET)
	le.PutUint32(host[12:], unix.SCM_RIGHTS)
	le.PutUint32(host[16:], 5)
	guest := guestControl(host)
	want := []byte{20, 0, 0, 0, 0xff, 0xff, 0, 0, abi.SCM_RIGHTS, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0}
	if !bytes.Equal(guest, want) {
		t.Errorf("got %x, want %x", guest, want)
	}
	back, err := hostControl(nil, guest)
	if err != nil || !bytes.Equal(back, host) {
		t.Errorf("comes back as %x, %v", back, err)
	}
	for n := range guest { // cut anywhere
		hostControl(nil, guest[:n])
		guestControl(host[:n])
	}
}

func TestDirent(t *testing.T) {
	b := appendDirent(nil, entry{ino: 5, off: 9, typ: 8, name: []byte("file.txt")})
	if len(b) != 40 || le.Uint64(b) != 5 || le.Uint64(b[8:]) != 9 || le.Uint16(b[16:]) != 40 || b[18] != 8 ||
		le.Uint16(b[20:]) != 8 || string(b[24:33]) != "file.txt\x00" {
		t.Errorf("dirent %x", b)
	}
	b = appendDirent11(nil, entry{ino: 5, typ: 4, name: []byte("d")})
	if len(b) != 12 || le.Uint32(b) != 5 || le.Uint16(b[4:]) != 12 || b[6] != 4 || b[7] != 1 || string(b[8:10]) != "d\x00" {
		t.Errorf("old dirent %x", b)
	}
}

func TestDevice(t *testing.T) {
	for _, d := range [][2]uint32{{8, 1}, {259, 70000}, {0xffe, 0xfffff}, {0, 42}} {
		g := guestDev(d[0], d[1])
		if h := hostDev(g); unix.Major(h) != d[0] || unix.Minor(h) != d[1] {
			t.Errorf("device %v: %#x comes back as %d, %d", d, g, unix.Major(h), unix.Minor(h))
		}
	}
	if g := guestDev(8, 1); g != 0x801 {
		t.Errorf("device 8, 1 is %#x", g)
	}
}

func TestFlock(t *testing.T) {
	guest := make([]byte, 32)
	le.PutUint64(guest, 100)
	le.PutUint64(guest[8:], 7)
	le.PutUint16(guest[20:], abi.F_WRLCK)
	host := make([]byte, 32)
	if !hostFlock(guest, host) {
		t.Fatal("refused")
	}
	if le.Uint16(host) != unix.F_WRLCK || le.Uint64(host[8:]) != 100 || le.Uint64(host[16:]) != 7 {
		t.Errorf("host lock %x", host)
	}
	back := make([]byte, 32)
	guestFlock(host, back)
	if !bytes.Equal(back, guest) {
		t.Errorf("comes back as %x", back)
	}
	le.PutUint16(guest[20:], 9)
	if hostFlock(guest, host) {
		t.Error("unknown type taken")
	}
}

func TestTermios(t *testing.T) {
	host := make([]byte, termiosSize)
	le.PutUint32(host, unix.ICRNL|unix.IXON)
	le.PutUint32(host[4:], unix.OPOST|unix.ONLCR)
	le.PutUint32(host[8:], unix.CS8|unix.CREAD|unix.B38400)
	le.PutUint32(host[12:], unix.ICANON|unix.ECHO|unix.ISIG)
	host[hostCC+unix.VINTR], host[hostCC+unix.VMIN] = 3, 1
	le.PutUint32(host[termSpeed+4:], 38400)
	g := guestTermios(host)
	if le.Uint32(g) != 0x300 || le.Uint32(g[4:]) != 3 || le.Uint32(g[8:])&0x300 != 0x300 || le.Uint32(g[12:]) != 0x188 {
		t.Errorf("flags %x", g[:16])
	}
	if g[guestCC+8] != 3 || g[guestCC+16] != 1 || g[guestCC+10] != disabledChar || le.Uint32(g[termSpeed+4:]) != 38400 {
		t.Errorf("characters %x", g[guestCC:])
	}
	le.PutUint32(g[12:], 0) // raw
	hostTermios(g, host)
	if le.Uint32(host[12:]) != 0 || le.Uint32(host) != unix.ICRNL|unix.IXON || host[hostCC+unix.VSUSP] != 0 {
		t.Errorf("host %x", host)
	}
}

func TestHidden(t *testing.T) {
	for name, want := range map[string]bool{
		"/proc": true, "/proc/self": true, "//proc/x": true, "/./proc": true, "/usr/../proc/1": true,
		"proc": false, "/process": false, "/tmp/proc": false, "": false, "/": false,
	} {
		if hidden(name) != want {
			t.Errorf("%q: hidden is %v", name, !want)
		}
	}
}

// TestSysctlTree: names and numbers are unique, and no name is below another.
func TestSysctlTree(t *testing.T) {
	names := map[string]bool{}
	for i, a := range nodes {
		if names[a.name] {
			t.Errorf("%s is there twice", a.name)
		}
		names[a.name] = true
		for j, b := range nodes {
			if i != j && len(a.mib) <= len(b.mib) && slices.Equal(a.mib, b.mib[:len(a.mib)]) {
				t.Errorf("%s hides %s", a.name, b.name)
			}
		}
	}
}

func TestKevent(t *testing.T) {
	e := event{ident: 5, filter: abi.EVFILT_WRITE, flags: abi.EV_CLEAR, fflags: 7, data: -1, udata: 0xdead000000000001, ext: [4]uint64{1, 2, 3, 4}}
	for _, l := range []keventLayout{kevent64, kevent11} {
		b := l.put(nil, &e)
		got := l.get(b)
		if l == kevent11 {
			got.ext = e.ext
		}
		if len(b) != l.size || got != e {
			t.Errorf("%+v comes back as %+v in %d bytes", e, got, len(b))
		}
	}
}

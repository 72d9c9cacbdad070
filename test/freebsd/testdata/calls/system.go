package main

import (
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func system() {
	add("sysctl by name", func() error {
		typ, err := syscall.Sysctl("kern.ostype")
		rel, err2 := syscall.Sysctl("kern.osrelease")
		n, err3 := syscall.SysctlUint32("hw.ncpu")
		_, err4 := syscall.Sysctl("no.such.name")
		host, err5 := os.Hostname()
		return all(err, err2, err3, err5, want("type", typ, "FreeBSD"), want("release", strings.HasSuffix(rel, "-RELEASE"), true),
			want("CPUs", n >= uint32(runtime.NumCPU()), true), want("unknown", err4, syscall.ENOENT), want("host", host != "", true))
	})
	add("sysctl: room", func() error {
		mib := [2]int32{1, 1}
		var b [4]byte
		n := uintptr(len(b))
		_, _, e := syscall.Syscall6(syscall.SYS___SYSCTL, ptr(&mib[0]), 2, ptr(&b[0]), ptr(&n), 0, 0)
		n2 := uintptr(0)
		_, _, e2 := syscall.Syscall6(syscall.SYS___SYSCTL, ptr(&mib[0]), 2, 0, ptr(&n2), 0, 0)
		_, _, e3 := syscall.Syscall6(syscall.SYS___SYSCTL, ptr(&mib[0]), 2, 0, ptr(&n2), ptr(&b[0]), 4)
		return all(want("too little", e, syscall.ENOMEM), want("what fits", string(b[:]), "Free"), want("length", n2, 8), want("length only", e2, syscall.Errno(0)),
			want("writing", e3, syscall.EPERM))
	})
	add("processor", func() error {
		const sysYield, sysSchedGetcpu = 321, 581
		cpu, _, e := syscall.Syscall(sysSchedGetcpu, 0, 0, 0)
		r, _, e2 := syscall.Syscall(sysYield, 0, 0, 0)
		return all(want("sched_getcpu", e, syscall.Errno(0)), want("processor", int(cpu) < 1024, true), want("yield", e2, syscall.Errno(0)), want("result", r, 0))
	})
	add("executable", func() error {
		exe, err := os.Executable()
		return all(err, want("absolute", exe[0], uint8('/')))
	})
	add("interfaces", func() error {
		ifs, err := net.Interfaces()
		if err != nil {
			return err
		}
		for _, i := range ifs {
			if i.Flags&net.FlagLoopback != 0 {
				addrs, err := i.Addrs()
				return all(err, want("address of "+i.Name, strings.HasPrefix(addrs[0].String(), "127.0.0.1/8"), true))
			}
		}
		return want("loopback", "none", "one")
	})
	add("limits", func() error {
		var l, l2 syscall.Rlimit
		err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
		err2 := syscall.Getrlimit(9, &l2) // RLIMIT_SBSIZE: no limit
		low := syscall.Rlimit{Cur: l.Cur - 1, Max: l.Max}
		err3 := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low)
		var now syscall.Rlimit
		syscall.Getrlimit(syscall.RLIMIT_NOFILE, &now)
		return all(err, err2, err3, want("infinite", l2.Cur, int64(syscall.RLIM_INFINITY)), want("lowered", now.Cur, low.Cur))
	})
	add("clock without calls", func() error {
		// Both ways of telling the time must agree: the page, and the call.
		for range 1000 {
			a := time.Now()
			var ts syscall.Timespec
			syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 0, ptr(&ts), 0)
			b := time.Now()
			at := time.Unix(ts.Sec, ts.Nsec)
			const near = 20 * time.Microsecond
			if at.Before(a.Round(0).Add(-near)) || at.After(b.Round(0).Add(near)) {
				return want("time", at, a)
			}
		}
		return nil
	})
	add("clock never goes back", func() error {
		last := time.Now()
		for end := last.Add(1500 * time.Millisecond); last.Before(end); {
			now := time.Now()
			if now.Before(last) {
				return want("time", now.Sub(last), "forward")
			}
			last = now
		}
		return nil
	})
	add("mmap", func() error {
		const anon, private, fixed, guard, excl, aligned = 0x1000, 2, 0x10, 0x2000, 0x4000, 21 << 24
		mmap := func(addr, n, prot, flags uintptr) (uintptr, syscall.Errno) {
			r, _, e := syscall.Syscall6(syscall.SYS_MMAP, addr, n, prot, flags, ^uintptr(0), 0)
			return r, e
		}
		a, e := mmap(0, 1<<20, 3, anon|private|aligned)
		_, e2 := mmap(a, 4096, 3, anon|private|fixed|excl)
		b, e3 := mmap(a, 4096, 0, guard|fixed)
		_, e4 := mmap(0, 4096, 3, anon|private|0x20000000|0x100000)
		return all(want("aligned", e, syscall.Errno(0)), want("aligned", a&(2<<20-1), 0), want("taken", e2, syscall.EINVAL),
			want("guard", e3, syscall.Errno(0)), want("guard", b, a), want("unknown flag", e4, syscall.EINVAL))
	})
	add("poll", func() error {
		r, w := pipe()
		syscall.Write(w, []byte("x"))
		type pollfd struct {
			fd              int32
			events, revents int16
		}
		fds := [2]pollfd{{int32(r), 0x41, 0}, {int32(w), 4 | 0x4000, 0}}
		n, _, e := syscall.Syscall(syscall.SYS_POLL, ptr(&fds[0]), 2, 0)
		return all(want("errno", e, syscall.Errno(0)), want("ready", n, 2), want("read", fds[0].revents, 0x41), want("write", fds[1].revents, 4))
	})
	add("select leaves the timeout alone", func() error {
		tv := syscall.Timeval{Usec: 1000}
		_, _, e := syscall.Syscall6(syscall.SYS_SELECT, 0, 0, 0, 0, ptr(&tv), 0)
		return all(want("errno", e, syscall.Errno(0)), want("timeout", tv.Usec, 1000))
	})
	add("CPUs", func() error {
		var mask [128]byte
		_, _, e := syscall.Syscall6(487, 3, 2, ^uintptr(0), unsafe.Sizeof(mask), ptr(&mask[0]), 0)
		return all(want("errno", e, syscall.Errno(0)), want("some", mask[0] != 0, true))
	})
	add("unknown call", func() error {
		return nil // see the test of calls that are not served
	})
}

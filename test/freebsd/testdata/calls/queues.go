package main

import (
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// kevent is struct kevent.
type kevent struct {
	ident  uint64
	filter int16
	flags  uint16
	fflags uint32
	data   int64
	udata  uint64
	ext    [4]uint64
}

const (
	sysKevent  = 560
	fRead      = -1
	fWrite     = -2
	fVnode     = -4
	fProc      = -5
	fTimer     = -7
	fUser      = -11
	evAdd      = 0x1
	evDelete   = 0x2
	evEnable   = 0x4
	evDisable  = 0x8
	evOneshot  = 0x10
	evClear    = 0x20
	evReceipt  = 0x40
	evDispatch = 0x80
	evError    = 0x4000
	evEOF      = 0x8000
	trigger    = 0x1000000
	strange    = 0xdead000000000001 // no pointer
)

// kev changes, waits at most ms (below 0: does not ask for events) and returns what came.
func kev(kq int, ms int, room int, changes ...kevent) ([]kevent, error) {
	events := make([]kevent, room+1)
	ts := syscall.NsecToTimespec(int64(ms) * 1e6)
	var ch *kevent
	if len(changes) > 0 {
		ch = &changes[0]
	}
	n, _, e := syscall.Syscall6(sysKevent, uintptr(kq), ptr(ch), uintptr(len(changes)), ptr(&events[0]), uintptr(room), ptr(&ts))
	for e == syscall.EINTR { // of the Go runtime's own
		n, _, e = syscall.Syscall6(sysKevent, uintptr(kq), 0, 0, ptr(&events[0]), uintptr(room), ptr(&ts))
	}
	if e != 0 {
		return nil, e
	}
	return events[:n], nil
}

// one is kev that must give exactly one event.
func one(kq int, ms int, changes ...kevent) (kevent, error) {
	evs, err := kev(kq, ms, 8, changes...)
	if err != nil {
		return kevent{}, err
	}
	if len(evs) != 1 {
		return kevent{}, want("events", evs, "one")
	}
	return evs[0], nil
}

func none(kq int, changes ...kevent) error {
	evs, err := kev(kq, 0, 8, changes...)
	return all(err, want("events", len(evs), 0))
}

func queue() int {
	kq, err := syscall.Kqueue()
	if err != nil {
		panic(err)
	}
	return kq
}

func queues() {
	add("kqueue: pipe, level and edge", func() error {
		kq := queue()
		defer syscall.Close(kq)
		r, w := pipe()
		defer syscall.Close(r)
		if err := none(kq, kevent{ident: uint64(r), filter: fRead, flags: evAdd, udata: strange}); err != nil {
			return err
		}
		syscall.Write(w, []byte("hello"))
		ev, err := one(kq, 1000)
		if err := all(err, want("data", ev.data, 5), want("udata", ev.udata, uint64(strange)), want("flags", ev.flags, 0), want("filter", ev.filter, fRead)); err != nil {
			return err
		}
		if _, err := one(kq, 0); err != nil { // level: again
			return err
		}
		if _, err := one(kq, 0, kevent{ident: uint64(r), filter: fRead, flags: evAdd | evClear}); err != nil {
			return err
		}
		if err := none(kq); err != nil { // edge: not again
			return err
		}
		syscall.Write(w, []byte("x"))
		ev, err = one(kq, 1000)
		if err := all(err, want("data", ev.data, 6), want("flags", ev.flags, evClear)); err != nil {
			return err
		}
		syscall.Close(w)
		ev, err = one(kq, 1000)
		return all(err, want("end", ev.flags&evEOF != 0, true))
	})
	add("kqueue: oneshot, dispatch, disable, delete", func() error {
		kq := queue()
		defer syscall.Close(kq)
		r, w := pipe()
		defer syscall.Close(r)
		defer syscall.Close(w)
		syscall.Write(w, []byte("hello"))
		_, err := one(kq, 1000, kevent{ident: uint64(r), filter: fRead, flags: evAdd | evOneshot})
		if err := all(err, none(kq)); err != nil {
			return err
		}
		_, err = kev(kq, 0, 0, kevent{ident: uint64(r), filter: fRead, flags: evDelete})
		if err := want("deleted by itself", err, syscall.ENOENT); err != nil {
			return err
		}
		_, err = one(kq, 1000, kevent{ident: uint64(r), filter: fRead, flags: evAdd | evDispatch})
		if err := all(err, none(kq)); err != nil {
			return err
		}
		_, err = one(kq, 1000, kevent{ident: uint64(r), filter: fRead, flags: evEnable | evDispatch})
		if err := all(err, none(kq)); err != nil {
			return err
		}
		_, err = one(kq, 1000, kevent{ident: uint64(r), filter: fRead, flags: evAdd | evEnable})
		if err := all(err, none(kq, kevent{ident: uint64(r), filter: fRead, flags: evDisable})); err != nil {
			return err
		}
		_, err = one(kq, 1000, kevent{ident: uint64(r), filter: fRead, flags: evEnable})
		return all(err, none(kq, kevent{ident: uint64(r), filter: fRead, flags: evDelete}))
	})
	add("kqueue: both filters of a socket", func() error {
		kq := queue()
		defer syscall.Close(kq)
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		evs, err := kev(kq, 1000, 8, kevent{ident: uint64(fds[0]), filter: fRead, flags: evAdd | evClear},
			kevent{ident: uint64(fds[0]), filter: fWrite, flags: evAdd | evClear})
		if err := all(err, want("events", len(evs), 1), want("filter", evs[0].filter, fWrite), want("room", evs[0].data > 0, true)); err != nil {
			return err
		}
		syscall.Close(fds[1])
		seen := 0
		evs, err = kev(kq, 1000, 8)
		for _, ev := range evs {
			if ev.flags&evEOF != 0 {
				seen++
			}
		}
		return all(err, want("ends", seen, 2))
	})
	add("kqueue: little room loses nothing", func() error {
		kq := queue()
		defer syscall.Close(kq)
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		syscall.Write(fds[1], []byte("x"))
		for _, f := range []int16{fRead, fWrite} {
			if _, err := kev(kq, 0, 0, kevent{ident: uint64(fds[0]), filter: f, flags: evAdd | evClear}); err != nil {
				return err
			}
		}
		a, err := kev(kq, 1000, 1)
		b, err2 := kev(kq, 1000, 1)
		return all(err, err2, want("events", len(a)+len(b), 2), want("different", a[0].filter != b[0].filter, true))
	})
	add("kqueue: closing removes", func() error {
		kq := queue()
		defer syscall.Close(kq)
		r, w := pipe()
		syscall.Write(w, []byte("hello"))
		if _, err := one(kq, 1000, kevent{ident: uint64(r), filter: fRead, flags: evAdd, udata: 1}); err != nil {
			return err
		}
		syscall.Close(r)
		if err := none(kq); err != nil {
			return err
		}
		r2, w2 := pipe() // the same numbers again
		defer syscall.Close(r2)
		syscall.Write(w2, []byte("hi"))
		ev, err := one(kq, 1000, kevent{ident: uint64(r2), filter: fRead, flags: evAdd, udata: 2})
		return all(err, want("number", r2, r), want("udata", ev.udata, 2), want("data", ev.data, 2))
	})
	add("kqueue: user events", func() error {
		kq := queue()
		defer syscall.Close(kq)
		if err := none(kq, kevent{ident: 7, filter: fUser, flags: evAdd | evClear}); err != nil {
			return err
		}
		go func() {
			time.Sleep(20 * time.Millisecond)
			kev(kq, 0, 0, kevent{ident: 7, filter: fUser, fflags: trigger | 0xc0000000 | 5})
		}()
		ev, err := one(kq, 5000)
		return all(err, want("ident", ev.ident, 7), want("flags told", ev.fflags, 5), none(kq))
	})
	add("kqueue: timers", func() error {
		kq := queue()
		defer syscall.Close(kq)
		begin := time.Now()
		ev, err := one(kq, 5000, kevent{ident: 1, filter: fTimer, flags: evAdd | evOneshot, data: 30})
		if err := all(err, want("count", ev.data, 1), want("early", time.Since(begin) < 29*time.Millisecond, false)); err != nil {
			return err
		}
		if _, err := kev(kq, 0, 0, kevent{ident: 2, filter: fTimer, flags: evAdd, fflags: 4, data: 5000}); err != nil {
			return err
		}
		time.Sleep(52 * time.Millisecond)
		ev, err = one(kq, 5000)
		return all(err, want("several", ev.data > 5, true))
	})
	add("kqueue: end of a process", func() error {
		kq := queue()
		defer syscall.Close(kq)
		cmd := exec.Command("/bin/sh", "-c", "sleep 0.1; exit 5")
		if err := cmd.Start(); err != nil {
			return err
		}
		ev, err := one(kq, 5000, kevent{ident: uint64(cmd.Process.Pid), filter: fProc, flags: evAdd, fflags: 0x80000000})
		cmd.Wait()
		return all(err, want("status", ev.data, 5<<8), want("flags", ev.flags&(evEOF|evOneshot), evEOF|evOneshot), none(kq))
	})
	add("kqueue: a file that changes", func() error {
		kq := queue()
		defer syscall.Close(kq)
		f, err := os.CreateTemp("", "vnode")
		if err != nil {
			return err
		}
		defer f.Close()
		if err := none(kq, kevent{ident: uint64(f.Fd()), filter: fVnode, flags: evAdd | evClear, fflags: 0x7}); err != nil {
			return err
		}
		f.WriteString("hello")
		ev, err := one(kq, 1000)
		if err := all(err, want("write and extend", ev.fflags, 0x6)); err != nil {
			return err
		}
		os.Remove(f.Name())
		ev, err = one(kq, 1000)
		return all(err, want("delete", ev.fflags, 0x1))
	})
	add("kqueue: regular file", func() error {
		kq := queue()
		defer syscall.Close(kq)
		f, err := os.CreateTemp("", "reg")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name())
		f.WriteString("hello")
		f.Seek(2, 0)
		ev, err := one(kq, 1000, kevent{ident: uint64(f.Fd()), filter: fRead, flags: evAdd})
		if err := all(err, want("data", ev.data, 3)); err != nil {
			return err
		}
		f.Seek(0, 2)
		return none(kq)
	})
	add("kqueue: the number of a file is used again", func() error {
		kq := queue()
		defer syscall.Close(kq)
		f, err := os.Open("/dev/null")
		if err != nil {
			return err
		}
		fd := f.Fd()
		if _, err := one(kq, 1000, kevent{ident: uint64(fd), filter: fRead, flags: evAdd, udata: 1}); err != nil {
			return err
		}
		r, w := pipe()
		defer syscall.Close(w)
		f.Close()
		if _, err := syscall.Dup(r); err != nil {
			return err
		}
		if err := none(kq); err != nil {
			return err
		}
		syscall.Write(w, []byte("abc"))
		ev, err := one(kq, 1000, kevent{ident: uint64(fd), filter: fRead, flags: evAdd, udata: 2})
		return all(err, want("data", ev.data, 3), want("udata", ev.udata, 2))
	})
	add("kqueue: errors and receipts", func() error {
		kq := queue()
		defer syscall.Close(kq)
		_, err := kev(kq, 0, 0, kevent{ident: 999, filter: fRead, flags: evAdd})
		ev, err2 := one(kq, 0, kevent{ident: 999, filter: fRead, flags: evAdd})
		ok, err3 := one(kq, 0, kevent{ident: 3, filter: fUser, flags: evAdd | evReceipt})
		_, err4 := kev(999, 0, 0)
		_, err5 := kev(kq, 0, 0, kevent{ident: 3, filter: -99, flags: evAdd})
		return all(want("bad descriptor", err, syscall.EBADF), err2, want("told", ev.flags, evError), want("told", ev.data, int64(syscall.EBADF)),
			err3, want("receipt", ok.flags, evError), want("receipt", ok.data, 0), want("no queue", err4, syscall.EBADF), want("no filter", err5, syscall.EINVAL))
	})
	add("kqueue: timeout", func() error {
		kq := queue()
		defer syscall.Close(kq)
		begin := time.Now()
		evs, err := kev(kq, 40, 4)
		return all(err, want("events", len(evs), 0), want("early", time.Since(begin) < 39*time.Millisecond, false))
	})
	add("kqueue: connections that wait", func() error {
		kq := queue()
		defer syscall.Close(kq)
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer ln.Close()
		f, err := ln.(*net.TCPListener).File()
		if err != nil {
			return err
		}
		defer f.Close()
		for range 2 {
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				return err
			}
			defer c.Close()
		}
		ev, err := one(kq, 1000, kevent{ident: uint64(f.Fd()), filter: fRead, flags: evAdd})
		return all(err, want("backlog", ev.data, 2))
	})
	add("kqueue: of a child", func() error {
		// The child of a fork has no kqueue: its descriptor is free there.
		kq := queue()
		defer syscall.Close(kq)
		out, err := exec.Command("/bin/sh", "-c", "ls -l /dev/fd/ | grep -c eventpoll").CombinedOutput()
		if err != nil && string(out) == "" {
			return err
		}
		return want("queues", string(out), "0\n")
	})
}

func pipe() (r, w int) {
	var p [2]int
	if err := syscall.Pipe2(p[:], syscall.O_CLOEXEC); err != nil {
		panic(err)
	}
	return p[0], p[1]
}

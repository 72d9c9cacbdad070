package main

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
	"unsafe"
)

func signals() {
	add("every signal is caught", func() error {
		for _, s := range []syscall.Signal{1, 2, 3, 7, 12, 14, 15, 16, 20, 23, 28, 29, 30, 31} {
			c := make(chan os.Signal, 1)
			signal.Notify(c, s)
			if err := syscall.Kill(os.Getpid(), s); err != nil {
				return err
			}
			select {
			case got := <-c:
				if got != s {
					return want("signal", got, s)
				}
			case <-time.After(5 * time.Second):
				return want("signal", "nothing", s)
			}
			signal.Reset(s)
		}
		return nil
	})
	add("ignored by default", func() error {
		for _, s := range []syscall.Signal{16, 20, 23, 28, 29} { // URG CHLD IO WINCH INFO
			if err := exec.Command("/bin/kill", "-0", "1").Err; err != nil {
				return err
			}
			if err := syscall.Kill(os.Getpid(), s); err != nil {
				return err
			}
		}
		time.Sleep(10 * time.Millisecond)
		return nil
	})
	add("default action as others see it", func() error {
		var old [32]byte
		const sigInfo = 29
		_, _, e := syscall.Syscall(syscall.SYS_SIGACTION, sigInfo, 0, ptr(&old[0]))
		return all(want("errno", e, syscall.Errno(0)), want("handler is Go's or the default", *(*uintptr)(unsafe.Pointer(&old[0])) != 1, true))
	})
	add("numbers that are none", func() error {
		return all(want("kill", syscall.Kill(os.Getpid(), 200), syscall.EINVAL), want("nobody", syscall.Kill(1<<30, 0), syscall.ESRCH))
	})
	add("mask comes back", func() error {
		// A thread of its own would be needed to keep the mask; here it is only read.
		var set, old [4]uint32
		set[0] = 1<<(30-1) | 1<<(16-1)
		syscall.Syscall(syscall.SYS_SIGPROCMASK, 1, ptr(&set[0]), ptr(&old[0]))
		var now [4]uint32
		syscall.Syscall(syscall.SYS_SIGPROCMASK, 1, 0, ptr(&now[0]))
		_, _, e := syscall.Syscall(syscall.SYS_SIGPROCMASK, 3, ptr(&old[0]), 0)
		return all(want("errno", e, syscall.Errno(0)), want("mask", now[0]&set[0], set[0]))
	})
	add("status of children", func() error {
		for _, c := range []struct {
			script string
			want   syscall.WaitStatus
		}{{"exit 7", 7 << 8}, {"kill -USR1 $$", 30}, {"kill -BUS $$", 10}, {"kill -TERM $$", 15}} {
			err := exec.Command("/bin/sh", "-c", c.script).Run()
			ws := err.(*exec.ExitError).Sys().(syscall.WaitStatus)
			if ws&^0x80 != c.want {
				return want(c.script, ws, c.want)
			}
		}
		return nil
	})
	add("stopped and continued child", func() error {
		cmd := exec.Command("/bin/sleep", "10")
		if err := cmd.Start(); err != nil {
			return err
		}
		pid := cmd.Process.Pid
		defer cmd.Wait()
		defer cmd.Process.Kill()
		var ws syscall.WaitStatus
		syscall.Kill(pid, syscall.SIGSTOP)
		if _, err := syscall.Wait4(pid, &ws, syscall.WUNTRACED, nil); err != nil {
			return err
		}
		if err := want("stopped", uint32(ws), 17<<8|0x7f); err != nil {
			return err
		}
		syscall.Kill(pid, syscall.SIGCONT)
		_, err := syscall.Wait4(pid, &ws, syscall.WCONTINUED, nil)
		return all(err, want("continued", uint32(ws), 19))
	})
	add("setitimer", func() error {
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGALRM)
		defer signal.Reset(syscall.SIGALRM)
		it := [4]int64{0, 0, 0, 20000}
		if _, _, e := syscall.Syscall(syscall.SYS_SETITIMER, 0, ptr(&it[0]), 0); e != 0 {
			return e
		}
		select {
		case <-c:
			return nil
		case <-time.After(5 * time.Second):
			return want("alarm", "none", "one")
		}
	})
}

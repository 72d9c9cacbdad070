package linux

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal and the session that runs on it.
type terminal struct {
	t      *testing.T
	master *os.File
	fd     int
	cmd    *exec.Cmd

	mu   sync.Mutex
	seen strings.Builder
	from int // what expect has used up
}

// onTerminal starts a program as the leader of a session on a new terminal.
func onTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	// Not blocking, so that Close ends a Read.
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		missing(t, "no pseudo-terminals: %v", err)
	}
	master := os.NewFile(uintptr(fd), "/dev/ptmx")
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	x := &terminal{t: t, master: master, fd: fd, cmd: exec.Command(args[0], args[1:]...)}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = slave, slave, slave
	x.cmd.Env = append(os.Environ(), "PS1=> ", "ENV=", "HISTFILE=", "TERM=dumb", "LC_ALL=C", "T="+command(t))
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go x.read()
	t.Cleanup(func() {
		x.cmd.Process.Kill()
		x.master.Close()
		x.cmd.Wait()
	})
	return x
}

func (x *terminal) read() {
	b := make([]byte, 4096)
	for {
		n, err := x.master.Read(b)
		x.mu.Lock()
		x.seen.Write(b[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) send(s string) {
	x.t.Helper()
	if _, err := x.master.WriteString(s); err != nil {
		x.t.Fatal(err)
	}
}

// eventually waits for something.
func (x *terminal) eventually(what string, ok func() bool) {
	x.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.t.Fatalf("no %s; the terminal shows:\n%s", what, tail(x.seen.String()))
		}
	}
}

// expect waits for the text, behind what was expected before.
func (x *terminal) expect(text string) {
	x.t.Helper()
	x.eventually(strconv.Quote(text), func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		s := x.seen.String()[x.from:]
		i := strings.Index(s, text)
		if i >= 0 {
			x.from += i + len(text)
		}
		return i >= 0
	})
}

// foreground waits until a process with this name, asleep, leads the foreground.
func (x *terminal) foreground(name string) {
	x.t.Helper()
	x.eventually(name+" in the foreground", func() bool {
		pgrp, err := unix.IoctlGetInt(x.fd, unix.TIOCGPGRP)
		if err != nil {
			return false
		}
		all, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, f := range all {
			b, _ := os.ReadFile(f)
			_, rest, _ := strings.Cut(string(b), "(")
			comm, rest, _ := strings.Cut(rest, ") ")
			if w := strings.Fields(rest); len(w) > 2 && comm == name && w[2] == strconv.Itoa(pgrp) && w[0] == "S" {
				return true
			}
		}
		return false
	})
}

// wait waits for the end of the session's leader.
func (x *terminal) wait() syscall.WaitStatus {
	x.t.Helper()
	done := make(chan struct{})
	go func() { x.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		x.mu.Lock()
		defer x.mu.Unlock()
		x.t.Fatalf("does not end; the terminal shows:\n%s", tail(x.seen.String()))
	}
	return x.cmd.ProcessState.Sys().(syscall.WaitStatus)
}

const ctrlC, ctrlZ, ctrlD = "\x03", "\x1a", "\x04"

// TestShell: an interactive shell as a guest controls its jobs.
func TestShell(t *testing.T) {
	for _, shell := range [][]string{{"dash", "-i"}, {"bash", "--norc", "--noediting", "-i"}} {
		t.Run(shell[0], func(t *testing.T) {
			need(t, shell[0])
			x := onTerminal(t, append([]string{command(t), "run"}, shell...)...)
			x.send("echo rea''dy\n")
			x.expect("ready")
			x.send("sleep 1000\n")
			x.foreground("sleep")
			x.send(ctrlC)
			x.send("echo interrupted $?.\n")
			x.expect("interrupted 130.")

			x.send("sleep 1001\n")
			x.foreground("sleep")
			x.send(ctrlZ)
			x.expect("Stopped")
			x.send("jobs; echo lis''ted\n")
			x.expect("sleep 1001")
			x.expect("listed")
			x.send("fg\n")
			x.foreground("sleep")
			x.send(ctrlC)
			x.send("echo again $?.\n")
			x.expect("again 130.")

			x.send("sleep 1002 | cat | cat\n")
			x.foreground("cat")
			x.send(ctrlZ)
			x.expect("Stopped")
			x.send("bg; kill %1; wait; echo pi''pe\n")
			x.expect("pipe")
			x.send("sleep 0.05 & wait; echo wai''ted\n")
			x.expect("waited")
			x.send("cat\n")
			x.foreground("cat")
			x.send("to cat\n")
			x.expect("to cat\r\nto cat")
			x.send(ctrlD)
			x.send("exit 3\n")
			if ws := x.wait(); ws.ExitStatus() != 3 {
				t.Errorf("the shell ended with %v, want 3", ws)
			}
		})
	}
}

// TestWindow: a new size of the window is told to the guest.
func TestWindow(t *testing.T) {
	need(t, "bash")
	x := onTerminal(t, command(t), "run", "bash", "--norc", "--noediting", "-c", "trap 'stty size' WINCH; echo rea''dy; while :; do sleep 0.05; done")
	x.expect("ready")
	unix.IoctlSetWinsize(x.fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 33, Col: 77})
	x.expect("33 77")
	x.send(ctrlC)
	if ws := x.wait(); !ws.Signaled() || ws.Signal() != syscall.SIGINT {
		t.Errorf("ended with %#x, want SIGINT", ws)
	}
}

// TestAsJob: trapgate is a job like any other for the shell that starts it.
func TestAsJob(t *testing.T) {
	need(t, "bash")
	x := onTerminal(t, "bash", "--norc", "--noediting", "-i")
	x.send("$T run sleep 1000\n")
	x.foreground("sleep")
	x.send(ctrlZ)
	x.expect("Stopped")
	x.send("fg\n")
	x.foreground("sleep")
	x.send(ctrlC)
	x.send("echo interrupted $?.\n")
	x.expect("interrupted 130.")

	x.send("$T run sh -c 'trap \"echo cau''ght once; exit 5\" INT; while :; do sleep 0.05; done'\n")
	x.foreground("sh")
	x.send(ctrlC)
	x.expect("caught once")
	x.send("echo ended $?.\n")
	x.expect("ended 5.")

	x.send("$T run sleep 1000 &\n")
	x.send("sleep 0.3; kill %1; wait %1; echo terminated $?.\n")
	x.expect("terminated 143.")
	x.send("$T run sh -c 'trap \"echo ter''med; exit 6\" TERM; while :; do sleep 0.05; done' &\n")
	x.send("sleep 0.5; kill %%; wait %%; echo forwarded $?.\n")
	x.expect("termed")
	x.expect("forwarded 6.")

	// In the background it may not read from the terminal.
	x.send("$T run cat &\n")
	x.send("sleep 0.5; jobs; echo lis''ted\n")
	x.expect("Stopped")
	x.expect("listed")
	x.send("fg\n")
	x.foreground("cat")
	x.send("typed\n")
	x.expect("typed\r\ntyped")
	x.send(ctrlD)

	x.send("exit\n")
	x.wait()
}

// TestGroupSignal: who signals the whole group means each process once, and who
// signals trapgate means the program.
func TestGroupSignal(t *testing.T) {
	count := compile(t, "count/count")
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGCONT} {
		for _, whom := range []int{-1, 1} {
			c := exec.Command(command(t), "run", count)
			c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			lines.Scan()
			syscall.Kill(whom*c.Process.Pid, sig)
			lines.Scan()
			if want := fmt.Sprintf("%d: 1", sig); lines.Text() != want {
				t.Errorf("%v for %d: %q, want %q", sig, whom, lines.Text(), want)
			}
			c.Wait()
		}
	}
}

// TestHangUp: when the terminal goes away the guest gets SIGHUP.
func TestHangUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hup")
	x := onTerminal(t, command(t), "run", "sh", "-c", "trap 'echo hup > "+file+"; exit' HUP; echo rea''dy; while :; do sleep 0.05; done")
	x.expect("ready")
	x.master.Close()
	x.wait()
	if b, err := os.ReadFile(file); string(b) != "hup\n" {
		t.Errorf("%q, %v", b, err)
	}
}

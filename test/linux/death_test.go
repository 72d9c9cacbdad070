package linux

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tree are the processes below pid, all generations.
func tree(pid int) []int {
	var all []int
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for _, w := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(w); err == nil {
				all = append(append(all, n), tree(n)...)
			}
		}
	}
	return all
}

func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	return f[0] != "Z" && f[0] != "X"
}

// gone waits until none of the processes is alive.
func gone(t *testing.T, pids []int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var left []int
		for _, p := range pids {
			if alive(p) {
				left = append(left, p)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			for _, p := range left {
				syscall.Kill(p, syscall.SIGKILL)
			}
			t.Fatalf("still alive: %v", left)
		}
	}
}

// segments counts the shared memory that these processes made since then and
// nobody has attached: what would stay for ever. Numbers of processes come again.
func segments(t *testing.T, makers map[int]bool, since time.Time) int {
	b, err := os.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		t.Skip(err)
	}
	n := 0
	for _, line := range strings.Split(string(b), "\n")[1:] {
		f := strings.Fields(line) // key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime
		if len(f) < 14 || f[6] != "0" {
			continue
		}
		pid, _ := strconv.Atoi(f[4])
		if made, _ := strconv.ParseInt(f[13], 10, 64); makers[pid] && made >= since.Unix() {
			n++
		}
	}
	return n
}

// TestKeeperKilled: who guards the guests is replaced when it is killed.
func TestKeeperKilled(t *testing.T) {
	c, _ := start(t, "sh", "-c", "echo up; sleep 1000 & sleep 1000")
	for range 5 {
		killed := 0
		for end := time.Now().Add(time.Minute); killed == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
			for _, p := range tree(c.Process.Pid) {
				args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p))
				if bytes.HasPrefix(args, []byte("trapgate-keeper")) && alive(p) && syscall.Kill(p, syscall.SIGKILL) == nil {
					killed = p
				}
			}
		}
		gone(t, []int{killed})
	}
	time.Sleep(100 * time.Millisecond)
	pids := tree(c.Process.Pid)
	c.Process.Kill()
	c.Wait()
	gone(t, pids)
}

// busy is a guest with processes and threads of all kinds that come and go.
const busy = `while :; do (sleep 0.02; true) & seq 100 | sort -r | head -1 >/dev/null; (exec sleep 0.01); wait $!; done`

// start starts a guest and waits until it has said something.
func start(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	c := exec.Command(command(t), append([]string{"run"}, args...)...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		c.Wait()
		t.Fatalf("the guest says nothing: %s", errs.String())
	}
	return c, &errs
}

// TestSupervisorKilled: all guests die with the supervisor, whatever they do.
func TestSupervisorKilled(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	makers, began := map[int]bool{}, time.Now()
	for i := range rounds {
		c, _ := start(t, "sh", "-c", "echo up; trap '' HUP TERM INT; setsid sleep 1000 & sleep 1000 & "+busy)
		time.Sleep(time.Duration(rand.Intn(40)) * time.Millisecond)
		pids := tree(c.Process.Pid)
		makers[c.Process.Pid] = true
		c.Process.Kill()
		c.Wait()
		gone(t, pids)
		if t.Failed() {
			t.Fatalf("round %d", i)
		}
	}
	if n := segments(t, makers, began); n > 0 {
		t.Errorf("%d shared memory segments left behind", n)
	}
}

// TestGuestsKilled kills guests at any time. The others go on, the supervisor
// notices each end, ends itself, and holds nothing meanwhile.
func TestGuestsKilled(t *testing.T) {
	kills := 400
	if testing.Short() {
		kills = 60
	}
	began := time.Now()
	c, errs := start(t, "sh", "-c", "echo up; for i in 1 2 3; do while :; do (sleep 0.02; true) & seq 100 | sort -r | head -1 >/dev/null; (exec sleep 0.01); wait $!; done & done; wait")
	pid := c.Process.Pid
	for n := 0; n < kills; {
		all := tree(pid)
		if len(all) == 0 {
			break
		}
		for _, p := range all {
			comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p))
			args := strings.Split(string(comm), "\x00")
			// Not the loops themselves, which have the whole script as argument,
			// and not the keeper.
			if args[0] == "sh" || strings.HasPrefix(args[0], "trapgate") || args[0] == "" || rand.Intn(3) != 0 {
				continue
			}
			if syscall.Kill(p, syscall.SIGKILL) == nil {
				n++
			}
		}
		time.Sleep(time.Duration(rand.Intn(3000)) * time.Microsecond)
	}
	if !alive(pid) {
		t.Fatalf("the supervisor has ended: %s", errs.String())
	}
	// What it holds is bounded by what lives.
	live := len(tree(pid))
	held := func() (fds, maps int) {
		d, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		m, _ := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
		return len(d), strings.Count(string(m), "SYSV")
	}
	fds, maps := 0, 0
	for range 200 { // what has just ended takes a moment
		if fds, maps = held(); fds < 60 && maps < 40 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if fds >= 60 || maps >= 40 {
		t.Errorf("with %d processes the supervisor holds %d descriptors and %d shared memories", live, fds, maps)
	}
	all := tree(pid)
	c.Process.Signal(syscall.SIGTERM) // the shell dies of it, its loops go on
	for _, p := range all {
		syscall.Kill(p, syscall.SIGKILL)
	}
	for range 100 {
		for _, p := range tree(pid) {
			syscall.Kill(p, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond)
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		c.Process.Kill()
		t.Fatalf("the supervisor does not end; below it: %v", tree(pid))
	}
	if strings.Contains(errs.String(), "goroutine") || strings.Contains(errs.String(), "broken") {
		t.Errorf("the supervisor says: %s", tail(errs.String()))
	}
	if n := segments(t, map[int]bool{pid: true}, began); n > 0 {
		t.Errorf("%d shared memory segments left behind", n)
	}
}

// TestManyAtOnce runs many guests with supervisors of their own, and kills the
// programs at any time: each supervisor ends with SIGKILL as its program.
func TestManyAtOnce(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for range rounds {
		c := exec.Command(command(t), "run", "sh", "-c", "sleep 1000")
		var errs bytes.Buffer
		c.Stderr = &errs
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Intn(15000)) * time.Microsecond)
		killed := 0
		for range 2000 {
			all := tree(c.Process.Pid)
			for _, p := range all {
				args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p))
				if program := bytes.HasPrefix(args, []byte("sh\x00")) || bytes.HasPrefix(args, []byte("sleep\x00")); program && syscall.Kill(p, syscall.SIGKILL) == nil {
					killed++
				}
			}
			if killed > 0 && len(all) <= 1 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		select {
		case <-done:
		case <-time.After(time.Minute):
			all := tree(c.Process.Pid)
			c.Process.Signal(syscall.SIGABRT) // to see where it is
			<-done
			t.Fatalf("the supervisor does not end; below it: %v\n%s", all, tail(errs.String()))
		}
		if ws := c.ProcessState.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGKILL {
			t.Errorf("ended with %#x, want SIGKILL", ws)
		}
	}
}

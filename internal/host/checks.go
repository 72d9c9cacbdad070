package host

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Check is what was found out about one thing that trapgate can use.
type Check struct {
	Name   string
	OK     bool
	Found  string // when OK: a detail worth telling, or ""
	Lost   string // when not OK: what that means
	Since  string // the kernel that has it, "" where no kernel helps
	Needed bool   // nothing runs without it
}

// probe answers whether a thing is there, and with what detail.
type probe func() (found string, ok bool)

// Checks probes everything, in the order in which it should be read.
func Checks() []Check {
	rows := []struct {
		name, lost, since string
		needed            bool
		probe             probe
	}{
		{"Syscall User Dispatch", "calls are caught with seccomp, at about 1 us more per trap", "Linux 5.11", false, dispatch},
		{"seccomp filter with RET_TRAP", "there is no second way to catch calls", "Linux 3.5", false, seccomp},
		{"System V shared memory", "the gate cannot share memory with the guest", "CONFIG_SYSVIPC", true, sharedMemory},
		{"pidfd_open", "the end of a guest is not noticed", "Linux 5.3", true, pidfdOpen},
		{"pidfd_getfd", "served calls cannot look into a guest's descriptors", "Linux 5.6", false, pidfdGetfd},
		{"process_vm_readv", "guest memory cannot be read", "Linux 3.2", true, readMemory},
		{"membarrier SYNC_CORE", "call sites are not patched while threads run", "Linux 4.16", false, membarrier},
		{"FSGSBASE", "thread pointers cost a host call at each trap", "Linux 5.9, Intel Ivy Bridge or AMD Zen", false, fsgsbase},
		{"memfd_create, executable", "the gate starts from a file in a private directory", "Linux 3.17, vm.memfd_noexec below 2", false, memfd},
		{"i386 calls (int $0x80)", "linux/386 programs do not run", "CONFIG_IA32_EMULATION, no ia32_emulation=off", false, i386},
		{"clock without the kernel", "every time.Now is a host call", "a host whose clocksource is tsc", false, clock},
	}
	checks := make([]Check, len(rows))
	for i, r := range rows {
		found, ok := r.probe()
		checks[i] = Check{r.name, ok, found, r.lost, r.since, r.needed}
	}
	return checks
}

// Runs tells whether programs can be run at all, given what Checks found.
func Runs(checks []Check) bool {
	catch := checks[0].OK || checks[1].OK
	for _, c := range checks {
		if c.Needed && !c.OK {
			return false
		}
	}
	return catch
}

// Kernel is the release of the running kernel, "6.12.1".
func Kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "unknown: " + err.Error()
	}
	return unix.ByteSliceToString(u.Release[:])
}

func why(err error) (string, bool) {
	if err != nil {
		return err.Error(), false
	}
	return "", true
}

// dispatch switches it off, which is no change, where it is known at all.
func dispatch() (string, bool) {
	const prSetSyscallUserDispatch = 59
	return why(unix.Prctl(prSetSyscallUserDispatch, 0, 0, 0, 0))
}

func sharedMemory() (string, bool) {
	id, err := unix.SysvShmGet(0, 4096, unix.IPC_CREAT|0o600)
	if err != nil {
		return why(err)
	}
	_, err = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	return why(err)
}

func pidfdOpen() (string, bool) {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err == nil {
		unix.Close(fd)
	}
	return why(err)
}

func pidfdGetfd() (string, bool) {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return why(err)
	}
	defer unix.Close(fd)
	// Its own number: any open descriptor does.
	dup, err := unix.PidfdGetfd(fd, fd, 0)
	if err == nil {
		unix.Close(dup)
	}
	return why(err)
}

func membarrier() (string, bool) {
	const (
		cmdQuery             = 0
		privateExpeditedCore = 1 << 5
	)
	mask, _, errno := unix.Syscall(unix.SYS_MEMBARRIER, cmdQuery, 0, 0)
	if errno != 0 {
		return why(errno)
	}
	return "", mask&privateExpeditedCore != 0
}

// clock knows the clocksources that the vDSO of x86 reads by itself.
func clock() (string, bool) {
	b, err := os.ReadFile("/sys/devices/system/clocksource/clocksource0/current_clocksource")
	if err != nil {
		return "unknown clocksource", false
	}
	name := strings.TrimSpace(string(b))
	switch name {
	case "tsc", "kvm-clock", "hyperv_clocksource_tsc_page":
		return name, true
	}
	return fmt.Sprintf("clocksource %s", name), false
}

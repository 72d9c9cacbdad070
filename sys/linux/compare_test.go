//go:build linux && (386 || amd64 || arm64)

package linux_test

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"trapgate/sys/linux"
)

// TestAgainstUnix compares the structures with those of golang.org/x/sys/unix,
// which are made from C headers: sizes, and the offsets of fields of one name.
func TestAgainstUnix(t *testing.T) {
	for _, p := range []struct{ ours, theirs any }{
		{linux.Timespec{}, unix.Timespec{}}, {linux.Timeval{}, unix.Timeval{}}, {stat{}, unix.Stat_t{}},
		{linux.Statx_t{}, unix.Statx_t{}}, {linux.StatxTimestamp{}, unix.StatxTimestamp{}}, {statfs{}, unix.Statfs_t{}},
		{linux.Iovec{}, unix.Iovec{}}, {linux.Msghdr{}, unix.Msghdr{}}, {linux.Pollfd{}, unix.PollFd{}},
		{linux.EpollEvent{}, unix.EpollEvent{}}, {linux.Siginfo{}, unix.Siginfo{}}, {linux.Rlimit64{}, unix.Rlimit{}},
		{linux.Rusage{}, unix.Rusage{}}, {linux.Tms{}, unix.Tms{}}, {linux.OpenHow{}, unix.OpenHow{}},
		{flock{}, unix.Flock_t{}}, {linux.Winsize{}, unix.Winsize{}}, {linux.Utsname{}, unix.Utsname{}},
		{linux.Itimerspec{}, unix.ItimerSpec{}}, {linux.Itimerval{}, unix.Itimerval{}},
	} {
		compare(t, reflect.TypeOf(p.ours), reflect.TypeOf(p.theirs))
	}
}

func compare(t *testing.T, ours, theirs reflect.Type) {
	t.Helper()
	if ours.Size() != theirs.Size() {
		t.Errorf("%v has %d bytes, %v %d", ours, ours.Size(), theirs, theirs.Size())
	}
	same := 0
	for i := range ours.NumField() {
		f := ours.Field(i)
		g, ok := theirs.FieldByNameFunc(func(s string) bool { return s != "_" && strings.EqualFold(s, f.Name) })
		if !ok {
			continue
		}
		if same++; f.Offset != g.Offset || f.Type.Size() != g.Type.Size() {
			t.Errorf("%v.%s: %d bytes at %d, %v: %d at %d", ours, f.Name, f.Type.Size(), f.Offset, theirs, g.Type.Size(), g.Offset)
		}
	}
	if same == 0 && ours.NumField() > 2 {
		t.Errorf("%v has no field of %v", ours, theirs)
	}
}

// TestNumbers compares numbers, errors and constants with those of x/sys/unix.
func TestNumbers(t *testing.T) {
	for name, pair := range map[string][2]int{
		"openat": {linux.SYS_openat, unix.SYS_OPENAT}, "statx": {linux.SYS_statx, unix.SYS_STATX},
		"clone3": {linux.SYS_clone3, unix.SYS_CLONE3}, "mseal": {linux.SYS_mseal, unix.SYS_MSEAL},
		"O_DIRECTORY": {linux.O_DIRECTORY, unix.O_DIRECTORY}, "O_NOFOLLOW": {linux.O_NOFOLLOW, unix.O_NOFOLLOW},
		"O_DIRECT": {linux.O_DIRECT, unix.O_DIRECT}, "EHWPOISON": {int(linux.EHWPOISON), int(unix.EHWPOISON)},
		"AT_FDCWD": {linux.AT_FDCWD, unix.AT_FDCWD}, "SIGSYS": {int(linux.SIGSYS), int(unix.SIGSYS)},
		"TCGETS": {linux.TCGETS, unix.TCGETS}, "EPOLLRDHUP": {linux.EPOLLRDHUP, unix.EPOLLRDHUP},
		"SOCK_CLOEXEC": {linux.SOCK_CLOEXEC, unix.SOCK_CLOEXEC}, "MAP_STACK": {linux.MAP_STACK, unix.MAP_STACK},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %#x, in x/sys/unix %#x", name, pair[0], pair[1])
		}
	}
}

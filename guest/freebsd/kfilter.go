package freebsd

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// Filters that are descriptors of the supervisor in the epoll instance.

// attachOwn makes the descriptor behind a note.
func (q *queue) attachOwn(t *kernel.Thread, n *knote) error {
	var own int
	var err error
	switch n.filter {
	case abi.EVFILT_USER:
		own, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	case abi.EVFILT_TIMER:
		clock := unix.CLOCK_MONOTONIC
		if n.fflags&abi.NOTE_ABSTIME != 0 {
			clock = unix.CLOCK_REALTIME
		}
		own, err = unix.TimerfdCreate(clock, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	case abi.EVFILT_PROC:
		own, err = unix.PidfdOpen(int(n.ident), 0)
	case abi.EVFILT_VNODE:
		own, err = watchFile(t, n)
	default:
		// Differs: EVFILT_SIGNAL, EVFILT_AIO, EVFILT_FS and the rest are refused.
		return kerr.EINVAL
	}
	if err != nil {
		return hostError(err)
	}
	it := q.newItem(own, -1)
	it.note, n.item = n, it
	return q.addOwn(t, it)
}

// addOwn lets the host watch a descriptor of ours.
func (q *queue) addOwn(t *kernel.Thread, it *item) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(uint32(it.id)), Pad: int32(uint32(it.id >> 32))}
	if it.note.filter == abi.EVFILT_USER && it.note.flags&abi.EV_CLEAR != 0 {
		ev.Events |= unix.EPOLLET
	}
	if err := unix.EpollCtl(q.ep, unix.EPOLL_CTL_ADD, it.own, &ev); err != nil {
		q.forget(t, it)
		return hostError(err)
	}
	it.added = true
	return nil
}

// hostError is the neutral error of a call that we made ourselves.
func hostError(err error) error {
	if e, ok := err.(unix.Errno); ok {
		return kerr.Errno(e)
	}
	if err == nil {
		return nil
	}
	return kerr.EIO
}

// updateOwn does what a change means for its filter.
func (q *queue) updateOwn(n *knote, c *event) error {
	switch n.filter {
	case abi.EVFILT_USER:
		n.user(c)
	case abi.EVFILT_TIMER:
		if c.flags&abi.EV_ADD != 0 {
			return n.arm()
		}
	}
	return nil
}

// user changes the flags of a user event and fires it (FreeBSD 14.1
// sys/kern/kern_event.c, filt_usertouch).
func (n *knote) user(c *event) {
	flags := c.fflags & abi.NOTE_FFLAGSMASK
	switch c.fflags & abi.NOTE_FFCTRLMASK {
	case abi.NOTE_FFAND:
		n.fflags &= flags
	case abi.NOTE_FFOR:
		n.fflags |= flags
	case abi.NOTE_FFCOPY:
		n.fflags = flags
	}
	n.fflags &= abi.NOTE_FFLAGSMASK &^ abi.NOTE_TRIGGER
	if c.flags&abi.EV_ADD == 0 {
		n.data = c.data
		if c.flags&abi.EV_CLEAR != 0 {
			n.reset()
		}
	}
	if c.fflags&abi.NOTE_TRIGGER != 0 {
		n.triggered = true
		unix.Write(n.item.own, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (n *knote) reset() {
	n.triggered = false
	n.fflags, n.data = 0, 0
	var b [8]byte
	unix.Read(n.item.own, b[:])
}

// arm starts a timer.
func (n *knote) arm() error {
	unit := int64(1e6)
	switch n.fflags &^ abi.NOTE_ABSTIME {
	case 0, abi.NOTE_MSECONDS:
	case abi.NOTE_SECONDS:
		unit = 1e9
	case abi.NOTE_USECONDS:
		unit = 1e3
	case abi.NOTE_NSECONDS:
		unit = 1
	default:
		return kerr.EINVAL
	}
	if n.data < 0 || n.data > (1<<63-1)/unit {
		return kerr.EINVAL
	}
	at := unix.NsecToTimespec(max(n.data*unit, 1))
	spec := unix.ItimerSpec{Value: at}
	flags := 0
	switch {
	case n.fflags&abi.NOTE_ABSTIME != 0:
		flags = unix.TFD_TIMER_ABSTIME
	case n.flags&abi.EV_ONESHOT == 0:
		spec.Interval = at
	}
	return hostError(unix.TimerfdSettime(n.item.own, flags, &spec, nil))
}

// fireOwn is what an event of our descriptor means; false: it means nothing any more.
func (n *knote) fireOwn() (event, bool) {
	ev := n.event
	var b [4096]byte
	switch n.filter {
	case abi.EVFILT_USER:
		if !n.triggered {
			return ev, false
		}
		if n.flags&abi.EV_CLEAR != 0 {
			n.triggered, n.fflags, n.data = false, 0, 0
		}
	case abi.EVFILT_TIMER:
		if c, err := unix.Read(n.item.own, b[:8]); err != nil || c != 8 {
			return ev, false
		}
		ev.data = int64(le.Uint64(b[:]))
	case abi.EVFILT_PROC:
		ev.fflags, ev.data = abi.NOTE_EXIT, exitStatus(int(n.ident))
		ev.flags |= abi.EV_EOF | abi.EV_ONESHOT
		n.flags |= abi.EV_ONESHOT
		return ev, n.event.fflags&abi.NOTE_EXIT != 0
	case abi.EVFILT_VNODE:
		c, err := unix.Read(n.item.own, b[:])
		if err != nil {
			return ev, false
		}
		ev.fflags = n.fileEvents(b[:c])
		ev.data = 0
		return ev, ev.fflags != 0
	}
	return ev, true
}

// exitStatus is the wait status of a process that has ended.
func exitStatus(pid int) int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	i := strings.LastIndexByte(string(b), ')')
	f := strings.Fields(string(b[i+1:]))
	const exitCode = 49 // field 52, counted behind the name
	if len(f) <= exitCode {
		return 0
	}
	var code int64
	fmt.Sscan(f[exitCode], &code)
	if sig := code & 0x7f; sig != 0 {
		return int64(guestSignal(int(sig))) | code&0x80
	}
	return code
}

// fileNotes pairs what EVFILT_VNODE asks for with the host's inotify.
var fileNotes = [...][2]uint32{
	{abi.NOTE_DELETE, unix.IN_ATTRIB | unix.IN_DELETE_SELF},
	{abi.NOTE_WRITE, unix.IN_MODIFY | unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO},
	{abi.NOTE_EXTEND, unix.IN_MODIFY},
	{abi.NOTE_ATTRIB, unix.IN_ATTRIB},
	{abi.NOTE_LINK, unix.IN_ATTRIB},
	{abi.NOTE_RENAME, unix.IN_MOVE_SELF},
	{abi.NOTE_OPEN, unix.IN_OPEN},
	{abi.NOTE_CLOSE, unix.IN_CLOSE_NOWRITE},
	{abi.NOTE_CLOSE_WRITE, unix.IN_CLOSE_WRITE},
	{abi.NOTE_READ, unix.IN_ACCESS},
}

// filePath names the guest's file for us.
func filePath(pid int, fd uint64) string { return fmt.Sprintf("/proc/%d/fd/%d", pid, fd) }

func watchFile(t *kernel.Thread, n *knote) (int, error) {
	var mask uint32
	for _, f := range fileNotes {
		if n.fflags&f[0] != 0 {
			mask |= f[1]
		}
	}
	var st unix.Stat_t
	path := filePath(t.Process().Pid(), n.ident)
	if err := unix.Stat(path, &st); err != nil {
		return -1, kerr.EBADF
	}
	n.size, n.links, n.pid = st.Size, st.Nlink, t.Process().Pid()
	own, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return -1, err
	}
	if _, err := unix.InotifyAddWatch(own, path, mask); err != nil {
		unix.Close(own)
		return -1, err
	}
	return own, nil
}

// fileEvents translates the host's events. A deleted file that is still open
// tells its end by a change of attributes with no link left.
func (n *knote) fileEvents(b []byte) uint32 {
	var out uint32
	for len(b) >= unix.SizeofInotifyEvent {
		mask := le.Uint32(b[4:])
		for _, f := range fileNotes {
			if mask&f[1] != 0 {
				out |= f[0]
			}
		}
		b = b[min(len(b), unix.SizeofInotifyEvent+int(le.Uint32(b[12:]))):]
	}
	var st unix.Stat_t
	if unix.Stat(filePath(n.pid, n.ident), &st) == nil {
		if st.Nlink > 0 {
			out &^= abi.NOTE_DELETE
		}
		if st.Nlink == n.links {
			out &^= abi.NOTE_LINK
		}
		if st.Size <= n.size {
			out &^= abi.NOTE_EXTEND
		}
		n.size, n.links = st.Size, st.Nlink
	}
	return out & n.event.fflags
}

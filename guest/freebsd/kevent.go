package freebsd

import (
	"time"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// event is struct kevent.
type event struct {
	ident  uint64
	filter int16
	flags  uint16
	fflags uint32
	data   int64
	udata  uint64
	ext    [4]uint64
}

// keventLayout is one of two layouts of struct kevent.
type keventLayout struct{ size, ext int }

var (
	kevent64 = keventLayout{size: 64, ext: 4}
	kevent11 = keventLayout{size: 32} // before release 12
)

func (l keventLayout) get(b []byte) event {
	e := event{
		ident: le.Uint64(b), filter: int16(le.Uint16(b[8:])), flags: le.Uint16(b[10:]), fflags: le.Uint32(b[12:]),
		data: int64(le.Uint64(b[16:])), udata: le.Uint64(b[24:]),
	}
	for i := range l.ext {
		e.ext[i] = le.Uint64(b[32+8*i:])
	}
	return e
}

func (l keventLayout) put(out []byte, e *event) []byte {
	out = le.AppendUint64(out, e.ident)
	out = le.AppendUint16(out, uint16(e.filter))
	out = le.AppendUint16(out, e.flags)
	out = le.AppendUint32(out, e.fflags)
	out = le.AppendUint64(out, uint64(e.data))
	out = le.AppendUint64(out, e.udata)
	for i := range l.ext {
		out = le.AppendUint64(out, e.ext[i])
	}
	return out
}

func kevent(t *kernel.Thread, a *abi.KeventArgs) (uint64, error) {
	return keventWith(t, a, kevent64)
}

func freebsd11Kevent(t *kernel.Thread, a *abi.Freebsd11KeventArgs) (uint64, error) {
	return keventWith(t, (*abi.KeventArgs)(a), kevent11)
}

func keventWith(t *kernel.Thread, a *abi.KeventArgs, l keventLayout) (uint64, error) {
	q, err := findQueue(t, a.Kq)
	if err != nil {
		return 0, err
	}
	if a.Nchanges < 0 || a.Nchanges > 1<<16 || a.Nevents < 0 {
		return 0, kerr.EINVAL
	}
	defer letGateWait(t)
	receipts, err := q.changes(t, a, l)
	if err != nil {
		return 0, err
	}
	if len(receipts) == 0 && a.Nevents > 0 {
		receipts, err = q.wait(t, a)
	}
	if err != nil || len(receipts) == 0 {
		return 0, err
	}
	out := make([]byte, 0, len(receipts)*l.size)
	for i := range receipts {
		out = l.put(out, &receipts[i])
	}
	return uint64(len(receipts)), t.Write(a.Events, out)
}

// letGateWait says whether the gate may wait by itself: not while a queue has
// events that the host does not know.
func letGateWait(t *kernel.Thread) {
	all := kqueuesOf(t.Process())
	all.mu.Lock()
	defer all.mu.Unlock()
	own := false
	for _, q := range all.m {
		q.mu.Lock()
		own = own || q.files > 0 || len(q.left) > 0
		q.mu.Unlock()
	}
	t.SetWaits(!own)
}

// changes makes all changes. Those that fail, or ask for a receipt, are told as
// events while there is room; then the call does not wait.
func (q *queue) changes(t *kernel.Thread, a *abi.KeventArgs, l keventLayout) ([]event, error) {
	if a.Nchanges == 0 {
		return nil, nil
	}
	b := make([]byte, int(a.Nchanges)*l.size)
	if err := t.Read(a.Changes, b); err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var receipts []event
	for ; len(b) > 0; b = b[l.size:] {
		c := l.get(b)
		err := q.change(t, &c, pairs(&c, b[l.size:], l))
		if err == kerr.Done {
			return nil, err
		}
		if err == nil && c.flags&abi.EV_RECEIPT == 0 {
			continue
		}
		if len(receipts) == int(a.Nevents) {
			if err == nil {
				continue
			}
			return receipts, err
		}
		c.flags, c.data = abi.EV_ERROR, 0
		if e, ok := err.(kerr.Errno); ok {
			c.data = int64(errno(e))
		}
		receipts = append(receipts, c)
	}
	return receipts, nil
}

// pairs says whether the next change is about the same descriptor of the guest,
// so that one word to the host does for both.
func pairs(c *event, rest []byte, l keventLayout) bool {
	if len(rest) == 0 || !isFD(c.filter) || c.flags&abi.EV_DELETE != 0 {
		return false
	}
	next := l.get(rest)
	return next.ident == c.ident && isFD(next.filter) && next.filter != c.filter && next.flags&abi.EV_ADD != 0 && next.flags&abi.EV_DELETE == 0
}

// Sizes of the host's struct epoll_event, and how many we ask for.
const (
	epollSize   = 12
	mostWaiting = gate.MaxPrefetch
)

// wait waits for events in the guest's thread. What the gate has waited for
// already is taken first: the host tells it once.
func (q *queue) wait(t *kernel.Thread, a *abi.KeventArgs) ([]event, error) {
	var events []event
	_, buf := t.Scratch()
	n := t.Prefetched()
	if n > 0 {
		events = q.fired(t, a, events, buf[epollAt:][:n*epollSize])
	}
	room := int(a.Nevents)
	events = append(events, q.ready(t, room-len(events))...)
	// Differs: if the gate has waited for nothing, a timeout ends early.
	if len(events) == room || n > 0 && (len(events) > 0 || a.Timeout != 0) {
		return events, nil
	}
	begin, timeout := time.Now(), a.Timeout
	if len(events) > 0 {
		timeout = putTime(t, 0)
	}
	for {
		n, err := uint64(0), error(nil)
		events, n, err = q.waitHost(t, a, events, timeout)
		switch {
		case len(events) > 0:
			return events, nil
		case err != nil || n == 0:
			return nil, err
		}
		// Nothing of it means anything to the guest: wait on, for what is left.
		if a.Timeout != 0 {
			limit, err := readTime(t, a.Timeout)
			if err != nil {
				return nil, err
			}
			timeout = putTime(t, max(limit-time.Since(begin), 0))
		}
	}
}

// waitHost waits in the host and adds what comes; n is how many events it told.
func (q *queue) waitHost(t *kernel.Thread, a *abi.KeventArgs, events []event, timeout uint64) ([]event, uint64, error) {
	scratch, buf := t.Scratch()
	room := min(int(a.Nevents)-len(events), mostWaiting)
	n, err := t.Host(unix.SYS_EPOLL_PWAIT2, word(a.Kq), scratch+epollAt, uint64(room), timeout, 0, 8)
	switch {
	case err == kerr.Restart:
		return events, 0, kerr.EINTR
	case err == kerr.EINVAL && validTime(t, timeout):
		return events, 0, kerr.EBADF // no epoll instance
	case err != nil || n == 0:
		return events, 0, err
	}
	n = min(n, mostWaiting)
	return q.fired(t, a, events, buf[epollAt:][:n*epollSize]), n, nil
}

// Places in the scratch area: a timespec, then the host's events.
const (
	timeAt  = 0
	epollAt = gate.PrefetchOffset
)

func putTime(t *kernel.Thread, d time.Duration) uint64 {
	addr, buf := t.Scratch()
	le.PutUint64(buf[timeAt:], uint64(d/time.Second))
	le.PutUint64(buf[timeAt+8:], uint64(d%time.Second))
	return addr + timeAt
}

// readTime reads a timespec of the guest.
func readTime(t *kernel.Thread, addr uint64) (time.Duration, error) {
	var b [16]byte
	if err := t.Read(addr, b[:]); err != nil {
		return 0, err
	}
	const longest = 1 << 32 // seconds
	return time.Duration(min(le.Uint64(b[:]), longest))*time.Second + time.Duration(le.Uint64(b[8:])), nil
}

// validTime says whether a timeout is one.
func validTime(t *kernel.Thread, addr uint64) bool {
	var b [16]byte
	if addr == 0 || t.Read(addr, b[:]) != nil {
		return true
	}
	return int64(le.Uint64(b[:])) >= 0 && le.Uint64(b[8:]) < 1e9
}

// ready are the events that need no waiting: what the last caller had no room
// for, and files.
func (q *queue) ready(t *kernel.Thread, room int) []event {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(room, len(q.left))
	events := append([]event(nil), q.left[:n]...)
	q.left = q.left[n:]
	if q.files == 0 {
		return events
	}
	for _, it := range q.items {
		if it.file {
			events = q.readyFile(t, events, room, it)
		}
	}
	return events
}

// readyFile adds the events of a file that the host cannot watch.
func (q *queue) readyFile(t *kernel.Thread, events []event, room int, it *item) []event {
	for _, n := range []*knote{it.read, it.write} {
		if !n.active() || n.told && n.flags&abi.EV_CLEAR != 0 || len(events) == room {
			continue
		}
		s, err := statxFD(t, it.fd)
		if err != nil || s.dev != it.dev || s.ino != it.ino {
			q.forget(t, it) // closed
			return events
		}
		if data, ok := fileReady(t, n, s); ok {
			ev := n.event
			ev.data, n.told = data, true
			events = append(events, ev)
			q.after(t, n)
		}
	}
	return events
}

// fileReady says how much can be read from a file that the host cannot watch.
func fileReady(t *kernel.Thread, n *knote, s *fileStat) (int64, bool) {
	if n.filter == abi.EVFILT_WRITE || s.mode&unix.S_IFMT != unix.S_IFREG {
		return 0, true
	}
	at, err := t.HostMust(unix.SYS_LSEEK, word(n.item.fd), 0, unix.SEEK_CUR)
	return int64(s.size - at), err == nil && s.size > at
}

// fired translates the host's events. What is more than the guest has room for
// waits for the next call.
func (q *queue) fired(t *kernel.Thread, a *abi.KeventArgs, events []event, host []byte) []event {
	raw := append([]byte(nil), host...) // host calls on the way use the scratch area
	q.mu.Lock()
	defer q.mu.Unlock()
	for ; len(raw) >= epollSize; raw = raw[epollSize:] {
		it := q.items[le.Uint64(raw[4:])]
		switch {
		case it == nil:
		case it.note != nil:
			if !it.note.active() {
				continue
			}
			if ev, ok := it.note.fireOwn(); ok {
				events = append(events, ev)
				q.after(t, it.note)
			}
		default:
			events = q.firedFD(t, events, it, le.Uint32(raw))
		}
	}
	if room := int(a.Nevents); len(events) > room {
		q.left = append(q.left, events[room:]...)
		events = events[:room]
	}
	return events
}

// firedFD adds the events of a guest's descriptor.
func (q *queue) firedFD(t *kernel.Thread, events []event, it *item, bits uint32) []event {
	const end = unix.EPOLLHUP | unix.EPOLLERR
	read := it.read.active() && bits&(unix.EPOLLIN|unix.EPOLLRDHUP|end) != 0
	write := it.write.active() && bits&(unix.EPOLLOUT|end) != 0
	if !read && !write {
		return events
	}
	room := roomOf(t, it.fd, read, write)
	if read {
		ev := it.read.event
		ev.data = room.read
		if bits&(unix.EPOLLRDHUP|end) != 0 {
			ev.flags |= abi.EV_EOF
		}
		events = append(events, ev)
		q.after(t, it.read)
	}
	if write {
		ev := it.write.event
		ev.data = room.write
		if bits&end != 0 {
			ev.flags |= abi.EV_EOF
		}
		events = append(events, ev)
		q.after(t, it.write)
	}
	return events
}

// after does what a note asks for once it has fired.
func (q *queue) after(t *kernel.Thread, n *knote) {
	switch {
	case n.flags&abi.EV_ONESHOT != 0:
		q.remove(t, n)
	case n.flags&abi.EV_DISPATCH != 0:
		n.disabled = true
		if isFD(n.filter) {
			q.watch(t, n)
		}
	}
}

// space is how much can be read and written without waiting.
type space struct{ read, write int64 }

// roomOf asks the host, through a copy of the descriptor for a moment.
func roomOf(t *kernel.Thread, fd int32, read, write bool) (s space) {
	c, err := t.FD(int(fd))
	if err != nil {
		return s
	}
	defer unix.Close(c)
	if read {
		s.read = readable(c)
	}
	if write {
		s.write = writable(c)
	}
	return s
}

func readable(fd int) int64 {
	if n, err := unix.IoctlGetInt(fd, unix.TIOCINQ); err == nil {
		return int64(n)
	}
	// A socket that listens: connections that wait.
	if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
		return int64(info.Unacked)
	}
	return 1
}

func writable(fd int) int64 {
	queued, err := unix.IoctlGetInt(fd, unix.TIOCOUTQ)
	if err == nil {
		if size, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF); err == nil {
			return max(int64(size/2-queued), 1)
		}
	}
	const atomicWrite = 4096 // PIPE_BUF
	return atomicWrite
}

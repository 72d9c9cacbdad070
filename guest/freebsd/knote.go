package freebsd

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// knote is one registration.
type knote struct {
	event
	item      *item
	disabled  bool
	triggered bool // EVFILT_USER
	told      bool // a file's state was told once, with EV_CLEAR

	// EVFILT_VNODE: what the file was like when it was looked at last.
	size  int64
	links uint64
	pid   int
}

func (n *knote) active() bool { return n != nil && !n.disabled }

// item is one entry of the epoll instance.
type item struct {
	id   uint64
	own  int // descriptor of ours, or -1
	fd   int32
	note *knote // of an own descriptor

	read, write *knote // of a guest's descriptor
	added       bool   // the host watches it
	file        bool   // the host cannot watch it: always ready, up to the end
	dev, ino    uint64 // of a file
}

func (it *item) close() {
	if it.own >= 0 {
		unix.Close(it.own)
		it.own = -1
	}
}

// slot is where the item keeps the note of a filter.
func (it *item) slot(filter int16) **knote {
	if filter == abi.EVFILT_READ {
		return &it.read
	}
	return &it.write
}

// mask is what the host is to watch of a guest's descriptor; 0 is nothing.
func (it *item) mask() uint32 {
	var m uint32
	clear := true
	if it.read.active() {
		m |= unix.EPOLLIN | unix.EPOLLRDHUP
		clear = clear && it.read.flags&abi.EV_CLEAR != 0
	}
	if it.write.active() {
		m |= unix.EPOLLOUT
		clear = clear && it.write.flags&abi.EV_CLEAR != 0
	}
	if m != 0 && clear {
		m |= unix.EPOLLET
	}
	return m
}

func (q *queue) newItem(own int, fd int32) *item {
	it := &item{id: nextItem.Add(1), own: own, fd: fd}
	q.items[it.id] = it
	return it
}

// nextItem numbers items. The numbers are unique among all queues, for the gate
// knows one table for all queues of an address space.
var nextItem atomic.Uint64

// publish tells the gate what it may tell of the item by itself.
func (it *item) publish(t *kernel.Thread) {
	table := t.Knotes()
	if table == nil {
		return
	}
	k := &table[it.id%gate.NKnotes]
	if k.ID != 0 && k.ID != it.id {
		return // the row is taken: the supervisor tells these events
	}
	atomic.StoreUint64(&k.ID, 0)
	var n gate.Knote
	n.FD = uint32(it.fd)
	plain := it.plainNote(it.read, &n.Active, 1, &n.ReadFlags, &n.ReadData)
	plain = it.plainNote(it.write, &n.Active, 2, &n.WriteFlags, &n.WriteData) && plain
	*k = n
	if plain && n.Active != 0 {
		atomic.StoreUint64(&k.ID, it.id)
	}
}

// plainNote fills in what the gate needs of a note; false if it needs more.
func (it *item) plainNote(n *knote, active *uint32, bit uint32, flags *uint32, udata *uint64) bool {
	if !n.active() {
		return true
	}
	*active |= bit
	*flags, *udata = uint32(n.flags)<<16, n.udata
	return n.flags == abi.EV_CLEAR && n.fflags == 0 && n.ext == [4]uint64{}
}

// withdraw takes the item from the gate.
func (it *item) withdraw(t *kernel.Thread) {
	if table := t.Knotes(); table != nil {
		atomic.CompareAndSwapUint64(&table[it.id%gate.NKnotes].ID, it.id, 0)
	}
}

// isFD says whether a filter watches a descriptor of the guest by the host.
func isFD(filter int16) bool { return filter == abi.EVFILT_READ || filter == abi.EVFILT_WRITE }

// change does one change of kevent(2). With more, the next change is about the
// same descriptor, and the host is told then.
func (q *queue) change(t *kernel.Thread, c *event, more bool) error {
	n := q.notes[noteKey{c.ident, c.filter}]
	if c.flags&abi.EV_ADD == 0 && n == nil {
		return kerr.ENOENT
	}
	if c.flags&abi.EV_DELETE != 0 {
		return q.remove(t, n)
	}
	if n == nil {
		n = &knote{event: *c}
		n.fflags, n.data = c.fflags&^abi.NOTE_TRIGGER, c.data
		if err := q.attach(t, n); err != nil {
			return err
		}
		q.notes[noteKey{c.ident, c.filter}] = n
	} else if c.flags&abi.EV_ADD != 0 {
		n.flags, n.udata = c.flags, c.udata
		if c.filter != abi.EVFILT_USER {
			n.fflags, n.data = c.fflags, c.data
		}
		n.ext = c.ext
	}
	n.flags &^= abi.EV_ADD | abi.EV_ENABLE | abi.EV_DISABLE | abi.EV_RECEIPT | abi.EV_DELETE
	switch {
	case c.flags&abi.EV_DISABLE != 0:
		n.disabled = true
	case c.flags&(abi.EV_ENABLE|abi.EV_ADD) != 0:
		n.disabled = false
	}
	if isFD(c.filter) {
		if more {
			return nil
		}
		return q.watch(t, n)
	}
	return q.updateOwn(n, c)
}

// attach gives a new note its item.
func (q *queue) attach(t *kernel.Thread, n *knote) error {
	if !isFD(n.filter) {
		return q.attachOwn(t, n)
	}
	it := q.fds[n.ident]
	if it == nil {
		it = q.newItem(-1, int32(n.ident))
		q.fds[n.ident] = it
	}
	n.item = it
	*it.slot(n.filter) = n
	return nil
}

// ctl makes epoll_ctl in the guest, whose descriptors they are.
func (q *queue) ctl(t *kernel.Thread, op uint64, it *item) error {
	addr, buf := t.Scratch()
	le.PutUint32(buf, it.mask())
	le.PutUint64(buf[4:], it.id)
	_, err := t.HostMust(unix.SYS_EPOLL_CTL, word(q.fd), op, word(it.fd), addr)
	return err
}

// watch brings the host's entry of a note's descriptor up to date. A descriptor
// that has been closed and made again meanwhile is a new one.
func (q *queue) watch(t *kernel.Thread, n *knote) error {
	it := n.item
	if it.file { // or was one: the number may be another file's by now
		it.file = false
		q.files--
	}
	it.publish(t)
	if it.mask() == 0 {
		if it.added {
			it.added = false
			q.ctl(t, unix.EPOLL_CTL_DEL, it)
		}
		return nil
	}
	if it.added {
		err := q.ctl(t, unix.EPOLL_CTL_MOD, it)
		if err != kerr.ENOENT && err != kerr.EBADF {
			return err
		}
		it.withdraw(t)
		it = q.renumber(it)
		it.publish(t)
	}
	err := q.ctl(t, unix.EPOLL_CTL_ADD, it)
	if err == kerr.EEXIST {
		err = q.ctl(t, unix.EPOLL_CTL_MOD, it)
	}
	switch {
	case err == kerr.EPERM:
		return q.addFile(t, it)
	case err != nil:
		q.forget(t, it)
		return err
	default:
		it.added = true
	}
	return nil
}

// addFile notes a file that the host cannot watch.
func (q *queue) addFile(t *kernel.Thread, it *item) error {
	s, err := statxFD(t, it.fd)
	if err != nil {
		q.forget(t, it)
		return err
	}
	it.withdraw(t)
	it.file, it.dev, it.ino = true, s.dev, s.ino
	q.files++
	for _, n := range []*knote{it.read, it.write} {
		if n != nil {
			n.told = false
		}
	}
	return nil
}

// renumber gives the item a new id: what the old one still fires is of a file
// that the guest has closed.
func (q *queue) renumber(it *item) *item {
	delete(q.items, it.id)
	it.id, it.added = nextItem.Add(1), false
	q.items[it.id] = it
	return it
}

// forget removes an item with its notes.
func (q *queue) forget(t *kernel.Thread, it *item) {
	it.withdraw(t)
	delete(q.items, it.id)
	for _, n := range []*knote{it.note, it.read, it.write} {
		if n != nil {
			delete(q.notes, noteKey{n.ident, n.filter})
		}
	}
	if it.own < 0 && q.fds[uint64(uint32(it.fd))] == it {
		delete(q.fds, uint64(uint32(it.fd)))
	}
	if it.file {
		q.files--
	}
	it.close()
}

// remove deletes a note.
func (q *queue) remove(t *kernel.Thread, n *knote) error {
	it := n.item
	if !isFD(n.filter) {
		q.forget(t, it)
		return nil
	}
	delete(q.notes, noteKey{n.ident, n.filter})
	*it.slot(n.filter) = nil
	err := q.watch(t, n)
	if it.read == nil && it.write == nil {
		q.forget(t, it)
	}
	return err
}

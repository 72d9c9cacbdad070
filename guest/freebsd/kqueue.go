package freebsd

import (
	"sync"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// A queue (kqueue(2)) is an epoll instance of the host in the guest. The supervisor has a
// copy of its descriptor, through which it adds descriptors of its own: an eventfd
// for EVFILT_USER, a timerfd for EVFILT_TIMER, a pidfd for EVFILT_PROC, inotify
// for EVFILT_VNODE. So the guest has one descriptor for a kqueue, waits in the
// host, and only what the events mean is ours.
//
//	queue    one kqueue                 notes by ident and filter, items by id
//	knote    one registration          flags, fflags, data, udata
//	item     one entry of the epoll    the notes that it can fire
//
// The data of an epoll entry is the item's id, never a descriptor: an entry
// whose descriptor the guest has closed while a forked child still had the file
// open may fire for a while, and must not be taken for a newer one.
type queue struct {
	ep int   // our copy of the descriptor
	fd int32 // in the guest

	mu    sync.Mutex
	notes map[noteKey]*knote
	items map[uint64]*item
	fds   map[uint64]*item // those of guest descriptors, by number
	files int              // notes on files that the host cannot watch
	left  []event          // events that the last caller had no room for
}

type noteKey struct {
	ident  uint64
	filter int16
}

// kqueues are those of one process, by descriptor.
type kqueues struct {
	mu sync.Mutex
	m  map[int32]*queue
}

type kqueuesKey struct{}

func kqueuesOf(p *kernel.Process) *kqueues {
	if v, ok := p.Values.Load(kqueuesKey{}); ok {
		return v.(*kqueues)
	}
	v, _ := p.Values.LoadOrStore(kqueuesKey{}, &kqueues{m: map[int32]*queue{}})
	return v.(*kqueues)
}

// Close frees what the process had; called when it has ended.
func (k *kqueues) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for fd, q := range k.m {
		q.release()
		delete(k.m, fd)
	}
	return nil
}

// release closes our descriptors of the queue.
func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, it := range q.items {
		it.close()
	}
	q.items = map[uint64]*item{}
	unix.Close(q.ep)
}

// isAt says whether the queue is what fd is in process pid.
func (q *queue) isAt(pid int, fd int32) bool {
	const kcmpFile = 0
	r, _, e := unix.Syscall6(unix.SYS_KCMP, uintptr(unix.Getpid()), uintptr(pid), kcmpFile, uintptr(q.ep), uintptr(fd), 0)
	return e == 0 && r == 0
}

func newQueue(t *kernel.Thread, flags uint64) (uint64, error) {
	fd, err := t.Host(unix.SYS_EPOLL_CREATE1, flags)
	if err != nil {
		return 0, err
	}
	ep, err := t.FD(int(fd))
	if err != nil {
		t.HostMust(unix.SYS_CLOSE, fd)
		return 0, kerr.ENOMEM
	}
	all := kqueuesOf(t.Process())
	all.mu.Lock()
	defer all.mu.Unlock()
	for n, q := range all.m { // the guest closes without telling us
		if n == int32(fd) || !q.isAt(t.Process().Pid(), n) {
			q.release()
			delete(all.m, n)
		}
	}
	all.m[int32(fd)] = &queue{ep: ep, fd: int32(fd), notes: map[noteKey]*knote{}, items: map[uint64]*item{}, fds: map[uint64]*item{}}
	return fd, nil
}

func findQueue(t *kernel.Thread, fd int32) (*queue, error) {
	all := kqueuesOf(t.Process())
	all.mu.Lock()
	defer all.mu.Unlock()
	if q := all.m[fd]; q != nil {
		return q, nil
	}
	for old, q := range all.m { // a duplicate
		if q.isAt(t.Process().Pid(), fd) {
			delete(all.m, old)
			all.m[fd], q.fd = q, fd
			return q, nil
		}
	}
	return nil, kerr.EBADF
}

// closeKqueues: a kqueue is not inherited by the child of a fork.
func closeKqueues(parent, child *kernel.Thread) {
	v, ok := parent.Process().Values.Load(kqueuesKey{})
	if !ok {
		return
	}
	all := v.(*kqueues)
	all.mu.Lock()
	defer all.mu.Unlock()
	for fd, q := range all.m {
		if q.isAt(child.Process().Pid(), fd) {
			child.HostMust(unix.SYS_CLOSE, word(fd))
		}
	}
}

func kqueue(t *kernel.Thread) (uint64, error) { return newQueue(t, 0) }

func kqueuex(t *kernel.Thread, a *abi.KqueuexArgs) (uint64, error) {
	switch a.Flags {
	case 0:
		return newQueue(t, 0)
	case abi.KQUEUE_CLOEXEC:
		return newQueue(t, unix.EPOLL_CLOEXEC)
	}
	return 0, kerr.EINVAL
}

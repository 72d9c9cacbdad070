package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// pollBits pairs the events whose bits differ: POLLWRBAND, POLLRDHUP, and
// POLLINIGNEOF, which the host has not and which then acts as POLLIN.
var pollBits = [...][2]uint16{
	{abi.POLLWRBAND, 0x200},
	{abi.POLLRDHUP, 0x2000},
}

const pollSame = 0xff // POLLIN to POLLRDBAND are the host's

func hostPoll(ev uint16) uint16 {
	out := ev & pollSame
	if ev&abi.POLLINIGNEOF != 0 {
		out |= unix.POLLIN
	}
	for _, p := range pollBits {
		if ev&p[0] != 0 {
			out |= p[1]
		}
	}
	return out
}

func guestPoll(ev, asked uint16) uint16 {
	out := ev & pollSame
	for _, p := range pollBits {
		if ev&p[1] != 0 {
			out |= p[0]
		}
	}
	if asked&abi.POLLINIGNEOF != 0 && ev&unix.POLLIN != 0 {
		out |= abi.POLLINIGNEOF
	}
	return out
}

// pollSize is sizeof(struct pollfd).
const pollSize = 8

// scratchPolls is where the scratch area holds pollfds; timeout and mask come before.
const scratchPolls = 64

// hostPolls brings pollfds to where the host finds them: the guest's own if they
// mean the same there. back translates the outcome.
func hostPolls(t *kernel.Thread, fds uint64, n uint32) (addr uint64, back func() error, err error) {
	scratch, buf := t.Scratch()
	size := uint64(n) * pollSize
	if size > 1<<20 {
		return 0, nil, kerr.EINVAL
	}
	guest := make([]byte, size)
	if err := t.Read(fds, guest); err != nil {
		return 0, nil, err
	}
	same := true
	for i := 4; i < len(guest); i += pollSize {
		same = same && le.Uint16(guest[i:])&^pollSame == 0
	}
	if same {
		return fds, func() error { return nil }, nil
	}
	if size > uint64(len(buf)-scratchPolls) {
		return 0, nil, kerr.EINVAL // Differs: events that only FreeBSD has, on some thousand descriptors.
	}
	host := buf[scratchPolls:][:size]
	copy(host, guest)
	for i := 4; i < len(host); i += pollSize {
		le.PutUint16(host[i:], hostPoll(le.Uint16(guest[i:])))
	}
	return scratch + scratchPolls, func() error {
		for i := 6; i < len(guest); i += pollSize {
			le.PutUint16(guest[i:], guestPoll(le.Uint16(host[i:]), le.Uint16(guest[i-2:])))
		}
		return t.Write(fds, guest)
	}, nil
}

func poll(t *kernel.Thread, a *abi.PollArgs) (uint64, error) {
	addr, back, err := hostPolls(t, a.Fds, a.N)
	if err != nil {
		return 0, err
	}
	n, err := t.Host(unix.SYS_POLL, addr, uint64(a.N), word(max(a.Timeout, -1)))
	if err != nil {
		return 0, err
	}
	return n, back()
}

// copyTime puts a timespec into the scratch area: the host changes it, FreeBSD does not.
func copyTime(t *kernel.Thread, from uint64, off int) (uint64, error) {
	if from == 0 {
		return 0, nil
	}
	addr, buf := t.Scratch()
	return addr + uint64(off), t.Read(from, buf[off:off+16])
}

func ppoll(t *kernel.Thread, a *abi.PpollArgs) (uint64, error) {
	addr, back, err := hostPolls(t, a.Fds, a.N)
	if err != nil {
		return 0, err
	}
	timeout, err := copyTime(t, a.Timeout, 0)
	if err != nil {
		return 0, err
	}
	var mask uint64
	if a.Set != 0 {
		set, err := readSet(t, a.Set)
		if err == nil {
			err = t.WaitMask(set)
		}
		if err != nil {
			return 0, err
		}
		mask = putMask(t, 16, set)
	}
	n, err := t.Host(unix.SYS_PPOLL, addr, uint64(a.N), timeout, mask, 8)
	if err != nil {
		return 0, err
	}
	return n, back()
}

// fd_set is the same on both systems: one bit a descriptor.

func selectCall(t *kernel.Thread, a *abi.SelectCallArgs) (uint64, error) {
	timeout, err := copyTime(t, a.Timeout, 0)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_SELECT, word(a.N), a.Read, a.Write, a.Except, timeout)
}

func pselect(t *kernel.Thread, a *abi.PselectArgs) (uint64, error) {
	timeout, err := copyTime(t, a.Timeout, 0)
	if err != nil {
		return 0, err
	}
	var pair uint64
	if a.Set != 0 {
		set, err := readSet(t, a.Set)
		if err == nil {
			err = t.WaitMask(set)
		}
		if err != nil {
			return 0, err
		}
		addr, buf := t.Scratch()
		le.PutUint64(buf[16:], putMask(t, 32, set))
		le.PutUint64(buf[24:], 8)
		pair = addr + 16
	}
	return t.Host(unix.SYS_PSELECT6, word(a.N), a.Read, a.Write, a.Except, timeout, pair)
}

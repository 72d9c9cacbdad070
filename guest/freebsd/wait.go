package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// rusageSize is sizeof(struct rusage), laid out as the host's.
const rusageSize = 144

// waitFlags pairs FreeBSD's options of wait6 with those of waitid(2).
var waitFlags = [...][2]uint32{
	{abi.WNOHANG, unix.WNOHANG},
	{abi.WUNTRACED, unix.WSTOPPED},
	{abi.WCONTINUED, unix.WCONTINUED},
	{abi.WNOWAIT, unix.WNOWAIT},
	{abi.WEXITED, unix.WEXITED},
	{abi.WTRAPPED, 0},
	{abi.WLINUXCLONE, unix.WCLONE},
}

// child is what a wait has found.
type child struct {
	pid    int32
	uid    uint32
	code   int32 // CLD_*, the same on both systems
	status int32 // exit status, or the guest's signal number
}

// wstatus is the child's status word (FreeBSD 14.1 sys/wait.h).
func (c *child) wstatus() uint32 {
	s := uint32(c.status)
	switch c.code {
	case abi.CLD_EXITED:
		return s & 0xff << 8
	case abi.CLD_KILLED:
		return s
	case abi.CLD_DUMPED:
		return s | 0x80
	case abi.CLD_CONTINUED:
		return abi.SIGCONT
	}
	return s<<8 | 0x7f
}

func (c *child) info() *info {
	return &info{signo: abi.SIGCHLD, code: c.code, pid: c.pid, uid: c.uid, status: c.status}
}

// waitFor waits by the host's waitid, and stores what the child has used at ru.
func waitFor(t *kernel.Thread, typ int, id int64, options uint32, ru uint64) (*child, error) {
	var flags uint32
	for _, f := range waitFlags {
		if options&f[0] != 0 {
			flags |= f[1]
		}
		options &^= f[0]
	}
	if options != 0 {
		return nil, kerr.EINVAL
	}
	addr, buf := t.Scratch()
	const usage = 256
	clear(buf[:usage+rusageSize])
	var usageAt uint64
	if ru != 0 {
		usageAt = addr + usage
	}
	if _, err := t.Host(unix.SYS_WAITID, uint64(typ), uint64(id), addr, uint64(flags), usageAt); err != nil {
		return nil, err
	}
	c := &child{code: int32(le.Uint32(buf[8:])), pid: int32(le.Uint32(buf[16:])),
		uid: le.Uint32(buf[20:]), status: int32(le.Uint32(buf[24:]))}
	if c.code != abi.CLD_EXITED {
		c.status = guestSignal(int(c.status))
	}
	if c.pid == 0 || ru == 0 {
		return c, nil
	}
	return c, t.Write(ru, buf[usage:usage+rusageSize])
}

func wait4(t *kernel.Thread, a *abi.Wait4Args) (uint64, error) {
	if a.Options&^(abi.WUNTRACED|abi.WNOHANG|abi.WCONTINUED|abi.WLINUXCLONE) != 0 {
		return 0, kerr.EINVAL
	}
	typ, id := unix.P_PID, int64(a.Pid)
	switch {
	case a.Pid == -1:
		typ, id = unix.P_ALL, 0
	case a.Pid == 0:
		typ = unix.P_PGID
	case a.Pid < 0:
		typ, id = unix.P_PGID, -id
	}
	c, err := waitFor(t, typ, id, a.Options|abi.WEXITED, a.Ru)
	if err != nil || c.pid == 0 {
		return 0, err
	}
	if a.Status != 0 {
		err = t.Write32(a.Status, c.wstatus())
	}
	return uint64(c.pid), err
}

func wait6(t *kernel.Thread, a *abi.Wait6Args) (uint64, error) {
	typ := 0
	switch a.Type {
	case abi.P_PID:
		typ = unix.P_PID
	case abi.P_PGID:
		typ = unix.P_PGID
	case abi.P_ALL:
		typ = unix.P_ALL
	default:
		return 0, kerr.EINVAL
	}
	c, err := waitFor(t, typ, a.Id, a.Options, a.Ru)
	if err != nil {
		return 0, err
	}
	if a.Info != 0 {
		b := make([]byte, infoSize)
		if c.pid != 0 {
			b = c.info().bytes()
		}
		if err := t.Write(a.Info, b); err != nil {
			return 0, err
		}
	}
	if c.pid == 0 {
		return 0, nil
	}
	if a.Status != 0 {
		if err := t.Write32(a.Status, c.wstatus()); err != nil {
			return 0, err
		}
	}
	if a.Ru == 0 {
		return uint64(c.pid), nil
	}
	// Differs: what the child's own children have used is not told apart.
	return uint64(c.pid), t.Write(a.Ru+rusageSize, make([]byte, rusageSize))
}

package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// sockType translates a type with its flags; the types have the host's numbers.
func sockType(typ uint32) (uint64, error) {
	flags, err := sockFlags(typ & (abi.SOCK_CLOEXEC | abi.SOCK_NONBLOCK))
	if err != nil {
		return 0, err
	}
	return uint64(typ&^(abi.SOCK_CLOEXEC|abi.SOCK_NONBLOCK)) | flags, nil
}

func sockFlags(flags uint32) (uint64, error) {
	var out uint64
	if flags&abi.SOCK_CLOEXEC != 0 {
		out |= unix.SOCK_CLOEXEC
	}
	if flags&abi.SOCK_NONBLOCK != 0 {
		out |= unix.SOCK_NONBLOCK
	}
	if flags&^(abi.SOCK_CLOEXEC|abi.SOCK_NONBLOCK) != 0 {
		return 0, kerr.EINVAL
	}
	return out, nil
}

func socket(t *kernel.Thread, a *abi.SocketArgs) (uint64, error) {
	family, ok := hostFamily(uint16(a.Domain))
	if !ok || a.Domain > 255 || a.Domain == abi.AF_UNSPEC {
		return 0, kerr.EAFNOSUPPORT
	}
	typ, err := sockType(a.Type)
	if err != nil {
		return 0, err
	}
	fd, err := t.Host(unix.SYS_SOCKET, uint64(family), typ, uint64(a.Protocol))
	if err == kerr.ESOCKTNOSUPPORT {
		err = kerr.EPROTONOSUPPORT
	}
	return fd, err
}

func socketpair(t *kernel.Thread, a *abi.SocketpairArgs) (uint64, error) {
	family, ok := hostFamily(uint16(a.Domain))
	if !ok {
		return 0, kerr.EAFNOSUPPORT
	}
	typ, err := sockType(a.Type)
	if err != nil {
		return 0, err
	}
	return t.Host(unix.SYS_SOCKETPAIR, uint64(family), typ, uint64(a.Protocol), a.Fds)
}

func bind(t *kernel.Thread, a *abi.BindArgs) (uint64, error) {
	return named(t, unix.SYS_BIND, a.Fd, a.Name, a.Namelen)
}

// connect: a socket of the Unix family that nobody accepts from in time is
// refused, where the host says EAGAIN.
func connect(t *kernel.Thread, a *abi.ConnectArgs) (uint64, error) {
	r, err := named(t, unix.SYS_CONNECT, a.Fd, a.Name, a.Namelen)
	if err == kerr.EAGAIN {
		err = kerr.ECONNREFUSED
	}
	return r, err
}

func named(t *kernel.Thread, nr uint64, fd int32, name uint64, n uint32) (uint64, error) {
	addr, size, err := putName(t, name, n)
	if err != nil {
		return 0, err
	}
	return t.Host(nr, word(fd), addr, size)
}

func accept(t *kernel.Thread, a *abi.AcceptArgs) (uint64, error) {
	return acceptWith(t, a.Fd, a.Name, a.Namelen, 0)
}

func accept4(t *kernel.Thread, a *abi.Accept4Args) (uint64, error) {
	flags, err := sockFlags(a.Flags)
	if err != nil {
		return 0, err
	}
	return acceptWith(t, a.Fd, a.Name, a.Namelen, flags)
}

func acceptWith(t *kernel.Thread, fd int32, name, namelen, flags uint64) (uint64, error) {
	addr, lenAddr := roomForName(t, name)
	n, err := t.Host(unix.SYS_ACCEPT4, word(fd), addr, lenAddr, flags)
	if err != nil {
		return 0, err
	}
	if err := tellName(t, name, namelen); err != nil {
		t.HostMust(unix.SYS_CLOSE, n)
		return 0, err
	}
	return n, nil
}

func getsockname(t *kernel.Thread, a *abi.GetsocknameArgs) (uint64, error) {
	return askName(t, unix.SYS_GETSOCKNAME, a.Fd, a.Name, a.Namelen)
}

func getpeername(t *kernel.Thread, a *abi.GetpeernameArgs) (uint64, error) {
	return askName(t, unix.SYS_GETPEERNAME, a.Fd, a.Name, a.Namelen)
}

func askName(t *kernel.Thread, nr uint64, fd int32, name, namelen uint64) (uint64, error) {
	addr, lenAddr := roomForName(t, name)
	if _, err := t.Host(nr, word(fd), addr, lenAddr); err != nil {
		return 0, err
	}
	return 0, tellName(t, name, namelen)
}

// msgFlags pairs FreeBSD's flags of messages with the host's.
var msgFlags = [...][2]uint32{
	{abi.MSG_OOB, unix.MSG_OOB},
	{abi.MSG_PEEK, unix.MSG_PEEK},
	{abi.MSG_DONTROUTE, unix.MSG_DONTROUTE},
	{abi.MSG_EOR, unix.MSG_EOR},
	{abi.MSG_TRUNC, unix.MSG_TRUNC},
	{abi.MSG_CTRUNC, unix.MSG_CTRUNC},
	{abi.MSG_WAITALL, unix.MSG_WAITALL},
	{abi.MSG_DONTWAIT, unix.MSG_DONTWAIT},
	{abi.MSG_EOF, 0},
	{abi.MSG_NBIO, unix.MSG_DONTWAIT},
	{abi.MSG_NOSIGNAL, unix.MSG_NOSIGNAL},
	{abi.MSG_CMSG_CLOEXEC, unix.MSG_CMSG_CLOEXEC},
	{abi.MSG_WAITFORONE, unix.MSG_WAITFORONE},
}

func hostMsgFlags(flags uint32) (uint64, error) {
	var out uint32
	for _, f := range msgFlags {
		if flags&f[0] != 0 {
			out |= f[1]
		}
		flags &^= f[0]
	}
	if flags != 0 {
		return 0, kerr.EINVAL
	}
	return uint64(out), nil
}

func guestMsgFlags(flags uint32) uint32 {
	var out uint32
	for _, f := range msgFlags {
		if f[1] != 0 && f[0] != abi.MSG_NBIO && flags&f[1] != 0 {
			out |= f[0]
		}
	}
	return out
}

func sendto(t *kernel.Thread, a *abi.SendtoArgs) (uint64, error) {
	flags, err := hostMsgFlags(a.Flags)
	if err != nil {
		return 0, err
	}
	addr, size, err := putName(t, a.Name, a.Namelen)
	if err != nil {
		return 0, err
	}
	n, err := t.Host(unix.SYS_SENDTO, word(a.Fd), a.Buf, a.N, flags, addr, size)
	if err == nil && a.Flags&abi.MSG_EOF != 0 {
		t.HostMust(unix.SYS_SHUTDOWN, word(a.Fd), unix.SHUT_WR)
	}
	return n, err
}

func recvfrom(t *kernel.Thread, a *abi.RecvfromArgs) (uint64, error) {
	flags, err := hostMsgFlags(a.Flags &^ abi.MSG_TRUNC)
	if err != nil {
		return 0, err
	}
	if a.Namelen == 0 {
		a.Name = 0
	}
	addr, lenAddr := roomForName(t, a.Name)
	n, err := t.Host(unix.SYS_RECVFROM, word(a.Fd), a.Buf, a.N, flags, addr, lenAddr)
	if err != nil || a.Name == 0 {
		return n, err
	}
	_, buf := t.Scratch()
	if le.Uint32(buf[scratchNameLen:]) == 0 { // a connected socket tells no name
		return n, t.Write32(a.Namelen, 0)
	}
	return n, tellName(t, a.Name, a.Namelen)
}

package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// struct msghdr: 48 bytes here, 56 on the host, where lengths of vectors have 64
// bits. Control messages: a header of 12 bytes padded to 16 here, 16 on the host;
// data and next header are aligned to 8 on both.

const (
	guestMsg   = 48
	hostMsg    = 56
	msgName    = scratchName // address, below scratchNameLen
	msgHeader  = 512         // the host's msghdr
	msgControl = 1024
	maxControl = 4096
	cmsgData   = 16
)

// header is struct msghdr.
type header struct {
	name, iov, control  uint64
	namelen, controllen uint32
	iovlen, flags       uint32
}

func readHeader(t *kernel.Thread, addr uint64) (*header, error) {
	var b [guestMsg]byte
	if err := t.Read(addr, b[:]); err != nil {
		return nil, err
	}
	h := &header{
		name: le.Uint64(b[:]), namelen: le.Uint32(b[8:]), iov: le.Uint64(b[16:]), iovlen: le.Uint32(b[24:]),
		control: le.Uint64(b[32:]), controllen: le.Uint32(b[40:]), flags: le.Uint32(b[44:]),
	}
	if h.iovlen > 1024 {
		return nil, kerr.EMSGSIZE
	}
	return h, nil
}

// put writes the host's header to the scratch area and returns its address.
func (h *header) put(t *kernel.Thread) uint64 {
	addr, buf := t.Scratch()
	b := buf[msgHeader:][:hostMsg]
	clear(b)
	le.PutUint64(b, h.name)
	le.PutUint32(b[8:], h.namelen)
	le.PutUint64(b[16:], h.iov)
	le.PutUint64(b[24:], uint64(h.iovlen))
	le.PutUint64(b[32:], h.control)
	le.PutUint64(b[40:], uint64(h.controllen))
	return addr + msgHeader
}

func sendmsg(t *kernel.Thread, a *abi.SendmsgArgs) (uint64, error) {
	flags, err := hostMsgFlags(a.Flags)
	if err != nil {
		return 0, err
	}
	h, err := readHeader(t, a.Msg)
	if err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	if h.control == 0 || h.controllen == 0 {
		h.control, h.controllen = 0, 0
	} else {
		if h.controllen > maxControl {
			return 0, kerr.EINVAL
		}
		guest := make([]byte, h.controllen)
		if err := t.Read(h.control, guest); err != nil {
			return 0, err
		}
		host, err := hostControl(t, guest)
		if err != nil {
			return 0, err
		}
		h.control, h.controllen = addr+msgControl, uint32(copy(buf[msgControl:], host))
	}
	name, size, err := putName(t, h.name, h.namelen)
	if err != nil {
		return 0, err
	}
	h.name, h.namelen = name, uint32(size)
	return t.Host(unix.SYS_SENDMSG, word(a.Fd), h.put(t), flags)
}

// eachCmsg calls f for every control message: level, type, data.
func eachCmsg(b []byte, head int, f func(level, typ uint32, data []byte) error) error {
	lenSize := head - 8
	for len(b) >= head {
		n := int(le.Uint32(b))
		if n < head || n > len(b) {
			return nil
		}
		if n >= cmsgData {
			if err := f(le.Uint32(b[lenSize:]), le.Uint32(b[lenSize+4:]), b[cmsgData:n]); err != nil {
				return err
			}
		}
		b = b[min(len(b), (n+7)&^7):]
	}
	return nil
}

// hostControl translates control messages that the guest sends.
func hostControl(t *kernel.Thread, guest []byte) ([]byte, error) {
	var out []byte
	add := func(level, typ uint32, data []byte) {
		b := make([]byte, cmsgData, cmsgData+len(data))
		le.PutUint64(b, uint64(cmsgData+len(data)))
		le.PutUint32(b[8:], level)
		le.PutUint32(b[12:], typ)
		out = pad8(append(out, append(b, data...)...))
	}
	err := eachCmsg(guest, 12, func(level, typ uint32, data []byte) error {
		switch {
		case level == abi.SOL_SOCKET && typ == abi.SCM_RIGHTS:
			add(unix.SOL_SOCKET, unix.SCM_RIGHTS, data)
		case level == abi.SOL_SOCKET && typ == abi.SCM_CREDS:
			add(unix.SOL_SOCKET, unix.SCM_CREDENTIALS, ownCred(t))
		case level == abi.IPPROTO_IP && typ == abi.IP_SENDSRCADDR && len(data) == 4:
			add(unix.IPPROTO_IP, unix.IP_PKTINFO, append(make([]byte, 4), append(data, 0, 0, 0, 0)...))
		case level == abi.IPPROTO_IP && typ == abi.IP_TOS:
			add(unix.IPPROTO_IP, unix.IP_TOS, data)
		case level == abi.IPPROTO_IPV6 && typ == abi.IPV6_PKTINFO:
			add(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, data)
		case level == abi.IPPROTO_IPV6 && typ == abi.IPV6_HOPLIMIT:
			add(unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, data)
		case level == abi.IPPROTO_IPV6 && typ == abi.IPV6_TCLASS:
			add(unix.IPPROTO_IPV6, unix.IPV6_TCLASS, data)
		default:
			return kerr.EINVAL
		}
		return nil
	})
	if len(out) > maxControl {
		return nil, kerr.EINVAL
	}
	return out, err
}

// ownCred is struct ucred of the caller.
func ownCred(t *kernel.Thread) []byte {
	uid, _ := t.HostMust(unix.SYS_GETUID)
	gid, _ := t.HostMust(unix.SYS_GETGID)
	b := le.AppendUint32(nil, uint32(t.Process().Pid()))
	return le.AppendUint32(le.AppendUint32(b, uint32(uid)), uint32(gid))
}

// guestControl translates control messages that came in.
func guestControl(host []byte) []byte {
	var out []byte
	add := func(level, typ uint32, data []byte) {
		b := make([]byte, cmsgData, cmsgData+len(data))
		le.PutUint32(b, uint32(cmsgData+len(data)))
		le.PutUint32(b[4:], level)
		le.PutUint32(b[8:], typ)
		out = pad8(append(out, append(b, data...)...))
	}
	eachCmsg(host, 16, func(level, typ uint32, data []byte) error {
		switch {
		case level == unix.SOL_SOCKET && typ == unix.SCM_RIGHTS:
			add(abi.SOL_SOCKET, abi.SCM_RIGHTS, data)
		case level == unix.SOL_SOCKET && typ == unix.SCM_CREDENTIALS && len(data) >= 12:
			add(abi.SOL_SOCKET, abi.SCM_CREDS, cmsgcred(data))
		case level == unix.SOL_SOCKET && typ == unix.SCM_TIMESTAMP:
			add(abi.SOL_SOCKET, abi.SCM_TIMESTAMP, data)
		case level == unix.IPPROTO_IP && typ == unix.IP_PKTINFO && len(data) >= 12:
			add(abi.IPPROTO_IP, abi.IP_RECVDSTADDR, data[8:12])
		case level == unix.IPPROTO_IP && typ == unix.IP_TTL && len(data) >= 1:
			add(abi.IPPROTO_IP, abi.IP_RECVTTL, data[:1])
		case level == unix.IPPROTO_IP && typ == unix.IP_TOS:
			add(abi.IPPROTO_IP, abi.IP_RECVTOS, data)
		case level == unix.IPPROTO_IPV6 && typ == unix.IPV6_PKTINFO:
			add(abi.IPPROTO_IPV6, abi.IPV6_PKTINFO, data)
		case level == unix.IPPROTO_IPV6 && typ == unix.IPV6_HOPLIMIT:
			add(abi.IPPROTO_IPV6, abi.IPV6_HOPLIMIT, data)
		case level == unix.IPPROTO_IPV6 && typ == unix.IPV6_TCLASS:
			add(abi.IPPROTO_IPV6, abi.IPV6_TCLASS, data)
		}
		return nil
	})
	return out
}

// cmsgcred is struct cmsgcred, 84 bytes: pid, uid, euid, gid, and groups.
func cmsgcred(ucred []byte) []byte {
	b := make([]byte, 84)
	pid, uid, gid := le.Uint32(ucred), le.Uint32(ucred[4:]), le.Uint32(ucred[8:])
	for i, v := range []uint32{pid, uid, uid, gid} {
		le.PutUint32(b[4*i:], v)
	}
	le.PutUint16(b[16:], 1)
	le.PutUint32(b[20:], gid)
	return b
}

func recvmsg(t *kernel.Thread, a *abi.RecvmsgArgs) (uint64, error) {
	flags, err := hostMsgFlags(a.Flags)
	if err != nil {
		return 0, err
	}
	h, err := readHeader(t, a.Msg)
	if err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	host := header{iov: h.iov, iovlen: h.iovlen}
	if h.name != 0 {
		host.name, host.namelen = addr+msgName, maxSockaddr
	}
	if h.control != 0 && h.controllen != 0 {
		host.control, host.controllen = addr+msgControl, min(h.controllen, maxControl)
	}
	n, err := t.Host(unix.SYS_RECVMSG, word(a.Fd), host.put(t), flags)
	if err != nil {
		return 0, err
	}
	return n, h.tell(t, a.Msg, buf)
}

// tell hands what came, but for the data, to the guest.
func (h *header) tell(t *kernel.Thread, at uint64, buf []byte) error {
	b := buf[msgHeader:][:hostMsg]
	flags := guestMsgFlags(le.Uint32(b[48:]))
	if h.name != 0 {
		n := min(le.Uint32(b[8:]), maxSockaddr)
		name := guestSockaddr(append([]byte(nil), buf[msgName:msgName+n]...))
		if err := t.Write(h.name, name[:min(len(name), int(h.namelen))]); err != nil {
			return err
		}
		h.namelen = uint32(len(name))
	}
	if h.control != 0 && h.controllen != 0 {
		control := guestControl(append([]byte(nil), buf[msgControl:][:min(le.Uint32(b[40:]), maxControl)]...))
		if len(control) > int(h.controllen) {
			control, flags = control[:h.controllen], flags|abi.MSG_CTRUNC
		}
		if err := t.Write(h.control, control); err != nil {
			return err
		}
		h.controllen = uint32(len(control))
	} else {
		h.controllen = 0
	}
	if err := t.Write32(at+8, h.namelen); err != nil {
		return err
	}
	return t.Write(at+40, le.AppendUint32(le.AppendUint32(nil, h.controllen), flags))
}

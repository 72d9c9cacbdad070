package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// Socket addresses. FreeBSD's start with their length and a family of one byte,
// the host's with a family of two; what follows is the same for AF_INET (16
// bytes), AF_INET6 (28) and AF_UNIX (path from the second byte on).

const (
	maxSockaddr = 128 // sizeof(struct sockaddr_storage) on both
	unixPath    = 2
	guestUnix   = 106 // sizeof(struct sockaddr_un)
	hostUnix    = 110
)

// families pairs FreeBSD's address families with the host's.
var families = [...][2]uint16{
	{abi.AF_UNSPEC, unix.AF_UNSPEC},
	{abi.AF_UNIX, unix.AF_UNIX},
	{abi.AF_INET, unix.AF_INET},
	{abi.AF_INET6, unix.AF_INET6},
}

func hostFamily(f uint16) (uint16, bool) {
	for _, p := range families {
		if p[0] == f {
			return p[1], true
		}
	}
	return 0, false
}

func guestFamily(f uint16) uint16 {
	for _, p := range families {
		if p[1] == f {
			return p[0]
		}
	}
	return abi.AF_UNSPEC
}

// hostSockaddr translates an address that the guest hands in.
func hostSockaddr(b []byte) ([]byte, error) {
	if len(b) < 2 {
		return nil, kerr.EINVAL
	}
	family, ok := hostFamily(uint16(b[1]))
	if !ok {
		return nil, kerr.EAFNOSUPPORT
	}
	out := le.AppendUint16(nil, family)
	if family != unix.AF_UNIX {
		return append(out, b[2:]...), nil
	}
	path := b[unixPath:]
	for i, c := range path {
		if c == 0 {
			path = path[:i]
			break
		}
	}
	if len(path) > hostUnix-unixPath-1 {
		return nil, kerr.ENAMETOOLONG
	}
	return append(append(out, path...), 0), nil
}

// guestSockaddr translates an address that the host tells.
func guestSockaddr(h []byte) []byte {
	if len(h) < 2 {
		return nil
	}
	family := le.Uint16(h)
	b := append([]byte{0, byte(guestFamily(family))}, h[2:]...)
	if family == unix.AF_UNIX {
		for i := unixPath; i < len(b); i++ {
			if b[i] == 0 && i > unixPath {
				b = b[:i]
				break
			}
		}
		// An address without a path fills the structure's first 16 bytes.
		if len(b) <= unixPath || b[unixPath] == 0 {
			b = append(b[:unixPath], make([]byte, 14)...)
		} else {
			b = append(b, 0)
		}
		b = b[:min(len(b), guestUnix)]
	}
	b[0] = byte(len(b))
	return b
}

// Places in the scratch area for addresses and their length.
const (
	scratchName    = 0
	scratchNameLen = 256
)

// putName puts the guest's address into the scratch area.
func putName(t *kernel.Thread, name uint64, n uint32) (addr, size uint64, err error) {
	if name == 0 {
		return 0, 0, nil
	}
	if n > maxSockaddr {
		return 0, 0, kerr.EINVAL
	}
	var b [maxSockaddr]byte
	if err := t.Read(name, b[:n]); err != nil {
		return 0, 0, err
	}
	h, err := hostSockaddr(b[:n])
	if err != nil {
		return 0, 0, err
	}
	scratch, buf := t.Scratch()
	copy(buf[scratchName:], h)
	return scratch + scratchName, uint64(len(h)), nil
}

// roomForName is where the host writes an address and its length: nowhere if
// the guest does not want it.
func roomForName(t *kernel.Thread, name uint64) (addr, lenAddr uint64) {
	if name == 0 {
		return 0, 0
	}
	scratch, buf := t.Scratch()
	le.PutUint32(buf[scratchNameLen:], maxSockaddr)
	return scratch + scratchName, scratch + scratchNameLen
}

// tellName hands the address in the scratch area to the guest, cut to its room.
func tellName(t *kernel.Thread, name, lenAddr uint64) error {
	if name == 0 {
		return nil
	}
	_, buf := t.Scratch()
	n := min(le.Uint32(buf[scratchNameLen:]), maxSockaddr)
	b := guestSockaddr(append([]byte(nil), buf[scratchName:scratchName+n]...))
	room, err := t.Read32(lenAddr)
	if err != nil {
		return err
	}
	if int32(room) < 0 {
		return kerr.EINVAL
	}
	if err := t.Write(name, b[:min(len(b), int(room))]); err != nil {
		return err
	}
	return t.Write32(lenAddr, uint32(len(b)))
}

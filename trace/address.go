package trace

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
)

// maxSockaddr is the largest socket address, sockaddr_storage.
const maxSockaddr = 128

// sockaddr prints a socket address of n bytes.
func (s *scope) sockaddr(addr, n uint64) string {
	b := make([]byte, min(n, maxSockaddr))
	if len(b) < 2 || !s.read(addr, b) {
		return address(addr)
	}
	family := uint64(binary.LittleEndian.Uint16(b))
	if s.d.Sys.SockaddrLen {
		family = uint64(b[1])
	}
	name := fmt.Sprint(family)
	if set := s.d.Sys.Families; set != nil && set.NameOf(family) != "" {
		name = set.NameOf(family)
	}
	return "{sa_family=" + name + addressBody(name, b[2:]) + "}"
}

// addressBody prints what follows the family. The forms are those of BSD
// sockets, which all systems share from the third byte on.
func addressBody(family string, b []byte) string {
	switch {
	case family == "AF_INET" && len(b) >= 6:
		ip := netip.AddrFrom4([4]byte(b[2:6]))
		return fmt.Sprintf(`, sin_port=htons(%d), sin_addr=inet_addr("%s")`, port(b), ip)
	case family == "AF_INET6" && len(b) >= 26:
		ip := netip.AddrFrom16([16]byte(b[6:22]))
		return fmt.Sprintf(`, sin6_port=htons(%d), sin6_flowinfo=htonl(%d), inet_pton(AF_INET6, "%s", &sin6_addr), sin6_scope_id=%d`,
			port(b), binary.BigEndian.Uint32(b[2:]), ip, binary.LittleEndian.Uint32(b[22:]))
	case family == "AF_UNIX":
		return unixPath(b)
	case family == "AF_NETLINK" && len(b) >= 10:
		return fmt.Sprintf(", nl_pid=%d, nl_groups=%08x", binary.LittleEndian.Uint32(b[2:]), binary.LittleEndian.Uint32(b[6:]))
	case len(b) > 0:
		return ", sa_data=" + quote(b)
	}
	return ""
}

func port(b []byte) uint16 { return binary.BigEndian.Uint16(b) }

// unixPath prints a path; one that starts with NUL is an abstract name.
func unixPath(b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case b[0] == 0:
		return ", sun_path=@" + quote(b[1:])
	}
	text, _, _ := strings.Cut(string(b), "\x00")
	return ", sun_path=" + quote([]byte(text))
}

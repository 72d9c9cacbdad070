//go:build linux && (386 || amd64 || arm64)

package linux

import "encoding/binary"

// SockaddrInet4 is a socket address of AF_INET, for [Bind], [Connect] and [Sendto].
func SockaddrInet4(port uint16, addr [4]byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, AF_INET)
	b = binary.BigEndian.AppendUint16(b, port)
	return append(append(b, addr[:]...), make([]byte, 8)...)
}

// SockaddrInet6 is a socket address of AF_INET6.
func SockaddrInet6(port uint16, addr [16]byte, scope uint32) []byte {
	b := binary.NativeEndian.AppendUint16(nil, AF_INET6)
	b = binary.BigEndian.AppendUint16(b, port)
	b = append(b, 0, 0, 0, 0) // flow
	return binary.NativeEndian.AppendUint32(append(b, addr[:]...), scope)
}

// SockaddrUnix is a socket address of AF_UNIX. A path that starts with @ names a
// socket without a file.
func SockaddrUnix(path string) []byte {
	b := binary.NativeEndian.AppendUint16(nil, AF_UNIX)
	if len(path) > 0 && path[0] == '@' {
		return append(append(b, 0), path[1:]...)
	}
	return append(append(b, path...), 0)
}

// SockaddrFamily is the family of a socket address, AF_UNSPEC if it is cut off.
func SockaddrFamily(name []byte) int {
	if len(name) < 2 {
		return AF_UNSPEC
	}
	return int(binary.NativeEndian.Uint16(name))
}

// SockaddrPort is the port of an address of AF_INET or AF_INET6, else 0.
func SockaddrPort(name []byte) uint16 {
	if f := SockaddrFamily(name); len(name) < 4 || f != AF_INET && f != AF_INET6 {
		return 0
	}
	return binary.BigEndian.Uint16(name[2:])
}

package freebsd

import (
	"net"
	"net/netip"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// The interface list: net.routetable with {family, NET_RT_IFLIST, index}
// (FreeBSD 14.1 net/if.h, net/route.h). Each interface is a struct if_msghdr with
// its link-level address, then a struct ifa_msghdr for each address.

const (
	rtmVersion = 5
	rtmNewAddr = 0xc
	rtmIfinfo  = 0xe
	ifMsgSize  = 168
	ifaMsgSize = 20

	rtIflist = 3

	rtaNetmask = 0x4
	rtaIfp     = 0x10
	rtaIfa     = 0x20
	rtaBrd     = 0x80
)

// Flags of an interface that Go's package net names, in FreeBSD's bits.
var ifFlags = [...]struct {
	host  net.Flags
	guest uint32
}{
	{net.FlagUp, 0x1}, {net.FlagBroadcast, 0x2}, {net.FlagLoopback, 0x8}, {net.FlagPointToPoint, 0x10},
	{net.FlagRunning, 0x40}, {net.FlagMulticast, 0x8000},
}

func routeTable(_ *kernel.Thread, rest []int32) ([]byte, error) {
	if len(rest) != 3 {
		return nil, kerr.EINVAL
	}
	family, what, index := rest[0], rest[1], rest[2]
	if what != rtIflist {
		return nil, kerr.EINVAL // Differs: routes are not told.
	}
	all, err := net.Interfaces()
	if err != nil {
		return nil, kerr.EIO
	}
	var out []byte
	for i := range all {
		if index != 0 && all[i].Index != int(index) {
			continue
		}
		out = append(out, ifMessage(&all[i])...)
		addrs, _ := all[i].Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				out = append(out, ifaMessage(&all[i], n, family)...)
			}
		}
	}
	return out, nil
}

func ifMessage(i *net.Interface) []byte {
	b := make([]byte, ifMsgSize)
	b[2], b[3] = rtmVersion, rtmIfinfo
	le.PutUint32(b[4:], rtaIfp)
	var flags uint32
	for _, f := range ifFlags {
		if i.Flags&f.host != 0 {
			flags |= f.guest
		}
	}
	le.PutUint32(b[8:], flags)
	le.PutUint16(b[12:], uint16(i.Index))
	data := b[16:] // struct if_data
	data[0] = linkType(i)
	data[3] = byte(len(i.HardwareAddr))
	le.PutUint16(data[6:], 152)
	le.PutUint32(data[8:], uint32(i.MTU))
	b = append(b, linkAddr(i)...)
	le.PutUint16(b, uint16(len(b)))
	return b
}

// linkType is an IFT_ number.
func linkType(i *net.Interface) byte {
	const ether, loop = 0x6, 0x18
	if i.Flags&net.FlagLoopback != 0 {
		return loop
	}
	return ether
}

// linkAddr is struct sockaddr_dl.
func linkAddr(i *net.Interface) []byte {
	b := make([]byte, 54)
	b[0], b[1] = byte(len(b)), abi.AF_LINK
	le.PutUint16(b[2:], uint16(i.Index))
	b[4], b[5], b[6] = linkType(i), byte(len(i.Name)), byte(len(i.HardwareAddr))
	copy(b[8+copy(b[8:], i.Name):], i.HardwareAddr)
	return pad8(b)
}

func ifaMessage(i *net.Interface, n *net.IPNet, family int32) []byte {
	ip, _ := netip.AddrFromSlice(n.IP)
	ip = ip.Unmap()
	af := int32(abi.AF_INET6)
	if ip.Is4() {
		af = abi.AF_INET
	}
	if family != 0 && family != af {
		return nil
	}
	b := make([]byte, ifaMsgSize)
	b[2], b[3] = rtmVersion, rtmNewAddr
	le.PutUint32(b[4:], rtaNetmask|rtaIfa)
	le.PutUint16(b[12:], uint16(i.Index))
	mask, _ := netip.AddrFromSlice(n.Mask)
	b = append(b, pad8(inetAddr(mask, 0))...)
	scope := 0
	if ip.IsLinkLocalUnicast() {
		scope = i.Index
	}
	b = append(b, pad8(inetAddr(ip, scope))...)
	le.PutUint16(b, uint16(len(b)))
	return b
}

// inetAddr is struct sockaddr_in or sockaddr_in6.
func inetAddr(ip netip.Addr, scope int) []byte {
	if ip.Is4() {
		b := make([]byte, 16)
		b[0], b[1] = 16, abi.AF_INET
		copy(b[4:], ip.AsSlice())
		return b
	}
	b := make([]byte, 28)
	b[0], b[1] = 28, abi.AF_INET6
	copy(b[8:], ip.AsSlice())
	le.PutUint32(b[24:], uint32(scope))
	return b
}

func pad8(b []byte) []byte { return append(b, make([]byte, -len(b)&7)...) }

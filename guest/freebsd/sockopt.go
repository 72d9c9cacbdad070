package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// option is level and name.
type option struct{ level, name int32 }

// options pairs FreeBSD's options of sockets with the host's whose value is the
// same: a number, struct linger, struct timeval, or an address.
var options = map[option]option{
	{abi.SOL_SOCKET, abi.SO_DEBUG}:        {unix.SOL_SOCKET, unix.SO_DEBUG},
	{abi.SOL_SOCKET, abi.SO_ACCEPTCONN}:   {unix.SOL_SOCKET, unix.SO_ACCEPTCONN},
	{abi.SOL_SOCKET, abi.SO_REUSEADDR}:    {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	{abi.SOL_SOCKET, abi.SO_KEEPALIVE}:    {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
	{abi.SOL_SOCKET, abi.SO_DONTROUTE}:    {unix.SOL_SOCKET, unix.SO_DONTROUTE},
	{abi.SOL_SOCKET, abi.SO_BROADCAST}:    {unix.SOL_SOCKET, unix.SO_BROADCAST},
	{abi.SOL_SOCKET, abi.SO_LINGER}:       {unix.SOL_SOCKET, unix.SO_LINGER},
	{abi.SOL_SOCKET, abi.SO_OOBINLINE}:    {unix.SOL_SOCKET, unix.SO_OOBINLINE},
	{abi.SOL_SOCKET, abi.SO_REUSEPORT}:    {unix.SOL_SOCKET, unix.SO_REUSEPORT},
	{abi.SOL_SOCKET, abi.SO_REUSEPORT_LB}: {unix.SOL_SOCKET, unix.SO_REUSEPORT},
	{abi.SOL_SOCKET, abi.SO_TIMESTAMP}:    {unix.SOL_SOCKET, unix.SO_TIMESTAMP},
	{abi.SOL_SOCKET, abi.SO_SNDBUF}:       {unix.SOL_SOCKET, unix.SO_SNDBUF},
	{abi.SOL_SOCKET, abi.SO_RCVBUF}:       {unix.SOL_SOCKET, unix.SO_RCVBUF},
	{abi.SOL_SOCKET, abi.SO_RCVLOWAT}:     {unix.SOL_SOCKET, unix.SO_RCVLOWAT},
	{abi.SOL_SOCKET, abi.SO_SNDTIMEO}:     {unix.SOL_SOCKET, unix.SO_SNDTIMEO},
	{abi.SOL_SOCKET, abi.SO_RCVTIMEO}:     {unix.SOL_SOCKET, unix.SO_RCVTIMEO},
	{abi.SOL_SOCKET, abi.SO_ERROR}:        {unix.SOL_SOCKET, unix.SO_ERROR},
	{abi.SOL_SOCKET, abi.SO_TYPE}:         {unix.SOL_SOCKET, unix.SO_TYPE},
	{abi.SOL_SOCKET, abi.SO_PROTOCOL}:     {unix.SOL_SOCKET, unix.SO_PROTOCOL},
	{abi.SOL_SOCKET, abi.SO_DOMAIN}:       {unix.SOL_SOCKET, unix.SO_DOMAIN},

	{abi.IPPROTO_TCP, abi.TCP_NODELAY}:    {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	{abi.IPPROTO_TCP, abi.TCP_MAXSEG}:     {unix.IPPROTO_TCP, unix.TCP_MAXSEG},
	{abi.IPPROTO_TCP, abi.TCP_NOPUSH}:     {unix.IPPROTO_TCP, unix.TCP_CORK},
	{abi.IPPROTO_TCP, abi.TCP_KEEPIDLE}:   {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
	{abi.IPPROTO_TCP, abi.TCP_KEEPINTVL}:  {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
	{abi.IPPROTO_TCP, abi.TCP_KEEPCNT}:    {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
	{abi.IPPROTO_TCP, abi.TCP_FASTOPEN}:   {unix.IPPROTO_TCP, unix.TCP_FASTOPEN},
	{abi.IPPROTO_TCP, abi.TCP_CONGESTION}: {unix.IPPROTO_TCP, unix.TCP_CONGESTION},

	{abi.IPPROTO_IP, abi.IP_HDRINCL}:         {unix.IPPROTO_IP, unix.IP_HDRINCL},
	{abi.IPPROTO_IP, abi.IP_TOS}:             {unix.IPPROTO_IP, unix.IP_TOS},
	{abi.IPPROTO_IP, abi.IP_TTL}:             {unix.IPPROTO_IP, unix.IP_TTL},
	{abi.IPPROTO_IP, abi.IP_RECVDSTADDR}:     {unix.IPPROTO_IP, unix.IP_PKTINFO},
	{abi.IPPROTO_IP, abi.IP_RECVTTL}:         {unix.IPPROTO_IP, unix.IP_RECVTTL},
	{abi.IPPROTO_IP, abi.IP_RECVTOS}:         {unix.IPPROTO_IP, unix.IP_RECVTOS},
	{abi.IPPROTO_IP, abi.IP_MULTICAST_IF}:    {unix.IPPROTO_IP, unix.IP_MULTICAST_IF},
	{abi.IPPROTO_IP, abi.IP_MULTICAST_TTL}:   {unix.IPPROTO_IP, unix.IP_MULTICAST_TTL},
	{abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP}:  {unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP},
	{abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP}:  {unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP},
	{abi.IPPROTO_IP, abi.IP_DROP_MEMBERSHIP}: {unix.IPPROTO_IP, unix.IP_DROP_MEMBERSHIP},

	{abi.IPPROTO_IPV6, abi.IPV6_V6ONLY}:         {unix.IPPROTO_IPV6, unix.IPV6_V6ONLY},
	{abi.IPPROTO_IPV6, abi.IPV6_UNICAST_HOPS}:   {unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS},
	{abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_IF}:   {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF},
	{abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_HOPS}: {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS},
	{abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_LOOP}: {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP},
	{abi.IPPROTO_IPV6, abi.IPV6_JOIN_GROUP}:     {unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP},
	{abi.IPPROTO_IPV6, abi.IPV6_LEAVE_GROUP}:    {unix.IPPROTO_IPV6, unix.IPV6_LEAVE_GROUP},
	{abi.IPPROTO_IPV6, abi.IPV6_RECVPKTINFO}:    {unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO},
	{abi.IPPROTO_IPV6, abi.IPV6_RECVHOPLIMIT}:   {unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT},
	{abi.IPPROTO_IPV6, abi.IPV6_RECVTCLASS}:     {unix.IPPROTO_IPV6, unix.IPV6_RECVTCLASS},
	{abi.IPPROTO_IPV6, abi.IPV6_TCLASS}:         {unix.IPPROTO_IPV6, unix.IPV6_TCLASS},
	{abi.IPPROTO_IPV6, abi.IPV6_DONTFRAG}:       {unix.IPPROTO_IPV6, unix.IPV6_DONTFRAG},
}

// LOCAL_PEERCRED of SOL_LOCAL tells struct xucred; LOCAL_CREDS asks for SCM_CREDS.
const (
	localPeercred = 1
	localCreds    = 2
)

func setsockopt(t *kernel.Thread, a *abi.SetsockoptArgs) (uint64, error) {
	o := option{int32(a.Level), a.Name}
	switch {
	case o == option{abi.SOL_SOCKET, abi.SO_NOSIGPIPE}:
		// Differs: the host has the flag for single calls only.
		return t.Host(unix.SYS_FCNTL, word(a.Fd), unix.F_GETFD)
	case o == option{abi.SOL_LOCAL, localCreds}:
		return t.Host(unix.SYS_SETSOCKOPT, word(a.Fd), unix.SOL_SOCKET, unix.SO_PASSCRED, a.Val, uint64(a.Len))
	case o == option{abi.SOL_SOCKET, abi.SO_SNDBUF}, o == option{abi.SOL_SOCKET, abi.SO_RCVBUF}:
		return setBuffer(t, a)
	}
	host, ok := options[o]
	if !ok {
		return 0, unknownOption(t, a.Fd)
	}
	return t.Host(unix.SYS_SETSOCKOPT, word(a.Fd), word(host.level), word(host.name), a.Val, uint64(a.Len))
}

// setBuffer refuses what is above the limit, where the host cuts in silence.
func setBuffer(t *kernel.Thread, a *abi.SetsockoptArgs) (uint64, error) {
	if a.Len != 4 {
		return 0, kerr.EINVAL
	}
	size, err := t.Read32(a.Val)
	if err != nil {
		return 0, err
	}
	if int32(size) <= 0 {
		return 0, kerr.EINVAL
	}
	host := options[option{int32(a.Level), a.Name}]
	return t.Host(unix.SYS_SETSOCKOPT, word(a.Fd), word(host.level), word(host.name), a.Val, uint64(a.Len))
}

// unknownOption is the error of an option that nobody has, on a socket or not.
func unknownOption(t *kernel.Thread, fd int32) error {
	addr, buf := t.Scratch()
	le.PutUint32(buf[8:], 4)
	if _, err := t.Host(unix.SYS_GETSOCKOPT, word(fd), unix.SOL_SOCKET, unix.SO_TYPE, addr, addr+8); err != nil {
		return err
	}
	return kerr.ENOPROTOOPT
}

func getsockopt(t *kernel.Thread, a *abi.GetsockoptArgs) (uint64, error) {
	o := option{int32(a.Level), a.Name}
	room, err := t.Read32(a.Len)
	if err != nil {
		return 0, err
	}
	const value, length, most = 16, 8, 1024
	if int32(room) < 0 {
		return 0, kerr.EINVAL
	}
	addr, buf := t.Scratch()
	le.PutUint32(buf[length:], min(room, most))
	ask := func(level, name int32) ([]byte, error) {
		_, err := t.Host(unix.SYS_GETSOCKOPT, word(a.Fd), word(level), word(name), addr+value, addr+length)
		n := min(le.Uint32(buf[length:]), most)
		return append([]byte(nil), buf[value:value+n]...), err
	}
	v, err := getOption(t, o, a.Fd, room, ask)
	if err != nil {
		return 0, err
	}
	v = v[:min(len(v), int(room))]
	if err := t.Write(a.Val, v); err != nil {
		return 0, err
	}
	return 0, t.Write32(a.Len, uint32(len(v)))
}

// getOption asks the host and translates the value.
func getOption(t *kernel.Thread, o option, fd int32, room uint32, ask func(level, name int32) ([]byte, error)) ([]byte, error) {
	switch o {
	case option{abi.SOL_SOCKET, abi.SO_NOSIGPIPE}:
		return le.AppendUint32(nil, 0), unknownUnless(t, fd)
	case option{abi.SOL_SOCKET, abi.SO_LISTENQLIMIT}:
		v, err := somaxconn(t, nil)
		if err == nil {
			err = unknownUnless(t, fd)
		}
		return v, err
	case option{abi.SOL_LOCAL, localPeercred}:
		_, buf := t.Scratch()
		le.PutUint32(buf[8:], 12)
		v, err := ask(unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err != nil {
			return nil, err
		}
		return xucred(v), nil
	case option{abi.IPPROTO_TCP, abi.TCP_INFO}:
		return nil, kerr.ENOPROTOOPT // Differs: the structure is not translated.
	}
	host, ok := options[o]
	if !ok {
		return nil, unknownOption(t, fd)
	}
	v, err := ask(host.level, host.name)
	if err != nil || len(v) < 4 || o.level != abi.SOL_SOCKET {
		return v, err
	}
	switch n := le.Uint32(v); o.name {
	case abi.SO_ERROR:
		le.PutUint32(v, guestErrno(n))
	case abi.SO_DOMAIN:
		le.PutUint32(v, uint32(guestFamily(uint16(n))))
	case abi.SO_SNDBUF, abi.SO_RCVBUF:
		le.PutUint32(v, n/2) // the host counts its own overhead
	case abi.SO_REUSEADDR, abi.SO_KEEPALIVE, abi.SO_BROADCAST, abi.SO_OOBINLINE, abi.SO_REUSEPORT, abi.SO_ACCEPTCONN, abi.SO_DEBUG, abi.SO_DONTROUTE:
		if n != 0 {
			le.PutUint32(v, uint32(o.name)) // a flag is told by its bit
		}
	}
	return v, nil
}

func guestErrno(host uint32) uint32 {
	if host == 0 {
		return 0
	}
	return uint32(errno(kerr.Errno(host)))
}

// unknownUnless is nil on a socket.
func unknownUnless(t *kernel.Thread, fd int32) error {
	if err := unknownOption(t, fd); err != kerr.ENOPROTOOPT {
		return err
	}
	return nil
}

// xucred is struct xucred, 88 bytes: version, uid, groups, pid.
func xucred(ucred []byte) []byte {
	b := make([]byte, 88)
	if len(ucred) < 12 {
		return b
	}
	le.PutUint32(b[4:], le.Uint32(ucred[4:]))
	le.PutUint16(b[8:], 1)
	le.PutUint32(b[12:], le.Uint32(ucred[8:]))
	le.PutUint32(b[80:], le.Uint32(ucred))
	return b
}

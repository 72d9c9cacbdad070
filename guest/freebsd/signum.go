package freebsd

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
)

// Host signals for those of FreeBSD that Linux does not have. SIGSTKFLT and
// SIGPWR are free: nothing on FreeBSD has a use for them; both end a process, as
// SIGEMT and SIGTHR do. The others take the last real-time signals.
const (
	hostEMT   = int(unix.SIGSTKFLT)
	hostTHR   = int(unix.SIGPWR)
	hostINFO  = 64
	hostLIBRT = 63

	// Differs: FreeBSD has real-time signals up to 126, the host fewer.
	lastRT = abi.SIGRTMIN + (hostLIBRT - 1 - 32)
)

// toHost and fromHost are the two directions of the map between signal numbers.
var toHost, fromHost = signalMaps()

func signalMaps() (to [128]uint8, from [kernel.NSig + 1]uint8) {
	for g, h := range abi.SignalToHost {
		if g < abi.SIGRTMIN || g <= lastRT {
			to[g] = h
		}
	}
	to[abi.SIGEMT], to[abi.SIGTHR] = uint8(hostEMT), uint8(hostTHR)
	to[abi.SIGINFO], to[abi.SIGLIBRT] = hostINFO, hostLIBRT
	for g, h := range to {
		if h != 0 {
			from[h] = uint8(g)
		}
	}
	return to, from
}

// hostSignal is the host's number of a guest's signal.
func hostSignal(sig int32) (int, bool) {
	if sig < 1 || int(sig) >= len(toHost) || toHost[sig] == 0 {
		return 0, false
	}
	return int(toHost[sig]), true
}

// guestSignal is FreeBSD's number of a host signal; 0 if there is none.
func guestSignal(sig int) int32 {
	if sig < 1 || sig >= len(fromHost) {
		return 0
	}
	return int32(fromHost[sig])
}

// sigset is sigset_t: bit n-1 stands for signal n.
type sigset [16]byte

func (s *sigset) host() uint64 {
	lo, hi := binary.LittleEndian.Uint64(s[:]), binary.LittleEndian.Uint64(s[8:])
	var m uint64
	for h := 1; h <= kernel.NSig; h++ {
		g := uint(fromHost[h])
		if g == 0 {
			continue
		}
		if word := pick(g > 64, hi, lo); word>>((g-1)&63)&1 != 0 {
			m |= kernel.Bit(h)
		}
	}
	return m
}

func guestSet(m uint64) (s sigset) {
	var w [2]uint64
	for h := 1; h <= kernel.NSig; h++ {
		if g := uint(fromHost[h]); g != 0 && m&kernel.Bit(h) != 0 {
			w[(g-1)>>6] |= 1 << ((g - 1) & 63)
		}
	}
	binary.LittleEndian.PutUint64(s[:], w[0])
	binary.LittleEndian.PutUint64(s[8:], w[1])
	return s
}

func pick(c bool, a, b uint64) uint64 {
	if c {
		return a
	}
	return b
}

// readSet reads a sigset_t as a mask in host numbers.
func readSet(t *kernel.Thread, addr uint64) (uint64, error) {
	var s sigset
	if err := t.Read(addr, s[:]); err != nil {
		return 0, err
	}
	return s.host(), nil
}

func writeSet(t *kernel.Thread, addr, mask uint64) error {
	s := guestSet(mask)
	return t.Write(addr, s[:])
}

package freebsd

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/kernel"
)

// schedGetcpu tells the processor that the thread runs on; by now it may be
// another, as on FreeBSD.
func schedGetcpu(t *kernel.Thread) (uint64, error) {
	addr, b := t.Scratch()
	if _, err := t.HostMust(unix.SYS_GETCPU, addr, 0, 0); err != nil {
		return 0, err
	}
	return uint64(binary.LittleEndian.Uint32(b)), nil
}

package freebsd

import (
	"bytes"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// Entries of a directory. The host's records (linux_dirent64: number, offset,
// length, type, name at 19) lie in the scratch area; FreeBSD's are up to a third
// larger, so we ask the host for fewer bytes than the guest has room for.

const hostName = 19

// entry is one record of the host.
type entry struct {
	ino, off uint64
	typ      byte
	name     []byte
}

func nextEntry(b []byte) (e entry, rest []byte) {
	n := int(le.Uint16(b[16:]))
	name := b[hostName:n]
	if i := bytes.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	return entry{le.Uint64(b), le.Uint64(b[8:]), b[18], name}, b[n:]
}

// appendDirent adds struct dirent (FreeBSD 14.1 sys/dirent.h).
func appendDirent(b []byte, e entry) []byte {
	const nameAt = 24
	size := (nameAt + len(e.name) + 1 + 7) &^ 7
	at := len(b)
	b = append(b, make([]byte, size)...)
	d := b[at:]
	le.PutUint64(d, e.ino)
	le.PutUint64(d[8:], e.off)
	le.PutUint16(d[16:], uint16(size))
	d[18] = e.typ
	le.PutUint16(d[20:], uint16(len(e.name)))
	copy(d[nameAt:], e.name)
	return b
}

// appendDirent11 adds struct freebsd11_dirent, with 32-bit numbers.
func appendDirent11(b []byte, e entry) []byte {
	const nameAt = 8
	size := (nameAt + len(e.name) + 1 + 3) &^ 3
	at := len(b)
	b = append(b, make([]byte, size)...)
	d := b[at:]
	le.PutUint32(d, uint32(e.ino))
	le.PutUint16(d[4:], uint16(size))
	d[6], d[7] = e.typ, byte(len(e.name))
	copy(d[nameAt:], e.name)
	return b
}

func getdirentries(t *kernel.Thread, a *abi.GetdirentriesArgs) (uint64, error) {
	return readDir(t, a.Fd, a.Buf, a.N, a.Base, appendDirent)
}

func freebsd11Getdirentries(t *kernel.Thread, a *abi.Freebsd11GetdirentriesArgs) (uint64, error) {
	return readDir(t, a.Fd, a.Buf, uint64(a.N), a.Base, appendDirent11)
}

// readDir tells at base where the directory was read from.
func readDir(t *kernel.Thread, fd int32, buf, n, base uint64, add func([]byte, entry) []byte) (uint64, error) {
	addr, scratch := t.Scratch()
	room := min(n/4*3, uint64(len(scratch))) &^ 7
	if room < 24 {
		return 0, kerr.EINVAL
	}
	var from uint64
	if base != 0 {
		var err error
		if from, err = t.HostMust(unix.SYS_LSEEK, word(fd), 0, unix.SEEK_CUR); err != nil {
			return 0, err
		}
	}
	got, err := t.Host(unix.SYS_GETDENTS64, word(fd), addr, room)
	switch {
	case err == kerr.ENOTDIR:
		return 0, kerr.EINVAL
	case err != nil:
		return 0, err
	}
	var out []byte
	for host := bytes.Clone(scratch[:min(got, room)]); len(host) > hostName; {
		var e entry
		if size := int(le.Uint16(host[16:])); size <= hostName || size > len(host) {
			break // somebody scribbles over the scratch area
		}
		e, host = nextEntry(host)
		out = add(out, e)
	}
	if err := t.Write(buf, out); err != nil {
		return 0, err
	}
	if base != 0 {
		err = t.Write64(base, from)
	}
	return uint64(len(out)), err
}

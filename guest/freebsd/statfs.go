package freebsd

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// mount is a line of mountinfo.
type mount struct {
	id       uint64
	on, from string
	kind     string
	readOnly bool
}

// mounts are the host's file systems that a guest may see.
func mounts() []mount {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	defer f.Close()
	var all []mount
	for s := bufio.NewScanner(f); s.Scan(); {
		// 36 35 98:0 /root /on rw,noatime optional... - ext3 /dev/root rw
		left, right, ok := strings.Cut(s.Text(), " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		if !ok || len(l) < 6 || len(r) < 2 || hidden(l[4]) {
			continue
		}
		id, _ := strconv.ParseUint(l[0], 10, 64)
		ro := strings.HasPrefix(l[5], "ro")
		all = append(all, mount{id, l[4], r[1], r[0], ro})
	}
	return all
}

func mountByID(id uint64) mount {
	for _, m := range mounts() {
		if m.id == id {
			return m
		}
	}
	return mount{on: "/", from: "root", kind: "ufs"}
}

// statfsBytes is struct statfs, 2344 bytes (FreeBSD 14.1 sys/mount.h).
func statfsBytes(h []byte, m mount) []byte {
	const version = 0x20140518
	b := make([]byte, 2344)
	w := func(o int) uint64 { return le.Uint64(h[o:]) }
	le.PutUint32(b, version)
	le.PutUint32(b[4:], uint32(w(0)))
	flags := uint64(abi.MNT_LOCAL)
	if m.readOnly {
		flags |= abi.MNT_RDONLY
	}
	if m.on == "/" {
		flags |= abi.MNT_ROOTFS
	}
	le.PutUint64(b[8:], flags)
	bsize := w(72) // f_frsize: what blocks are counted in
	if bsize == 0 {
		bsize = w(8)
	}
	// f_bsize, f_iosize, f_blocks, f_bfree, f_bavail, f_files, f_ffree
	for i, v := range []uint64{bsize, w(8), w(16), w(24), w(32), w(40), w(48)} {
		le.PutUint64(b[16+8*i:], v)
	}
	le.PutUint32(b[184:], uint32(w(64)))
	copy(b[192:200], h[56:64])
	copy(b[280:295], m.kind)
	copy(b[296:1319], m.from)
	copy(b[1320:2343], m.on)
	return b
}

func statfs(t *kernel.Thread, a *abi.StatfsArgs) (uint64, error) {
	s, err := statx(t, cwd, a.Path, 0)
	if err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	if _, err := t.Host(unix.SYS_STATFS, a.Path, addr); err != nil {
		return 0, err
	}
	return 0, t.Write(a.Buf, statfsBytes(buf, mountByID(s.mount)))
}

func fstatfs(t *kernel.Thread, a *abi.FstatfsArgs) (uint64, error) {
	s, err := statxFD(t, a.Fd)
	if err != nil {
		return 0, err
	}
	addr, buf := t.Scratch()
	if _, err := t.Host(unix.SYS_FSTATFS, word(a.Fd), addr); err != nil {
		return 0, err
	}
	return 0, t.Write(a.Buf, statfsBytes(buf, mountByID(s.mount)))
}

// getfsstat tells all file systems, or only how many there are.
func getfsstat(t *kernel.Thread, a *abi.GetfsstatArgs) (uint64, error) {
	all := mounts()
	if a.Buf == 0 {
		return uint64(len(all)), nil
	}
	if a.N < 0 {
		return 0, kerr.EINVAL
	}
	var out []byte
	n := uint64(0)
	addr, buf := t.Scratch()
	for _, m := range all {
		if int64(len(out)+2344) > a.N {
			break
		}
		const path = 256
		if len(m.on) >= len(buf)-path {
			continue
		}
		buf[path+copy(buf[path:], m.on)] = 0
		if _, err := t.HostMust(unix.SYS_STATFS, addr+path, addr); err != nil {
			continue
		}
		out = append(out, statfsBytes(buf, m)...)
		n++
	}
	return n, t.Write(a.Buf, out)
}

package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// copyFileRange: what the host refuses between its file systems the guest is
// told to do by itself, as by any system that cannot.
func copyFileRange(t *kernel.Thread, a *abi.CopyFileRangeArgs) (uint64, error) {
	if a.Flags != 0 {
		return 0, kerr.EINVAL
	}
	n, err := t.Host(unix.SYS_COPY_FILE_RANGE, word(a.In), a.InOffset, word(a.Out), a.OutOffset, a.N, 0)
	if err == kerr.EXDEV || err == kerr.EOPNOTSUPP {
		err = kerr.EINVAL
	}
	return n, err
}

// posixFallocate returns its error as the result (FreeBSD 14.1 posix_fallocate(2)).
func posixFallocate(t *kernel.Thread, a *abi.PosixFallocateArgs) (uint64, error) {
	if a.N <= 0 || a.Offset < 0 {
		return abi.EINVAL, nil
	}
	_, err := t.Host(unix.SYS_FALLOCATE, word(a.Fd), 0, uint64(a.Offset), uint64(a.N))
	return resultOf(err)
}

func posixFadvise(t *kernel.Thread, a *abi.PosixFadviseArgs) (uint64, error) {
	_, err := t.Host(unix.SYS_FADVISE64, word(a.Fd), uint64(a.Offset), uint64(a.N), uint64(a.Advice))
	return resultOf(err)
}

// resultOf makes an error the result of a call that has no other.
func resultOf(err error) (uint64, error) {
	e, _ := err.(kerr.Errno)
	if err == nil || e == kerr.Restart || e == kerr.Done {
		return 0, err
	}
	return uint64(errno(e)), nil
}

// Flags of sendfile: what they advise, the host does not need.
const sendfileFlags = abi.SF_NODISKIO | abi.SF_NOCACHE | abi.SF_SYNC | abi.SF_USER_READAHEAD

// sendfile sends until the end of the file if n is 0, and tells at sent how
// much went, whatever the outcome.
func sendfile(t *kernel.Thread, a *abi.SendfileArgs) (uint64, error) {
	switch {
	case a.Offset < 0 || a.Flags&0xffff&^sendfileFlags != 0:
		return 0, kerr.EINVAL
	case a.Hdtr != 0:
		return sendWithHeaders(t, a)
	}
	done, err := sendFile(t, a, 0)
	return tellSent(t, a, done, err)
}

func sendFile(t *kernel.Thread, a *abi.SendfileArgs, before uint64) (uint64, error) {
	addr, buf := t.Scratch()
	le.PutUint64(buf, uint64(a.Offset))
	const atOnce = 0x7ffff000
	for done := uint64(0); ; {
		n := uint64(atOnce)
		if a.N != 0 {
			n = min(n, a.N-done)
		}
		if n == 0 {
			return before + done, nil
		}
		got, err := t.Host(unix.SYS_SENDFILE, word(a.Sock), word(a.File), addr, n)
		if err == kerr.Restart && done+before > 0 {
			err = kerr.EINTR // what went cannot be sent again
		}
		if err != nil || got == 0 {
			return before + done, err
		}
		done += got
	}
}

func tellSent(t *kernel.Thread, a *abi.SendfileArgs, done uint64, err error) (uint64, error) {
	if err == kerr.Restart || err == kerr.Done || a.Sent == 0 {
		return 0, err
	}
	if e := t.Write64(a.Sent, done); e != nil {
		return 0, e
	}
	return 0, err
}

// sendWithHeaders writes struct sf_hdtr's vectors before and after the file.
func sendWithHeaders(t *kernel.Thread, a *abi.SendfileArgs) (uint64, error) {
	var h [32]byte // headers, count, trailers, count
	if err := t.Read(a.Hdtr, h[:]); err != nil {
		return 0, err
	}
	var done uint64
	if n := le.Uint32(h[8:]); n > 0 {
		var err error
		if done, err = t.Host(unix.SYS_WRITEV, word(a.Sock), le.Uint64(h[:]), uint64(n)); err != nil {
			return tellSent(t, a, 0, err)
		}
	}
	done, err := sendFile(t, a, done)
	if n := le.Uint32(h[24:]); err == nil && n > 0 {
		var more uint64
		if more, err = t.Host(unix.SYS_WRITEV, word(a.Sock), le.Uint64(h[16:]), uint64(n)); err == kerr.Restart {
			err = kerr.EINTR
		}
		if err == nil {
			done += more
		}
	}
	return tellSent(t, a, done, err)
}

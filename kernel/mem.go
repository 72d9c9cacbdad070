package kernel

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/kernel/kerr"
)

// MaxString bounds strings and vectors that a guest hands in, in bytes.
const MaxString = 128 << 10

// page is the size of the pieces in which unknown lengths are read.
const page = 4096

// Read fills b from the guest's memory: kerr.EFAULT if not all of it can be read.
func (t *Thread) Read(addr Addr, b []byte) error {
	n, err := t.ReadSome(addr, b)
	if err == nil && n < len(b) {
		return kerr.EFAULT
	}
	return err
}

// ReadSome reads as much of b as can be read from addr on.
func (t *Thread) ReadSome(addr Addr, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	local := []unix.Iovec{{Base: &b[0], Len: uint64(len(b))}}
	remote := []unix.RemoteIovec{{Base: uintptr(addr), Len: len(b)}}
	n, err := unix.ProcessVMReadv(int(t.Tid()), local, remote, 0)
	if err != nil {
		return 0, kerr.EFAULT
	}
	return n, nil
}

// ReadAt is ReadSome as trace.Memory wants it.
func (t *Thread) ReadAt(addr uint64, b []byte) (int, error) { return t.ReadSome(addr, b) }

// Write copies b to the guest's memory.
func (t *Thread) Write(addr Addr, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	local := []unix.Iovec{{Base: &b[0], Len: uint64(len(b))}}
	remote := []unix.RemoteIovec{{Base: uintptr(addr), Len: len(b)}}
	n, err := unix.ProcessVMWritev(int(t.Tid()), local, remote, 0)
	if err != nil || n < len(b) {
		return kerr.EFAULT
	}
	return nil
}

// WriteStack is Write for the stack, which the host lets grow when the program
// itself touches it, but not when we do.
func (t *Thread) WriteStack(addr Addr, b []byte) error {
	if t.Write(addr, b) == nil {
		return nil
	}
	// Any call that writes to memory touches it: here, 16 bytes.
	if _, err := t.HostMust(unix.SYS_CLOCK_GETTIME, unix.CLOCK_MONOTONIC, addr); err != nil {
		return kerr.EFAULT
	}
	return t.Write(addr, b)
}

// Read32, Read64, Write32, Write64 move one number.
func (t *Thread) Read32(addr Addr) (uint32, error) {
	var b [4]byte
	err := t.Read(addr, b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

func (t *Thread) Read64(addr Addr) (uint64, error) {
	var b [8]byte
	err := t.Read(addr, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

func (t *Thread) Write32(addr Addr, v uint32) error {
	return t.Write(addr, binary.LittleEndian.AppendUint32(nil, v))
}

func (t *Thread) Write64(addr Addr, v uint64) error {
	return t.Write(addr, binary.LittleEndian.AppendUint64(nil, v))
}

// Path reads a path: kerr.ENAMETOOLONG above PATH_MAX.
func (t *Thread) Path(addr Addr) (string, error) {
	s, err := t.String(addr, unix.PathMax)
	if err == kerr.E2BIG {
		err = kerr.ENAMETOOLONG
	}
	return s, err
}

// String reads a string that ends with NUL: kerr.E2BIG if it has max bytes or more.
func (t *Thread) String(addr Addr, max int) (string, error) {
	var s []byte
	var buf [page]byte
	for len(s) < max {
		n := min(page-int(addr%page), max-len(s))
		if len(s) == 0 {
			n = min(n, 256) // most strings are short
		}
		if err := t.Read(addr, buf[:n]); err != nil {
			return "", err
		}
		if i := bytes.IndexByte(buf[:n], 0); i >= 0 {
			return string(append(s, buf[:i]...)), nil
		}
		s = append(s, buf[:n]...)
		addr += uint64(n)
	}
	return "", kerr.E2BIG
}

// Pointers reads a vector of pointers that ends with 0.
func (t *Thread) Pointers(addr Addr) ([]uint64, error) {
	size := t.p.sys.wordSize()
	var all []uint64
	for ; len(all) < MaxString; addr += size {
		p, err := t.Word(addr)
		if err != nil {
			return nil, err
		}
		if p == 0 {
			return all, nil
		}
		all = append(all, p)
	}
	return nil, kerr.E2BIG
}

// Strings reads a vector of strings; 0 stands for an empty one.
func (t *Thread) Strings(addr Addr) ([]string, error) {
	if addr == 0 {
		return nil, nil
	}
	ptrs, err := t.Pointers(addr)
	if err != nil {
		return nil, err
	}
	all := make([]string, len(ptrs))
	for i, p := range ptrs {
		if all[i], err = t.String(p, MaxString); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Word reads a pointer-sized number.
func (t *Thread) Word(addr Addr) (uint64, error) {
	if t.p.sys.Compat {
		v, err := t.Read32(addr)
		return uint64(v), err
	}
	return t.Read64(addr)
}

func (s *System) wordSize() uint64 {
	if s.Compat {
		return 4
	}
	return 8
}

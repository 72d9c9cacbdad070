package kernel

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"trapgate/image"
	"trapgate/kernel/kerr"
)

// load maps the image of the plan into the new address space and lets the
// system build the start.
func (t *Thread) load(plan *execPlan) error {
	p := t.p
	p.mu.Lock()
	p.exe = plan.real
	p.mu.Unlock()
	l := &Loaded{Path: plan.path, Image: plan.img, Args: plan.args, Env: plan.env, Sp: t.v.Sp0}
	aux, err := t.nativeAuxv(l)
	if err != nil {
		return err
	}
	l.Native = aux
	if off := vdsoOffset(); off != 0 {
		t.space.head().VdsoClock = auxValue(aux, auxSysinfoEhdr) + off
	}
	if l.Bias, l.End, err = t.mapImage(plan.file, plan.img, dynBase(plan.sys, true)); err != nil {
		return fmt.Errorf("map %s: %w", plan.real, err)
	}
	l.Entry = l.Bias + plan.img.Entry
	if plan.linker != nil {
		if l.Base, _, err = t.mapImage(plan.interp, plan.linker, dynBase(plan.sys, false)); err != nil {
			return fmt.Errorf("map %s: %w", plan.img.Interp, err)
		}
		l.Entry = l.Base + plan.linker.Entry
	}
	p.Brk.Start = (l.End + page - 1) &^ (page - 1)
	p.Brk.End = p.Brk.Start
	t.setName(plan.name())
	t.prepareSync()
	return plan.sys.Start(t, l)
}

// name is what ps shows: the last part of the path, or of the file's own when it
// was executed by its descriptor.
func (p *execPlan) name() string {
	if rest, ok := strings.CutPrefix(p.path, "/dev/fd/"); ok && !strings.Contains(rest, "/") {
		return filepath.Base(p.real)
	}
	return filepath.Base(p.path)
}

// dynBase is where a position-independent image goes: main programs apart from
// the interpreter, as on Linux; 0 leaves it to the host.
func dynBase(sys *System, main bool) uint64 {
	switch {
	case sys.Compat && main:
		return 0x56000000
	case sys.Compat:
		return 0xf7f00000
	case main:
		return 0x555555554000
	}
	return 0
}

// setName sets what ps shows.
func (t *Thread) setName(name string) {
	addr, buf := t.Scratch()
	n := copy(buf[:15], name)
	buf[n] = 0
	t.HostMust(hostPrctl, unix.PR_SET_NAME, addr)
}

// mapImage maps the segments of an image. It returns what was added to the
// addresses, and the end of the image.
func (t *Thread) mapImage(f *os.File, img *image.Image, base uint64) (bias, end uint64, err error) {
	if len(img.Segments) == 0 {
		return 0, 0, kerr.ENOEXEC
	}
	fd, err := t.openOurs(f)
	if err != nil {
		return 0, 0, err
	}
	defer t.HostMust(hostClose, fd)
	lo := img.Segments[0].Vaddr &^ (page - 1)
	hi := (img.Segments[len(img.Segments)-1].End() + page - 1) &^ (page - 1)
	if img.Type == image.Dyn {
		if bias, err = t.reserve(base, hi-lo, maxAlign(img)); err != nil {
			return 0, 0, err
		}
		bias -= lo
	}
	for _, s := range img.Segments {
		if err := t.mapSegment(fd, s, bias, img.Type == image.Dyn); err != nil {
			return 0, 0, fmt.Errorf("segment at %#x: %w", s.Vaddr+bias, err)
		}
	}
	return bias, hi + bias, nil
}

// openOurs opens a file of the supervisor in the guest: by its own name if the
// guest has given up our rights.
func (t *Thread) openOurs(f *os.File) (uint64, error) {
	addr, buf := t.Scratch()
	at := unix.AT_FDCWD
	open := func(path string) (uint64, error) {
		buf[copy(buf[:len(buf)-1], path)] = 0
		return t.HostMust(hostOpenat, uint64(at), addr, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	fd, err := open(fmt.Sprintf("/proc/%d/fd/%d", t.p.k.pid, f.Fd()))
	if err == kerr.EACCES {
		if name, e := os.Readlink(fdPath(f)); e == nil {
			return open(name)
		}
	}
	return fd, err
}

func maxAlign(img *image.Image) uint64 {
	align := uint64(page)
	for _, s := range img.Segments {
		align = max(align, s.Align)
	}
	return align
}

// reserve finds room for an image, near base if there is room.
func (t *Thread) reserve(base, size, align uint64) (uint64, error) {
	flags := uint64(unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE)
	at, err := t.HostMust(hostMmap, base, size+align-page, unix.PROT_NONE, flags, ^uint64(0), 0)
	if err == nil && t.p.sys.Compat && at+size+align >= 1<<32 {
		t.HostMust(hostMunmap, at, size+align-page)
		const mmap2 = 192 // the host's i386 call stays below 4 GiB
		at, err = t.Host32Must(mmap2, 0, size+align-page, unix.PROT_NONE, flags, 1<<32-1, 0)
	}
	if err != nil {
		return 0, err
	}
	return (at + align - 1) &^ (align - 1), nil
}

// mapSegment maps one segment; what lies behind the file's part is zero.
func (t *Thread) mapSegment(fd uint64, s image.Segment, bias uint64, reserved bool) error {
	fixed := uint64(unix.MAP_FIXED)
	if !reserved {
		fixed = unix.MAP_FIXED_NOREPLACE
	}
	start := (s.Vaddr + bias) &^ (page - 1)
	fileEnd := s.Vaddr + bias + s.Filesz
	end := (s.End() + bias + page - 1) &^ (page - 1)
	mapped := start
	if s.Filesz > 0 {
		mapped = (fileEnd + page - 1) &^ (page - 1)
		off := s.Offset &^ (page - 1)
		got, err := t.HostMust(hostMmap, start, mapped-start, uint64(s.Prot), unix.MAP_PRIVATE|fixed, fd, off)
		if err == kerr.EEXIST && !reserved {
			// Two segments may share a page: the later one wins there, as on Linux.
			got, err = t.HostMust(hostMmap, start, mapped-start, uint64(s.Prot), unix.MAP_PRIVATE|unix.MAP_FIXED, fd, off)
		}
		if err != nil || got != start {
			return err
		}
	}
	if s.Memsz == s.Filesz {
		return nil
	}
	if s.Filesz > 0 && s.Prot&image.Write != 0 && fileEnd < mapped {
		if err := t.Write(fileEnd, make([]byte, mapped-fileEnd)); err != nil {
			return err
		}
	}
	if mapped >= end {
		return nil
	}
	_, err := t.HostMust(hostMmap, mapped, end-mapped, uint64(s.Prot), unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|fixed, ^uint64(0), 0)
	return err
}

// Keys of the auxiliary vector (getauxval(3)).
const (
	auxNull        = 0
	auxSysinfoEhdr = 33
)

// nativeAuxv reads the auxiliary vector that the host gave the gate, as pairs,
// and leaves it to the system what the guest sees of it.
func (t *Thread) nativeAuxv(l *Loaded) ([]uint64, error) {
	at := l.Sp + 8*uint64(1+len(l.Args)+1+len(l.Env)+1)
	var aux []uint64
	buf := make([]byte, 16)
	for range 64 {
		if err := t.Read(at, buf); err != nil {
			return nil, fmt.Errorf("read the start-up stack: %w", err)
		}
		k, v := binary.LittleEndian.Uint64(buf), binary.LittleEndian.Uint64(buf[8:])
		aux = append(aux, k, v)
		if k == auxNull {
			return aux, nil
		}
		at += 16
	}
	return nil, fmt.Errorf("the auxiliary vector has no end")
}

func auxValue(aux []uint64, key uint64) uint64 {
	for i := 0; i+1 < len(aux); i += 2 {
		if aux[i] == key {
			return aux[i+1]
		}
	}
	return 0
}

package kernel

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"trapgate/gate"
)

// Maps is /proc/PID/maps of the process as it would be natively: without the
// gate and the trampolines, and with the text in one piece.
func (p *Process) Maps() ([]byte, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", p.pid))
	if err != nil {
		return nil, hostErr(err)
	}
	p.mu.Lock()
	areas := p.space.sites.ranges()
	p.mu.Unlock()
	var out []mapping
	for line := range strings.Lines(string(raw)) {
		m, ok := parseMapping(line)
		if !ok || m.lo >= gate.Low && m.lo < gate.High || inRanges(areas, m.lo) {
			continue
		}
		if m.inode == 0 && m.name == "" && p.Brk.holds(m.lo, m.hi) {
			m.name = "[heap]"
		}
		if n := len(out); n > 0 && out[n-1].continues(&m) {
			out[n-1].hi = m.hi
			continue
		}
		out = append(out, m)
	}
	var b bytes.Buffer
	for _, m := range out {
		b.WriteString(m.String())
	}
	return b.Bytes(), nil
}

// mapping is a line of /proc/PID/maps (proc_pid_maps(5)).
type mapping struct {
	lo, hi, offset uint64
	perms, dev     string
	inode          uint64
	name           string // with what stands before it
}

func parseMapping(line string) (m mapping, ok bool) {
	n, _ := fmt.Sscanf(line, "%x-%x %s %x %s %d", &m.lo, &m.hi, &m.perms, &m.offset, &m.dev, &m.inode)
	if i := strings.IndexAny(line, "/["); i >= 0 {
		m.name = strings.TrimSuffix(line[i:], "\n")
	}
	return m, n == 6
}

// continues says whether next is the rest of a file mapping that was split.
func (m *mapping) continues(next *mapping) bool {
	return m.inode != 0 && m.hi == next.lo && m.perms == next.perms && m.dev == next.dev &&
		m.inode == next.inode && m.offset+(m.hi-m.lo) == next.offset
}

// String is the line as the host writes it: the name starts in column 74.
func (m *mapping) String() string {
	s := fmt.Sprintf("%08x-%08x %s %08x %s %d ", m.lo, m.hi, m.perms, m.offset, m.dev, m.inode)
	if m.name != "" {
		s = fmt.Sprintf("%-73s%s", s, m.name)
	}
	return s + "\n"
}

// ranges are the areas of trampolines.
func (s *sites) ranges() [][2]uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all [][2]uint64
	for _, a := range s.areas {
		all = append(all, [2]uint64{a.lo, a.hi})
	}
	return all
}

func inRanges(all [][2]uint64, addr uint64) bool {
	for _, r := range all {
		if addr >= r[0] && addr < r[1] {
			return true
		}
	}
	return false
}

// OpenBytes opens a file in the guest that holds b and has no name.
func (t *Thread) OpenBytes(b []byte, cloexec bool) (uint64, error) {
	addr, buf := t.Scratch()
	copy(buf, "proc\x00")
	flags := uint64(0)
	if cloexec {
		flags = unix.MFD_CLOEXEC
	}
	fd, err := t.HostMust(unix.SYS_MEMFD_CREATE, addr, flags)
	if err != nil {
		return 0, err
	}
	ours, err := t.FD(int(fd))
	if err != nil {
		return 0, err
	}
	defer unix.Close(ours)
	if _, err := unix.Pwrite(ours, b, 0); err != nil && len(b) > 0 {
		return 0, hostErr(err)
	}
	return fd, nil
}

// ProcFile names what a path in /proc asks of a guest process: the process and
// the last element, for "self", "thread-self" and the numbers of guests.
func (k *Kernel) ProcFile(p *Process, path string) (*Process, string, bool) {
	rest, ok := strings.CutPrefix(path, "/proc/")
	who, name, found := strings.Cut(rest, "/")
	if !ok || !found {
		return nil, "", false
	}
	if who == "self" || who == "thread-self" || who == fmt.Sprint(p.pid) {
		return p, name, true
	}
	var pid int
	if n, err := fmt.Sscanf(who, "%d", &pid); n != 1 || err != nil || who != fmt.Sprint(pid) {
		return nil, "", false
	}
	o := k.Process(pid)
	return o, name, o != nil
}

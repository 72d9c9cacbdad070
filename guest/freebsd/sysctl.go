package freebsd

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// sysctl(3): a tree of names and of numbers (FreeBSD 14.1 sys/sysctl.h). Names
// that the real system numbers as it starts have our own numbers here; programs
// ask for them by {0, 3}. All is read-only.

// node is a leaf. Its kind is what sysctl(8) learns by {0, 4}.
type node struct {
	name string
	mib  []int32
	kind uint32
	get  func(t *kernel.Thread, rest []int32) ([]byte, error)
}

// Kinds of values (CTLTYPE_*).
const (
	kindInt    = 2
	kindString = 3
	kindS64    = 4
	kindOpaque = 5
	kindUint   = 6
	kindUlong  = 8
)

func str(s string) func(*kernel.Thread, []int32) ([]byte, error) {
	return func(*kernel.Thread, []int32) ([]byte, error) { return append([]byte(s), 0), nil }
}

func num(v uint32) func(*kernel.Thread, []int32) ([]byte, error) {
	return func(*kernel.Thread, []int32) ([]byte, error) { return le.AppendUint32(nil, v), nil }
}

func num64(f func() uint64) func(*kernel.Thread, []int32) ([]byte, error) {
	return func(*kernel.Thread, []int32) ([]byte, error) { return le.AppendUint64(nil, f()), nil }
}

// version is what uname -v prints.
const version = "FreeBSD " + osRelease + " trapgate GENERIC"

// nodes is the tree; numbers from 1000 on are ours.
var nodes = []node{
	{"kern.ostype", []int32{1, 1}, kindString, str("FreeBSD")},
	{"kern.osrelease", []int32{1, 2}, kindString, str(osRelease)},
	{"kern.osrevision", []int32{1, 3}, kindInt, num(199506)},
	{"kern.version", []int32{1, 4}, kindString, str(version + "\n")},
	{"kern.maxproc", []int32{1, 6}, kindInt, num(10000)},
	{"kern.maxfiles", []int32{1, 7}, kindInt, num(1 << 20)},
	{"kern.argmax", []int32{1, 8}, kindInt, num(512 << 10)},
	{"kern.securelevel", []int32{1, 9}, kindInt, num(^uint32(0))},
	{"kern.hostname", []int32{1, 10}, kindString, hostname},
	{"kern.hostid", []int32{1, 11}, kindUlong, num64(func() uint64 { return 0 })},
	{"kern.clockrate", []int32{1, 12}, kindOpaque, clockrate},
	{"kern.proc.pathname", []int32{1, 14, 12}, kindString, procPathname},
	{"kern.proc.args", []int32{1, 14, 7}, kindString, procArgs},
	{"kern.proc.cwd", []int32{1, 14, 42}, kindOpaque, nil},
	{"kern.proc.nfds", []int32{1, 14, 43}, kindInt, procNfds},
	{"kern.posix1version", []int32{1, 17}, kindInt, num(200112)},
	{"kern.ngroups", []int32{1, 18}, kindInt, num(1023)},
	{"kern.job_control", []int32{1, 19}, kindInt, num(1)},
	{"kern.saved_ids", []int32{1, 20}, kindInt, num(1)},
	{"kern.boottime", []int32{1, 21}, kindOpaque, boottime},
	{"kern.osreldate", []int32{1, 24}, kindInt, num(osRelDate)},
	{"kern.bootfile", []int32{1, 26}, kindString, str("/boot/kernel/kernel")},
	{"kern.maxfilesperproc", []int32{1, 27}, kindInt, num(1 << 20)},
	{"kern.maxprocperuid", []int32{1, 28}, kindInt, num(9000)},
	{"kern.ipc.maxsockbuf", []int32{1, 30, 1}, kindUlong, num64(func() uint64 { return 2 << 20 })},
	{"kern.ipc.somaxconn", []int32{1, 30, 3}, kindInt, somaxconn},
	{"kern.ipc.soacceptqueue", []int32{1, 30, 1000}, kindInt, somaxconn},
	{"kern.ps_strings", []int32{1, 32}, kindUlong, num64(func() uint64 { return 0 })},
	{"kern.usrstack", []int32{1, 33}, kindUlong, num64(func() uint64 { return 0x7ffffffff000 })},
	{"kern.iov_max", []int32{1, 35}, kindInt, num(1024)},
	{"kern.hostuuid", []int32{1, 36}, kindString, str("00000000-0000-0000-0000-000000000000")},
	{"kern.arandom", []int32{1, 37}, kindOpaque, nil},
	{"kern.smp.maxcpus", []int32{1, 1001, 1}, kindInt, num(maxCPU)},
	{"kern.smp.cpus", []int32{1, 1001, 2}, kindInt, ncpu},
	{"kern.smp.active", []int32{1, 1001, 3}, kindInt, num(1)},
	{"kern.conftxt", []int32{1, 1002}, kindString, str("")},
	{"kern.ident", []int32{1, 1003}, kindString, str("GENERIC")},
	{"kern.osproductname", []int32{1, 1004}, kindString, str("FreeBSD")},
	{"kern.threads.max_threads_per_proc", []int32{1, 1005, 1}, kindInt, num(1 << 14)},
	{"kern.timecounter.tsc_shift", []int32{1, 1006, 1}, kindInt, num(1)},
	{"kern.timecounter.hardware", []int32{1, 1006, 2}, kindString, str("TSC-low")},
	{"kern.elf64.nxstack", []int32{1, 1007, 1}, kindInt, num(1)},
	{"vm.overcommit", []int32{2, 1000}, kindInt, num(0)},
	{"vm.stats.vm.v_page_count", []int32{2, 1001, 1}, kindUint, pages},
	{"vm.stats.vm.v_page_size", []int32{2, 1001, 2}, kindUint, num(pageSize)},
	{"vm.stats.vm.v_free_count", []int32{2, 1001, 3}, kindUint, freePages},
	{"hw.machine", []int32{6, 1}, kindString, str("amd64")},
	{"hw.model", []int32{6, 2}, kindString, cpuModel},
	{"hw.ncpu", []int32{6, 3}, kindInt, ncpu},
	{"hw.byteorder", []int32{6, 4}, kindInt, num(1234)},
	{"hw.physmem", []int32{6, 5}, kindUlong, num64(physmem)},
	{"hw.usermem", []int32{6, 6}, kindUlong, num64(physmem)},
	{"hw.pagesize", []int32{6, 7}, kindInt, num(pageSize)},
	{"hw.floatingpoint", []int32{6, 10}, kindInt, num(1)},
	{"hw.machine_arch", []int32{6, 11}, kindString, str("amd64")},
	{"hw.realmem", []int32{6, 12}, kindUlong, num64(physmem)},
	{"hw.pagesizes", []int32{6, 1000}, kindOpaque, pageSizes},
	{"machdep.cpu.brand_string", []int32{7, 1000, 1}, kindString, cpuModel},
	{"machdep.tsc_freq", []int32{7, 1001}, kindS64, num64(tscHz)},
	{"user.cs_path", []int32{8, 1}, kindString, str("/usr/bin:/bin:/usr/sbin:/sbin")},
	{"security.jail.jailed", []int32{1000, 1, 1}, kindInt, num(0)},
	{"net.routetable", []int32{4, 17, 0}, kindOpaque, routeTable},
}

// maxCPU is the size of a set of CPUs.
const maxCPU = 1024

func hostname(t *kernel.Thread, _ []int32) ([]byte, error) {
	addr, buf := t.Scratch()
	if _, err := t.HostMust(unix.SYS_UNAME, addr); err != nil {
		return nil, err
	}
	name := string(buf[65:130])
	name, _, _ = strings.Cut(name, "\x00")
	return append([]byte(name), 0), nil
}

func ncpu(*kernel.Thread, []int32) ([]byte, error) {
	return le.AppendUint32(nil, uint32(runtime.NumCPU())), nil
}

func clockrate(*kernel.Thread, []int32) ([]byte, error) {
	var b []byte
	for _, v := range []uint32{1000, 1000, 0, 127, 127} { // hz, tick, spare, stathz, profhz
		b = le.AppendUint32(b, v)
	}
	return b, nil
}

func boottime(*kernel.Thread, []int32) ([]byte, error) {
	var up, now unix.Timespec
	unix.ClockGettime(unix.CLOCK_BOOTTIME, &up)
	unix.ClockGettime(unix.CLOCK_REALTIME, &now)
	boot := (now.Nano() - up.Nano()) / 1000
	return le.AppendUint64(le.AppendUint64(nil, uint64(boot/1e6)), uint64(boot%1e6)), nil
}

func pageSizes(*kernel.Thread, []int32) ([]byte, error) {
	return le.AppendUint64(le.AppendUint64(le.AppendUint64(nil, 4096), 2<<20), 1<<30), nil
}

func physmem() uint64 {
	var s unix.Sysinfo_t
	unix.Sysinfo(&s)
	return s.Totalram * uint64(s.Unit)
}

func pages(*kernel.Thread, []int32) ([]byte, error) {
	return le.AppendUint32(nil, uint32(physmem()/pageSize)), nil
}

func freePages(*kernel.Thread, []int32) ([]byte, error) {
	var s unix.Sysinfo_t
	unix.Sysinfo(&s)
	return le.AppendUint32(nil, uint32(s.Freeram*uint64(s.Unit)/pageSize)), nil
}

func tscHz() uint64 {
	now := clockSample()
	return uint64(float64(now.tsc-firstSample.tsc) / float64(now.mono-firstSample.mono) * 1e9)
}

// fileLine returns what stands behind key in a file of lines `key : value`.
func fileLine(file, key string) string {
	b, _ := os.ReadFile(file)
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func cpuModel(*kernel.Thread, []int32) ([]byte, error) {
	return append([]byte(fileLine("/proc/cpuinfo", "model name")), 0), nil
}

func somaxconn(*kernel.Thread, []int32) ([]byte, error) {
	return le.AppendUint32(nil, uint32(readNumber("/proc/sys/net/core/somaxconn"))), nil
}

// ofProcess is the guest process that the last number of a name means; -1 is the caller's.
func ofProcess(t *kernel.Thread, rest []int32) (*kernel.Process, error) {
	if len(rest) != 1 {
		return nil, kerr.EINVAL
	}
	if rest[0] == -1 || int(rest[0]) == t.Process().Pid() {
		return t.Process(), nil
	}
	if p := t.Process().Kernel().Process(int(rest[0])); p != nil {
		return p, nil
	}
	return nil, kerr.ESRCH
}

func procPathname(t *kernel.Thread, rest []int32) ([]byte, error) {
	p, err := ofProcess(t, rest)
	if err != nil {
		return nil, err
	}
	return append([]byte(p.Exe()), 0), nil
}

func procArgs(t *kernel.Thread, rest []int32) ([]byte, error) {
	p, err := ofProcess(t, rest)
	if err != nil {
		return nil, err
	}
	return readProc(p, "cmdline")
}

func procNfds(t *kernel.Thread, rest []int32) ([]byte, error) {
	p, err := ofProcess(t, rest)
	if err != nil {
		return nil, err
	}
	fds, err := os.ReadDir(procPath(p, "fd"))
	if err != nil {
		return nil, kerr.EPERM
	}
	return le.AppendUint32(nil, uint32(len(fds))), nil
}

// find is the leaf of a name in numbers; what is left over are its arguments.
func find(mib []int32) (*node, []int32) {
	for i := range nodes {
		n := &nodes[i]
		if n.get != nil && len(mib) >= len(n.mib) && slices.Equal(mib[:len(n.mib)], n.mib) {
			return n, mib[len(n.mib):]
		}
	}
	return nil, nil
}

func findName(name string) *node {
	for i := range nodes {
		if nodes[i].name == name {
			return &nodes[i]
		}
	}
	return nil
}

// maxName is CTL_MAXNAME.
const maxName = 24

// call is one sysctl with all its arguments.
type sysctlCall struct {
	old, oldlen uint64
	new         []byte
}

func sysctl(t *kernel.Thread, a *abi.SysctlArgs) (uint64, error) {
	if a.N < 2 || a.N > maxName {
		return 0, kerr.EINVAL
	}
	b := make([]byte, 4*a.N)
	if err := t.Read(a.Mib, b); err != nil {
		return 0, err
	}
	mib := make([]int32, a.N)
	for i := range mib {
		mib[i] = int32(le.Uint32(b[4*i:]))
	}
	c, err := newSysctl(t, a.Old, a.Oldlen, a.New, a.Newlen)
	if err != nil {
		return 0, err
	}
	return 0, c.answer(t, mib)
}

func sysctlbyname(t *kernel.Thread, a *abi.SysctlbynameArgs) (uint64, error) {
	if a.N == 0 || a.N > 1024 {
		return 0, kerr.ENAMETOOLONG
	}
	b := make([]byte, a.N)
	if err := t.Read(a.Name, b); err != nil {
		return 0, err
	}
	c, err := newSysctl(t, a.Old, a.Oldlen, a.New, a.Newlen)
	if err != nil {
		return 0, err
	}
	n := findName(strings.TrimRight(string(b), "\x00"))
	if n == nil {
		return 0, kerr.ENOENT
	}
	return 0, c.answer(t, n.mib)
}

func newSysctl(t *kernel.Thread, old, oldlen, new, newlen uint64) (*sysctlCall, error) {
	c := &sysctlCall{old: old, oldlen: oldlen}
	if new == 0 {
		return c, nil
	}
	if newlen > 4096 {
		return nil, kerr.EINVAL
	}
	c.new = make([]byte, newlen)
	return c, t.Read(new, c.new)
}

func (c *sysctlCall) answer(t *kernel.Thread, mib []int32) error {
	if mib[0] == 0 {
		return c.meta(t, mib[1:])
	}
	n, rest := find(mib)
	if n == nil {
		return kerr.ENOENT
	}
	if c.new != nil {
		return kerr.EPERM
	}
	v, err := n.get(t, rest)
	if err != nil {
		return err
	}
	return c.put(t, v)
}

// put hands a value over: as much as there is room for, and ENOMEM if that is
// not all. Without a buffer only the length is told.
func (c *sysctlCall) put(t *kernel.Thread, v []byte) error {
	if c.oldlen == 0 {
		if c.old == 0 {
			return nil
		}
		return kerr.EFAULT
	}
	room, err := t.Read64(c.oldlen)
	if err != nil {
		return err
	}
	n := uint64(len(v))
	if c.old != 0 {
		n = min(n, room)
		if err := t.Write(c.old, v[:n]); err != nil {
			return err
		}
	}
	if err := t.Write64(c.oldlen, n); err != nil {
		return err
	}
	if n < uint64(len(v)) {
		return kerr.ENOMEM
	}
	return nil
}

// meta answers questions about the tree: {0, 1} numbers to name, {0, 2} the next
// leaf, {0, 3} name to numbers, {0, 4} kind and format.
func (c *sysctlCall) meta(t *kernel.Thread, q []int32) error {
	const toName, next, toMib, format = 1, 2, 3, 4
	switch q[0] {
	case toName:
		n, _ := find(q[1:])
		if n == nil {
			return kerr.ENOENT
		}
		return c.put(t, append([]byte(n.name), 0))
	case next:
		return c.next(t, q[1:])
	case toMib:
		n := findName(strings.TrimRight(string(c.new), "\x00"))
		if n == nil {
			return kerr.ENOENT
		}
		return c.put(t, mibBytes(n.mib))
	case format:
		n, _ := find(q[1:])
		if n == nil {
			return kerr.ENOENT
		}
		const readable = 0x80000000
		return c.put(t, append(le.AppendUint32(nil, n.kind|readable), formats[n.kind]+"\x00"...))
	}
	return kerr.ENOENT
}

// formats are what {0, 4} tells of a kind.
var formats = map[uint32]string{kindInt: "I", kindString: "A", kindS64: "Q", kindOpaque: "S", kindUint: "IU", kindUlong: "LU"}

func mibBytes(mib []int32) []byte {
	var b []byte
	for _, v := range mib {
		b = le.AppendUint32(b, uint32(v))
	}
	return b
}

// next tells the leaf that follows in the order of numbers.
func (c *sysctlCall) next(t *kernel.Thread, from []int32) error {
	var best *node
	for i := range nodes {
		n := &nodes[i]
		if n.get != nil && slices.Compare(n.mib, from) > 0 && (best == nil || slices.Compare(n.mib, best.mib) < 0) {
			best = n
		}
	}
	if best == nil {
		return kerr.ENOENT
	}
	return c.put(t, mibBytes(best.mib))
}

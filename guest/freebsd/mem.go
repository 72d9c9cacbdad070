package freebsd

import (
	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

const pageSize = 4096

// mmapFlags pairs FreeBSD's flags of mmap with the host's. MAP_STACK is no flag
// of the host's: its mappings grow on demand only by MAP_GROWSDOWN, which real
// FreeBSD does not need either, since a stack is reserved whole.
var mmapFlags = [...][2]uint32{
	{abi.MAP_SHARED, unix.MAP_SHARED},
	{abi.MAP_PRIVATE, unix.MAP_PRIVATE},
	{abi.MAP_FIXED, unix.MAP_FIXED},
	{abi.MAP_ANON, unix.MAP_ANONYMOUS},
	{abi.MAP_STACK, unix.MAP_PRIVATE | unix.MAP_ANONYMOUS},
	{abi.MAP_GUARD, unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE},
	{abi.MAP_PREFAULT_READ, unix.MAP_POPULATE},
	{abi.MAP_32BIT, unix.MAP_32BIT},
	{abi.MAP_RESERVED0020, 0},
	{abi.MAP_RESERVED0040, 0}, // was MAP_NORESERVE
	{abi.MAP_RESERVED0080, 0},
	{abi.MAP_RESERVED0100, 0},
	{abi.MAP_HASSEMAPHORE, 0},
	{abi.MAP_NOSYNC, 0},
	{abi.MAP_NOCORE, 0},
	{abi.MAP_EXCL, 0},
}

// mmap serves the flags that the gate's table does not know.
func mmap(t *kernel.Thread, a *abi.MmapArgs) (uint64, error) {
	flags := a.Flags
	align := uint(flags >> abi.MAP_ALIGNMENT_SHIFT)
	flags &= 1<<abi.MAP_ALIGNMENT_SHIFT - 1
	prot := uint64(a.Prot & 7) // the maximum protection in the upper half is not kept
	var host uint32
	for _, f := range mmapFlags {
		if flags&f[0] != 0 {
			host |= f[1]
		}
		flags &^= f[0]
	}
	switch {
	case flags != 0 || a.Flags&abi.MAP_EXCL != 0 && a.Flags&abi.MAP_FIXED == 0:
		return 0, kerr.EINVAL
	case a.Flags&abi.MAP_GUARD != 0 && (a.Prot != 0 || a.Fd != -1):
		return 0, kerr.EINVAL
	case touchesGate(a.Addr, a.Length) && host&unix.MAP_FIXED != 0:
		return 0, kerr.ENOMEM
	case touchesGate(a.Addr, a.Length):
		a.Addr = 0
	}
	if a.Flags&abi.MAP_EXCL != 0 {
		host = host&^unix.MAP_FIXED | unix.MAP_FIXED_NOREPLACE
	}
	fd := word(a.Fd)
	if host&unix.MAP_ANONYMOUS != 0 {
		fd = ^uint64(0)
	}
	if align > 1 && host&unix.MAP_FIXED == 0 {
		return mmapAligned(t, a, prot, uint64(host), fd, 1<<align)
	}
	addr, err := t.Host(unix.SYS_MMAP, a.Addr, a.Length, prot, uint64(host), fd, a.Offset)
	if err == kerr.EEXIST {
		err = kerr.EINVAL
	}
	return addr, err
}

// mmapAligned finds room at a multiple of align and maps there.
func mmapAligned(t *kernel.Thread, a *abi.MmapArgs, prot, flags, fd, align uint64) (uint64, error) {
	if align < pageSize || align > 1<<40 {
		return 0, kerr.EINVAL
	}
	length := (a.Length + pageSize - 1) &^ (pageSize - 1)
	room := length + align
	at, err := t.HostMust(unix.SYS_MMAP, a.Addr, room, unix.PROT_NONE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE, ^uint64(0), 0)
	if err != nil {
		return 0, err
	}
	start := (at + align - 1) &^ (align - 1)
	if start > at {
		t.HostMust(unix.SYS_MUNMAP, at, start-at)
	}
	if end := at + room; end > start+length {
		t.HostMust(unix.SYS_MUNMAP, start+length, end-start-length)
	}
	return t.HostMust(unix.SYS_MMAP, start, a.Length, prot, flags|unix.MAP_FIXED, fd, a.Offset)
}

// touchesGate says whether a range meets memory that is the gate's.
func touchesGate(addr, length uint64) bool {
	return addr < gate.High && addr+length > gate.Low
}

// madvise serves the advice that the gate's table does not know: about saving
// and dumping, of which the host needs none but MADV_NOCORE and MADV_CORE.
func madvise(t *kernel.Thread, a *abi.MadviseArgs) (uint64, error) {
	advice := uint64(unix.MADV_NORMAL)
	switch a.Advice {
	case abi.MADV_NOCORE:
		advice = unix.MADV_DONTDUMP
	case abi.MADV_CORE:
		advice = unix.MADV_DODUMP
	case abi.MADV_NOSYNC, abi.MADV_AUTOSYNC:
	case abi.MADV_PROTECT:
		return 0, kerr.EPERM
	default:
		return 0, kerr.EINVAL
	}
	if touchesGate(a.Addr, a.Length) {
		return 0, kerr.ENOMEM
	}
	return t.Host(unix.SYS_MADVISE, a.Addr, a.Length, advice)
}

func msync(t *kernel.Thread, a *abi.MsyncArgs) (uint64, error) {
	var flags uint64
	switch a.Flags &^ abi.MS_INVALIDATE {
	case abi.MS_SYNC:
		flags = unix.MS_SYNC
	case abi.MS_ASYNC:
		flags = unix.MS_ASYNC
	default:
		return 0, kerr.EINVAL
	}
	if a.Flags&abi.MS_INVALIDATE != 0 {
		flags |= unix.MS_INVALIDATE
	}
	return t.Host(unix.SYS_MSYNC, a.Addr, a.Length, flags)
}

// mincore: the host tells residence as FreeBSD's MINCORE_INCORE.
func mincore(t *kernel.Thread, a *abi.MincoreArgs) (uint64, error) {
	return t.Host(unix.SYS_MINCORE, a.Addr, a.Length, a.Vec)
}

// minherit: what a fork does with memory, by the host's advice.
func minherit(t *kernel.Thread, a *abi.MinheritArgs) (uint64, error) {
	const share, copied, none, zero = 0, 1, 2, 3 // INHERIT_*
	if touchesGate(a.Addr, a.Len) {
		return 0, kerr.EINVAL
	}
	switch a.Inherit {
	case copied:
		if _, err := t.Host(unix.SYS_MADVISE, a.Addr, a.Len, unix.MADV_DOFORK); err != nil {
			return 0, err
		}
		_, err := t.Host(unix.SYS_MADVISE, a.Addr, a.Len, unix.MADV_KEEPONFORK)
		if err == kerr.EINVAL {
			err = nil // shared memory has nothing to keep
		}
		return 0, err
	case none:
		return t.Host(unix.SYS_MADVISE, a.Addr, a.Len, unix.MADV_DONTFORK)
	case zero:
		return t.Host(unix.SYS_MADVISE, a.Addr, a.Len, unix.MADV_WIPEONFORK)
	}
	return 0, kerr.EINVAL // Differs: INHERIT_SHARE is refused.
}

// mlockall has the host's flags: MCL_CURRENT 1, MCL_FUTURE 2.
func mlockall(t *kernel.Thread, a *abi.MlockallArgs) (uint64, error) {
	return t.Host(unix.SYS_MLOCKALL, uint64(a.Flags))
}

func munlockall(t *kernel.Thread) (uint64, error) { return t.Host(unix.SYS_MUNLOCKALL) }

// breakCall moves the end of the data segment.
func breakCall(t *kernel.Thread, a *abi.BreakCallArgs) (uint64, error) {
	if t.SetBreak(a.Addr) != a.Addr {
		return 0, kerr.ENOMEM
	}
	return a.Addr, nil
}

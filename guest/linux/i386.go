package linux

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// A 386 program runs as 32-bit code in the gate's 64-bit process, below 4 GiB:
//
//	0xfffff000
//	0xffffe000  the page of start386: vDSO, far call to the gate
//	            stack, down from here
//	0xf7f00000  interpreter, and below it what the host maps
//	0x56000000  image, if it can lie anywhere; behind it the break
//
// The host's i386 entry (Host32) places mappings below 0xffffe000, so a guest
// cannot map over the page. GS is the guest's: its thread-local storage is an
// entry of the host's table for the thread. Differs: FS is the gate's, and a
// guest that loads it dies.

// Selectors of 32-bit code and data (arch/x86/include/asm/segment.h).
const (
	code32 = 0x23
	data32 = 0x2b
)

func setThreadArea(t *kernel.Thread, a *abi.SetThreadAreaArgs) (uint64, error) {
	return t.Host32Must(abi.SYS_386_set_thread_area, a.Desc)
}

func getThreadArea(t *kernel.Thread, a *abi.GetThreadAreaArgs) (uint64, error) {
	return t.Host32Must(abi.SYS_386_get_thread_area, a.Desc)
}

// userDesc is a struct user_desc: entry number, base, limit, flags.
type userDesc [16]byte

// readUserDesc reads what clone is to make the thread pointer of a new thread:
// an entry of the table that has a number (do_set_thread_area).
func readUserDesc(t *kernel.Thread, addr uint64) (d userDesc, err error) {
	if err := t.Read(addr, d[:]); err != nil {
		return d, err
	}
	const first, last = 12, 14 // GDT_ENTRY_TLS_MIN, GDT_ENTRY_TLS_MAX
	if n := binary.LittleEndian.Uint32(d[:]); n < first || n > last {
		return d, kerr.EINVAL
	}
	return d, nil
}

// set makes d the thread pointer of a thread that has not run yet. The call takes
// it from memory below 4 GiB at addr, where the thread's stack will grow.
func (d userDesc) set(t *kernel.Thread, addr uint64) error {
	if err := t.Write(addr, d[:]); err != nil {
		return err
	}
	_, err := t.Host32Must(abi.SYS_386_set_thread_area, addr)
	return err
}

// archPrctl386 leaves to the host what it lets 32-bit programs do: nothing that
// concerns the segments.
func archPrctl386(t *kernel.Thread, a *abi.ArchPrctlArgs) (uint64, error) {
	if a.Option < abi.ARCH_GET_CPUID {
		return 0, kerr.EINVAL
	}
	return t.Host32Must(abi.SYS_386_arch_prctl, uint64(a.Option), a.Addr)
}

// sysinfo returns what the vDSO's page holds at the name.
func sysinfo(name string) uint64 { return vdsoBase + uint64(vdsoImage().at[name]) }

// stackLimit is the size of the stack that a new image gets. Where the host's
// limit is higher, mappings would be in the way.
func stackLimit(t *kernel.Thread) uint64 {
	const least, most = 128 << 10, 64 << 20
	addr, _ := t.Scratch()
	size := uint64(8 << 20)
	if _, err := t.HostMust(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_STACK, 0, addr); err == nil {
		size, _ = t.Read64(addr)
	}
	return min(max(size, least), most) &^ 4095
}

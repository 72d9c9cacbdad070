package linux

import (
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/linux/abi"
	"trapgate/kernel"
	"trapgate/kernel/kerr"
)

// The vDSO of 386 programs is ours: one page with an ELF image (AT_SYSINFO_EHDR)
// whose functions have the names that Linux's has. They enter the gate by a far
// call and so never trap. Two words behind the call tell the gate where the
// guest goes on and where it makes the call again: there stands `int $0x80`.
//
//	__kernel_vsyscall:
//	        lcall $0x33, $thunk
//	        .long done, again
//	again:  int $0x80
//	done:   ret
//	thunk:  jmp *gate               64-bit code

const (
	vdsoBase = 0xffffe000
	vdsoCode = 0x400 // where the code starts in the page
	vdsoSize = 4096
)

// vdso is the image and its symbols.
type vdso struct {
	page     []byte
	code     []byte
	names    []string
	at       map[string]int // offsets
	loThunk  int
	hiThunk  int
	farCalls []int // where the address of the thunk is to be put
}

var vdsoImage = sync.OnceValue(func() *vdso {
	v := &vdso{at: map[string]int{}}
	v.function("__kernel_vsyscall")
	v.enter()
	v.emit(0xc3)
	v.clock("__vdso_clock_gettime", abi.SYS_386_clock_gettime)
	v.clock("__vdso_clock_gettime64", abi.SYS_386_clock_gettime64)
	// Debuggers and unwinders know a signal frame by these very bytes.
	v.function("__kernel_sigreturn")
	v.emit(0x58, 0xb8, abi.SYS_386_sigreturn, 0, 0, 0, 0xcd, 0x80)
	v.function("__kernel_rt_sigreturn")
	v.emit(0xb8, abi.SYS_386_rt_sigreturn, 0, 0, 0, 0xcd, 0x80)
	v.thunk()
	v.link()
	return v
})

func (v *vdso) emit(b ...byte) { v.code = append(v.code, b...) }

func (v *vdso) word(n int) { v.code = binary.LittleEndian.AppendUint32(v.code, uint32(n)) }

// here is the address of the next byte of code.
func (v *vdso) here() int { return vdsoBase + vdsoCode + len(v.code) }

// function starts a function, aligned and after a byte that no function owns.
func (v *vdso) function(name string) {
	v.emit(0x90)
	for len(v.code)%16 != 0 {
		v.emit(0x90)
	}
	v.names = append(v.names, name)
	v.at[name] = vdsoCode + len(v.code)
}

// enter is the far call, the two words, and the trap for the second time.
func (v *vdso) enter() {
	v.emit(0x9a)
	v.farCalls = append(v.farCalls, len(v.code))
	v.word(0)
	v.emit(0x33, 0)
	behind := v.here() + 8
	v.word(behind + 2)
	v.word(behind)
	v.emit(0xcd, 0x80)
}

// clock is a C function of a clock and the address of a timespec.
func (v *vdso) clock(name string, nr int) {
	v.function(name)
	v.emit(0x53)                   // push %ebx
	v.emit(0x8b, 0x5c, 0x24, 0x08) // mov 8(%esp), %ebx
	v.emit(0x8b, 0x4c, 0x24, 0x0c) // mov 12(%esp), %ecx
	v.emit(0xb8)                   // mov $nr, %eax
	v.word(nr)
	v.enter()
	v.emit(0x5b, 0xc3) // pop %ebx; ret
}

// thunk is where the far calls go. It is told apart from the code before it by
// its addresses: a trap stops behind its instruction.
func (v *vdso) thunk() {
	v.emit(0x90)
	at := v.here()
	v.loThunk = at
	v.emit(0xff, 0x25, 0, 0, 0, 0) // jmp *0(%rip)
	v.hiThunk = v.here()
	v.code = binary.LittleEndian.AppendUint64(v.code, gate.EntryPoints().Call32)
	for _, off := range v.farCalls {
		binary.LittleEndian.PutUint32(v.code[off:], uint32(at))
	}
}

// Offsets in the page, below the code.
const (
	vdsoDynamic  = 52 + 2*32
	vdsoHash     = vdsoDynamic + 10*8
	vdsoSyms     = vdsoHash + 48
	vdsoVersions = vdsoSyms + 6*16
	vdsoVerdef   = vdsoVersions + 16
	vdsoStrings  = vdsoVerdef + 2*28
)

// link builds the page: ELF header, two program headers, dynamic section, hash
// table of one chain, symbols with their version, names, code. Addresses start
// at 0 there.
func (v *vdso) link() {
	le := binary.LittleEndian
	b := make([]byte, vdsoSize)
	copy(b, "\x7fELF\x01\x01\x01")
	le.PutUint16(b[16:], 3) // ET_DYN
	le.PutUint16(b[18:], 3) // EM_386
	le.PutUint32(b[20:], 1)
	le.PutUint32(b[24:], uint32(v.at["__kernel_vsyscall"]))
	le.PutUint32(b[28:], 52)
	le.PutUint16(b[40:], 52)
	le.PutUint16(b[42:], 32)
	le.PutUint16(b[44:], 2)
	putWords(b[52:], 1, 0, 0, 0, vdsoSize, vdsoSize, 5, 4096)                // PT_LOAD, r-x
	putWords(b[84:], 2, vdsoDynamic, vdsoDynamic, vdsoDynamic, 72, 72, 4, 4) // PT_DYNAMIC
	names := vdsoNames{b: b[vdsoStrings:vdsoCode], next: 1}
	v.versions(b, &names)
	v.symbols(b, &names)
	putWords(b[vdsoDynamic:],
		14, 1, // SONAME
		4, vdsoHash,
		5, vdsoStrings,
		6, vdsoSyms,
		10, uint32(names.next), // STRSZ
		0x6ffffff0, vdsoVersions, // VERSYM
		0x6ffffffc, vdsoVerdef, // VERDEF
		0x6ffffffd, 2) // VERDEFNUM
	copy(b[vdsoCode:], v.code)
	v.page = b
}

// vdsoNames is a string table.
type vdsoNames struct {
	b    []byte
	next int
}

func (n *vdsoNames) add(name string) uint32 {
	at := n.next
	n.next += copy(n.b[at:], name) + 1
	return uint32(at)
}

// versions defines the two versions, that of the file and the symbols' own.
func (v *vdso) versions(b []byte, names *vdsoNames) {
	const soname, version = "linux-gate.so.1", "LINUX_2.6"
	for i, name := range []string{soname, version} {
		def := b[vdsoVerdef+28*i:]
		base, next := uint32(1-i), uint32(28*(1-i))
		putWords(def, 1|base<<16, uint32(i+1)|1<<16, elfHash(name), 20, next, names.add(name))
	}
}

// elfHash is the hash of a name (System V ABI, chapter 5).
func elfHash(name string) uint32 {
	var h uint32
	for i := range len(name) {
		h = h<<4 + uint32(name[i])
		h ^= h >> 24 & 0xf0
		h &= 1<<28 - 1
	}
	return h
}

// symbols writes symbols, their names, their versions and the hash table.
func (v *vdso) symbols(b []byte, names *vdsoNames) {
	n := len(v.names)
	putWords(b[vdsoHash:], 1, uint32(n+1), 1, 0)
	for i, name := range v.names {
		sym := b[vdsoSyms+16*(i+1):]
		putWords(sym, names.add(name), uint32(v.at[name]), 16)
		sym[12] = 0x12 // STB_GLOBAL, STT_FUNC
		sym[14] = 1    // in some section
		b[vdsoVersions+2*(i+1)] = 2
		if i+1 < n {
			putWords(b[vdsoHash+12+4*(i+1):], uint32(i+2))
		}
	}
}

func putWords(b []byte, words ...uint32) {
	for i, w := range words {
		binary.LittleEndian.PutUint32(b[4*i:], w)
	}
}

// mapVdso puts the page into a new image.
func mapVdso(t *kernel.Thread) error {
	v := vdsoImage()
	_, err := t.HostMust(unix.SYS_MMAP, vdsoBase, vdsoSize, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
	if err != nil {
		return err
	}
	if err := t.Write(vdsoBase, v.page); err != nil {
		return err
	}
	if _, err := t.HostMust(unix.SYS_MPROTECT, vdsoBase, vdsoSize, unix.PROT_READ|unix.PROT_EXEC); err != nil {
		return err
	}
	if !t.AddTramp(uint64(v.loThunk), uint64(v.hiThunk)) {
		return kerr.ENOMEM
	}
	return nil
}

package kernel

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/arch/x86/x86asm"
	"golang.org/x/sys/unix"
)

// A call site is rewritten when it traps for the second time: the instruction
// before `syscall` becomes a jump to a trampoline that makes that instruction's
// effect, notes where the guest goes on, and jumps to the gate:
//
//	before          after
//	mov $n, %eax    jmp trampoline      trampoline: mov $n, %eax
//	syscall         syscall                         lea behind(%rip), %rcx
//	behind:         behind:                         jmp *entry
//
// The `syscall` stays, so that a jump to it still traps. If the instruction is
// shorter than the five bytes of a jump, the bytes of `syscall` are made part of
// the jump's distance: they stay what they are, and the trampoline lies where
// that distance leads. Only one instruction is replaced, so no thread can be in
// the middle of it; while other threads run, the first byte is int3 until the
// rest is in place.

// sites are the rewritten call sites of an address space.
type sites struct {
	mu     sync.Mutex
	areas  []area
	forks  int               // copies of the address space that are being made
	looked map[uint64]bool   // calls that have been looked at; the gate forgets some
	done   map[uint64]change // what was replaced, by address
	mem    *os.File          // the guest's memory
	sync   bool              // membarrier is registered
	text   text
	plain  [][2]uint64 // ranges that plainText has found to be text
}

// change is what was done to one instruction.
type change struct{ old, jump []byte }

// area is memory for trampolines.
type area struct {
	lo, hi uint64
	next   uint64
}

const (
	areaSize  = 64 << 10
	trampSize = 64
	jumpSize  = 5
)

func (s *sites) clone() sites {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sites{areas: slices.Clone(s.areas), looked: maps.Clone(s.looked), done: maps.Clone(s.done), text: s.text.clone()}
}

func (s *sites) close() {
	if s.mem != nil {
		s.mem.Close()
	}
}

// forking keeps the text as it is until forked: a copy of the address space
// that is taken in the middle of a change would keep the int3 for ever.
func (s *sites) forking() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forks++
}

func (s *sites) forked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forks--
}

// site looks at a call site that trapped for the first time and rewrites it if
// it can; during a fork, when it traps again.
func (t *Thread) site() {
	at := t.v.Restart
	s := &t.space.sites
	s.mu.Lock()
	if s.forks == 0 {
		t.space.head().MarkSeen(at)
	}
	if s.forks == 0 && !s.looked[at] {
		if s.looked == nil {
			s.looked = map[uint64]bool{}
		}
		s.looked[at] = true
		if t.p.sys.Compat {
			t.patch32(at)
		} else {
			t.patch(at)
		}
	}
	s.mu.Unlock()
	t.v.Dispatch()
}

// patch rewrites the site whose `syscall` is at addr. The sites are locked.
func (t *Thread) patch(addr uint64) {
	s := &t.space.sites
	const before = 48
	code := make([]byte, before+3)
	if t.Read(addr-before, code) != nil || code[before] != 0x0f || code[before+1] != 0x05 {
		return
	}
	n := knownBefore(code[:before], 64)
	if n < 2 || s.text.restored[addr&^(page-1)] || !t.plainText(addr) {
		return
	}
	start := addr - uint64(n)
	old := code[before-n : before]
	lo, hi := distances(n, code[before:])
	tramp, ok := t.trampoline(s, start+jumpSize, lo, hi)
	if !ok {
		return
	}
	if err := s.open(t); err != nil {
		return
	}
	if s.write(tramp, trampolineCode(old, addr+2, tramp)) != nil {
		return
	}
	jump := binary.LittleEndian.AppendUint32([]byte{0xe9}, uint32(tramp-start-jumpSize))
	for len(jump) < n {
		jump = append(jump, 0x90)
	}
	t.rewrite(s, start, slices.Clone(old), jump[:n])
}

// rewrite puts jump over the instruction old and remembers it.
func (t *Thread) rewrite(s *sites, start uint64, old, jump []byte) {
	if s.done == nil {
		s.done = map[uint64]change{}
	}
	s.done[start] = change{old, jump}
	t.replace(s, start, jump)
	t.guardText(s, start, uint64(len(old)))
}

// lengths remembers what instructionBefore said: the same programs run again and again.
var lengths sync.Map // of beforeKey

type beforeKey struct {
	code string
	mode int
}

// knownBefore is instructionBefore, remembered.
func knownBefore(code []byte, mode int) int {
	key := beforeKey{string(code), mode}
	if n, ok := lengths.Load(key); ok {
		return n.(int)
	}
	n := instructionBefore(code, mode)
	lengths.Store(key, n)
	return n
}

// instructionBefore returns the length of the instruction of 32- or 64-bit code
// that ends where code ends, 0 if that is not sure or it cannot be moved. x86 code read from a wrong
// place soon falls into step, so most readings that end here must agree.
func instructionBefore(code []byte, mode int) int {
	var votes [16]int
	all := 0
	for from := 0; from < len(code)-15; from++ {
		for at := from; at < len(code); {
			in, err := x86asm.Decode(code[at:], mode)
			if err != nil {
				break
			}
			if at+in.Len == len(code) {
				all++
				if movable(&in) {
					votes[in.Len]++
				}
			}
			at += in.Len
		}
	}
	for n, v := range votes {
		if v > 0 && v*4 >= all*3 {
			return n
		}
	}
	return 0
}

// movable says whether an instruction does the same at another address.
func movable(in *x86asm.Inst) bool {
	switch in.Op {
	case x86asm.MOV, x86asm.XOR, x86asm.LEA, x86asm.ADD, x86asm.SUB, x86asm.AND, x86asm.OR, x86asm.MOVSXD, x86asm.MOVZX, x86asm.POP:
	default:
		return false
	}
	for _, a := range in.Args {
		switch a := a.(type) {
		case x86asm.Rel:
			return false
		case x86asm.Mem:
			if a.Base == x86asm.RIP {
				return false
			}
		}
	}
	return true
}

// distances returns the jump distances that keep the code behind an
// instruction of n bytes as it is.
func distances(n int, behind []byte) (lo, hi int64) {
	var fixed [4]byte
	free := min(n-1, 4)
	copy(fixed[free:], behind)
	lo = int64(int32(binary.LittleEndian.Uint32(fixed[:])))
	if free == 4 {
		return -1 << 31, 1<<31 - 1
	}
	return lo, lo + 1<<(8*free) - 1
}

// plainText says whether addr lies in program text: mapped from a file and not
// writable, so that nobody but us changes it. The sites are locked.
func (t *Thread) plainText(addr uint64) bool {
	s := &t.space.sites
	if inRanges(s.plain, addr) {
		return true
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/maps", t.Tid()))
	if err != nil {
		return false
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		m, ok := parseMapping(sc.Text())
		if !ok || addr < m.lo || addr >= m.hi {
			continue
		}
		if !strings.HasPrefix(m.perms, "r-xp") || m.inode == 0 {
			return false
		}
		s.plain = append(s.plain, [2]uint64{m.lo, m.hi})
		return true
	}
	return false
}

// trampoline finds room for a trampoline at a distance of lo to hi from base.
func (t *Thread) trampoline(s *sites, base uint64, lo, hi int64) (uint64, bool) {
	const lowest = 64 << 10 // vm.mmap_min_addr
	if int64(base)+hi < lowest {
		return 0, false
	}
	from, to := uint64(max(int64(base)+lo, lowest)), base+uint64(hi)
	for i := range s.areas {
		a := &s.areas[i]
		at := max(a.next, from)
		if at >= a.lo && at <= to && at+trampSize <= a.hi {
			a.next = at + trampSize
			return at, true
		}
	}
	for _, at := range []uint64{(from+to)/2 + 0x50f0000, to, from} {
		at = min(max(at, from), to) &^ (page - 1)
		size := uint64(areaSize)
		if hi-lo < areaSize {
			size = page * 2
		}
		got, err := t.HostMust(hostMmap, at, size, unix.PROT_READ|unix.PROT_EXEC,
			unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
		if err != nil || got != at {
			continue
		}
		if !t.space.head().AddTramp(at, at+size) {
			t.HostMust(hostMunmap, at, size)
			return 0, false
		}
		first := max(at, from)
		s.areas = append(s.areas, area{at, at + size, first + trampSize})
		return first, true
	}
	return 0, false
}

// trampolineCode is the code of the trampoline at addr.
func trampolineCode(displaced []byte, behind, addr uint64) []byte {
	c := slices.Clone(displaced)
	c = append(c, 0x48, 0x8d, 0x0d) // lea behind(%rip), %rcx
	c = binary.LittleEndian.AppendUint32(c, uint32(behind-(addr+uint64(len(c))+4)))
	c = append(c, 0xff, 0x25, 0, 0, 0, 0) // jmp *0(%rip)
	return binary.LittleEndian.AppendUint64(c, siteEntry.Site)
}

func (s *sites) open(t *Thread) error {
	if s.mem != nil {
		return nil
	}
	f, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", t.Tid()), os.O_RDWR, 0)
	s.mem = f
	return err
}

func (s *sites) write(addr uint64, b []byte) error {
	_, err := s.mem.WriteAt(b, int64(addr))
	return err
}

// replace puts code over one instruction.
func (t *Thread) replace(s *sites, start uint64, code []byte) {
	if t.onlyUser() {
		s.write(start, code)
		return
	}
	if !t.syncCores(s) {
		return
	}
	s.write(start, []byte{0xcc})
	t.syncCores(s)
	s.write(start+1, code[1:])
	t.syncCores(s)
	s.write(start, code[:1])
	t.syncCores(s)
}

// onlyUser says whether no other thread runs in the address space.
func (t *Thread) onlyUser() bool {
	t.space.mu.Lock()
	defer t.space.mu.Unlock()
	return t.space.users == 1
}

// Commands of membarrier(2).
const (
	syncCore         = 0x20 // MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE
	syncCoreRegister = 0x40
)

// prepareSync registers a new image for syncCores. With one thread that costs
// nothing; later the host would wait for all CPUs, 10 ms and more.
func (t *Thread) prepareSync() {
	if !t.p.k.opts.Patch {
		return
	}
	_, err := t.HostMust(hostMembarrier, syncCoreRegister, 0, 0)
	t.space.sites.sync = err == nil
}

// syncCores makes every thread of the guest see what was written.
func (t *Thread) syncCores(s *sites) bool {
	if !s.sync {
		if _, err := t.HostMust(hostMembarrier, syncCoreRegister, 0, 0); err != nil {
			return false
		}
		s.sync = true
	}
	_, err := t.HostMust(hostMembarrier, syncCore, 0, 0)
	return err == nil
}

// patching says whether the thread ran into the int3 of an instruction that is
// being replaced; then it tries again.
func (t *Thread) patching() bool {
	s := &t.space.sites
	s.mu.Lock()
	defer s.mu.Unlock()
	at := t.v.Regs.Rip - 1
	var now [1]byte
	if _, ok := s.done[at]; !ok || t.Read(at, now[:]) != nil || now[0] == 0xcc {
		return false // not there, or the guest's own int3 in code that came later
	}
	t.v.Regs.Rip = at
	return true
}

package linux

import (
	"crypto/rand"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trapgate/image"
	"trapgate/kernel"
)

// Keys of the auxiliary vector that start386 changes (getauxval(3)).
const (
	atPlatform    = 15
	atRandom      = 25
	atSysinfo     = 32
	atSysinfoEhdr = 33
)

// start386 maps the page and the stack of a 386 program and builds its start-up
// stack (Linux 6.12 fs/binfmt_elf.c, create_elf_tables):
//
//	esp  argc, argv, 0, envp, 0, auxv: words
//	     16 random bytes, "i686"
//	     strings: arguments, environment, path
//	     a word of zero
func start386(t *kernel.Thread, l *kernel.Loaded) error {
	if err := mapVdso(t); err != nil {
		return err
	}
	s := newStack386(l)
	size := max(stackLimit(t), uint64(len(s.strings)+len(s.words))*4&^4095)
	prot := uint64(unix.PROT_READ | unix.PROT_WRITE)
	if l.Image.Stack < 0 || l.Image.Stack&image.Execute != 0 {
		prot |= unix.PROT_EXEC
	}
	_, err := t.HostMust(unix.SYS_MMAP, vdsoBase-size, size, prot,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
	if err != nil {
		return err
	}
	if l.Image.Stack < 0 {
		if err := allExecutable(t, l); err != nil {
			return err
		}
	}
	if err := t.WriteStack(s.esp, append(s.words, s.strings...)); err != nil {
		return err
	}
	r := t.Regs()
	r.Rsp, r.Rip, r.Eflags, r.CS, r.SS = s.esp, l.Entry, 0x202, code32, data32
	return t.LoadSegs(kernel.Segs{DS: data32, ES: data32})
}

// allExecutable does what Linux does for images that do not say whether they
// execute their stack: whatever can be read can be executed.
func allExecutable(t *kernel.Thread, l *kernel.Loaded) error {
	old, err := t.HostMust(unix.SYS_PERSONALITY, 1<<32-1)
	if err != nil {
		return err
	}
	const readImpliesExec = 0x0400000
	if _, err := t.HostMust(unix.SYS_PERSONALITY, old|readImpliesExec); err != nil {
		return err
	}
	for _, s := range l.Image.Segments {
		start := (s.Vaddr + l.Bias) &^ 4095
		if s.Prot&image.Read == 0 {
			continue
		}
		if _, err := t.HostMust(unix.SYS_MPROTECT, start, s.End()+l.Bias-start, uint64(s.Prot|image.Execute)); err != nil {
			return err
		}
	}
	return nil
}

// stack386 is a start-up stack: words at esp and, behind them, strings.
type stack386 struct {
	esp     uint64
	words   []byte
	strings []byte
}

func newStack386(l *kernel.Loaded) *stack386 {
	s := &stack386{}
	platform := s.string("i686")
	random := uint64(len(s.strings))
	s.strings = append(s.strings, make([]byte, 16)...)
	rand.Read(s.strings[random:])
	argv, envp := s.all(l.Args), s.all(l.Env)
	path := s.string(l.Path)
	s.strings = append(s.strings, 0, 0, 0, 0)
	base := vdsoBase - uint64(len(s.strings))
	s.word(uint64(len(argv)))
	s.pointers(base, argv)
	s.pointers(base, envp)
	s.aux(l, base+platform, base+random, base+path)
	s.esp = (base - uint64(len(s.words))) &^ 15
	s.words = append(s.words, make([]byte, base-s.esp-uint64(len(s.words)))...)
	return s
}

// string adds a string and returns its offset.
func (s *stack386) string(v string) uint64 {
	at := len(s.strings)
	s.strings = append(append(s.strings, v...), 0)
	return uint64(at)
}

func (s *stack386) all(list []string) []uint64 {
	var at []uint64
	for _, v := range list {
		at = append(at, s.string(v))
	}
	return at
}

func (s *stack386) word(v uint64) {
	s.words = binary.LittleEndian.AppendUint32(s.words, uint32(v))
}

func (s *stack386) pointers(base uint64, list []uint64) {
	for _, at := range list {
		s.word(base + at)
	}
	s.word(0)
}

// aux builds the auxiliary vector from the host's.
func (s *stack386) aux(l *kernel.Loaded, platform, random, path uint64) {
	s.word(atSysinfo)
	s.word(sysinfo("__kernel_vsyscall"))
	for i := 0; i+1 < len(l.Native); i += 2 {
		key, v := l.Native[i], l.Native[i+1]
		switch key {
		case atSysinfoEhdr:
			v = vdsoBase
		case atPhdr:
			v = l.Image.Phdr + l.Bias
		case atPhent:
			v = uint64(l.Image.Phentsize)
		case atPhnum:
			v = uint64(l.Image.Phnum)
		case atBase:
			v = l.Base
		case atEntry:
			v = l.Image.Entry + l.Bias
		case atPlatform:
			v = platform
		case atRandom:
			v = random
		case atExecfn:
			v = path
		}
		s.word(key)
		s.word(v)
	}
}

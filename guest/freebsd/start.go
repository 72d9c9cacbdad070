package freebsd

import (
	"crypto/rand"
	"runtime"

	"golang.org/x/sys/unix"

	"trapgate/gate"
	"trapgate/guest/freebsd/abi"
	"trapgate/kernel"
)

// What we say the system is.
const (
	osRelease  = "14.1-RELEASE"
	osRelDate  = 1401000
	canarySize = 64
)

// start builds the start-up stack (FreeBSD 14.1 sys/kern/imgact_elf.c,
// __elfN(freebsd_copyout_auxargs)): argc, argv, envp and the auxiliary vector,
// at whose start RDI points. Strings of argv and envp stay where the host has
// put them, so that ps finds them. Behind the vector lie path, canary and page sizes.
func start(t *kernel.Thread, l *kernel.Loaded) error {
	if err := mapTrampoline(t); err != nil {
		return err
	}
	if err := resetIgnored(t, true); err != nil {
		return err
	}
	head := make([]byte, 8*(1+len(l.Args)+1+len(l.Env)+1))
	if err := t.Read(l.Sp, head); err != nil {
		return err
	}
	data := startData(l.Path)
	const maxAux = 32 * 16
	at := (l.Sp - uint64(len(head)+maxAux+len(data))) &^ 15
	dataAt := at + uint64(len(head)+maxAux)
	stack := append([]byte(nil), head...)
	for _, v := range auxv(t, l, dataAt, at) {
		stack = le.AppendUint64(stack, v)
	}
	stack = append(stack, make([]byte, int(dataAt-at)-len(stack))...)
	if err := t.WriteStack(at, append(stack, data...)); err != nil {
		return err
	}
	r := t.Regs()
	*r = gate.Regs{CS: r.CS, GS: r.GS, FS: r.FS, SS: r.SS, Eflags: 0x202}
	r.Rdi, r.Rip = at, l.Entry
	r.Rsp = (at-8)&^15 + 8
	return nil
}

// Offsets in the data behind the auxiliary vector.
const (
	dataSizes  = 0 // page sizes
	dataCanary = 24
	dataPath   = dataCanary + canarySize
)

func startData(path string) []byte {
	b := make([]byte, dataPath, dataPath+len(path)+1)
	for i, size := range []uint64{4096, 2 << 20, 1 << 30} {
		le.PutUint64(b[dataSizes+8*i:], size)
	}
	rand.Read(b[dataCanary : dataCanary+canarySize])
	return append(append(b, path...), 0)
}

// auxv is the auxiliary vector as pairs.
func auxv(t *kernel.Thread, l *kernel.Loaded, data, argc uint64) []uint64 {
	argv := argc + 8
	envv := argv + 8*uint64(len(l.Args)+1)
	v := []uint64{
		abi.AT_PHDR, l.Image.Phdr + l.Bias,
		abi.AT_PHENT, uint64(l.Image.Phentsize),
		abi.AT_PHNUM, uint64(l.Image.Phnum),
		abi.AT_PAGESZ, 4096,
		abi.AT_FLAGS, 0,
		abi.AT_ENTRY, l.Image.Entry + l.Bias,
		abi.AT_BASE, l.Base,
		abi.AT_EXECPATH, data + dataPath,
		abi.AT_OSRELDATE, osRelDate,
		abi.AT_CANARY, data + dataCanary,
		abi.AT_CANARYLEN, canarySize,
		abi.AT_NCPUS, uint64(runtime.NumCPU()),
		abi.AT_PAGESIZES, data + dataSizes,
		abi.AT_PAGESIZESLEN, 24,
		abi.AT_STACKPROT, unix.PROT_READ | unix.PROT_WRITE,
		abi.AT_ARGC, uint64(len(l.Args)),
		abi.AT_ARGV, argv,
		abi.AT_ENVC, uint64(len(l.Env)),
		abi.AT_ENVV, envv,
	}
	if mapTime(t) {
		v = append(v, abi.AT_TIMEKEEP, timeAddr)
	}
	return append(v, abi.AT_NULL, 0)
}

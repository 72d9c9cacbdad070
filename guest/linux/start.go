package linux

import (
	"encoding/binary"

	"trapgate/kernel"
)

// Keys of the auxiliary vector that describe the image (getauxval(3)).
const (
	atNull   = 0
	atPhdr   = 3
	atPhent  = 4
	atPhnum  = 5
	atBase   = 7
	atEntry  = 9
	atExecfn = 31
)

// start gives the guest the host's own start-up stack, with the entries of the
// auxiliary vector that describe the image. The vector is built anew below the
// host's; the strings stay where they are, so that ps finds them.
func start(t *kernel.Thread, l *kernel.Loaded) error {
	le := binary.LittleEndian
	head := make([]byte, 8*(1+len(l.Args)+1+len(l.Env)+1))
	if err := t.Read(l.Sp, head); err != nil {
		return err
	}
	size := len(head) + 8*len(l.Native)
	path := append([]byte(l.Path), 0)
	at := (l.Sp - uint64(size+len(path))) &^ 15
	stack := make([]byte, 0, size+len(path))
	stack = append(stack, head...)
	for i := 0; i+1 < len(l.Native); i += 2 {
		key, v := l.Native[i], l.Native[i+1]
		switch key {
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
		case atExecfn:
			v = at + uint64(size)
		}
		stack = le.AppendUint64(stack, key)
		stack = le.AppendUint64(stack, v)
	}
	if err := t.WriteStack(at, append(stack, path...)); err != nil {
		return err
	}
	r := t.Regs()
	r.Rsp, r.Rip, r.Eflags = at, l.Entry, 0x202
	return nil
}

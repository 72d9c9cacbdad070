package kernel

import "encoding/binary"

// maxFrames bounds a stack walk.
const maxFrames = 64

// Stack returns the return addresses of the guest's stack, innermost first,
// beginning with the program counter. Functions that make calls have no frame in
// Go, so the word at the stack pointer is taken for a return address too; who
// looks the addresses up leaves out what is no code. Frames are found by their
// frame pointers, which must go up.
func (t *Thread) Stack() []uint64 {
	r := t.v.Regs
	pcs := []uint64{t.v.Restart}
	if t.p.sys.Compat {
		return pcs
	}
	if ret, err := t.Read64(r.Rsp); err == nil {
		pcs = append(pcs, ret)
	}
	fp := r.Rbp
	var frame [16]byte
	for len(pcs) < maxFrames && fp != 0 && t.Read(fp, frame[:]) == nil {
		pcs = append(pcs, binary.LittleEndian.Uint64(frame[8:]))
		next := binary.LittleEndian.Uint64(frame[:])
		if next <= fp {
			break
		}
		fp = next
	}
	return pcs
}

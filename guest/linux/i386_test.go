package linux

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"

	"trapgate/image"
	"trapgate/kernel"
)

// TestVdso: the page is an ELF image whose symbols have the version that
// programs ask for, and whose signal code is what unwinders look for.
func TestVdso(t *testing.T) {
	v := vdsoImage()
	f, err := elf.NewFile(bytes.NewReader(v.page))
	if err != nil {
		t.Fatal(err)
	}
	if f.Entry != uint64(v.at["__kernel_vsyscall"]) || len(f.Progs) != 2 {
		t.Errorf("entry %#x, %d program headers", f.Entry, len(f.Progs))
	}
	if len(v.code) > vdsoSize-vdsoCode || v.hiThunk-v.loThunk != 6 {
		t.Errorf("%d bytes of code, thunk %#x to %#x", len(v.code), v.loThunk, v.hiThunk)
	}
	for name, want := range map[string]string{
		"__kernel_vsyscall":     "\x9a",
		"__kernel_sigreturn":    "\x58\xb8\x77\x00\x00\x00\xcd\x80",
		"__kernel_rt_sigreturn": "\xb8\xad\x00\x00\x00\xcd\x80",
	} {
		if !bytes.HasPrefix(v.page[v.at[name]:], []byte(want)) {
			t.Errorf("%s: % x", name, v.page[v.at[name]:][:8])
		}
	}
	if h := elfHash("LINUX_2.6"); h != 0x3ae75f6 {
		t.Errorf("hash %#x", h)
	}
}

// TestSiginfo32: each field goes where i386 has it.
func TestSiginfo32(t *testing.T) {
	for _, tt := range []struct {
		name      string
		sig, code int32
		want      []uint32 // behind the code
	}{
		{"kill", 10, 0, []uint32{16, 20}},
		{"queue", 40, -1, []uint32{16, 20, 24}},
		{"tkill", 10, -6, []uint32{16, 20, 24}},
		{"timer", 14, -2, []uint32{16, 20, 24}},
		{"kernel", 11, 0x80, []uint32{16, 20}},
		{"fault", 11, 1, []uint32{16}},
		{"bounds", 11, 3, []uint32{16, 0, 32, 40}},
		{"key", 11, 4, []uint32{16, 0, 32}},
		{"memory", 7, 4, []uint32{16, 24}},
		{"child", 17, 1, []uint32{16, 20, 24, 32, 40}},
		{"poll", 29, 1, []uint32{16, 24}},
		{"poll by another signal", 40, 1, []uint32{16, 24}},
		{"sys", 31, 1, []uint32{16, 24, 28}},
		{"perf", 5, 6, []uint32{16, 24, 32, 36}},
	} {
		var from, want [128]byte
		le := binary.LittleEndian
		for i := 0; i < 128; i += 4 {
			le.PutUint32(from[i:], uint32(i))
		}
		putWords(from[:], uint32(tt.sig), 5, uint32(tt.code))
		putWords(want[:], uint32(tt.sig), 5, uint32(tt.code))
		putWords(want[12:], tt.want...)
		if got := siginfo32(&from); got != want {
			t.Errorf("%s: got % x\nwant % x", tt.name, got[:48], want[:48])
		}
	}
}

func TestTags(t *testing.T) {
	fx := make([]byte, fxsaveSize)
	binary.LittleEndian.PutUint16(fx[2:], 6<<11) // two registers are in use: 6 and 7
	fx[4] = 3 << 6
	binary.LittleEndian.PutUint64(fx[fxRegs:], 1<<63)
	binary.LittleEndian.PutUint16(fx[fxRegs+8:], 0x3fff) // st0 = 1, st1 = 0
	if got := fullTags(fx); got != 0xffff0000|0x4fff {
		t.Errorf("tags %#x", got)
	}
	if got := shortTags(0x4fff); got != 3<<6 {
		t.Errorf("short tags %#x", got)
	}
}

// TestStack386 reads a start-up stack as a program does.
func TestStack386(t *testing.T) {
	l := &kernel.Loaded{Path: "/bin/x", Args: []string{"x", "", "z"}, Env: []string{"A=b"},
		Image: &image.Image{Phdr: 0x8048034, Phnum: 5}, Native: []uint64{atSysinfoEhdr, 1, atPhdr, 2, atExecfn, 3, atNull, 0}}
	s := newStack386(l)
	mem := append(s.words, s.strings...)
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(mem[4*i:]) }
	str := func(at uint32) string {
		b, _, _ := bytes.Cut(mem[uint64(at)-s.esp:], []byte{0})
		return string(b)
	}
	if s.esp%16 != 0 || s.esp+uint64(len(mem)) != vdsoBase || word(0) != 3 {
		t.Fatalf("esp %#x, %d bytes, argc %d", s.esp, len(mem), word(0))
	}
	got := []string{str(word(1)), str(word(2)), str(word(3)), str(word(5))}
	if got[0] != "x" || got[1] != "" || got[2] != "z" || got[3] != "A=b" || word(4) != 0 || word(6) != 0 {
		t.Errorf("strings %q", got)
	}
	aux := map[uint32]uint32{}
	for i := 7; word(i) != atNull; i += 2 {
		aux[word(i)] = word(i + 1)
	}
	if aux[atSysinfoEhdr] != vdsoBase || aux[atPhdr] != 0x8048034 || str(aux[atExecfn]) != "/bin/x" ||
		aux[atSysinfo] != uint32(sysinfo("__kernel_vsyscall")) {
		t.Errorf("vector %#x", aux)
	}
}

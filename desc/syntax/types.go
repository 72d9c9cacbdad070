package syntax

import "trapgate/desc"

// word stands for the size of a pointer in the table of basic types.
const word = 0

// basic are the types that need no declaration: kind and size.
var basic = map[string]struct {
	kind desc.Kind
	size uint32
}{
	"void": {desc.Void, word}, "int": {desc.Int, 4}, "uint": {desc.Uint, 4},
	"long": {desc.Int, word}, "ulong": {desc.Uint, word},
	"size": {desc.Uint, word}, "ssize": {desc.Int, word}, "off": {desc.Int, word},
	"off64": {desc.Int, 8},
	"int8":  {desc.Int, 1}, "int16": {desc.Int, 2}, "int32": {desc.Int, 4}, "int64": {desc.Int, 8},
	"uint8": {desc.Uint, 1}, "uint16": {desc.Uint, 2}, "uint32": {desc.Uint, 4}, "uint64": {desc.Uint, 8},
	"hex16": {desc.Hex, 2}, "hex32": {desc.Hex, 4}, "hex64": {desc.Hex, 8}, "hexlong": {desc.Hex, word},
	"addr": {desc.Addr, word}, "fd": {desc.FD, 4}, "dirfd": {desc.DirFD, 4},
	"mode": {desc.Mode, 4}, "mode16": {desc.Mode, 2}, "modeword": {desc.Mode, word},
	"pid": {desc.PID, 4}, "pidword": {desc.PID, word},
	"uid": {desc.ID, 4}, "gid": {desc.ID, 4}, "id16": {desc.ID, 2},
	"dev": {desc.Dev, 4}, "dev64": {desc.Dev, 8},
	"signal": {desc.Signal, 4}, "byte": {desc.Byte, 1},
	"str": {desc.String, 0}, "argv": {desc.Strings, 0}, "envp": {desc.Strings, 0},
	"wstatus":  {desc.WaitStatus, 4},
	"sockaddr": {desc.Sockaddr, 0}, "sigset": {desc.SigSet, 0}, "fdset": {desc.FDSet, 0},
	"sigset4": {desc.SigSet, 4}, "sigset8": {desc.SigSet, 8}, "sigset16": {desc.SigSet, 16},
	"opaque": {desc.Opaque, 0},
}

var wordSize = map[string]uint32{"amd64": 8, "386": 4, "arm64": 8}

// alignment of a type that is no structure: a 386 aligns 64 bits to 32, and the
// larger set of signals is an array of 32-bit words.
func alignment(t *desc.Type, word uint32) uint32 {
	if t.Kind == desc.SigSet && t.Size > 8 {
		return 4
	}
	return min(max(t.Size, 1), word)
}

func align(n, to uint32) uint32 { return (n + to - 1) / to * to }

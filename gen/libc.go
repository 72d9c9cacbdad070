package gen

import (
	"bytes"
	"fmt"
	"slices"
)

// trampoline is the address of the assembly that jumps to a function of the C
// library, as an argument of the calling function.
func (w *writer) trampoline(symbol string) string {
	if w.kind == tree {
		return "abi.FuncPCABI0(libc_" + symbol + "_trampoline)"
	}
	return "libc_" + symbol + "_trampoline_addr"
}

// importSymbol declares the trampoline and asks the linker for the function,
// once for each.
func (w *writer) importSymbol(symbol string) {
	if slices.Contains(w.symbols, symbol) {
		return
	}
	w.symbols = append(w.symbols, symbol)
	if w.kind == tree {
		w.printf("func libc_%s_trampoline()\n\n", symbol)
	} else {
		w.printf("var libc_%s_trampoline_addr uintptr\n\n", symbol)
	}
	w.printf("//go:cgo_import_dynamic libc_%s %s %q\n\n", symbol, symbol, w.Target.library())
}

// assembly is the file with the trampolines. ppc64 reaches the library through
// a stub that wants a return address of its own.
func (w *writer) assembly() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n//go:build %s && %s\n\n#include \"textflag.h\"\n", w.firstLine(), w.Target.OS, w.Target.CPU)
	jump := "\tJMP\tlibc_%s(SB)\n"
	if w.Target.CPU == "ppc64" {
		jump = "\tCALL\tlibc_%s(SB)\n\tRET\n"
	}
	size := w.Target.Bits() / 8
	symbols := slices.Clone(w.imported)
	for _, s := range w.symbols {
		if !slices.Contains(symbols, s) {
			symbols = append(symbols, s)
		}
	}
	for _, s := range symbols {
		if w.kind == tree {
			fmt.Fprintf(&b, "\nTEXT ·libc_%s_trampoline(SB),NOSPLIT,$0-0\n"+jump, s, s)
			continue
		}
		fmt.Fprintf(&b, "\nTEXT libc_%s_trampoline<>(SB),NOSPLIT,$0-0\n"+jump, s, s)
		fmt.Fprintf(&b, "GLOBL\t·libc_%s_trampoline_addr(SB), RODATA, $%d\n", s, size)
		fmt.Fprintf(&b, "DATA\t·libc_%s_trampoline_addr(SB)/%d, $libc_%s_trampoline<>(SB)\n", s, size, s)
	}
	return b.Bytes()
}

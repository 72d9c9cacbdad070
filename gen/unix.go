package gen

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// unix writes the wrappers of a system whose calls have numbers, or names in a
// C library.
func (w *writer) unix() error {
	w.helpers = map[string]bool{}
	w.imports["unsafe"] = true
	switch {
	case w.kind == tree && !w.traps:
		w.imports["internal/abi"] = true
		if w.Target.OS == "darwin" {
			w.imports["runtime"] = true
		}
	case w.kind != tree:
		w.imports["syscall"] = true
		w.printf("var _ syscall.Errno\n\n")
	}
	for _, p := range w.protos {
		if err := w.wrapper(p); err != nil {
			return err
		}
	}
	w.writeHelpers()
	return nil
}

func (w *writer) wrapper(p *Proto) error {
	if p.Fails != "" {
		return p.errorf("%s: a condition of failure is for functions of a DLL", p.Name)
	}
	w.printf("// %s:%d\n\n%s {\n", base(p.File), p.Line, signature(p.Name, p.Params, p.Results))
	if w.kind == tree && !w.traps && w.Target.OS == "darwin" && p.Name == "ptrace" {
		w.printf("if runtime.GOOS == \"ios\" {\npanic(\"unimplemented\")\n}\n")
	}
	args := &words{w: w, proto: p}
	for _, param := range p.Params {
		if err := args.add(param); err != nil {
			return err
		}
	}
	if err := args.fill(); err != nil {
		return err
	}
	if err := w.call(p, args.list); err != nil {
		return err
	}
	w.printf("return\n}\n\n")
	if !w.traps {
		w.importSymbol(p.Symbol())
	}
	return nil
}

// call writes the call itself and takes its results apart.
func (w *writer) call(p *Proto, args []string) error {
	target := w.trampoline(p.Symbol())
	if w.traps {
		target = w.xsys(p.Constant())
	}
	call := w.function(p, len(args)) + "(" + target + ", " + strings.Join(args, ", ") + ")\n"
	sets, high, err := w.results(p)
	if err != nil {
		return err
	}
	left := []string{"_", "_", "_"}
	for i := range p.values() {
		left[i] = "r" + string(rune('0'+i))
	}
	if high {
		left[1] = "r1"
	}
	if p.fails() {
		left[2] = "e1"
	} else if w.noError(p) {
		left = left[:2]
	}
	if len(p.Results) == 0 {
		w.printf("%s", call)
		return nil
	}
	w.printf("%s := %s%s", strings.Join(left, ", "), call, sets)
	if p.fails() {
		w.printf("if e1 != 0 {\nerr = %s\n}\n", w.errorOf("e1"))
	}
	return nil
}

// results are the assignments from result words. high: a 64-bit result takes
// the second word too.
func (w *writer) results(p *Proto) (sets string, high bool, err error) {
	values := p.values()
	if len(values) > 2 {
		return "", false, p.errorf("%s: %d results beside the error; a call has two at most", p.Name, len(values))
	}
	for i, r := range values {
		word := "r" + string(rune('0'+i))
		value := r.Type + "(" + word + ")"
		switch {
		case r.Type == "bool":
			value = "bool(" + word + " != 0)"
		case strings.HasPrefix(r.Type, "*"):
			value = "(" + r.Type + ")(unsafe.Pointer(" + word + "))"
		case r.Type == "string" || strings.HasPrefix(r.Type, "[]"):
			return "", false, p.errorf("%s: a call cannot return a %s", p.Name, r.Type)
		case wide(r.Type) && w.Target.Bits() == 32 && i == 0 && len(values) == 1:
			high = true
			value = r.Type + "(int64(r1)<<32 | int64(r0))"
			if w.Target.bigEndian() {
				value = r.Type + "(int64(r0)<<32 | int64(r1))"
			}
		}
		sets += r.Name + " = " + value + "\n"
	}
	return sets, high, nil
}

// noError: Linux has calls that cannot fail, and functions that do not look.
// The Go tree has the raw one only.
func (w *writer) noError(p *Proto) bool {
	return w.Target.OS == "linux" && !p.fails() && (p.Raw || w.kind != tree)
}

// function names what makes the call.
func (w *writer) function(p *Proto, args int) string {
	suffix := map[int]string{3: "", 6: "6", 9: "9"}[args]
	if w.traps {
		name := "Syscall" + suffix
		if p.Raw {
			name = "Raw" + name
		}
		if w.noError(p) {
			name += "NoError"
			if w.kind == tree {
				name = "raw" + name[len("Raw"):]
			}
		}
		return w.xsys(name)
	}
	name := "syscall" + suffix
	if w.kind == tree && args < 9 && len(p.values()) > 0 && w.has64Bits(p.Results[0].Type) {
		name += "X" // an error is -1 in all 64 bits of the result
	}
	if p.Raw {
		name = "raw" + strings.ToUpper(name[:1]) + name[1:]
	}
	if w.kind == tree {
		return name
	}
	if w.kind == user {
		w.help("syscall_" + name)
	}
	return "syscall_" + name
}

func (w *writer) has64Bits(typ string) bool {
	return wide(typ) || typ == "uintptr" && w.Target.Bits() == 64
}

// errorOf is the error for an error number.
func (w *writer) errorOf(v string) string {
	if w.kind == user && !w.declared["errnoErr"] {
		return v
	}
	return "errnoErr(" + v + ")"
}

// xsys is a name of golang.org/x/sys/unix, as this package has to spell it.
func (w *writer) xsys(name string) string {
	if w.kind == user && !w.declared[name] {
		return w.use("golang.org/x/sys/unix") + name
	}
	return name
}

// Constant is the name of the constant with the call's number.
func (p *Proto) Constant() string {
	if p.Call != "" {
		return p.Call
	}
	return "SYS_" + constantName(p.Name)
}

// Symbol is the name of the call in a C library.
func (p *Proto) Symbol() string {
	if p.Call == "" {
		return strings.ToLower(constantName(p.Name))
	}
	name := strings.TrimPrefix(strings.TrimPrefix(p.Call, "_"), "SYS_")
	return strings.ToLower(strings.TrimPrefix(name, "__")) // the library hides the kernel's __sysctl behind its sysctl
}

// constantName turns capRightsGet into CAP_RIGHTS_GET.
func constantName(name string) string {
	var b strings.Builder
	lower := false
	for _, c := range name {
		if unicode.IsUpper(c) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(c)
		b.WriteRune(unicode.ToUpper(c))
	}
	return b.String()
}

// help notes a declaration that a package of its own needs beside the wrappers.
func (w *writer) help(name string) {
	if !w.declared[name] {
		w.helpers[name] = true
	}
}

func (w *writer) writeHelpers() {
	for _, name := range slices.Sorted(maps.Keys(w.helpers)) {
		if name == "_zero" {
			w.printf("// _zero is what an empty slice points to.\nvar _zero uintptr\n\n")
			continue
		}
		if w.Target.OS == "openbsd" && name == "syscall_syscall9" {
			w.printf("%s", openbsdNine)
			continue
		}
		runtimeName := strings.TrimPrefix(name, "syscall_")
		w.printf("//go:linkname %s syscall.%s\nfunc %s(%s) (r1, r2 uintptr, err syscall.Errno)\n\n",
			name, runtimeName, name, map[byte]string{
				'l': "fn, a1, a2, a3 uintptr",
				'6': "fn, a1, a2, a3, a4, a5, a6 uintptr",
				'9': "fn, a1, a2, a3, a4, a5, a6, a7, a8, a9 uintptr",
			}[name[len(name)-1]])
	}
}

// openbsdNine: there, package syscall lets others have its function for 10
// words, and none for 9.
const openbsdNine = `//go:linkname syscall_syscall10 syscall.syscall10
func syscall_syscall10(fn, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10 uintptr) (r1, r2 uintptr, err syscall.Errno)

//go:uintptrescapes
func syscall_syscall9(fn, a1, a2, a3, a4, a5, a6, a7, a8, a9 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall_syscall10(fn, a1, a2, a3, a4, a5, a6, a7, a8, a9, 0)
}

`

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

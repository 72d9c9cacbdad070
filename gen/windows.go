package gen

import (
	"fmt"
	"slices"
	"strings"
)

// dllFunc is a prototype of a DLL function, resolved.
type dllFunc struct {
	*Proto
	dll, proc string
	optional  bool // the DLL may lack it: the wrapper returns an error then
}

// windows writes the wrappers of DLL functions, by DLL and function.
func (w *writer) windows() error {
	w.imports["unsafe"] = true
	w.printf("var _ unsafe.Pointer\n\n")
	w.printf("%s", strings.ReplaceAll(windowsErrors, "syscall.", w.std("")))
	var fns []*dllFunc
	for _, p := range w.protos {
		f, err := resolveDLL(p)
		if err != nil {
			return err
		}
		fns = append(fns, f)
	}
	slices.SortStableFunc(fns, func(a, b *dllFunc) int {
		if c := strings.Compare(a.dll, b.dll); c != 0 {
			return c
		}
		return strings.Compare(a.proc, b.proc)
	})
	if err := w.procs(fns); err != nil {
		return err
	}
	for _, f := range fns {
		if err := w.dllWrapper(f); err != nil {
			return err
		}
	}
	return nil
}

// windowsErrors keeps the common errors as interface values, so that returning
// one allocates nothing. A function that fails without saying why (last error
// 0) must not return nil.
const windowsErrors = `const (
	errnoERROR_IO_PENDING = 997
)

var (
	errERROR_IO_PENDING error = syscall.Errno(errnoERROR_IO_PENDING)
	errERROR_EINVAL     error = syscall.EINVAL
)

// errnoErr is the error of a call that has failed with last error e.
func errnoErr(e syscall.Errno) error {
	switch e {
	case 0:
		return errERROR_EINVAL
	case errnoERROR_IO_PENDING:
		return errERROR_IO_PENDING
	}
	return e
}

`

// std is a name of package syscall as this package has to spell it.
func (w *writer) std(name string) string {
	if w.pkg == "syscall" {
		return name
	}
	return w.use("syscall") + name
}

func resolveDLL(p *Proto) (*dllFunc, error) {
	if p.Raw {
		return nil, p.errorf("%s: //sysnb is for systems whose calls have numbers", p.Name)
	}
	f := &dllFunc{Proto: p, dll: "kernel32", proc: p.Name}
	name := p.Call
	if name == "" {
		name = p.Name
	}
	name, f.optional = strings.CutSuffix(name, "?")
	f.proc = name
	if dll, proc, ok := cutLast(name, "."); ok {
		f.dll, f.proc = dll, proc
	}
	if !isName(f.proc) || f.dll == "" {
		return nil, p.errorf("%s: %q names no function of a DLL", p.Name, p.Call)
	}
	if f.optional && !f.hasError() {
		if len(p.Results) > 0 {
			return nil, p.errorf("%s may be missing and needs an error to say so", p.Name)
		}
		p.Results, f.Fails = []Param{{"err", "error"}}, "-"
	}
	if len(p.values()) > 1 {
		return nil, p.errorf("%s: %d results beside the error; a function of a DLL has one", p.Name, len(p.values()))
	}
	return f, nil
}

// hasError: a result is of type error, whatever its name.
func (f *dllFunc) hasError() bool {
	return slices.ContainsFunc(f.Results, func(r Param) bool { return r.Type == "error" })
}

// errorName is the variable that takes an error found before the call.
func (f *dllFunc) errorName() string {
	for _, r := range f.Results {
		if r.Type == "error" {
			return r.Name
		}
	}
	return "_"
}

// procs declares the DLLs and their functions, each once.
func (w *writer) procs(fns []*dllFunc) error {
	w.printf("var (\n")
	var last string
	for _, f := range fns {
		if f.dll != last {
			w.printf("mod%s = %s\n", identifier(f.dll), w.lazyDLL(f.dll))
		}
		last = f.dll
	}
	w.printf("\n")
	seen := map[string]*dllFunc{}
	for _, f := range fns {
		if first := seen[f.proc]; first == nil {
			w.printf("proc%s = mod%s.NewProc(%q)\n", f.proc, identifier(f.dll), f.proc)
		} else if first.dll != f.dll {
			return f.errorf("%s: %s stands at %s:%d too, for another DLL", f.Name, f.proc, first.File, first.Line)
		}
		seen[f.proc] = f
	}
	w.printf(")\n\n")
	return nil
}

// lazyDLL opens a DLL of the system's own folder at its first use.
func (w *writer) lazyDLL(dll string) string {
	if !strings.Contains(dll, ".") {
		dll += ".dll"
	}
	switch {
	case w.kind == tree:
		return w.std("NewLazyDLL") + "(" + w.use("internal/syscall/windows/sysdll") + fmt.Sprintf("Add(%q))", dll)
	case w.kind == xsys:
		return fmt.Sprintf("NewLazySystemDLL(%q)", dll)
	}
	return w.use("golang.org/x/sys/windows") + fmt.Sprintf("NewLazySystemDLL(%q)", dll)
}

// dllWrapper writes one wrapper, or two: with strings among its parameters the
// second takes them as pointers.
func (w *writer) dllWrapper(f *dllFunc) error {
	texts := map[int]string{}
	inner := slices.Clone(f.Params)
	for i, p := range f.Params {
		if p.Type == "string" {
			texts[i] = "byte"
			if strings.HasSuffix(f.proc, "W") {
				texts[i] = "uint16"
			}
			inner[i].Type = "*" + texts[i]
		}
	}
	if len(texts) == 0 {
		return w.dllCall(f, f.Name, f.Params, f.Params)
	}
	w.printf("%s {\n", signature(f.Name, f.Params, f.Results))
	var pass []string
	temps := 0
	for i, p := range f.Params {
		if texts[i] != "" {
			w.dllText(temp(temps), p.Name, texts[i], f.errorName())
			p.Name = temp(temps)
		}
		if p.Type == "string" || hasTemp(p.Type) {
			temps++
		}
		pass = append(pass, p.Name)
	}
	if len(f.Results) > 0 {
		w.printf("return ")
	}
	w.printf("_%s(%s)\n}\n\n", f.Name, strings.Join(pass, ", "))
	return w.dllCall(f, "_"+f.Name, inner, f.Params)
}

func (w *writer) dllText(v, name, unit, errName string) {
	from := w.std("BytePtrFromString")
	if unit == "uint16" {
		from = w.std("UTF16PtrFromString")
	}
	w.printf("var %s *%s\n%s, %s = %s(%s)\n", v, unit, v, errName, from, name)
	if errName != "_" {
		w.printf("if %s != nil {\nreturn\n}\n", errName)
	}
}

// hasTemp: a value of this type reaches the call through a variable.
func hasTemp(typ string) bool {
	return typ == "bool" || typ == "*bool" || strings.HasPrefix(typ, "[]")
}

// dllCall writes the wrapper that makes the call. Temporaries are counted over
// the parameters as the prototype has them.
func (w *writer) dllCall(f *dllFunc, name string, params, original []Param) error {
	w.printf("%s {\n", signature(name, params, f.Results))
	if f.optional {
		w.printf("%s = proc%s.Find()\nif %s != nil {\nreturn\n}\n", f.errorName(), f.proc, f.errorName())
	}
	args := []string{"proc" + f.proc + ".Addr()"}
	after, temps := "", 0
	for i, p := range params {
		v := temp(temps)
		if original[i].Type == "string" || hasTemp(p.Type) {
			temps++
		}
		words, back, err := w.dllWords(f, p, v)
		if err != nil {
			return err
		}
		args = append(args, words...)
		after += back
	}
	call := w.std("SyscallN") + "(" + strings.Join(args, ", ") + ")\n"
	w.dllResults(f, call, after)
	w.printf("return\n}\n\n")
	return nil
}

// dllWords are the words of one parameter, and what is to be copied back.
func (w *writer) dllWords(f *dllFunc, p Param, v string) (list []string, back string, err error) {
	switch {
	case p.Type == "bool":
		w.printf("var %s uint32\nif %s {\n%s = 1\n}\n", v, p.Name, v)
		return []string{"uintptr(" + v + ")"}, "", nil
	case p.Type == "*bool":
		w.printf("var %s uint32\nif *%s {\n%s = 1\n}\n", v, p.Name, v)
		return []string{"uintptr(unsafe.Pointer(&" + v + "))"}, "*" + p.Name + " = " + v + " != 0\n", nil
	case strings.HasPrefix(p.Type, "[]"):
		w.printf("var %s *%s\nif len(%s) > 0 {\n%s = &%s[0]\n}\n", v, p.Type[2:], p.Name, v, p.Name)
		return []string{"uintptr(unsafe.Pointer(" + v + "))", "uintptr(len(" + p.Name + "))"}, "", nil
	case strings.HasPrefix(p.Type, "*"):
		return []string{"uintptr(unsafe.Pointer(" + p.Name + "))"}, "", nil
	case p.Type == "float32" || p.Type == "float64":
		return nil, "", f.errorf("%s: cannot pass %s, a %s, to a function of a DLL", f.Name, p.Name, p.Type)
	}
	return []string{"uintptr(" + p.Name + ")"}, "", nil
}

// dllResults writes the call and turns its result into those of the wrapper.
func (w *writer) dllResults(f *dllFunc, call, after string) {
	values := f.values()
	switch {
	case len(f.Results) == 0 || f.Fails == "-":
		w.printf("%s%s", call, after)
	case len(values) == 0: // err alone
		w.printf("r1, _, e1 := %s%s", call, after)
		w.dllFails(f, "r1")
	default:
		last := "_"
		if f.fails() {
			last = "e1"
		}
		w.printf("r0, _, %s := %s%s%s", last, call, after, w.dllValue(values[0]))
		if f.fails() {
			w.dllFails(f, values[0].Name)
		}
	}
}

func (w *writer) dllFails(f *dllFunc, result string) {
	condition := "failretval==0"
	if f.Fails != "" {
		condition = f.Fails
	}
	w.printf("if %s {\nerr = errnoErr(e1)\n}\n", strings.ReplaceAll(condition, "failretval", result))
}

// dllValue assigns the result word. An error that is the result itself is an
// error number, or an NTSTATUS where its name says so.
func (w *writer) dllValue(r Param) string {
	switch {
	case r.Type == "error" && r.Name == "ntstatus" && w.kind == user:
		return "if r0 != 0 {\nntstatus = " + w.use("golang.org/x/sys/windows") + "NTStatus(r0)\n}\n"
	case r.Type == "error" && r.Name == "ntstatus":
		return "if r0 != 0 {\nntstatus = NTStatus(r0)\n}\n"
	case r.Type == "error":
		return "if r0 != 0 {\n" + r.Name + " = " + w.std("Errno") + "(r0)\n}\n"
	case r.Type == "bool":
		return r.Name + " = r0 != 0\n"
	case strings.HasPrefix(r.Type, "*"):
		return r.Name + " = (" + r.Type + ")(unsafe.Pointer(r0))\n"
	}
	return r.Name + " = " + r.Type + "(r0)\n"
}

// identifier turns the name of a DLL into a part of a Go name.
func identifier(dll string) string {
	return strings.Map(func(c rune) rune {
		if isName("x" + string(c)) {
			return c
		}
		return '_'
	}, dll)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

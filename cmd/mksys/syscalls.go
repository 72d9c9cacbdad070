package main

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"trapgate/desc"
)

// wrapper is one typed Go function under construction: a call with one reading
// of each argument.
type wrapper struct {
	s       *caller
	call    *desc.Call
	name    string
	args    []*desc.Arg // one for each name
	fixed   map[int]string
	params  []string
	setup   strings.Builder
	words   []string
	extra   []length // lengths that come back
	escapes bool
	local   map[string]bool
}

// length is a length that a call changes: the result and the variable.
type length struct{ name, local string }

// nameFuncs notes the names of all wrappers, so that a structure can avoid them.
func (s *caller) nameFuncs() {
	for _, call := range s.cpu.Calls {
		if call == nil || s.leftOut(call) != "" {
			continue
		}
		name := exported(call.Name)
		s.funcs[name] = true
		for i := range call.Args {
			if t := call.Args[i].Type; t.Kind == desc.Struct && strings.HasPrefix(exported(t.Name), name) && call.Args[i].When != nil {
				s.funcs[exported(t.Name)] = true // BpfMapElem, of bpf
			}
		}
	}
}

// leftOut is the reason why a call has no wrapper, or "".
func (s *caller) leftOut(call *desc.Call) string {
	why := s.facts.leftOut[call.Name]
	if why == "" && s.cpu.CPU == "386" {
		why = leftOutOn386[call.Name]
	}
	switch {
	case strings.HasPrefix(why, "wrapper"):
		return why
	case why != "":
		return "no wrapper: " + why
	}
	if s.g == s.g.host && len(call.Args) == 0 && call.Result.Name == "r" && call.Result.Type.Name == "long" {
		return "no wrapper: the kernel has no such call"
	}
	return ""
}

// wrappers adds the functions of a call: one, and one more for each further Go
// type that an argument may point to.
func (s *caller) wrappers(call *desc.Call, forms []int) error {
	base := map[string]*desc.Arg{}
	for i := range call.Args {
		base[call.Args[i].Name] = &call.Args[i] // the last reading
	}
	done := map[string]bool{}
	name := exported(call.Name)
	for i := range call.Args {
		a, plain := &call.Args[i], base[call.Args[i].Name]
		if a == plain || a.Dir == desc.Value && (plain.Dir == desc.Value || a.Type.Kind == desc.Addr) {
			continue
		}
		suffix := s.suffix(a)
		if done[suffix] || suffix == s.suffix(plain) {
			continue
		}
		done[suffix] = true
		if err := s.wrapper(call, name+strings.TrimPrefix(suffix, name), a, forms); err != nil {
			return err
		}
	}
	return s.wrapper(call, name, nil, forms)
}

// suffix is what tells the function for one reading of an argument from that for
// another: the Go type.
func (s *caller) suffix(a *desc.Arg) string {
	switch {
	case a.Dir == desc.Value:
		return exported(s.paramType(a.Type))
	case a.Type.Kind == desc.String && a.Dir == desc.In:
		return "String"
	case a.Type.Kind == desc.Strings:
		return "Strings"
	}
	typ := s.pointee(a)
	elem := exported(strings.TrimSuffix(strings.TrimLeft(typ[strings.LastIndexAny(typ, "].*")+1:], "*"), "_t"))
	if strings.HasPrefix(typ, "[]") {
		elem += "s"
	}
	return elem
}

// wrapper adds one function; special replaces the last reading of its word.
func (s *caller) wrapper(call *desc.Call, name string, special *desc.Arg, forms []int) error {
	w := &wrapper{s: s, call: call, name: name, fixed: map[int]string{}, local: map[string]bool{}}
	for i := range call.Args {
		a := &call.Args[i]
		if special != nil && a.Name == special.Name {
			a = special
		}
		if j := len(w.args) - 1; j >= 0 && w.args[j].Name == a.Name {
			w.args[j] = a
			continue
		}
		w.args = append(w.args, a)
		w.local[goName(a.Name)] = true
	}
	w.fix(special)
	for _, a := range w.args {
		if err := w.arg(a); err != nil {
			return err
		}
	}
	text, err := w.text(forms)
	if err != nil {
		return err
	}
	s.add("calls", name, text)
	return nil
}

// fix gives a length the value that it must have for the special reading.
func (w *wrapper) fix(special *desc.Arg) {
	if special == nil || special.When == nil || len(special.When.Values) != 1 {
		return
	}
	n := int(special.When.Arg)
	for i := range w.call.Args {
		if a := &w.call.Args[i]; a.Name == special.Name && a.Len.Kind == desc.ByArg && int(a.Len.N) == n {
			w.fixed[n] = fmt.Sprint(special.When.Values[0])
		}
	}
}

// arg adds the parameter of an argument, what prepares it, and its words.
func (w *wrapper) arg(a *desc.Arg) error {
	index, name := w.index(a), goName(a.Name)
	if size := w.s.facts.sizes[w.call.Name+"."+a.Name]; size != "" {
		w.words = append(w.words, "unsafe.Sizeof("+size+"{})")
		return nil
	}
	if v, ok := w.fixed[index]; ok {
		w.words = append(w.words, v)
		return nil
	}
	if w.length(a, index) {
		return nil
	}
	if a.Dir == desc.Value {
		w.value(a, name)
		return nil
	}
	switch a.Type.Kind {
	case desc.String:
		if a.Dir == desc.In {
			w.text1(name)
			return nil
		}
	case desc.Strings:
		w.vector(name)
		return nil
	case desc.FDSet:
		w.bound(a)
	}
	w.pointer(a, name)
	return nil
}

// index is the place of the first argument of a's name.
func (w *wrapper) index(a *desc.Arg) int {
	return slices.IndexFunc(w.call.Args, func(b desc.Arg) bool { return b.Name == a.Name })
}

// value adds a plain number.
func (w *wrapper) value(a *desc.Arg, name string) {
	typ := w.s.paramType(a.Type)
	w.params = append(w.params, name+" "+typ)
	word := "uintptr(" + name + ")"
	if typ == "uintptr" {
		word, w.escapes = name, w.escapes || a.Type.Name != "size"
	}
	w.words = append(w.words, word)
	if a.Words == 2 {
		w.words = append(w.words, "uintptr("+name+">>32)")
	}
}

// text1 adds a path or another text.
func (w *wrapper) text1(name string) {
	w.params = append(w.params, name+" string")
	w.prepare(name, "cString")
}

// vector adds a list of texts.
func (w *wrapper) vector(name string) {
	w.params = append(w.params, name+" []string")
	w.prepare(name, "cStrings")
}

func (w *wrapper) prepare(name, function string) {
	fmt.Fprintf(&w.setup, "\t%sPtr, err := %s(%s)\n\tif err != nil {\n\t\treturn @\n\t}\n", name, function, name)
	w.words = append(w.words, "uintptr(unsafe.Pointer("+name+"Ptr))")
}

// bound checks the number of descriptors in a set, once.
func (w *wrapper) bound(a *desc.Arg) {
	check := fmt.Sprintf("\tif uint(%s) > FDSetSize {\n\t\treturn @EINVAL\n\t}\n", goName(w.call.Args[a.Len.N].Name))
	if a.Len.Kind == desc.ByArg && !strings.Contains(w.setup.String(), check) {
		w.setup.WriteString(check)
	}
}

// pointer adds a pointer, or a slice if the length is an argument.
func (w *wrapper) pointer(a *desc.Arg, name string) {
	typ := w.s.pointee(a)
	w.params = append(w.params, name+" "+typ)
	switch {
	case typ == "unsafe.Pointer":
		w.words = append(w.words, "uintptr("+name+")")
	case strings.HasPrefix(typ, "[]"):
		w.words = append(w.words, "uintptr(unsafe.Pointer(unsafe.SliceData("+name+")))")
	default:
		w.words = append(w.words, "uintptr(unsafe.Pointer("+name+"))")
	}
}

// pointee is the Go type of a pointer argument.
func (s *caller) pointee(a *desc.Arg) string {
	switch a.Type.Kind {
	case desc.Opaque:
		if a.Len.Kind == desc.ByArg {
			return "[]byte"
		}
		return "unsafe.Pointer"
	case desc.String, desc.Sockaddr:
		return "[]byte"
	case desc.SigSet, desc.FDSet:
		return "*" + s.memType(a.Type)
	}
	elem := s.memType(a.Type)
	switch {
	case a.Len.Kind == desc.ByArg || a.Len.Kind == desc.AtArg:
		return "[]" + elem
	case a.Len.Kind == desc.Const && a.Len.N > 1:
		return fmt.Sprintf("*[%d]%s", a.Len.N, elem)
	}
	return "*" + elem
}

// length makes the word of an argument that is the length of others, and says
// whether it is one: it is no parameter then.
func (w *wrapper) length(a *desc.Arg, index int) bool {
	var slicesOf []string
	kind := desc.One
	for i, b := range w.args {
		if b.Dir == desc.Value || b == a {
			continue
		}
		switch typ := w.s.pointee(b); {
		case int(b.Len.N) == index && (b.Len.Kind == desc.ByArg || b.Len.Kind == desc.AtArg):
			if b.Type.Kind == desc.FDSet || typ == "unsafe.Pointer" {
				return false
			}
			if b.Type.Kind == desc.SigSet {
				w.words = append(w.words, "unsafe.Sizeof(Sigset{})")
				return true
			}
			slicesOf, kind = append(slicesOf, goName(b.Name)), b.Len.Kind
		case b.Type.Kind == desc.String && b.Dir == desc.Out && b.Len.Kind == desc.One && i+1 < len(w.args) && w.args[i+1] == a:
			slicesOf, kind = append(slicesOf, goName(b.Name)), desc.ByArg
		}
	}
	if len(slicesOf) == 0 || kind == desc.AtArg && len(slicesOf) > 1 {
		return false
	}
	w.lengthWord(a, kind, slicesOf)
	return true
}

func (w *wrapper) lengthWord(a *desc.Arg, kind desc.LenKind, of []string) {
	first := of[0]
	if kind == desc.AtArg {
		name, typ := goName(a.Name), w.s.memType(a.Type)
		local := name + typ[len(typ)-2:] // namelen32
		fmt.Fprintf(&w.setup, "\t%s := %s(len(%s))\n", local, typ, first)
		w.words = append(w.words, "uintptr(unsafe.Pointer(&"+local+"))")
		w.extra = append(w.extra, length{name, local})
		return
	}
	for _, other := range of[1:] {
		fmt.Fprintf(&w.setup, "\tif %s != nil && len(%s) != len(%s) {\n\t\treturn @EINVAL\n\t}\n", other, other, first)
	}
	w.words = append(w.words, "uintptr(len("+first+"))")
}

// text writes the function.
func (w *wrapper) text(forms []int) (string, error) {
	function, words, err := w.raw(forms)
	if err != nil {
		return "", err
	}
	result, typ := w.result()
	never := w.s.facts.neverFails[w.call.Name]
	var b strings.Builder
	fmt.Fprintf(&b, "\n// %s is %s, calls.sys:%d:\n//\n//\t%s\n", w.name, w.source(), w.call.Line, w.call.Signature())
	if w.escapes {
		b.WriteString("//\n//go:uintptrescapes\n")
	}
	fmt.Fprintf(&b, "func %s(%s) %s {\n", w.name, joinParams(w.params), w.results(result, typ, never))
	b.WriteString(w.returns(typ))
	r0 := "r0"
	if typ == "" {
		r0 = "_"
	}
	errno := "errno"
	if never {
		errno = "_"
	}
	assign := r0 + ", _, " + errno + " := "
	if assign == "_, _, _ := " {
		assign = ""
	}
	fmt.Fprintf(&b, "\t%s%s(%s)\n", assign, function, strings.Join(words, ", "))
	b.WriteString(w.finish(typ, never))
	return b.String() + "}\n", nil
}

// joinParams writes parameters of one type as one group: uid, gid int.
func joinParams(params []string) string {
	var out []string
	for i, p := range params {
		name, typ, _ := strings.Cut(p, " ")
		if i+1 < len(params) && strings.HasSuffix(params[i+1], " "+typ) && strings.Count(params[i+1], " ") == strings.Count(p, " ") {
			p = name
		}
		out = append(out, p)
	}
	return strings.Join(out, ", ")
}

// source is the manual page: "Linux 6.12 read(2)" is read(2).
func (w *wrapper) source() string {
	page := strings.TrimSpace(strings.TrimPrefix(w.call.Source, "#"))
	return strings.TrimSuffix(page[strings.LastIndex(" "+page, " "):], ":")
}

// raw picks the raw call: the smallest that takes the words, and the one that
// does not tell the scheduler if the call never waits.
func (w *wrapper) raw(forms []int) (string, []string, error) {
	i := slices.IndexFunc(forms, func(n int) bool { return n >= len(w.words) })
	if i < 0 {
		return "", nil, fmt.Errorf("%d words", len(w.words))
	}
	name := "Syscall"
	if forms[i] != 3 {
		name += fmt.Sprint(forms[i])
	}
	if w.s.facts.quick[w.call.Name] && forms[i] <= 6 {
		name = "Raw" + name
	}
	words := append([]string{"SYS_" + w.call.Name}, w.words...)
	for len(words) <= forms[i] {
		words = append(words, "0")
	}
	return name, words, nil
}

// result is the name and type of the result; a plain `r int` says no more than
// that the call was made.
func (w *wrapper) result() (name, typ string) {
	r := &w.call.Result
	said := r.Name == "r" && r.Type.Name == "int" && len(w.call.Others) == 0
	if r.Type.Kind == desc.Void || r.Name == "" || said {
		return "", ""
	}
	if name = goName(r.Name); w.local[name] {
		name = "r"
	}
	return name, w.s.paramType(r.Type)
}

// results is the list of results in the function's head.
func (w *wrapper) results(name, typ string, never bool) string {
	var out []string
	if typ != "" {
		out = append(out, name+" "+typ)
	}
	for _, e := range w.extra {
		out = append(out, e.name+" int")
	}
	switch {
	case never && len(out) == 0:
		return ""
	case never:
		return "(" + out[0] + ")"
	case len(out) == 0:
		return "error"
	}
	return "(" + strings.Join(out, ", ") + ", err error)"
}

// returns is the setup with its early returns filled in.
func (w *wrapper) returns(typ string) string {
	head := ""
	switch {
	case strings.HasPrefix(typ, "u"):
		head = "^" + typ + "(0), "
	case typ != "":
		head = "-1, "
	}
	head += strings.Repeat("0, ", len(w.extra))
	return strings.NewReplacer("@EINVAL", head+"EINVAL", "@", head+"err").Replace(w.setup.String())
}

// finish turns the results of the raw call into those of the function.
func (w *wrapper) finish(typ string, never bool) string {
	r0 := typ + "(r0)"
	if typ == "uintptr" {
		r0 = "r0"
	}
	switch {
	case never && typ == "":
		return ""
	case never:
		return "\treturn " + r0 + "\n"
	case typ == "" && len(w.extra) == 0:
		return "\tif errno != 0 {\n\t\treturn errno\n\t}\n\treturn nil\n"
	}
	s := "\tif errno != 0 {\n\t\terr = errno\n\t}\n\treturn "
	if typ != "" {
		s += r0 + ", "
	}
	for _, e := range w.extra {
		s += "int(" + e.local + "), "
	}
	return s + "err\n"
}

// goName is the name of an argument in Go.
func goName(name string) string {
	s := exported(name)
	s = strings.ToLower(s[:1]) + s[1:]
	switch s {
	case "len":
		return "length"
	case "type":
		return "typ"
	case "r0", "err", "errno", "unsafe", "uintptr", "int", "string", "error", "nil":
		return s + "Arg"
	}
	if token.IsKeyword(s) {
		return s + "Arg"
	}
	return s
}

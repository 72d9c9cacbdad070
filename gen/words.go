package gen

import (
	"fmt"
	"strings"
)

// temp names the variable that stands for a parameter during the call. pos
// counts the temporaries of a wrapper.
func temp(pos int) string { return fmt.Sprintf("_p%d", pos) }

// wide: the value takes two words on a 32-bit CPU.
func wide(typ string) bool { return typ == "int64" || typ == "uint64" }

// words are the argument words of a call, as Go expressions.
type words struct {
	w     *writer
	proto *Proto
	temps int
	list  []string
}

// add turns a parameter into words, and writes what must come before the call.
func (a *words) add(p Param) error {
	switch {
	case strings.HasPrefix(p.Type, "*"):
		a.push("uintptr(unsafe.Pointer(" + p.Name + "))")
	case p.Type == "string":
		v := a.temp()
		a.w.cString(v, p.Name, a.proto.fails())
		a.push("uintptr(unsafe.Pointer(" + v + "))")
	case strings.HasPrefix(p.Type, "[]"):
		v := a.temp()
		a.w.firstElement(v, p.Name)
		a.push("uintptr("+v+")", "uintptr(len("+p.Name+"))")
	case p.Type == "bool":
		v := a.temp()
		a.w.printf("var %s uint32\nif %s {\n%s = 1\n}\n", v, p.Name, v)
		a.push("uintptr(" + v + ")")
	case wide(p.Type):
		a.pushWide(p.Name)
	case p.Type == "float32" || p.Type == "float64" || strings.HasPrefix(p.Type, "map[") || strings.HasPrefix(p.Type, "chan "):
		return a.proto.errorf("%s: cannot pass %s, a %s, to a call", a.proto.Name, p.Name, p.Type)
	default:
		a.push("uintptr(" + p.Name + ")")
	}
	return nil
}

func (a *words) temp() string {
	a.temps++
	return temp(a.temps - 1)
}

func (a *words) push(list ...string) { a.list = append(a.list, list...) }

func (a *words) pushWide(name string) {
	t := a.w.Target
	padded := t.padsWide(a.proto.Name)
	if padded {
		a.push("0")
	}
	low := "uintptr(" + name + ")"
	if t.Bits() == 64 {
		a.push(low)
		return
	}
	if t.evenPairs() && !padded && len(a.list)%2 == 1 {
		a.push("0")
	}
	high := "uintptr(" + name + ">>32)"
	if t.bigEndian() {
		a.push(high, low)
	} else {
		a.push(low, high)
	}
}

// fill adds empty words up to a number for which there is a function: 3, 6 or
// 9. A call of Linux takes 6 at most; MIPS needs more where pairs are aligned.
func (a *words) fill() error {
	most := 9
	if t := a.w.Target; t.OS == "linux" && t.CPU != "mips" && t.CPU != "mipsle" {
		most = 6
	}
	for _, n := range []int{3, 6, 9} {
		if len(a.list) <= n && n <= most {
			for len(a.list) < n {
				a.push("0")
			}
			return nil
		}
	}
	return a.proto.errorf("%s: %d argument words; %d is the most on %s", a.proto.Name, len(a.list), most, a.w.Target)
}

// cString writes the copy of a string with a NUL at its end.
func (w *writer) cString(v, name string, fails bool) {
	w.printf("var %s *byte\n", v)
	from := w.xsys("BytePtrFromString")
	if fails {
		w.printf("%s, err = %s(%s)\nif err != nil {\nreturn\n}\n", v, from, name)
	} else {
		w.printf("%s, _ = %s(%s)\n", v, from, name)
	}
}

// firstElement writes the address of a slice's first element. An empty slice
// has an address too: some kernels refuse NULL even where the length is 0.
func (w *writer) firstElement(v, name string) {
	w.printf("var %s unsafe.Pointer\nif len(%s) > 0 {\n%s = unsafe.Pointer(&%s[0])\n} else {\n%s = unsafe.Pointer(&_zero)\n}\n",
		v, name, v, name, v)
	if w.kind == user && !w.declared["_zero"] {
		w.help("_zero")
	}
}

// Words is how many words a parameter takes that starts at word n, with the
// empty ones before it.
func (p *Proto) Words(t Target, n int, param Param) int {
	switch {
	case strings.HasPrefix(param.Type, "[]"):
		return 2
	case !wide(param.Type):
		return 1
	}
	words := 64 / t.Bits()
	if t.padsWide(p.Name) || words == 2 && t.evenPairs() && n%2 == 1 {
		words++
	}
	return words
}

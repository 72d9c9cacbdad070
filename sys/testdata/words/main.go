// Command words calls every wrapper with arguments that can be told apart, and
// checks the words that reach the raw call, which is a fake here. It is built by
// TestWords with the generated files of one system and CPU beside it, and with a
// list of the wrappers. It prints the name, the number and the words of each.
package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"unsafe"
)

// made are the number and the words of the last raw call; behind is what stands
// behind those that point to the stack, where wrappers have lengths.
var made, behind []uintptr

//go:noinline
func fake(words ...uintptr) (r1, r2 uintptr, errno Errno) {
	made, behind = slices.Clone(words), nil
	here := uintptr(unsafe.Pointer(&words))
	for _, w := range words {
		if w >= here && w-here < 4096 {
			behind = append(behind, uintptr(*(*uint32)(unsafe.Pointer(w))))
		}
	}
	return 0, 0, 0
}

func Syscall(n, a, b, c uintptr) (r1, r2 uintptr, errno Errno)    { return fake(n, a, b, c) }
func RawSyscall(n, a, b, c uintptr) (r1, r2 uintptr, errno Errno) { return fake(n, a, b, c) }
func Syscall6(n, a, b, c, d, e, f uintptr) (r1, r2 uintptr, errno Errno) {
	return fake(n, a, b, c, d, e, f)
}
func RawSyscall6(n, a, b, c, d, e, f uintptr) (r1, r2 uintptr, errno Errno) {
	return fake(n, a, b, c, d, e, f)
}
func Syscall9(n, a, b, c, d, e, f, g, h, i uintptr) (r1, r2 uintptr, errno Errno) {
	return fake(n, a, b, c, d, e, f, g, h, i)
}

// expect is what a parameter becomes: one word, or two, or a text behind one.
type expect struct {
	words []uintptr
	text  string
	size  uintptr // of a slice: a word has it
}

func (e expect) holds(words []uintptr) bool {
	if e.text != "" {
		p := unsafe.Pointer(words[0])
		return words[0] != 0 && string(unsafe.Slice((*byte)(p), len(e.text)+1)) == e.text+"\x00"
	}
	return len(words) >= len(e.words) && slices.Equal(words[:len(e.words)], e.words)
}

// argument makes a value of a type that no other parameter has.
func argument(t reflect.Type, i int) (reflect.Value, expect) {
	v := reflect.New(t).Elem()
	n := uintptr(100 + i)
	switch t.Kind() {
	case reflect.Int, reflect.Int32:
		v.SetInt(int64(n))
	case reflect.Uint, reflect.Uint32, reflect.Uintptr:
		v.SetUint(uint64(n))
	case reflect.Int64, reflect.Uint64:
		wide := uint64(77)<<32 | uint64(n)
		v.Set(reflect.ValueOf(wide).Convert(t))
		if unsafe.Sizeof(n) == 4 {
			return v, expect{words: []uintptr{n, 77}}
		}
		n = uintptr(wide)
	case reflect.String:
		text := fmt.Sprint("text", i)
		v.SetString(text)
		return v, expect{text: text}
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		n = v.Pointer()
	case reflect.UnsafePointer:
		b := new([16]byte)
		v.SetPointer(unsafe.Pointer(b))
		n = uintptr(unsafe.Pointer(b))
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			v.Set(reflect.ValueOf([]string{"a"}))
			return v, expect{}
		}
		v.Set(reflect.MakeSlice(t, 20, 20))
		return v, expect{words: []uintptr{v.Pointer()}, size: 20}
	default:
		fail("type %v", t)
	}
	return v, expect{words: []uintptr{n}}
}

var failed bool

func fail(format string, args ...any) {
	fmt.Printf("FAIL "+format+"\n", args...)
	failed = true
}

func main() {
	for _, w := range wrappers {
		check(w.name, reflect.ValueOf(w.f))
	}
	if failed {
		os.Exit(1)
	}
}

// check finds each parameter among the words, in order; what is left over is a
// length, or the size of a structure.
func check(name string, f reflect.Value) {
	var in []reflect.Value
	var want []expect
	for i := range f.Type().NumIn() {
		v, e := argument(f.Type().In(i), i)
		in, want = append(in, v), append(want, e)
	}
	made = nil
	f.Call(in)
	if made == nil {
		fail("%s made no call", name)
		return
	}
	fmt.Println(name, made[0], len(made)-1, trailing(made[1:]))
	at, sizes := 1, 0
	for i, e := range want {
		for at < len(made) && !e.holds(made[at:]) {
			if sizes++; made[at] == 0 {
				fail("%s: word %d is 0, before parameter %d", name, at, i)
			}
			at++
		}
		if at >= len(made) {
			fail("%s: no parameter %d, %v, in order among %v", name, i, e, made)
			return
		}
		at += max(len(e.words), 1)
		if e.size != 0 && !slices.Contains(made, e.size) && !slices.Contains(behind, e.size) {
			fail("%s: no length of parameter %d among %v", name, i, made)
		}
	}
	runtime.KeepAlive(in)
}

// trailing counts the zeros at the end.
func trailing(words []uintptr) int {
	n := 0
	for n < len(words) && words[len(words)-1-n] == 0 {
		n++
	}
	return n
}

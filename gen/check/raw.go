package check

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"trapgate/desc"
)

// slots are the functions that make a call by its number, and the words that
// they take beside it.
var slots = map[string]int{
	"Syscall": 3, "Syscall6": 6, "Syscall9": 9,
	"RawSyscall": 3, "RawSyscall6": 6, "RawSyscallNoError": 3, "SyscallNoError": 3,
	"AllThreadsSyscall": 3, "AllThreadsSyscall6": 6,
	"rawSyscallNoError": 3, "RawVforkSyscall": 3,
}

// rawSlots tells whether a function makes calls by number.
func rawSlots(fn *types.Func) int {
	if fn == nil || fn.Pkg() == nil {
		return 0
	}
	switch path := fn.Pkg().Path(); {
	case path == "syscall", path == "golang.org/x/sys/unix", strings.HasSuffix(path, "/golang.org/x/sys/unix"):
		return slots[fn.Name()]
	}
	return 0
}

func (c *checker) callee(call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(c.pkg.TypesInfo, call).(*types.Func)
	return fn
}

// rawCall checks Syscall(SYS_X, ...).
func (c *checker) rawCall(call *ast.CallExpr) {
	fn := c.callee(call)
	room := rawSlots(fn)
	if room == 0 || len(call.Args) != room+1 {
		return
	}
	number, ok := intValue(c.pkg.TypesInfo.Types[call.Args[0]].Value)
	if !ok {
		return
	}
	c.looksAt(&c.all.Calls, call.Pos())
	name := c.namedConst(call.Args[0])
	if c.OS == "openbsd" {
		c.direct(call, fn, name, number)
		return
	}
	described := c.find(call, name, number)
	if described == nil {
		return
	}
	if isOld(described.Name) {
		c.report(call.Pos(), Gone, "%d is %s: for programs of an old release, and missing in kernels built without them", number, described.Name)
	}
	c.words(call, fn, described, call.Args[1:])
	for i, arg := range call.Args[1:] {
		c.word(described, i, arg, call.Args[1:])
	}
}

// find returns the call that is meant, and reports a wrong number.
func (c *checker) find(call *ast.CallExpr, name string, number int64) *desc.Call {
	here := c.byNumber[number]
	meant := constName(name)
	named := c.byName[meant]
	switch {
	case here != nil && (meant == "" || sameCall(meant, here)):
		return here
	case named != nil:
		c.report(call.Pos(), Number, "%s is %d: %s is %d", name, number, named.Name, c.number(named))
		return named
	case here == nil && name == "":
		c.report(call.Pos(), Gone, "there is no call %d", number)
	case here == nil:
		c.report(call.Pos(), Gone, "%s is %d: there is no such call", name, number)
	case name != "" && meant != "":
		c.report(call.Pos(), Gone, "%s is %d, which is %s", name, number, here.Name)
	}
	return here
}

// namedConst is the name of the constant that an expression is, or "".
func (c *checker) namedConst(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if _, ok := c.pkg.TypesInfo.Uses[e].(*types.Const); ok {
			return e.Name
		}
	case *ast.SelectorExpr:
		return c.namedConst(e.Sel)
	case *ast.CallExpr: // uintptr(SYS_X)
		if len(e.Args) == 1 && c.pkg.TypesInfo.Types[e.Fun].IsType() {
			return c.namedConst(e.Args[0])
		}
	}
	return ""
}

// direct reports a call by number on OpenBSD. Two of them reach the C library:
// package syscall of Go 1.26 sends them there.
func (c *checker) direct(call *ast.CallExpr, fn *types.Func, name string, number int64) {
	meant := constName(name)
	if fn.Name() == "Syscall" && meant == "ioctl" || fn.Name() == "Syscall6" && meant == "sysctl" {
		return
	}
	moved := ""
	if named := c.byName[meant]; named != nil && c.number(named) != number {
		moved = " (and " + named.Name + " has another number, " + constant.MakeInt64(c.number(named)).String() + ", since)"
	}
	if name == "" {
		name = constant.MakeInt64(number).String()
	}
	c.report(call.Pos(), Direct, "%s(%s): OpenBSD takes calls from its C library alone since 7.5: this returns ENOSYS, and a syscall instruction of one's own ends the program%s",
		fn.Name(), name, moved)
}

// words compares the number of words.
func (c *checker) words(call *ast.CallExpr, fn *types.Func, d *desc.Call, args []ast.Expr) {
	if !described(d) {
		return
	}
	last := 0
	for i, a := range args {
		if v, ok := intValue(c.pkg.TypesInfo.Types[a].Value); !ok || v != 0 {
			last = i + 1
		}
	}
	total := d.Words()
	switch {
	case last > total:
		c.report(call.Pos(), Words, "%s takes %s, and this passes %d: %s", d.Name, count(total), last, d.Signature())
	case len(args) < needed(d) && c.matters(d, len(args)):
		c.report(call.Pos(), Words, "%s takes %s, and %s passes %d: %s", d.Name, count(total), fn.Name(), len(args), d.Signature())
	}
}

// matters tells whether the words that are not passed can be meant to be what
// they are. Go's Syscall passes 0 for them on Linux, which is a good pointer,
// address or flag; elsewhere they hold what the registers held.
func (c *checker) matters(d *desc.Call, from int) bool {
	return c.OS != "linux" || zeroMatters(d, from)
}

// zeroMatters tells whether 0 in all words of a call from one on is doubtful:
// a size of 0 for memory that is passed, a descriptor, an offset.
func zeroMatters(d *desc.Call, from int) bool {
	for i := range d.Args {
		a := &d.Args[i]
		if int(a.Word+a.Words) <= from || a.Dir != desc.Value || a.When != nil || measuresNothing(d, i, from) {
			continue
		}
		switch a.Type.Kind {
		case desc.Int, desc.Uint, desc.FD, desc.DirFD:
			return true
		}
	}
	return false
}

// measuresNothing: argument n is the length of memory that is not passed either.
func measuresNothing(d *desc.Call, n, from int) bool {
	measures := false
	for i := range d.Args {
		a := &d.Args[i]
		if a.Len.Kind != desc.ByArg || int(a.Len.N) != n || a.Dir == desc.Value {
			continue
		}
		if int(a.Word) < from {
			return false
		}
		measures = true
	}
	return measures
}

func count(n int) string {
	switch n {
	case 0:
		return "no argument"
	case 1:
		return "1 word"
	}
	return constant.MakeInt64(int64(n)).String() + " words"
}

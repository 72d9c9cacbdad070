package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"trapgate/desc"
)

// word checks the width of one word of a call by number.
func (c *checker) word(d *desc.Call, i int, arg ast.Expr, args []ast.Expr) {
	a := argAt(d, i)
	if a == nil {
		return
	}
	if a.Dir != desc.Value {
		if t := c.pointee(arg); t != nil {
			c.memory(arg.Pos(), d, a, t)
		}
		return
	}
	value := c.converted(arg)
	if value == nil || c.word32(value) {
		return
	}
	// A 64-bit Go value where a word has 32.
	switch {
	case a.Words == 2 && i+1 < len(args) && !shifts(args[i+1]):
		c.report(arg.Pos(), Width, "%s of %s takes two words on a 32-bit CPU: the upper half of %s is lost, and what follows is one word off",
			a.Name, d.Name, types.ExprString(value))
	case a.Words == 1 && a.Type.Kind == desc.Int && a.Type.Size == 4 && a.Type.Wide:
		c.report(arg.Pos(), Width, "%s of %s has 32 bits on this CPU: the upper half of %s is lost", a.Name, d.Name, types.ExprString(value))
	}
}

// converted is x of uintptr(x), unless it is constant.
func (c *checker) converted(e ast.Expr) ast.Expr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !c.pkg.TypesInfo.Types[call.Fun].IsType() || c.pkg.TypesInfo.Types[e].Value != nil {
		return nil
	}
	return call.Args[0]
}

// word32: nothing is lost when x becomes a word.
func (c *checker) word32(x ast.Expr) bool {
	b, ok := c.typeOf(x).Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 || c.table.word == 8 {
		return true
	}
	return c.pkg.TypesSizes.Sizeof(b) <= int64(c.table.word)
}

// shifts: the expression takes the upper half of something.
func shifts(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		b, ok := n.(*ast.BinaryExpr)
		found = found || ok && b.Op == token.SHR
		id, ok := n.(*ast.Ident)
		found = found || ok && strings.Contains(strings.ToLower(id.Name), "hi")
		return !found
	})
	return found
}

// pointee is T of uintptr(unsafe.Pointer(x)) with x a *T. It is nil where x is
// the start of something longer, or of no known type.
func (c *checker) pointee(arg ast.Expr) types.Type {
	p := c.converted(arg)
	if p == nil || !isUnsafePointer(c.typeOf(p)) {
		return nil
	}
	x := c.converted(p)
	if x == nil {
		return nil
	}
	if u, ok := ast.Unparen(x).(*ast.UnaryExpr); ok {
		if _, element := ast.Unparen(u.X).(*ast.IndexExpr); element {
			return nil
		}
	}
	ptr, ok := c.typeOf(x).Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	return ptr.Elem()
}

func isUnsafePointer(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.UnsafePointer
}

// memory compares the size of a variable with what the call reads or writes.
func (c *checker) memory(pos token.Pos, d *desc.Call, a *desc.Arg, t types.Type) {
	switch a.Type.Kind {
	case desc.Byte, desc.String, desc.Strings, desc.Sockaddr, desc.FDSet, desc.Opaque, desc.SigSet, desc.Void:
		return
	}
	want := int64(a.Type.Size)
	if a.Len.Kind == desc.Const {
		want *= int64(a.Len.N)
	} else if a.Len.Kind != desc.One {
		return
	}
	have := c.pkg.TypesSizes.Sizeof(t)
	first := a.Len.Kind == desc.Const && have == int64(a.Type.Size) // of an array
	// A byte stands for memory of any size.
	if have <= 1 || have >= want || first {
		return
	}
	verb := map[desc.Dir]string{desc.In: "reads", desc.Out: "writes", desc.InOut: "reads and writes"}[a.Dir]
	c.report(pos, Width, "%s of %s: the call %s %d bytes, and a %s has %d", a.Name, d.Name, verb, want, types.TypeString(t, types.RelativeTo(c.pkg.Types)), have)
}

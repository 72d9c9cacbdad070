package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"trapgate/desc"
)

// isAddress: e is uintptr(unsafe.Pointer(x)), and x an address in Go memory.
func (c *checker) isAddress(e ast.Expr) bool {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return c.isAddress(b.X)
	}
	p := c.converted(e)
	if p == nil || !isUnsafePointer(c.typeOf(p)) || !isUintptr(c.typeOf(e)) {
		return false
	}
	if x := c.converted(p); x != nil {
		return !isUintptr(c.typeOf(x)) // a number before
	}
	return true
}

func isUintptr(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uintptr
}

// local is the variable that a word of a call is, or nil.
func (c *checker) local(e ast.Expr) *types.Var {
	e = ast.Unparen(e)
	if x := c.converted(e); x != nil && isUintptr(c.typeOf(e)) {
		e = ast.Unparen(x)
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := c.pkg.TypesInfo.Uses[id].(*types.Var)
	if !ok || v.IsField() || !isUintptr(v.Type()) {
		return nil
	}
	return v
}

// earlyAddresses reports variables that hold an address as a number, and are
// passed to a call later. In between the memory may move, or be freed.
func (c *checker) earlyAddresses(fn *ast.FuncDecl) {
	taken := map[*types.Var]ast.Expr{}
	kept := ""
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if i < len(n.Rhs) && len(n.Lhs) == len(n.Rhs) && c.isAddress(n.Rhs[i]) {
					if id, ok := left.(*ast.Ident); ok {
						if v := c.variable(id); v != nil {
							taken[v] = n.Rhs[i]
						}
					}
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if i < len(n.Values) && c.isAddress(n.Values[i]) {
					if v := c.variable(id); v != nil {
						taken[v] = n.Values[i]
					}
				}
			}
		case *ast.CallExpr:
			if f := c.callee(n); f != nil && f.FullName() == "runtime.KeepAlive" && len(n.Args) == 1 {
				kept += " " + types.ExprString(n.Args[0]) + " "
			}
		}
		return true
	})
	if len(taken) > 0 {
		c.uses(fn, taken, kept)
	}
}

func (c *checker) variable(id *ast.Ident) *types.Var {
	v, ok := c.pkg.TypesInfo.ObjectOf(id).(*types.Var)
	if !ok || v.Parent() == c.pkg.Types.Scope() {
		return nil
	}
	return v
}

// uses looks for calls that are given one of the variables.
func (c *checker) uses(fn *ast.FuncDecl, taken map[*types.Var]ast.Expr, kept string) {
	ast.Inspect(fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f := c.callee(call)
		room := rawSlots(f)
		for i, arg := range call.Args {
			v := c.local(arg)
			if v == nil || taken[v] == nil || room == 0 && !c.flows.has(f, i) || room > 0 && i == 0 {
				continue
			}
			if root := c.root(taken[v]); strings.Contains(kept, " "+root+" ") || room > 0 && c.notGo(call, i-1) {
				continue
			}
			c.report(arg.Pos(), Pointer, "%s holds an address as a number: what it points to may be freed or moved before the call; convert it in the arguments of %s", v.Name(), f.Name())
		}
		return true
	})
}

// root is the variable whose address is taken.
func (c *checker) root(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.CallExpr:
			if len(x.Args) != 1 {
				return ""
			}
			e = x.Args[0]
		case *ast.ParenExpr:
			e = x.X
		case *ast.BinaryExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// notGo: the word is the address of a mapping, which no collector moves.
func (c *checker) notGo(call *ast.CallExpr, word int) bool {
	number, ok := intValue(c.pkg.TypesInfo.Types[call.Args[0]].Value)
	d := c.byNumber[number]
	if !ok || d == nil {
		return false
	}
	a := argAt(d, word)
	return a != nil && a.Dir == desc.Value && a.Type.Kind == desc.Addr && !strings.HasPrefix(d.Name, "futex")
}

// passedAddress reports uintptr(unsafe.Pointer(x)) given to a Go function that
// passes it on: only the arguments of functions in assembly, and of those with
// a directive, are kept alive during the call.
func (c *checker) passedAddress(call *ast.CallExpr) {
	f := c.callee(call)
	if f == nil || rawSlots(f) > 0 {
		return
	}
	for i, arg := range call.Args {
		if c.isAddress(arg) && (c.flows.has(f, i) || c.sysFunc(f, i)) {
			c.report(arg.Pos(), Pointer, "%s is a Go function, and this address a number to it: nothing keeps the memory alive during the call; let it take an unsafe.Pointer", f.Name())
		}
	}
}

// sysFunc: the functions of golang.org/x/sys/unix that take a uintptr are Go
// functions without a directive (v0.49.0).
func (c *checker) sysFunc(f *types.Func, i int) bool {
	if f.Pkg() == nil || !strings.HasSuffix(f.Pkg().Path(), "golang.org/x/sys/unix") || f.Pkg() == c.pkg.Types {
		return false
	}
	params := f.Signature().Params()
	return i < params.Len() && isUintptr(params.At(i).Type())
}

// flows are parameters by function.
type flows map[*types.Func]map[int]bool

func (fl flows) has(f *types.Func, i int) bool { return f != nil && fl[f.Origin()][i] }

// findFlows follows uintptr parameters through the package's own functions.
func (c *checker) findFlows() flows {
	fl := flows{}
	for again := true; again; {
		again = false
		for _, file := range c.pkg.Syntax {
			for _, d := range file.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if ok && fn.Body != nil && !keepsAlive(fn) {
					again = c.follow(fl, fn) || again
				}
			}
		}
	}
	return fl
}

// keepsAlive: a directive tells the compiler that its uintptrs are pointers.
func keepsAlive(fn *ast.FuncDecl) bool {
	if fn.Doc == nil {
		return false
	}
	for _, l := range fn.Doc.List {
		if l.Text == "//go:uintptrescapes" || l.Text == "//go:uintptrkeepalive" {
			return true
		}
	}
	return false
}

// follow notes the parameters of fn that it passes to a call, and tells
// whether one is new.
func (c *checker) follow(fl flows, fn *ast.FuncDecl) (changed bool) {
	obj, ok := c.pkg.TypesInfo.Defs[fn.Name].(*types.Func)
	if !ok {
		return false
	}
	index := map[*types.Var]int{}
	for i, v := range variables(obj.Signature().Params()) {
		if isUintptr(v.Type()) {
			index[v] = i
		}
	}
	if len(index) == 0 {
		return false
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f := c.callee(call)
		room := rawSlots(f)
		for i, arg := range call.Args {
			v := c.local(arg)
			p, isParam := index[v]
			if v == nil || !isParam || fl[obj][p] {
				continue
			}
			if room > 0 && i > 0 && !c.notGo(call, i-1) || room == 0 && fl.has(f, i) {
				if fl[obj] == nil {
					fl[obj] = map[int]bool{}
				}
				fl[obj][p], changed = true, true
			}
		}
		return true
	})
	return changed
}

func variables(t *types.Tuple) []*types.Var {
	var list []*types.Var
	for i := range t.Len() {
		list = append(list, t.At(i))
	}
	return list
}

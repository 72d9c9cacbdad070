package check

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// constants compares the SYS_ constants of a file with the description.
func (c *checker) constants(f *ast.File) {
	for _, d := range f.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		for _, s := range decl.Specs {
			for _, name := range s.(*ast.ValueSpec).Names {
				obj, ok := c.pkg.TypesInfo.Defs[name].(*types.Const)
				if ok {
					c.constant(name, obj)
				}
			}
		}
	}
}

func (c *checker) constant(id *ast.Ident, obj *types.Const) {
	name := constName(id.Name)
	number, ok := intValue(obj.Val())
	if name == "" || !ok {
		return
	}
	c.looksAt(&c.all.Constants, id.Pos())
	here := c.byNumber[number]
	if here != nil && sameCall(name, here) {
		return
	}
	named := c.byName[name]
	if named == nil && !strings.Contains(id.Name, "SYS_") {
		return // sys_F_OFD_GETLK is no call at all
	}
	switch {
	case named != nil && here != nil:
		c.report(id.Pos(), Number, "%s is %d here: %s is %d, and %d is %s", id.Name, number, named.Name, c.number(named), number, here.Name)
	case named != nil:
		c.report(id.Pos(), Number, "%s is %d here: %s is %d", id.Name, number, named.Name, c.number(named))
	case here != nil:
		c.report(id.Pos(), Gone, "%s is %d here: there is no call %s, and %d is %s", id.Name, number, name, number, here.Name)
	default:
		c.report(id.Pos(), Gone, "%s is %d here: there is no call %s, and no call %d", id.Name, number, name, number)
	}
}

func intValue(v constant.Value) (int64, bool) {
	if v == nil || v.Kind() != constant.Int {
		return 0, false
	}
	return constant.Int64Val(v)
}

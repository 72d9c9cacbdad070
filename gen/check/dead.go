package check

import (
	"go/ast"
	"go/constant"
	"go/token"
)

// dead tells whether a statement cannot run on the target, because it stands
// under a constant condition such as runtime.GOARCH == "386". Of an if it is
// the body that counts; its other parts are visited all the same.
func (c *checker) dead(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		if v := c.pkg.TypesInfo.Types[n.Cond].Value; v != nil && v.Kind() == constant.Bool {
			c.skip(n.Body, !constant.BoolVal(v))
			c.skip(n.Else, constant.BoolVal(v))
		}
	case *ast.SwitchStmt:
		if n.Tag != nil {
			c.deadCases(n)
		}
	}
	return n != nil && c.unreached[n]
}

func (c *checker) skip(n ast.Stmt, dead bool) {
	if n != nil && dead {
		c.unreached[n] = true
	}
}

// deadCases marks the cases that a constant tag does not have.
func (c *checker) deadCases(s *ast.SwitchStmt) {
	tag := c.pkg.TypesInfo.Types[s.Tag].Value
	if tag == nil {
		return
	}
	taken := false
	var other ast.Stmt
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			other = clause
			continue
		}
		match := false
		for _, e := range clause.List {
			v := c.pkg.TypesInfo.Types[e].Value
			match = match || v == nil || constant.Compare(v, token.EQL, tag)
		}
		c.skip(clause, !match)
		taken = taken || match
	}
	c.skip(other, taken)
}

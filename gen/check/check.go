package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"trapgate/gen"
)

// Finding is one mistake. Targets are those on which it was found alike.
type Finding struct {
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Kind    string   `json:"kind"`
	Targets []string `json:"targets"`
	Message string   `json:"message"`
}

// The kinds of findings.
const (
	Number  = "number"  // not the number of that call
	Gone    = "gone"    // the system has no such call, or none any more
	Direct  = "direct"  // the system takes no call by number
	Words   = "words"   // not the number of arguments
	Width   = "width"   // fewer bits or bytes than the call takes
	Pointer = "pointer" // memory that nothing keeps alive
)

func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, strings.Join(f.Targets, ","), f.Message)
}

// Report is the outcome of a run: the findings by file and line, and how much
// was looked at, each place in the source counted once.
type Report struct {
	Findings                 []Finding
	Constants, Protos, Calls int
}

// Run checks packages for each target. Without targets it takes all that are
// described. A package counts for the targets that it has files for.
func Run(dir string, targets []gen.Target, patterns []string) (*Report, error) {
	if len(targets) == 0 {
		targets = Targets()
	}
	all := &results{dir: dir, seen: map[string]int{}, places: map[string]bool{}}
	found := 0
	for _, t := range targets {
		tab := newTable(t)
		if tab == nil {
			return nil, fmt.Errorf("%s is not described; there are %v", t, Targets())
		}
		pkgs, err := load(dir, t, patterns)
		if err != nil {
			return nil, err
		}
		found += len(pkgs)
		for _, p := range pkgs {
			c := &checker{table: tab, pkg: p, all: all, unreached: map[ast.Node]bool{}}
			c.check()
		}
	}
	if found == 0 {
		return nil, fmt.Errorf("no packages in %s", strings.Join(patterns, " "))
	}
	all.sort()
	return &all.Report, nil
}

// results are findings over all targets.
type results struct {
	Report
	dir    string
	seen   map[string]int
	places map[string]bool
}

// count counts a place that is looked at, in one of the report's figures.
func (r *results) count(figure *int, file string, line int) {
	key := fmt.Sprintf("%p %s:%d", figure, file, line)
	if !r.places[key] {
		*figure++
	}
	r.places[key] = true
}

func (r *results) add(t gen.Target, file string, line int, kind, message string) {
	if rel, err := filepath.Rel(r.dir, file); err == nil && !strings.HasPrefix(rel, "..") {
		file = rel
	}
	key := fmt.Sprintf("%s:%d:%s", file, line, message)
	if i, ok := r.seen[key]; ok {
		if !slices.Contains(r.Findings[i].Targets, t.String()) {
			r.Findings[i].Targets = append(r.Findings[i].Targets, t.String())
		}
		return
	}
	r.seen[key] = len(r.Findings)
	r.Findings = append(r.Findings, Finding{file, line, kind, []string{t.String()}, message})
}

func (r *results) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

// checker looks at one package for one target.
type checker struct {
	*table
	pkg *packages.Package
	all *results
	// flows are the uintptr parameters of the package's own functions that end
	// up as a word of a call.
	flows     flows
	unreached map[ast.Node]bool
}

func (c *checker) check() {
	c.flows = c.findFlows()
	generated := map[string]bool{}
	for _, file := range c.pkg.CompiledGoFiles {
		c.protos(file, generated)
	}
	for _, f := range c.pkg.Syntax {
		c.constants(f)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && generated[fn.Name.Name] && ast.IsGenerated(f) {
				continue // its prototype was checked
			}
			c.calls(d)
			if ok && fn.Body != nil {
				c.earlyAddresses(fn)
			}
		}
	}
}

func (c *checker) calls(d ast.Decl) {
	ast.Inspect(d, func(n ast.Node) bool {
		if c.dead(n) {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			c.rawCall(call)
			c.passedAddress(call)
		}
		return true
	})
}

// looksAt counts a place in one of the report's figures.
func (c *checker) looksAt(figure *int, pos token.Pos) {
	p := c.pkg.Fset.Position(pos)
	c.all.count(figure, p.Filename, p.Line)
}

func (c *checker) report(pos token.Pos, kind, format string, args ...any) {
	p := c.pkg.Fset.Position(pos)
	c.all.add(c.Target, p.Filename, p.Line, kind, fmt.Sprintf(format, args...))
}

// typeOf is the type of an expression; in code that does not compile for the
// target it may be invalid.
func (c *checker) typeOf(e ast.Expr) types.Type {
	if t := c.pkg.TypesInfo.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

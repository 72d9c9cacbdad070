package check

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/packages"

	"trapgate/gen"
)

// mode loads the named packages with their syntax; of what they import only
// the declarations are read.
const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedDeps | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedModule

// load returns the packages that have files for the target.
func load(dir string, t gen.Target, patterns []string) ([]*packages.Package, error) {
	cfg := &packages.Config{
		Mode: mode, Dir: dir,
		Env: append(os.Environ(), "GOOS="+t.OS, "GOARCH="+t.CPU, "CGO_ENABLED=0"),
	}
	all, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil, fmt.Errorf("load packages for %s: %w", t, err)
	}
	var list []*packages.Package
	for _, p := range all {
		if len(p.GoFiles) > 0 && p.Types != nil {
			list = append(list, p)
			continue
		}
		for _, e := range p.Errors {
			if e.Kind == packages.ListError && !strings.Contains(e.Msg, "build constraints exclude all Go files") {
				return nil, errors.New(e.Msg)
			}
		}
	}
	return list, nil
}

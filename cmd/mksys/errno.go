package main

import (
	"fmt"
	"strings"

	"trapgate/desc/syntax"
)

// ownErrors are the neutral errors that have no number on the host, in the
// order of kernel/kerr; the compiler checks the names.
var ownErrors = strings.Fields(`EFTYPE ENOATTR EPROCLIM EAUTH ENEEDAUTH EDOOFUS ENOTCAPABLE ECAPMODE
	EINTEGRITY EBADRPC ERPCMISMATCH EPROGUNAVAIL EPROGMISMATCH EPROCUNAVAIL`)

// firstOwn is kerr.Own: the neutral errors below it are the host's numbers.
const firstOwn = 200

// emitErrno writes the error numbers and the total table from neutral errors.
func emitErrno(g *guest, f *goFile) error {
	f.imports = []string{"trapgate/kernel/kerr"}
	f.printf("\n// The error numbers.\nconst (\n")
	own := map[string]bool{}
	for _, fact := range g.facts.Errors {
		n, _ := fact.On("")
		f.printf("\t%s = %d\n", fact.Name, n)
		own[fact.Name] = true
	}
	f.printf(")\n")
	if err := g.emitErrnoTable(f, own); err != nil {
		return err
	}
	f.printf("\n// ErrnoName is the name of an error number, or \"\".\n")
	f.printf("func ErrnoName(n int) string { return %s.ErrorOf(n).Name }\n", systemName(g.cpus[0]))
	return nil
}

func (g *guest) emitErrnoTable(f *goFile, own map[string]bool) error {
	f.printf("\n// Errno turns a neutral error into the guest's number. Where the guest has no\n")
	f.printf("// number of that name, calls.sys says which one stands for it; a number that is\n")
	f.printf("// no error of the host is EINVAL.\n")
	f.printf("var Errno = [kerr.Count]uint16{\n")
	nearest, names := g.nearest(), g.hostErrors()
	for n := 1; n < firstOwn; n++ {
		fact, ok := names[n]
		choices := nearest
		if g == g.host {
			choices = nil // the host's own numbers stay
		}
		to, err := "EINVAL,", error(nil)
		if ok {
			to, err = g.choose(fact.Name, own, choices, g.aliasOnHost(fact))
		}
		if err != nil {
			return err
		}
		f.printf("\t%d: %s\n", n, to)
	}
	for _, name := range ownErrors {
		to, err := g.choose(name, own, nearest, nil)
		if err != nil {
			return err
		}
		f.printf("\tkerr.%s: %s\n", name, to)
	}
	f.printf("}\n")
	return nil
}

// hostErrors are the errors of the host by number.
func (g *guest) hostErrors() map[int]syntax.Fact {
	out := map[int]syntax.Fact{}
	for _, fact := range g.host.facts.Errors {
		if !fact.Alias {
			out[int(fact.Value[""])] = fact
		}
	}
	return out
}

// nearest is the guest's choice for errors that it has no number for.
func (g *guest) nearest() map[string]string {
	out := map[string]string{}
	for _, d := range g.file.Decls {
		if e, ok := d.(*syntax.Errors); ok {
			for _, it := range e.Items {
				out[it.Name] = it.Host
			}
		}
	}
	return out
}

// errorsLine is where the errors block stands.
func (g *guest) errorsLine() int {
	for _, d := range g.file.Decls {
		if e, ok := d.(*syntax.Errors); ok {
			return e.Line
		}
	}
	return 1
}

// aliasOnHost lists the other names of a host error.
func (g *guest) aliasOnHost(fact syntax.Fact) []string {
	var out []string
	for _, o := range g.host.facts.Errors {
		if o.Value[""] == fact.Value[""] && o.Name != fact.Name {
			out = append(out, o.Name)
		}
	}
	return out
}

// choose is the guest's error that stands for a neutral one.
func (g *guest) choose(name string, own map[string]bool, nearest map[string]string, aliases []string) (string, error) {
	if to := nearest[name]; to != "" {
		if !own[to] {
			return "", fmt.Errorf("%s:%d: no error %s to stand for %s", g.file.Name, g.errorsLine(), to, name)
		}
		return to + ", // for " + name, nil
	}
	if own[name] {
		return name + ",", nil
	}
	for _, a := range aliases {
		if own[a] {
			return a + ",", nil
		}
	}
	return "", fmt.Errorf("%s:%d: no error stands for %s: name one in the errors block", g.file.Name, g.errorsLine(), name)
}

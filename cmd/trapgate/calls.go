package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"trapgate/calls"
)

// callsFlags are those of `trapgate calls`.
type callsFlags struct {
	system, number, status string
	errno, signal, flags   string
	json                   bool
}

// exitUnknown is the exit code of calls for a name or number that is nowhere.
const exitUnknown = 1

const callsLong = `calls tells what is known of system calls: number, signature, registers, trap
instruction, error rule, the release that brought them, and how trapgate serves
them, on each system that is described. Without a name it lists all calls.

A name that is no call is looked for within the names of calls; if it is nowhere,
the nearest names are told and the exit code is 1. Flags may be written with
one dash or two: -system, --system.`

const callsExamples = `  trapgate calls openat                        one call on all systems
  trapgate calls mmap munmap -system darwin    two calls on the systems of one name
  trapgate calls epoll                         all calls with that in their name
  trapgate calls -system freebsd               all calls of a system
  trapgate calls -status part                  all calls that are served with a difference
  trapgate calls -number 257 -system linux/amd64
  trapgate calls -errno 35 -system freebsd     an error by its number, and its number elsewhere
  trapgate calls -errno EAGAIN
  trapgate calls -signal 10                    or -signal SIGUSR1, or -signal usr1
  trapgate calls -flags open                   the flags of a call's arguments, by system
  trapgate calls -flags O_CLOEXEC              the set that a flag is in
  trapgate calls -json openat                  the same as JSON`

func (a *app) callsCmd() *cobra.Command {
	var f callsFlags
	c := &cobra.Command{
		Use: "calls [NAMES]", Short: "tell number, registers and status of system calls",
		Long: callsLong, Example: callsExamples,
		RunE: func(_ *cobra.Command, args []string) error { return a.calls(args, &f) },
	}
	s := c.Flags()
	s.StringVarP(&f.system, "system", "s", "", "only these: linux/386, freebsd, arm64, ...")
	s.StringVarP(&f.number, "number", "n", "", "the call of this number, as the register holds it")
	s.StringVar(&f.status, "status", "", "only calls that are direct, served, part or no")
	s.StringVar(&f.errno, "errno", "", "tell an error, by number or name")
	s.StringVar(&f.signal, "signal", "", "tell a signal, by number or name")
	s.StringVar(&f.flags, "flags", "", "tell the flags of a call, of a set, or those beside a flag")
	s.BoolVar(&f.json, "json", false, "the same as JSON")
	return c
}

func (a *app) calls(names []string, f *callsFlags) error {
	systems, err := calls.Select(f.system)
	if err != nil {
		return failf(exitFailed, "calls: %v", err)
	}
	switch {
	case f.errno != "":
		return a.callsErrno(systems, f)
	case f.signal != "":
		return a.callsSignal(systems, f)
	case f.flags != "":
		return a.callsFlags(systems, f)
	}
	filter, err := f.filter(systems)
	if err != nil {
		return failf(exitFailed, "calls: %v", err)
	}
	return a.callsNamed(names, filter, f.json)
}

func (f *callsFlags) filter(systems []*calls.System) (calls.Filter, error) {
	out := calls.Filter{Systems: systems, Status: f.status}
	if f.status != "" && !slices.Contains([]string{"direct", "served", "part", "no"}, f.status) {
		return out, fmt.Errorf("-status is direct, served, part or no, not %q", f.status)
	}
	if f.number != "" {
		n, err := strconv.ParseInt(f.number, 0, 64)
		if err != nil {
			return out, fmt.Errorf("-number %q is no number", f.number)
		}
		number := int(n)
		out.Number = &number
	}
	return out, nil
}

// callsNamed prints the calls of some names, or all that the filter lets pass.
// What is one call, on several systems perhaps, is told in full.
func (a *app) callsNamed(names []string, filter calls.Filter, asJSON bool) error {
	rows, exact := []calls.Call{}, true
	if len(names) == 0 {
		rows, exact = calls.All(filter), filter.Number != nil
	}
	for _, name := range names {
		found := calls.Named(filter, name)
		if len(found) == 0 {
			found, exact = calls.Containing(filter, name), false
		}
		if len(found) == 0 {
			return unknownCall(name, filter)
		}
		rows = append(rows, found...)
	}
	switch {
	case len(rows) == 0:
		return failf(exitUnknown, "calls: no call has that number, or that status; all: trapgate calls")
	case asJSON:
		return a.json(rows)
	}
	a.callsTable(rows, exact)
	if exact && len(names) == 1 {
		a.callsMore(names[0], filter)
	}
	return nil
}

func unknownCall(name string, filter calls.Filter) error {
	near := calls.Near(name, calls.Names(filter.Systems))
	if len(near) == 0 {
		return failf(exitUnknown, "calls: %s: no such call, and none with a name like it; all: trapgate calls", name)
	}
	return failf(exitUnknown, "calls: %s: no such call; near it are %s", name, strings.Join(near, ", "))
}

// callsMore names other calls that have the name in theirs.
func (a *app) callsMore(name string, filter calls.Filter) {
	var more []string
	for _, c := range calls.Containing(filter, name) {
		if !strings.EqualFold(c.Name, name) && !slices.Contains(more, c.Name) {
			more = append(more, c.Name)
		}
	}
	if len(more) > 0 {
		fmt.Fprintf(a.stdout, "\nSee also: %s\n", strings.Join(more, ", "))
	}
}

// callsTable prints one line for a call, and below, if they are told in full,
// how each is made and served.
func (a *app) callsTable(rows []calls.Call, full bool) {
	t := calls.Table{Head: []string{"SYSTEM", "NUMBER", "CLASS", "SINCE", "STATUS", "SIGNATURE"}}
	for _, c := range rows {
		t.Add(c.System, callNumber(c), c.Class, c.Since, c.Status, c.Signature)
	}
	a.table(&t)
	if !full {
		return
	}
	fmt.Fprintln(a.stdout)
	how := calls.Table{Head: []string{"SYSTEM", "TRAP", "NUMBER IN", "ARGUMENTS", "RESULT", "ERROR"}}
	for _, c := range rows {
		how.Add(c.System, c.Trap, c.NumberIn, arguments(c.Args), c.Result, c.Error)
	}
	a.table(&how)
	fmt.Fprintln(a.stdout)
	served := calls.Table{Head: []string{"SYSTEM", "SERVED", "AFTER", "NOTE"}}
	for _, c := range rows {
		served.Add(c.System, c.How, c.Source, c.Note)
	}
	a.table(&served)
}

func callNumber(c calls.Call) string {
	const withClass = 0x10000 // from here on the class is in the upper bits
	switch {
	case c.Within != "":
		return c.Within
	case c.Number >= withClass:
		return fmt.Sprintf("%#x", c.Number)
	}
	return strconv.Itoa(c.Number)
}

func arguments(args []calls.Arg) string {
	parts := make([]string, len(args))
	for i, arg := range args {
		parts[i] = arg.Name + "=" + arg.In
	}
	return strings.Join(parts, ", ")
}

func (a *app) callsErrno(systems []*calls.System, f *callsFlags) error {
	rows, names := calls.Errnos(systems, f.errno)
	if len(rows) == 0 {
		return unknownName("error", f.errno, names)
	}
	if f.json {
		return a.json(rows)
	}
	t := calls.Table{Head: []string{"SYSTEM", "NUMBER", "NAME", "TEXT", "ELSEWHERE"}}
	for _, e := range rows {
		t.Add(e.System, strconv.Itoa(e.Number), e.Name, e.Text, numbersOf(e.Elsewhere))
	}
	a.table(&t)
	return nil
}

func (a *app) callsSignal(systems []*calls.System, f *callsFlags) error {
	rows, names := calls.SignalsOf(systems, f.signal)
	if len(rows) == 0 {
		return unknownName("signal", f.signal, names)
	}
	if f.json {
		return a.json(rows)
	}
	t := calls.Table{Head: []string{"SYSTEM", "NUMBER", "NAME", "DEFAULT", "ELSEWHERE"}}
	for _, s := range rows {
		t.Add(s.System, strconv.Itoa(s.Number), s.Name, s.Default, numbersOf(s.Elsewhere))
	}
	a.table(&t)
	return nil
}

func numbersOf(elsewhere map[string]int) string {
	var parts []string
	for _, system := range slices.Sorted(maps.Keys(elsewhere)) {
		parts = append(parts, fmt.Sprintf("%s %d", system, elsewhere[system]))
	}
	return strings.Join(parts, ", ")
}

func (a *app) callsFlags(systems []*calls.System, f *callsFlags) error {
	rows := calls.Flags(systems, f.flags)
	if len(rows) == 0 {
		return unknownName("call, set or flag", f.flags, calls.Names(systems))
	}
	if f.json {
		return a.json(rows)
	}
	t := calls.Table{Head: []string{"SET", "NAME"}}
	for _, s := range systems {
		t.Head = append(t.Head, s.Title())
	}
	for _, r := range rows {
		cells := []string{r.Set, r.Name}
		for _, s := range systems {
			cells = append(cells, r.Values[s.Title()])
		}
		t.Add(cells...)
	}
	a.table(&t)
	return nil
}

func unknownName(what, name string, names []string) error {
	if near := calls.Near(name, names); len(near) > 0 {
		return failf(exitUnknown, "calls: %s: no such %s; near it are %s", name, what, strings.Join(near, ", "))
	}
	return failf(exitUnknown, "calls: %s: no such %s", name, what)
}

// table prints a table; on a terminal the words of the status have colours.
func (a *app) table(t *calls.Table) {
	ink := newInk(a.stdout)
	for _, line := range t.Lines(func(column, cell string, isHead bool) string {
		switch {
		case isHead || column != "STATUS":
			return cell
		case cell == "no":
			return ink.red(cell)
		}
		return ink.green(cell)
	}) {
		fmt.Fprintln(a.stdout, line)
	}
}

func (a *app) json(rows any) error {
	e := json.NewEncoder(a.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(rows)
}

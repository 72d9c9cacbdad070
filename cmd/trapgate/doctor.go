package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"trapgate/internal/host"
)

func (a *app) doctorCmd() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "say what this host offers",
		Long: "doctor tries each thing that trapgate can use and says what its absence means.\nIt exits with 1 if no program can be run here.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.doctor(host.Checks()) },
	}
}

func (a *app) doctor(checks []host.Check) error {
	fmt.Fprintf(a.stdout, "Linux %s\n", host.Kernel())
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	ink := newInk(a.stdout)
	for _, c := range append(checks, goCommand()) {
		fmt.Fprintf(w, "%s\t%s\n", c.Name, verdict(ink, c))
	}
	w.Flush()
	if !host.Runs(checks) {
		return failf(1, "%s", whyNot(checks))
	}
	fmt.Fprintln(a.stdout, "Programs can be run here:", servedList())
	return nil
}

// whyNot names what stops everything.
func whyNot(checks []host.Check) string {
	for _, c := range checks {
		if c.Needed && !c.OK {
			return fmt.Sprintf("no program can be run here: no %s (%s): %s", c.Name, c.Since, c.Lost)
		}
	}
	return fmt.Sprintf("no program can be run here: calls cannot be caught without %s (%s) or %s (%s)",
		checks[0].Name, checks[0].Since, checks[1].Name, checks[1].Since)
}

func verdict(ink ink, c host.Check) string {
	if c.OK {
		return strings.TrimSuffix(ink.green("ok")+": "+c.Found, ": ")
	}
	s := ink.red("missing")
	if c.Found != "" {
		s += " (" + c.Found + ")"
	}
	s += ": " + c.Lost
	if c.Since != "" {
		s += "; needs " + c.Since
	}
	return s
}

// goCommand is for demo alone: programs run without it.
func goCommand() host.Check {
	c := host.Check{Name: "go command", Lost: "trapgate demo cannot build its examples", Since: "Go 1.26 in $PATH"}
	out, err := exec.Command("go", "env", "GOVERSION").Output()
	if err == nil {
		c.OK, c.Found = true, strings.TrimSpace(string(out))
	}
	return c
}

// ink colours words where a person reads them (https://no-color.org).
type ink struct{ on bool }

func newInk(w io.Writer) ink {
	f, ok := w.(*os.File)
	return ink{ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && host.IsTerminal(f)}
}

func (i ink) green(s string) string { return i.paint("32", s) }
func (i ink) red(s string) string   { return i.paint("31", s) }

func (i ink) paint(colour, s string) string {
	if !i.on {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"trapgate/test/examples"
)

const (
	demoTimeout = time.Minute // for one program
	demoTail    = 12          // lines of a trace that are shown without --all
)

func (a *app) demoCmd() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "demo [EXAMPLE]...", Short: "build the example programs for every system, run and trace them",
		Long:    demoLong(),
		Example: "  trapgate demo\n  trapgate demo --all bare",
		RunE:    func(c *cobra.Command, args []string) error { return a.demo(c.Context(), args, all) },
	}
	c.Flags().BoolVar(&all, "all", false, "print whole traces, not only their ends")
	return c
}

func demoLong() string {
	var b strings.Builder
	b.WriteString("demo builds the examples with the go command for every system that is served,\n" +
		"runs each under trace, and closes with a table. It fails if any of them does.\n\nThe examples:\n")
	for _, e := range examples.List {
		fmt.Fprintf(&b, "  %-8s %s\n", e.Name, e.About)
	}
	return b.String()
}

// shown is one program of the demonstration.
type shown struct {
	system  system
	example examples.Example
	trace   string
	counts  counts
	took    time.Duration
	err     error
}

func (a *app) demo(ctx context.Context, names []string, all bool) error {
	list, err := pick(names)
	if err != nil {
		return err
	}
	self, err := a.self()
	if err != nil {
		return failf(exitFailed, "demo: %v", err)
	}
	dir, err := os.MkdirTemp("", "trapgate-demo")
	if err != nil {
		return failf(exitFailed, "demo: %v", err)
	}
	defer os.RemoveAll(dir)
	if ctx == nil {
		ctx = context.Background()
	}
	var done []shown
	for _, s := range served {
		fmt.Fprintf(a.stderr, "building for %s ...\n", s)
		for _, e := range list {
			d := shown{system: s, example: e}
			d.run(ctx, self, dir)
			a.showTrace(&d, all)
			done = append(done, d)
		}
	}
	return a.showTable(done)
}

func pick(names []string) ([]examples.Example, error) {
	if len(names) == 0 {
		return examples.List, nil
	}
	var list []examples.Example
	for _, name := range names {
		n := len(list)
		for _, e := range examples.List {
			if e.Name == name {
				list = append(list, e)
			}
		}
		if len(list) == n {
			return nil, failf(exitFailed, "demo: no example %q; see: trapgate demo --help", name)
		}
	}
	return list, nil
}

// run builds one program and runs it by a trapgate of its own, so that one
// that goes wrong takes nothing else with it.
func (d *shown) run(ctx context.Context, self, dir string) {
	prog, err := d.example.Build(ctx, dir, d.system.OS, d.system.CPU)
	if err != nil {
		d.err = err
		return
	}
	trace, stats := prog+".trace", prog+".stats"
	ctx, cancel := context.WithTimeout(ctx, demoTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "trace", "-o", trace, "--stats", stats, prog)
	cmd.Dir = filepath.Dir(prog)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begin := time.Now()
	err = cmd.Run()
	d.took = time.Since(begin)
	text, _ := os.ReadFile(trace)
	d.trace = string(text)
	d.err = d.judge(ctx, err, stdout.String(), stderr.String())
	if d.err == nil {
		d.err = d.readCounts(stats)
	}
}

func (d *shown) judge(ctx context.Context, err error, stdout, stderr string) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("did not end within %v", demoTimeout)
	case err != nil:
		return errors.New(strings.TrimSuffix(err.Error()+": "+oneLine(stderr), ": "))
	case stdout != d.example.Want:
		return fmt.Errorf("printed %q, not %q", stdout, d.example.Want)
	case stderr != "":
		return errors.New(oneLine(stderr))
	}
	return nil
}

func (d *shown) readCounts(stats string) error {
	b, err := os.ReadFile(stats)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, &d.counts)
}

func (a *app) showTrace(d *shown, all bool) {
	fmt.Fprintf(a.stdout, "\n%s on %s: %s\n", d.example.Name, d.system, d.example.About)
	lines := strings.SplitAfter(d.trace, "\n")
	if skip := len(lines) - 1 - demoTail; skip > 1 && !all {
		fmt.Fprintf(a.stdout, "    ... %d calls before these\n", skip)
		lines = lines[skip:]
	}
	for _, l := range lines {
		if l != "" {
			fmt.Fprintf(a.stdout, "    %s\n", strings.TrimSuffix(l, "\n"))
		}
	}
	if d.err != nil {
		fmt.Fprintf(a.stdout, "    FAILED: %v\n", d.err)
	}
}

func (a *app) showTable(done []shown) error {
	fmt.Fprintln(a.stdout)
	w := tabwriter.NewWriter(a.stdout, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, "system \ttrap \tprogram \tcalls \tdirect \tserved \trefused \ttime \t result")
	failed := 0
	for _, d := range done {
		result := "ok"
		if d.err != nil {
			result = "FAILED"
			failed++
		}
		c := d.counts
		fmt.Fprintf(w, "%s \t%s \t%s \t%d \t%d \t%d \t%d \t%.1f ms \t %s\n", d.system, d.system.Trap, d.example.Name,
			c.Calls, c.Direct, c.Served, c.Refused, float64(d.took.Microseconds())/1000, result)
	}
	w.Flush()
	if failed > 0 {
		return failf(1, "demo: %d of %d programs failed", failed, len(done))
	}
	return nil
}

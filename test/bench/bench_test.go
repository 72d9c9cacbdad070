// Package bench measures guests against the same program run natively, in
// interleaved rounds of one run: the metric x-native is the ratio of the medians.
//
//	go test -bench . ./test/bench
package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var tools = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "trapgate-bench") })

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := tools(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// build compiles a package for a system, once.
func build(b *testing.B, pkg, system string) string {
	b.Helper()
	dir, err := tools()
	if err != nil {
		b.Fatal(err)
	}
	goos, goarch, _ := strings.Cut(system, "/")
	out := filepath.Join(dir, filepath.Base(pkg)+"-"+goos+"-"+goarch)
	if _, err := os.Stat(out); err == nil {
		return out
	}
	c := exec.Command("go", "build", "-o", out, pkg)
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	if msg, err := c.CombinedOutput(); err != nil {
		b.Fatalf("build %s for %s: %v\n%s", pkg, system, err, msg)
	}
	return out
}

var systems = []string{"linux/amd64", "linux/386", "freebsd/amd64"}

// measure runs the guest program and returns what it says of one piece of work.
func measure(b *testing.B, name string, argv ...string) float64 {
	b.Helper()
	out, err := exec.Command(argv[0], append(argv[1:], name)...).Output()
	if err != nil {
		b.Fatalf("%s: %v", strings.Join(argv, " "), err)
	}
	var ns float64
	if _, err := fmt.Sscanf(string(out), name+" %f", &ns); err != nil {
		b.Fatalf("output %q: %v", out, err)
	}
	return ns
}

func median(a []float64) float64 {
	slices.Sort(a)
	return a[len(a)/2]
}

// compare reports a guest's piece of work against the native run on linux/amd64.
func compare(b *testing.B, system, name string) {
	trapgate := build(b, "trapgate/cmd/trapgate", "linux/amd64")
	guest := build(b, "trapgate/test/bench/guest", system)
	native := build(b, "trapgate/test/bench/guest", "linux/amd64")
	var ours, theirs []float64
	for b.Loop() {
		theirs = append(theirs, measure(b, name, native))
		ours = append(ours, measure(b, name, trapgate, "run", guest))
	}
	o, n := median(ours), median(theirs)
	b.ReportMetric(o, "guest-ns")
	b.ReportMetric(n, "native-ns")
	b.ReportMetric(o/n, "x-native")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkWork(b *testing.B) {
	for _, system := range systems {
		for _, name := range []string{"getppid", "served", "now", "sha256", "sort", "json", "gc", "chan", "pipe", "tcp"} {
			b.Run(system+"/"+name, func(b *testing.B) { compare(b, system, name) })
		}
	}
}

// BenchmarkHello is the wall time of a whole process.
func BenchmarkHello(b *testing.B) {
	trapgate := build(b, "trapgate/cmd/trapgate", "linux/amd64")
	for _, system := range systems {
		b.Run(system, func(b *testing.B) {
			guest := build(b, "trapgate/test/examples/hello", system)
			native := build(b, "trapgate/test/examples/hello", "linux/amd64")
			var ours, theirs []float64
			for b.Loop() {
				theirs = append(theirs, wall(b, native))
				ours = append(ours, wall(b, trapgate, "run", guest))
			}
			o, n := median(ours), median(theirs)
			b.ReportMetric(o/1e6, "guest-ms")
			b.ReportMetric(n/1e6, "native-ms")
			b.ReportMetric((o-n)/1e6, "more-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkMemory is the peak memory of the supervisor for hello.
func BenchmarkMemory(b *testing.B) {
	trapgate := build(b, "trapgate/cmd/trapgate", "linux/amd64")
	hello := build(b, "trapgate/test/examples/hello", "linux/amd64")
	for b.Loop() {
		c := exec.Command(trapgate, "run", hello)
		if err := c.Run(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(maxRSS(c.ProcessState)/1024, "MiB")
	}
}

func wall(b *testing.B, argv ...string) float64 {
	b.Helper()
	start := time.Now()
	if err := exec.Command(argv[0], argv[1:]...).Run(); err != nil {
		b.Fatalf("%s: %v", strings.Join(argv, " "), err)
	}
	return float64(time.Since(start).Nanoseconds())
}

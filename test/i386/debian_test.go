package i386

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// packages are Debian's: one static program, and the dynamic ones with all that
// they need.
var packages = strings.Fields(`busybox-static coreutils libc6 libselinux1 libpcre2-8-0 libgmp10 libacl1
	libattr1 libgcc-s1 bash libtinfo6 perl-base libcrypt1`)

// debian returns a folder with the packages unpacked. They are fetched once, as
// a plain user and apart from what the host has installed.
func debian(t *testing.T) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "trapgate-test", "debian-i386-2") // 2: the list above
	root := filepath.Join(dir, "root")
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		return root
	}
	for _, tool := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(tool); err != nil {
			without(t, "no %s: not a Debian host", tool)
		}
	}
	for _, d := range []string{"state/lists/partial", "cache/archives/partial", "debs", "root"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	fetch(t, dir)
	debs, _ := filepath.Glob(filepath.Join(dir, "debs", "*.deb"))
	for _, deb := range debs {
		if out, err := exec.Command("dpkg", "-x", deb, root).CombinedOutput(); err != nil {
			t.Fatalf("dpkg -x %s: %v\n%s", deb, err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "done"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func fetch(t *testing.T, dir string) {
	options := []string{"-q", "-o", "APT::Architecture=i386", "-o", "APT::Architectures::=i386",
		"-o", "Dir::State=" + dir + "/state", "-o", "Dir::State::status=" + dir + "/status",
		"-o", "Dir::Cache=" + dir + "/cache", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="}
	for _, command := range [][]string{{"update"}, append([]string{"download"}, packages...)} {
		cmd := exec.Command("apt-get", append(options[:len(options):len(options)], command...)...)
		cmd.Dir = filepath.Join(dir, "debs")
		// The update of one of several sources may fail; what counts is the download.
		if out, err := cmd.CombinedOutput(); err != nil && command[0] == "download" {
			without(t, "the packages cannot be fetched: %.400s", out)
		}
	}
}

// TestStatic runs the applets of a static C program.
func TestStatic(t *testing.T) {
	need386(t)
	root := debian(t)
	for _, args := range []string{
		"ls -la /etc", "echo a b", "uname -a", "date -u -d @0", "sleep 0.05", "seq 1 5", "sha1sum /etc/passwd", "id", "nosuch",
	} {
		same(t, root, append([]string{"bin/busybox"}, strings.Fields(args)...)...)
	}
	for _, script := range []string{
		"for i in 1 2 3; do echo $i | cat; done; exit 7",
		"trap 'echo usr1' USR1; kill -USR1 $$; wait; echo done",
		"kill -TERM $$; echo no",
		// Whether a shell says "Terminated" depends on when it notices the end.
		"(sleep 5 & kill $!; wait $!; echo $?) 2>/dev/null",
		"find /etc -name 'p*' 2>/dev/null | sort | head -5 | tr a-z A-Z",
		"ulimit -s 1024; echo $$ >/dev/null; busybox=/proc/self/exe; $busybox echo again",
	} {
		same(t, root, "bin/busybox", "sh", "-c", script)
	}
}

// TestDynamic runs programs through their own dynamic linker.
func TestDynamic(t *testing.T) {
	need386(t)
	root := debian(t)
	linker := []string{"lib/ld-linux.so.2", "--library-path", "lib/i386-linux-gnu:usr/lib/i386-linux-gnu"}
	for _, args := range []string{
		"bin/ls -l --time-style=full-iso bin", "usr/bin/sha256sum bin/ls", "usr/bin/sort -n /etc/passwd",
		"bin/cat /etc/passwd", "bin/date -u -d @5", "usr/bin/stat bin/ls", "bin/uname -a", "usr/bin/nproc",
		"bin/dd if=/dev/zero of=/dev/null bs=1M count=10 status=none", "usr/bin/timeout 0.2 /bin/sleep 5",
		"usr/bin/env A=1 /usr/bin/env true", "usr/bin/factor 123456789012345678901", "bin/ls /nosuch",
		"usr/bin/tail -n 2 /etc/group", "usr/bin/timeout 2 bin/busybox sh -c exit",
	} {
		same(t, root, append(linker[:3:3], strings.Fields(args)...)...)
	}
	numbers := filepath.Join(t.TempDir(), "numbers")
	var b []byte
	for i := range 300000 {
		b = fmt.Appendln(b, i*7919%300007)
	}
	if err := os.WriteFile(numbers, b, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"usr/bin/sort", "--parallel=4", "-n", numbers}, // threads
		{"bin/bash", "-c", `for i in {1..9}; do (echo $i | cat); done; trap "echo T" TERM; kill $$; wait; exit 4`},
		{"usr/bin/perl", "-e", `$SIG{ALRM} = sub { print "alarm\n" }; alarm 1; select(undef, undef, undef, 3);` +
			`print join(",", map { sqrt } 1 .. 9), "\n"; print ` + "`/bin/echo child`" + `; exit 3`},
	} {
		same(t, root, append(linker[:3:3], args...)...)
	}
}

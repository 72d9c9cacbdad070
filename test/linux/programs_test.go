package linux

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// folder is a fresh folder for a program, the same path in both runs, because
// programs print it.
func folder(t *testing.T) (dir string, fresh func()) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "w")
	return dir, func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

var fixed = []string{"LC_ALL=C", "TZ=UTC", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "PYTHONHASHSEED=1", "PYTHONDONTWRITEBYTECODE=1",
	"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_AUTHOR_DATE=2020-01-01T00:00:00Z",
	"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b", "GIT_COMMITTER_DATE=2020-01-01T00:00:00Z"}

// TestPrograms runs what Debian has: each line is a script of the shell, run in a
// fresh folder.
func TestPrograms(t *testing.T) {
	tests := []struct{ name, needs, script string }{
		{"exit code", "sh", "exit 37"},
		{"pipeline", "sort uniq awk sed tr cut head", "seq 1 3000 | awk '{print $1 % 17, $1}' | sort -n | cut -d' ' -f1 | uniq -c | sed s/1/x/ | tr x y | head -5; echo ${PIPESTATUS-none} $?"},
		{"early close", "yes head", "yes | head -n 20000 | tail -n 1; (yes; echo yes ended with $? >&2) | head -n 1"},
		{"large output", "seq md5sum", "seq 1 400000 | tee a | md5sum; wc -c a; cat a a a | wc -l"},
		{"shell", "sh", "f() { echo $(($1 * 2)); }; for i in 1 2 3; do (f $i) & wait; done; trap 'echo trapped' USR1; kill -USR1 $$; cat <<E\nhere $HOME\nE\n[ -t 0 ]; echo $?; echo *; umask; ulimit -n >/dev/null; false || echo or; exec echo last"},
		{"bash", "bash", "exec bash -c 'a=(x y z); echo ${a[@]}; coproc cat; echo hi >&${COPROC[1]}; read -u ${COPROC[0]} l; echo $l; diff <(seq 3) <(seq 2 4); time true 2>/dev/null; shopt -s lastpipe; seq 5 | while read x; do s=$((s+x)); done; echo $s; ulimit -c 0; bash -c \"kill -SEGV \\$\\$\" 2>/dev/null; echo $?' 2>/dev/null"},
		{"background", "sleep", "sleep 0.1 & sleep 0.2 & p=$!; wait; (sleep 100 & kill $!; wait $!; echo $?) 2>/dev/null"},
		{"coreutils", "cp mv ln stat ls chmod touch dd od", "mkdir -p a/b; echo one > a/f; cp -a a c; ln -s f a/l; ln a/f a/h; chmod 640 a/f; touch -d 2001-02-03 a/f; touch -hd 2001-02-03 a/l; stat -c '%a %h %s %Y %F' a/f a/l; mv c d; ls -lR --time-style=full-iso d | grep -v total | awk '{print $1, $NF}'; dd if=/dev/zero bs=1k count=10 2>/dev/null | od -c | head -2; readlink -f a/l | sed 's|.*/||'; rm -r a; ls; df . >/dev/null; du -b d | cut -f1 | wc -l; env -i A=1 env; date -u -d @0; id -u; nproc >/dev/null; printf '%s\\n' x | base64; sha256sum d/f; timeout 0.1 sleep 10; echo $?; nice -n 5 nice; nohup echo nohup 2>/dev/null"},
		{"find", "find xargs", "mkdir -p x/y/z; touch x/1 x/y/2 x/y/z/3; find x -type f -newermt 2000-01-01 | sort; find x -name '*' -print0 | xargs -0 -n 1 -P 3 basename | sort; find x -type f -exec sh -c 'echo {}' \\; | sort; find x -delete; ls"},
		{"tar", "tar gzip xz", "mkdir a; seq 50000 > a/n; echo x > a/x; tar czf a.tgz --sort=name --mtime=@0 --owner=0 --group=0 a; md5sum a.tgz; mkdir b; tar xzf a.tgz -C b; diff -r a b/a && echo same; tar cf - a | (cd b && tar tf -) | sort; xz -k -T2 a/n; xz -dc a/n.xz | cmp - a/n && echo xz"},
		{"grep", "grep", "mkdir -p d/e; seq 1000 > d/n; echo needle > d/e/f; grep -r needle . ; grep -rc 99 d | sort; grep -rlE '^(12|34)$' d; grep -q zzz d/n; echo $?"},
		{"git", "git", "git init -q -b main r; cd r; seq 100 > a; mkdir s; echo b > s/b; git add .; git commit -qm first; echo c >> a; git commit -qam second; git log --stat; git diff HEAD~1; git branch x; git checkout -q x; git rm -q a; git commit -qm third; git merge-base main x; git checkout -q main; git merge -q --no-ff -m merged x; git log --oneline --graph; git gc -q; git fsck 2>&1; git clone -q . ../c; ls -R ../c; git status --short; git grep -n b"},
		{"python threads", "python3", `exec python3 -c '
import threading, queue, subprocess, os, signal, sys, time, multiprocessing, socket, select, mmap, tempfile, asyncio, ctypes
q = queue.Queue()
def w(i):
    for k in range(200): q.put(i * k)
ts = [threading.Thread(target=w, args=(i,)) for i in range(20)]
[t.start() for t in ts]; [t.join() for t in ts]
print(q.qsize(), sum(q.queue))
print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True))
ps = [subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(10)]
print([p.communicate(b"x" * 100000)[0] == b"x" * 100000 for p in ps])

p = subprocess.Popen(["sleep", "100"]); p.terminate(); print(p.wait())
try: subprocess.run(["/nosuch"])
except FileNotFoundError as e: print(e)
try: subprocess.run(["sleep", "9"], timeout=0.1)
except subprocess.TimeoutExpired as e: print("timeout")
got = []
signal.signal(signal.SIGALRM, lambda *a: got.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.1); print(got)
def f(x): return x * x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(4) as p: print(p.map(f, range(10)))
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
c = socket.create_connection(s.getsockname()); a, _ = s.accept(); c.sendall(b"hello"); print(a.recv(5))
async def main():
    p = await asyncio.create_subprocess_exec("echo", "async", stdout=asyncio.subprocess.PIPE)
    print((await p.communicate())[0], await asyncio.gather(*[asyncio.sleep(0.01, i) for i in range(5)]))
asyncio.run(main())
m = mmap.mmap(-1, 8192); m[0:3] = b"abc"; print(m[0:3])
print(os.path.basename(os.readlink("/proc/self/exe")) == os.path.basename(os.path.realpath(sys.executable)))
r, w2 = os.pipe()
pid = os.fork()
if pid == 0: os.write(w2, b"child"); os._exit(5)
print(os.read(r, 9), os.waitpid(pid, 0)[1])
print(ctypes.CDLL(None).getppid() == os.getppid())
sys.exit(4)
' `},
		{"perl", "perl", `perl -e '$SIG{CHLD} = sub { $c++ }; for (1..5) { if (!fork) { exit $_ } } 1 while wait > 0; print "done\n"; open P, "-|", "seq 5"; print reverse <P>; close P; $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; sleep 10 }; print $@; print system("exit 3") >> 8, "\n"; local $| = 1; printf "%s\n", join ",", sort { $a <=> $b } map { $_ * 7 % 11 } 1..10; kill 9, $$'`},
		{"compiler", "gcc", "cat > a.c <<'E'\n#include <stdio.h>\n#include <math.h>\nint f(int);\nint main(int c, char **v) { printf(\"%d %f %s\\n\", f(c), sqrt(2), v[1]); return 6; }\nE\necho 'int f(int x) { return x * 3; }' > b.c; gcc -O2 -Wall -c a.c b.c && gcc -o p a.o b.o -lm && ./p x; echo $?; gcc -static -O2 -g a.c b.c -o q -lm && ./q y; md5sum p q; gcc -c nosuch.c 2>&1; echo 'int x = ;' > c.c; gcc -c c.c 2>&1; ar cr l.a b.o && nm l.a; objdump -d b.o | tail -3; strip p && ./p z"},
		{"make", "make gcc", "for i in $(seq 12); do echo \"int f$i(void) { return $i; }\" > f$i.c; done; printf 'all: $(patsubst %%.c,%%.o,$(wildcard *.c))\\n\\tar cr all.a $^\\n%%.o: %%.c\\n\\t@gcc -c $< -o $@\\nfail:\\n\\tfalse\\n' > Makefile; make -j2 | sort; make -j8; nm all.a | grep -c T; make fail; echo $?"},
		{"python3 compileall", "python3", "mkdir m; for i in $(seq 8); do seq 200 | sed 's/.*/x& = [&] * &/' > m/m$i.py; done; PYTHONDONTWRITEBYTECODE= python3 -m compileall -q -j 2 m; ls m/__pycache__ | wc -l"},
		{"sqlite", "sqlite3", "sqlite3 d.db 'create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where x<20000) insert into t select x, x*x from c; create index i on t(b); select count(*), sum(b) from t where b > 1000; pragma journal_mode=wal; delete from t where a % 2; vacuum; select count(*) from t; pragma integrity_check'"},
		{"node", "node", `node -e 'const cp = require("child_process"), fs = require("fs"); console.log(cp.execSync("echo child").toString()); const {Worker} = require("worker_threads"); let n = 0; for (let i = 0; i < 3; i++) new Worker("require(\"worker_threads\").parentPort.postMessage(6*7)", {eval: true}).on("message", m => { n += m; if (n == 126) console.log("workers", n) }); fs.readFile("/etc/passwd", () => console.log("read")); setTimeout(() => { console.log("timer"); process.exitCode = 9 }, 500); require("http").createServer((q, r) => r.end("served")).listen(0, function () { require("http").get({port: this.address().port}, r => r.on("data", d => { setTimeout(() => console.log(String(d)), 900); this.close() })) }); process.on("SIGUSR2", () => setTimeout(() => console.log("signal"), 700)); process.kill(process.pid, "SIGUSR2"); setTimeout(()=>{}, 300)' | sort`},
		{"java", "java", "java -version 2>&1; cat > A.java <<'E'\npublic class A { public static void main(String[] a) throws Exception { Thread[] t = new Thread[50]; long[] s = new long[1]; for (int i = 0; i < 50; i++) { t[i] = new Thread(() -> { for (int k = 0; k < 1000; k++) synchronized (s) { s[0]++; } }); t[i].start(); } for (Thread x : t) x.join(); System.out.println(s[0]); Object o = null; try { o.hashCode(); } catch (NullPointerException e) { System.out.println(\"npe\"); } byte[][] g = new byte[100][]; for (int i = 0; i < 2000; i++) g[i % 100] = new byte[100000]; System.gc(); System.out.println(new String(new ProcessBuilder(\"echo\", \"x\").start().getInputStream().readAllBytes())); System.exit(7); } }\nE\njava -Xmx256m A.java; echo $?"},
		{"ssh-keygen", "ssh-keygen", "ssh-keygen -q -t ed25519 -N '' -C c -f k && ssh-keygen -y -f k | cut -c1-20; ssh-keygen -l -f k | wc -w"},
		{"many processes", "sh", "for i in $(seq 200); do sh -c 'sleep 0.3; exit '$((i % 50)) & done; for p in $(jobs -p); do wait $p; s=$((s + $?)); done; echo $s"},
		{"locks", "flock", "for i in 1 2 3 4 5 6; do flock l sh -c 'n=$(cat n 2>/dev/null || echo 0); sleep 0.02; echo $((n+1)) > n' & done; wait; cat n"},
		{"signals", "sh", "sh -c 'kill -TERM $$'; echo $?; sh -c 'trap \"echo caught; exit 5\" TERM; kill -TERM $$; sleep 1'; echo $?; (trap '' INT; sh -c 'kill -INT $$; echo ignored')"},
		{"nohup", "nohup", "nohup sh -c 'kill -HUP $$; echo alive' 2>/dev/null"},
		{"uid", "setpriv", "[ $(id -u) = 0 ] || exit 0; setpriv --reuid=65534 --clear-groups sh -c 'id -u; (id -u); ls /root 2>/dev/null; echo $?'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			need(t, strings.Fields(tt.needs)...)
			dir, fresh := folder(t)
			j := job{args: []string{"/bin/sh", "-c", tt.script}, dir: dir, env: fixed}
			fresh()
			want := native(t, j)
			fresh()
			agree(t, want, guest(t, j))
		})
	}
}

// TestEnds: the exit code and the signal of the program are those of trapgate.
func TestEnds(t *testing.T) {
	for code := range 256 {
		if code%37 == 0 || code >= 124 && code <= 130 || code == 255 {
			same(t, job{args: []string{"/bin/sh", "-c", fmt.Sprintf("exit %d", code)}})
		}
	}
	for _, sig := range []string{"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "XCPU", "SYS", "RTMIN", "RTMAX"} {
		t.Run(sig, func(t *testing.T) {
			need(t, "bash")
			same(t, job{args: []string{"/bin/bash", "-c", "ulimit -c 0; kill -" + sig + " $$"}})
		})
	}
}

// goTool is the go command itself, not a wrapper.
func goTool(t *testing.T) string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "bin", "go")
}

// TestGoToolchain builds and tests a package with the go command as a guest, with a
// cold and a warm cache. What it builds is what the native one builds.
func TestGoToolchain(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the standard library")
	}
	tool := goTool(t)
	dir, fresh := folder(t)
	fresh()
	for name, text := range map[string]string{
		"go.mod":    "module m\n\ngo 1.26\n",
		"m.go":      "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"built\", twice(21)) }\n\nfunc twice(n int) int { return 2 * n }\n",
		"m_test.go": "package main\n\nimport \"testing\"\n\nfunc TestTwice(t *testing.T) {\n\tif twice(4) != 8 {\n\t\tt.Fatal()\n\t}\n}\n\nfunc FuzzTwice(f *testing.F) {\n\tf.Fuzz(func(t *testing.T, n int) { twice(n) })\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"GOCACHE=" + filepath.Join(t.TempDir(), "cache"), "GOFLAGS=", "GOTOOLCHAIN=local", "CGO_ENABLED=0"}
	for _, cache := range []string{"cold", "warm"} {
		t.Run(cache, func(t *testing.T) {
			for _, args := range [][]string{{"build", "-o", "guest"}, {"vet"}, {"test", "-count=1", "."}} {
				r := guest(t, job{args: append([]string{tool}, args...), dir: dir, env: env})
				if r.status != 0 {
					t.Fatalf("go %v: %v", args, r)
				}
			}
		})
	}
	if r := native(t, job{args: []string{tool, "build", "-o", "native"}, dir: dir}); r.status != 0 {
		t.Fatal(r)
	}
	a, err := os.ReadFile(filepath.Join(dir, "guest"))
	b, err2 := os.ReadFile(filepath.Join(dir, "native"))
	if err != nil || err2 != nil || string(a) != string(b) {
		t.Logf("the binaries differ (%d and %d bytes): they may only differ with CGO_ENABLED", len(a), len(b))
	}
	same(t, job{args: []string{filepath.Join(dir, "guest")}})
}

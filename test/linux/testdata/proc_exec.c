// execve: what a new image gets, who may call it, and how it fails.
#include "t.h"
#include <sys/prctl.h>
#include <sys/resource.h>

static char dir[] = "/tmp/execXXXXXX";
static const char *self;

static void file(const char *name, const char *text, int mode) {
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0700);
	write(fd, text, strlen(text));
	fchmod(fd, mode);
	close(fd);
}
static void copy(const char *name, int bytes, int mode) {
	static char b[1 << 20];
	int in = open("/proc/self/exe", O_RDONLY), n = read(in, b, bytes);
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700);
	write(fd, b, n);
	fchmod(fd, mode);
	close(fd), close(in);
}
static void try(const char *what, const char *path) {
	int ws;
	fflush(stdout);
	if (!fork()) {
		execl(path, path, "arg one", "two", (char *)0);
		printf("%s: %s\n", what, err(-1));
		_exit(1);
	}
	wait(&ws);
	if (ws) printf("  %s\n", status(ws));
}
static void *execs(void *x) {
	execl("/proc/self/exe", "by a thread", "tid", (char *)0);
	printf("exec by a thread: %s\n", err(-1));
	return 0;
}
static void *spins(void *x) { for (;;) getppid(); }
static void h(int sig) {}

// What comm is after an exec by descriptor depends on the version of Linux.
static int child(int argc, char **argv) {
	char b[4096], comm[32] = {}, link[512] = {};
	int fd = open("/proc/self/cmdline", O_RDONLY), n = read(fd, b, sizeof b);
	close(fd);
	for (int i = 0; i < n - 1; i++) if (!b[i]) b[i] = '|';
	prctl(PR_GET_NAME, comm);
	readlink("/proc/self/exe", link, sizeof link - 1);
	const char *base = strrchr(link, '/');
	printf("  image: argc %d", argc);
	for (char *c = b; n > 0 && (c = strstr(c, "/tmp/exec"));) memcpy(c + 9, "......", 6), c += 9;
	printf(" cmdline %s comm %s exe %s", n > 0 ? b : "", strstr(argv[0], "fexecve") || strstr(b, "/fd/") ? "any" : comm, base);
	if (argc > 1 && !strcmp(argv[1], "tid")) printf(" leader %d threads", getpid() == gettid());
	printf("\n");
	if (argc > 1 && !strcmp(argv[1], "state")) {
		struct sigaction a;
		sigset_t m, p;
		sigprocmask(0, 0, &m);
		sigpending(&p);
		sigaction(SIGUSR1, 0, &a);
		printf("  caught is default %d", a.sa_handler == SIG_DFL);
		sigaction(SIGUSR2, 0, &a);
		printf(" ignored stays %d blocked stays %d pending stays %d", a.sa_handler == SIG_IGN, sigismember(&m, SIGHUP), sigismember(&p, SIGHUP));
		stack_t s;
		sigaltstack(0, &s);
		struct itimerval it;
		getitimer(ITIMER_REAL, &it);
		printf(" alt %d timer stays %d env %s cloexec %s open %s\n", s.ss_flags, it.it_value.tv_sec > 0, getenv("MARK"), err(fcntl(50, F_GETFD)), err(fcntl(51, F_GETFD)));
	}
	return argc > 2 ? 0 : 0;
}

int main(int argc, char **argv) {
	setvbuf(stdout, 0, _IOLBF, 0);
	if (argc > 1 || argc == 0 || !argv[0][0] || strstr(argv[0], "script")) return child(argc, argv);
	mkdtemp(dir);
	char exe[512] = {};
	readlink("/proc/self/exe", exe, 511);
	self = exe;
	chdir(dir);
	char line[700];
	symlink(exe, "prog"); // its name in scripts has no spaces and is not too long
	sprintf(line, "%s/prog", dir);
	int ws;
	pid_t c;

	copy("script-image", 1 << 20, 0755);
	try("relative", "./script-image");
	try("self", "/proc/self/exe");
	if (!fork()) { char *no[] = {0}; execv("/proc/self/exe", no); _exit(1); }
	wait(&ws);
	printf("empty argv: %s\n", status(ws));
	if (!fork()) { syscall(SYS_execve, "/proc/self/exe", 0, 0); _exit(1); }
	wait(&ws);
	printf("null argv: %s\n", status(ws));

	// Scripts.
	char s[1500];
	sprintf(s, "#!%s/script-image\n", dir), file("s1", s, 0755), try("script", "./s1");
	sprintf(s, "#! %s/script-image  -x  y \n", dir), file("s2", s, 0755), try("script with argument", "./s2");
	sprintf(s, "#!%s/s2 nested\n", dir), file("s3", s, 0755), try("nested", "./s3");
	file("s4", "#!/nosuch/interpreter\n", 0755), try("missing interpreter", "./s4");
	file("s5", "#!\n", 0755), try("no interpreter", "./s5");
	sprintf(s, "#!%s/loop\n", dir), file("loop", s, 0755), try("loop", "./loop");
	sprintf(s, "#!%s/script-image", dir), file("s6", s, 0755), try("no newline", "./s6");
	file("s7", "#!./script-image rel\n", 0755), try("relative interpreter", "./s7");
	memset(s, 0, sizeof s), sprintf(s, "#!/"), memset(s + 3, 'x', 400), strcat(s, "\n"), file("s8", s, 0755), try("long line", "./s8");

	// Failures.
	try("ENOENT", "./nosuch");
	try("empty path", "");
	try("ENOTDIR", "./s1/x");
	try("a directory", "/tmp");
	file("plain", "echo hello\n", 0755), try("text", "./plain");
	file("empty", "", 0755), try("empty", "./empty");
	file("noexec", "#!/bin/sh\n", 0644), try("no permission", "./noexec");
	symlink("l1", "l2"), symlink("l2", "l1"), try("ELOOP", "./l1");
	char *longname = malloc(5000);
	memset(longname, 'n', 4999), longname[4999] = 0;
	try("long path", longname), longname[300] = 0, try("long name", longname);
	mkfifo("fifo", 0755), try("fifo", "./fifo");
	copy("trunc", 600, 0755), try("truncated", "./trunc");
	file("badelf", "\177ELF\2\1\1", 0755), try("bad ELF", "./badelf");
	copy("arm", 1 << 20, 0755);
	int fd = open("arm", O_WRONLY);
	pwrite(fd, "\267", 1, 18);
	close(fd);
	try("another machine", "./arm");
	printf("bad address: %s", err(syscall(SYS_execve, 8L, 0, 0)));
	char *bad[] = {(char *)8, 0};
	printf(" in argv: %s\n", err(execve("/proc/self/exe", bad, 0)));
	// E2BIG: one string too long, and too many.
	char *big = malloc(200 << 10);
	memset(big, 'b', 200 << 10), big[(200 << 10) - 1] = 0;
	char *av[] = {"x", big, 0};
	printf("E2BIG string: %s", err(execv(self, av)));
	big[(128 << 10) - 1] = 0;
	if (!fork()) { execv("./s5", av); printf(" longest: %s", err(-1)); fflush(stdout); _exit(0); }
	wait(&ws);
	char **many = calloc(400000, sizeof *many);
	for (int i = 0; i < 300000; i++) many[i] = "0123456789012345678901234567890";
	printf(" many: %s\n", err(execv(self, many)));
	many[20000] = 0;
	many[0] = "script";
	if (!fork()) { close(1), open("/dev/null", O_WRONLY); execv(self, many); _exit(1); }
	wait(&ws);
	printf("20000 arguments: %s\n", status(ws));

	// What stays.
	if (!fork()) {
		signal(SIGUSR1, h), signal(SIGUSR2, SIG_IGN);
		sigset_t m = set1(SIGHUP);
		sigprocmask(SIG_BLOCK, &m, 0);
		raise(SIGHUP);
		stack_t st = {.ss_sp = malloc(65536), .ss_size = 65536};
		sigaltstack(&st, 0);
		alarm(100);
		dup2(1, 50), dup2(1, 51), fcntl(50, F_SETFD, FD_CLOEXEC);
		setenv("MARK", "here", 1);
		execl("/proc/self/exe", "state", "state", (char *)0);
	}
	wait(&ws);
	// By a thread that is not the first, while others make calls.
	for (int i = 0; i < 5; i++) {
		if (!(c = fork())) {
			pthread_t t;
			for (int k = 0; k < 4; k++) pthread_create(&t, 0, spins, 0);
			pthread_create(&t, 0, execs, 0);
			for (;;) pause();
		}
		waitpid(c, &ws, 0);
		printf("%s\n", status(ws));
	}
	// By descriptor.
	char *args[] = {"fexecve", "one", 0}, *env[] = {0};
	fd = open(self, O_RDONLY | O_CLOEXEC);
	if (!fork()) { fexecve(fd, args, env); printf("fexecve: %s\n", err(-1)); _exit(1); }
	wait(&ws);
	fd = open("s2", O_RDONLY);
	if (!fork()) { fexecve(fd, args, env); printf("fexecve of a script: %s\n", err(-1)); _exit(1); }
	wait(&ws);
	char p[64];
	sprintf(p, "/proc/self/fd/%d", fd);
	if (!fork()) { execl(p, "p", "by /proc", (char *)0); printf("by /proc: %s\n", err(-1)); _exit(1); }
	wait(&ws);
	int dfd = open(".", O_PATH);
	chdir("/");
	if (!fork()) { syscall(SYS_execveat, dfd, "script-image", args, env, 0); printf("execveat: %s\n", err(-1)); _exit(1); }
	wait(&ws);
	printf("nofollow: %s", err(syscall(SYS_execveat, dfd, "prog", args, env, AT_SYMLINK_NOFOLLOW)));
	printf(" empty: %s", err(syscall(SYS_execveat, fd, "", args, env, 0)));
	printf(" bad fd: %s", err(syscall(SYS_execveat, 999, "x", args, env, 0)));
	printf(" flags: %s", err(syscall(SYS_execveat, dfd, "prog", args, env, 0x8000)));
	printf(" not a directory: %s\n", err(syscall(SYS_execveat, fd, "x", args, env, 0)));
	// As another user: unreadable and unreachable files.
	if (getuid() == 0) {
		copy("/tmp/trapgate-only-root", 1 << 20, 0700);
		if (!fork()) { setuid(65534); try("of another user", "/tmp/trapgate-only-root"); exit(0); }
		wait(&ws);
		unlink("/tmp/trapgate-only-root");
	}
	fflush(stdout);
	fchdir(dfd);
	const char *names[] = {"prog", "script-image", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "loop", "plain", "empty", "noexec", "l1", "l2", "fifo", "trunc", "badelf", "arm"};
	for (int i = 0; i < sizeof names / sizeof *names; i++) unlink(names[i]);
	rmdir(dir);
}

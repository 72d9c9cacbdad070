// fork, vfork, clone, clone3, wait, process groups, sessions, pidfds, orphans.
#include "t.h"
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/pidfd.h>
#include <spawn.h>

static char stack[64 << 10] __attribute__((aligned(16)));
static atomic_int shared;
static int child_fn(void *x) { shared++; if (strcmp(x, "no signal")) printf("clone child: arg %s pid is tid %d\n", (char *)x, getpid() == gettid()); return 5; }
static int g;

static long clone3(struct clone_args *a, size_t n) { return syscall(SYS_clone3, a, n); }

static void chld(int sig, siginfo_t *si, void *uc) {}

// took takes the blocked SIGCHLD that must be there, or waits a little for none.
static void took(sigset_t *set, int want) {
	struct timespec soon = {want ? 20 : 0, want ? 0 : 20000000};
	siginfo_t si;
	if (sigtimedwait(set, &si, &soon) < 0) { printf("no SIGCHLD\n"); return; }
	printf("SIGCHLD code %d status %d uid %d\n", si.si_code, si.si_status, si.si_uid == getuid());
}

int main(int argc, char **argv) {
	setvbuf(stdout, 0, _IONBF, 0);
	if (argc > 1) { printf("spawned: %s %s\n", argv[0], argv[1]); return 11; }
	int ws, fd, p[2];
	pid_t c;
	if (!(c = fork())) { g = 1; printf("child: ppid right %d\n", getppid() > 1); _exit(3); }
	waitpid(c, &ws, 0);
	printf("fork: %s, own memory %d\n", status(ws), g);
	if (!(c = vfork())) { g = 2; _exit(4); }
	waitpid(c, &ws, 0);
	printf("vfork: %s, shared memory %d\n", status(ws), g);
	c = clone(child_fn, stack + sizeof stack, SIGCHLD | CLONE_VM, "a");
	waitpid(c, &ws, 0);
	printf("clone VM: %s shared %d\n", status(ws), shared);
	c = clone(child_fn, stack + sizeof stack, SIGCHLD, "b");
	waitpid(c, &ws, 0);
	printf("clone: %s shared %d\n", status(ws), shared);
	c = clone(child_fn, stack + sizeof stack, 0, "no signal");
	printf("wait without __WCLONE: %s", err(waitpid(c, &ws, 0)));
	printf(" with %d\n", waitpid(c, &ws, __WCLONE) == c);
	pid_t ptid = 0, ctid = 99;
	c = clone(child_fn, stack + sizeof stack, SIGCHLD | CLONE_PARENT_SETTID | CLONE_VM | CLONE_CHILD_CLEARTID | CLONE_VFORK, "tids", &ptid, 0, &ctid);
	waitpid(c, &ws, 0);
	printf("tids: parent %d child cleared %d %s\n", ptid == c, ctid == 0, status(ws));
	ctid = 0;
	struct clone_args a = {.exit_signal = SIGCHLD, .flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, .pidfd = (uintptr_t)&fd, .parent_tid = (uintptr_t)&ptid, .child_tid = (uintptr_t)&ctid};
	if (!(c = clone3(&a, sizeof a))) { printf("clone3 child: tid set %d\n", ctid == getpid()); pause(); }
	struct pollfd pf = {fd, POLLIN};
	ms(10);
	printf("pidfd: running %d", poll(&pf, 1, 0));
	printf(" kill %s", err(pidfd_send_signal(fd, SIGTERM, 0, 0)));
	siginfo_t si = {};
	printf(" waitid %s", err(waitid(P_PIDFD, fd, &si, WEXITED)));
	printf(" code %d status %d pid %d ended %d tid %d\n", si.si_code, si.si_status, si.si_pid == c, poll(&pf, 1, 0), ptid == c);
	printf("gone: %s\n", err(pidfd_send_signal(fd, 0, 0, 0)));
	close(fd);
	a = (struct clone_args){.exit_signal = 77};
	printf("clone3: bad signal %s", err(clone3(&a, sizeof a)));
	a = (struct clone_args){.exit_signal = SIGCHLD, .stack = 4096};
	printf(" stack without size %s", err(clone3(&a, sizeof a)));
	printf(" small %s large %s", err(clone3(&a, 8)), err(clone3(&a, 5000)));
	a = (struct clone_args){.flags = CLONE_THREAD};
	printf(" thread alone %s", err(clone3(&a, sizeof a)));
	a = (struct clone_args){.flags = CLONE_SIGHAND, .exit_signal = SIGCHLD};
	printf(" sighand alone %s\n", err(clone3(&a, sizeof a)));
	char *av[] = {"arg0", "one", 0};
	extern char **environ;
	int e = posix_spawn(&c, "/proc/self/exe", 0, 0, av, environ);
	waitpid(c, &ws, 0);
	printf("posix_spawn %d\n", e);
	printf("%s\n", status(ws));
	printf("posix_spawn of nothing: %s\n", strerrorname_np(posix_spawn(&c, "/nosuch", 0, 0, av, environ)));

	// Stopped and continued.
	sigset_t own;
	sigemptyset(&own);
	sigaddset(&own, SIGCHLD);
	sigprocmask(SIG_BLOCK, &own, 0);
	catch3(SIGCHLD, chld, 0);
	if (!(c = fork())) { raise(SIGSTOP); pause(); }
	waitpid(c, &ws, WUNTRACED);
	printf("%s\n", status(ws));
	took(&own, 1);
	kill(c, SIGCONT);
	waitpid(c, &ws, WCONTINUED);
	printf("%s\n", status(ws));
	took(&own, 1);
	kill(c, SIGABRT);
	waitpid(c, &ws, 0);
	printf("%s\n", status(ws));
	took(&own, 1);
	catch3(SIGCHLD, chld, SA_NOCLDSTOP | SA_RESTART);
	if (!(c = fork())) { raise(SIGSTOP); _exit(1); }
	waitpid(c, &ws, WUNTRACED);
	printf("NOCLDSTOP: %s\n", status(ws));
	took(&own, 0);
	kill(c, SIGCONT);
	waitpid(c, &ws, 0);
	took(&own, 1);
	catch3(SIGCHLD, chld, SA_NOCLDWAIT | SA_RESTART);
	if (!(c = fork())) _exit(1);
	printf("NOCLDWAIT: %s\n", err(wait(&ws)));
	took(&own, 1);
	sigprocmask(SIG_UNBLOCK, &own, 0);
	signal(SIGCHLD, SIG_IGN);
	if (!(c = fork())) _exit(1);
	printf("ignored: %s\n", err(wait(&ws)));
	signal(SIGCHLD, SIG_DFL);
	if (!(c = fork())) _exit(1);
	printf("default: %d\n", wait(&ws) == c);

	// Groups and sessions.
	for (int i = 0; i < 3; i++) if (!fork()) { if (i) setpgid(0, 0); else setpgid(0, 0); pause(); }
	int n = 0;
	ms(30);
	signal(SIGTERM, SIG_IGN);
	pid_t lead = fork();
	if (!lead) { setpgid(0, 0); signal(SIGTERM, SIG_DFL); for (int i = 0; i < 3; i++) if (!fork()) { write(p[1] = 1, "", 0); pause(); } ms(50); kill(0, SIGTERM); pause(); }
	setpgid(lead, lead);
	waitpid(lead, &ws, 0);
	printf("kill of the group: %s, own kept\n", status(ws));
	signal(SIGTERM, SIG_DFL);
	kill(0, SIGCONT);
	for (ms(20); ; n++) { // those that have groups of their own
		pid_t k;
		char path[64];
		FILE *f;
		sprintf(path, "/proc/self/task/%d/children", getpid());
		if (!(f = fopen(path, "r")) || fscanf(f, "%d", &k) != 1) { if (f) fclose(f); break; }
		fclose(f);
		kill(-k, SIGINT);
		waitpid(k, &ws, 0);
	}
	printf("%d groups of one: %s\n", n, status(ws));
	if (!(c = fork())) {
		printf("setsid %d", setsid() == getpid());
		printf(" leader %d group %d again %s\n", getsid(0) == getpid(), getpgrp() == getpid(), err(setsid()));
		_exit(0);
	}
	waitpid(c, &ws, 0);
	printf("setpgid of nobody: %s, of init %s\n", err(setpgid(4194303, 0)), err(setpgid(1, 0)));

	// An orphan goes on and is taken in.
	pipe(p);
	if (!(c = fork())) {
		pid_t me = getpid();
		if (!fork()) {
			while (getppid() == me) ms(1);
			write(p[1], "orphan", 6);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(c, &ws, 0);
	close(p[1]);
	char b[16] = {};
	while ((n = read(p[0], b, 15)) < 0) {}
	printf("%s\n", b);
	// As subreaper it comes to us.
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (!(c = fork())) { if (!fork()) { ms(20); _exit(8); } _exit(7); }
	waitpid(c, &ws, 0);
	printf("child: %s", status(ws));
	printf(" grandchild %d", wait(&ws) > 0);
	printf(" %s; no more: %s\n", status(ws), err(wait(&ws)));
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	// PDEATHSIG.
	pipe(p);
	if (!(c = fork())) {
		if (!fork()) { prctl(PR_SET_PDEATHSIG, SIGKILL); write(p[1], "x", 1); pause(); }
		read(p[0], b, 1);
		_exit(0);
	}
	close(p[1]);
	waitpid(c, &ws, 0);
	printf("died with its parent: %d\n", (int)read(p[0], b, 1));
	// Killed as soon as they are born.
	for (int i = 0; i < 100; i++) {
		if (!(c = fork())) pause();
		kill(c, SIGKILL);
		waitpid(c, &ws, 0);
		if (WTERMSIG(ws) != SIGKILL) printf("newborn: %s\n", status(ws));
	}
	printf("end\n");
}

// Calls that wait with another mask, and those that take signals without a handler.
#include "t.h"

static atomic_int taken;
static void h(int sig, siginfo_t *si, void *uc) {
	sigset_t m;
	sigprocmask(SIG_BLOCK, 0, &m);
	printf("  handler %d: USR1 blocked %d USR2 blocked %d, saved USR1 %d USR2 %d\n", sig, sigismember(&m, SIGUSR1), sigismember(&m, SIGUSR2),
		sigismember(&((ucontext_t *)uc)->uc_sigmask, SIGUSR1), sigismember(&((ucontext_t *)uc)->uc_sigmask, SIGUSR2));
	taken++;
}
static void now(const char *s, long r) {
	int e = errno;
	sigset_t m;
	sigprocmask(SIG_BLOCK, 0, &m);
	errno = e;
	printf("%s: %s; USR1 blocked %d USR2 blocked %d; taken %d\n", s, err(r), sigismember(&m, SIGUSR1), sigismember(&m, SIGUSR2), taken);
}
static pid_t later(int sig) {
	pid_t me = getpid(), c = fork();
	if (!c) { ms(30); kill(me, sig); _exit(0); }
	return c;
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	catch3(SIGUSR1, h, 0), catch3(SIGUSR2, h, SA_RESTART), catch3(SIGSEGV, h, 0);
	sigset_t both = set1(SIGUSR1), none, only2;
	sigaddset(&both, SIGUSR2);
	sigemptyset(&none);
	only2 = set1(SIGUSR2);
	struct timespec soon = {0, 1000000}, late = {20, 0};
	sigprocmask(SIG_BLOCK, &both, 0);
	struct pollfd pf = {-1, 0};
	struct epoll_event ev;
	int ep = epoll_create1(0), ws, p[2];
	pipe(p);
	for (int pending = 0; pending < 2; pending++) {
		printf("%s\n", pending ? "pending before" : "while waiting");
		#define SEND(sig) if (pending) raise(sig); else later(sig)
		SEND(SIGUSR1); now("sigsuspend", sigsuspend(&none));
		SEND(SIGUSR1); now("sigsuspend for one", sigsuspend(&only2));
		SEND(SIGUSR1); now("ppoll", ppoll(&pf, 1, &late, &none));
		SEND(SIGUSR2); now("ppoll", ppoll(&pf, 1, 0, &none));
		SEND(SIGUSR1); now("pselect", pselect(0, 0, 0, 0, &late, &none));
		SEND(SIGUSR1); now("epoll_pwait", epoll_pwait(ep, &ev, 1, 20000, &none));
		SEND(SIGUSR2); now("epoll_pwait2", epoll_pwait2(ep, &ev, 1, &late, &none));
		SEND(SIGUSR1); now("sigtimedwait", sigtimedwait(&both, 0, &late));
		if (!pending) while (waitpid(-1, &ws, 0) > 0) {}
	}
	raise(SIGUSR1);
	now("ppoll, still blocked", ppoll(&pf, 1, &soon, &only2) - 1 + 1);
	now("ppoll without mask", ppoll(&pf, 1, &soon, 0));
	siginfo_t si;
	int got = sigtimedwait(&both, &si, &soon);
	printf("sigtimedwait: %d code %d pid %d", got, got < 0 ? 0 : si.si_code, got >= 0 && si.si_pid == getpid());
	printf(", then %s\n", err(sigtimedwait(&both, &si, &soon)));
	// A write to a pipe is ready: no signal is taken.
	write(p[1], "x", 1);
	raise(SIGUSR1);
	pf.fd = p[0], pf.events = POLLIN;
	now("ppoll that is ready", ppoll(&pf, 1, &late, &none));
	now("", sigtimedwait(&both, &si, &soon));
	// signalfd, and poll on it.
	int fd = signalfd(-1, &both, SFD_CLOEXEC | SFD_NONBLOCK);
	struct signalfd_siginfo f;
	printf("signalfd: %s", err(read(fd, &f, sizeof f)));
	raise(SIGUSR2);
	pf.fd = fd;
	printf(" poll %d", poll(&pf, 1, 1000));
	printf(" read %zd", read(fd, &f, sizeof f));
	printf(" signo %d pid %d\n", f.ssi_signo, f.ssi_pid == getpid());
	// Those that the gate needs itself.
	int own[] = {SIGSEGV, SIGBUS, SIGTRAP, SIGSYS};
	for (int i = 0; i < 4; i++) {
		catch3(own[i], h, 0);
		sigset_t s = set1(own[i]), w;
		sigprocmask(SIG_BLOCK, &s, 0);
		raise(own[i]);
		sigpending(&w);
		printf("%d pending %d\n", own[i], sigismember(&w, own[i]));
		int r = sigtimedwait(&s, &si, &soon);
		printf("sigtimedwait %d\n", r);
		sigprocmask(SIG_UNBLOCK, &s, 0);
		sigprocmask(SIG_BLOCK, &s, 0);
		raise(own[i]);
		now("sigsuspend", sigsuspend(&none));
		sigprocmask(SIG_UNBLOCK, &s, 0);
	}
	now("bad set", syscall(SYS_rt_sigsuspend, 8L, 8));
	now("bad size", syscall(SYS_rt_sigsuspend, &none, 4));
	now("bad how", syscall(SYS_rt_sigprocmask, 9, &none, 0, 8));
}

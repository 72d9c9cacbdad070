// Actions of signals: caught, ignored, default, masked, nested.
#include "t.h"

static atomic_int count, depth, deepest;

static void info(int sig, siginfo_t *si, void *uc) {
	ucontext_t *u = uc;
	printf("caught %d: signo %d code %d own pid %d uid %d; mask now:", sig, si->si_signo, si->si_code,
		si->si_pid == getpid(), si->si_uid == getuid());
	sigset_t m;
	sigprocmask(SIG_BLOCK, 0, &m);
	for (int i = 1; i <= 64; i++) if (sigismember(&m, i) == 1) printf(" %d", i);
	printf("; before:");
	for (int i = 1; i <= 64; i++) if (sigismember(&u->uc_sigmask, i) == 1) printf(" %d", i);
	printf("\n");
	count++;
}

static void nest(int sig, siginfo_t *si, void *uc) {
	int d = ++depth;
	if (d > deepest) deepest = d;
	if (count++ < 5) raise(sig);
	depth--;
}

static void inner(int sig) { printf("  inner %d\n", sig); }
static void outer(int sig) {
	printf(" outer %d begins\n", sig);
	raise(SIGUSR2);
	static int again;
	if (sig == SIGUSR1 && !again++) kill(getpid(), SIGUSR1); // blocked here
	printf(" outer %d ends\n", sig);
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	for (int s = 1; s <= 64; s++) {
		if (s == SIGKILL || s == SIGSTOP || s == 32 || s == 33) continue;
		catch3(s, info, s % 3 ? 0 : SA_NODEFER);
		raise(s);
	}
	printf("%d taken\n", count);
	for (int s = 1; s <= 64; s++) {
		struct sigaction a;
		int r = sigaction(s, 0, &a);
		if (r < 0) { printf("%d: %s\n", s, err(r)); continue; }
		printf("%d: handler %d flags %x\n", s, a.sa_sigaction == info, a.sa_flags & ~0x04000000);
	}
	struct sigaction bad = {.sa_handler = SIG_IGN};
	printf("KILL %s STOP", err(sigaction(SIGKILL, &bad, 0)));
	printf(" %s 0", err(sigaction(SIGSTOP, &bad, 0)));
	printf(" %s 65", err(sigaction(0, &bad, 0)));
	printf(" %s\n", err(sigaction(65, &bad, 0)));

	for (int s = 1; s <= 64; s++) signal(s, SIG_IGN);
	for (int s = 1; s <= 64; s++) if (s != SIGKILL && s != SIGSTOP && s != 32 && s != 33) raise(s);
	printf("ignored all\n");

	signal(SIGUSR1, SIG_DFL), signal(SIGUSR2, SIG_DFL);
	int by[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
	for (int i = 0; i < 4; i++) { signal(by[i], SIG_DFL); raise(by[i]); }
	printf("default of those that are ignored\n");

	// Masked: all that is sent many times comes once.
	count = 0;
	int masked[] = {SIGUSR1, SIGHUP, SIGSEGV, SIGTRAP, SIGBUS, SIGSYS, SIGFPE};
	for (int i = 0; i < 7; i++) {
		sigset_t s = set1(masked[i]), p;
		catch3(masked[i], info, 0);
		sigprocmask(SIG_BLOCK, &s, 0);
		for (int j = 0; j < 3; j++) kill(getpid(), masked[i]);
		sigpending(&p);
		printf("blocked %d: pending %d taken %d\n", masked[i], sigismember(&p, masked[i]), count);
		sigprocmask(SIG_UNBLOCK, &s, 0);
		sigpending(&p);
		printf("unblocked: pending %d taken %d\n", sigismember(&p, masked[i]), count);
		count = 0;
	}
	// A blocked signal that becomes ignored is gone.
	sigset_t s = set1(SIGUSR1), p;
	sigprocmask(SIG_BLOCK, &s, 0);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	sigpending(&p);
	printf("ignored while pending: %d\n", sigismember(&p, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &s, 0);

	count = depth = deepest = 0;
	catch3(SIGUSR1, nest, 0);
	raise(SIGUSR1);
	printf("deferred: %d taken, depth %d\n", count, deepest);
	count = depth = deepest = 0;
	catch3(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	printf("NODEFER: %d taken, depth %d\n", count, deepest);

	signal(SIGUSR1, outer), signal(SIGUSR2, inner);
	raise(SIGUSR1);
	struct sigaction a = {.sa_handler = outer};
	sigaddset(&a.sa_mask, SIGUSR2);
	sigaction(SIGTERM, &a, 0);
	signal(SIGUSR1, SIG_IGN);
	raise(SIGTERM);

	catch3(SIGUSR2, info, SA_RESETHAND);
	raise(SIGUSR2);
	sigaction(SIGUSR2, 0, &a);
	printf("RESETHAND: default now %d\n", a.sa_handler == SIG_DFL);
	if (!fork()) { raise(SIGUSR2); _exit(0); }
	int ws;
	wait(&ws);
	printf("again: %s\n", status(ws));
	for (int sig = 1; sig <= 64; sig++) {
		if (sig == 32 || sig == 33) continue;
		signal(sig, SIG_DFL);
		pid_t c = fork();
		if (!c) { raise(sig); _exit(7); }
		waitpid(c, &ws, WUNTRACED);
		printf("default of %d: %s\n", sig, status(ws));
		if (WIFSTOPPED(ws)) { kill(c, SIGCONT); waitpid(c, &ws, 0); printf(" then %s\n", status(ws)); }
	}
}

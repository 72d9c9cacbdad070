// Real-time signals are queued in order, with their values; none is lost or doubled.
#include "t.h"

#define N 400
static int got[N * 4], n;
static void h(int sig, siginfo_t *si, void *uc) {
	got[n++] = sig << 16 | (si->si_code == SI_QUEUE ? si->si_value.sival_int : 0xffff);
}
static int queue(pid_t p, int sig, int v) {
	while (sigqueue(p, sig, (union sigval){.sival_int = v}) < 0) {
		if (errno != EAGAIN) return -1;
		ms(1);
	}
	return 0;
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	int a = SIGRTMIN + 1, b = SIGRTMIN + 5, bad;
	catch3(a, h, SA_RESTART), catch3(b, h, 0);
	sigset_t s = set1(a);
	sigaddset(&s, b);
	// Blocked, then all at once: the lower number first, each in order.
	sigprocmask(SIG_BLOCK, &s, 0);
	for (int i = 0; i < N; i++) queue(getpid(), i % 2 ? a : b, i);
	printf("taken while blocked: %d\n", n);
	sigprocmask(SIG_UNBLOCK, &s, 0);
	bad = 0;
	for (int i = 0; i + 1 < n; i++) if (i + 1 != N / 2 && (got[i] & 0xffff) >= (got[i + 1] & 0xffff)) bad++;
	printf("all at once: %d taken, out of order %d, first %d last %d\n", n, bad, (got[0] >> 16) - SIGRTMIN, (got[n - 1] >> 16) - SIGRTMIN);
	// From another process, while this one makes calls of all kinds.
	n = 0;
	pid_t me = getpid(), c = fork();
	if (!c) { for (int i = 0; i < N; i++) queue(me, a, i); _exit(0); }
	struct timespec t = {0, 100000};
	for (int i = 0; n < N; i++) {
		switch (i % 6) {
		case 0: getppid(); break;
		case 1: nanosleep(&t, 0); break;
		case 2: munmap(mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096); break;
		case 3: close(open("/dev/null", O_RDONLY)); break;
		case 4: sigprocmask(SIG_BLOCK, &s, 0); sigprocmask(SIG_UNBLOCK, &s, 0); break;
		case 5: for (volatile int k = 0; k < 10000; k++) {} break;
		}
	}
	int ws;
	while (waitpid(c, &ws, 0) < 0) {}
	bad = 0;
	for (int i = 0; i < N; i++) if (got[i] != (a << 16 | i)) bad++;
	ms(20);
	printf("from a child: %d taken, wrong %d, %s\n", n, bad, status(ws));
	// By sigwaitinfo and signalfd.
	sigprocmask(SIG_BLOCK, &s, 0);
	for (int i = 0; i < 10; i++) queue(getpid(), a, i);
	siginfo_t si;
	for (int i = 0; i < 5; i++) {
		int r = sigwaitinfo(&s, &si);
		printf("sigwaitinfo: %d code %d value %d\n", r - SIGRTMIN, si.si_code, si.si_value.sival_int);
	}
	int fd = signalfd(-1, &s, SFD_NONBLOCK);
	struct signalfd_siginfo fi[10];
	int k = read(fd, fi, sizeof fi);
	for (int i = 0; i < k / (int)sizeof *fi; i++) printf("signalfd: %d code %d value %d\n", fi[i].ssi_signo - SIGRTMIN, fi[i].ssi_code, fi[i].ssi_int);
	printf("then %s\n", err(read(fd, fi, sizeof fi)));
	// A thread's own queue.
	sigset_t o;
	n = 0;
	for (int i = 0; i < 50; i++) pthread_sigqueue(pthread_self(), b, (union sigval){.sival_int = i});
	sigpending(&o);
	printf("pending %d\n", sigismember(&o, b));
	sigprocmask(SIG_UNBLOCK, &s, 0);
	bad = 0;
	for (int i = 0; i < 50; i++) if (got[i] != (b << 16 | i)) bad++;
	printf("own queue: %d taken, wrong %d\n", n, bad);
}

// What the test programs share. Each prints what it sees; the test compares the
// output of a native run with that of a run under trapgate, so nothing printed
// may depend on addresses, ids or time.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/ucontext.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static inline const char *err(long r) { return r < 0 ? strerrorname_np(errno) : "ok"; }

static inline void catch3(int sig, void (*h)(int, siginfo_t *, void *), int flags) {
	struct sigaction a = {.sa_flags = SA_SIGINFO | flags};
	a.sa_sigaction = h;
	sigemptyset(&a.sa_mask);
	if (sigaction(sig, &a, 0) < 0) printf("sigaction %d: %s\n", sig, err(-1));
}

static inline sigset_t set1(int sig) {
	sigset_t s;
	sigemptyset(&s);
	if (sig) sigaddset(&s, sig);
	return s;
}

static inline void ms(int n) {
	struct timespec t = {n / 1000, n % 1000 * 1000000L};
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR) {}
}

static inline const char *status(int ws) {
	static char b[64];
	if (WIFEXITED(ws)) sprintf(b, "exit %d", WEXITSTATUS(ws));
	else if (WIFSIGNALED(ws)) sprintf(b, "signal %d", WTERMSIG(ws));
	else if (WIFSTOPPED(ws)) sprintf(b, "stopped %d", WSTOPSIG(ws));
	else if (WIFCONTINUED(ws)) sprintf(b, "continued");
	return b;
}

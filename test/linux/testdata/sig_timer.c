// Interval timers and POSIX timers.
#include "t.h"

static atomic_int taken, value, code, tid;
static void h(int sig, siginfo_t *si, void *uc) { taken++, value = si->si_value.sival_int, code = si->si_code, tid = gettid(); }
static void burn(int n) { for (int w = taken + n; taken < w;) {} }
static atomic_int t2;
static void *thread(void *x) { t2 = gettid(); while (taken < 3) usleep(1000); return 0; }

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	int which[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}, sigs[] = {SIGALRM, SIGVTALRM, SIGPROF};
	for (int i = 0; i < 3; i++) {
		catch3(sigs[i], h, 0);
		struct itimerval t = {{0, 5000}, {0, 5000}}, off = {}, o;
		setitimer(which[i], &t, 0);
		burn(5);
		setitimer(which[i], &off, &o);
		printf("setitimer %d: code %d, old interval %ld\n", i, code, (long)o.it_interval.tv_usec / 1000);
	}
	taken = 0;
	struct itimerval once = {{}, {0, 3000}};
	setitimer(ITIMER_REAL, &once, 0);
	while (!taken) pause();
	printf("once: %d; alarm left %d\n", taken, (alarm(100), alarm(0)) > 90);
	int rt = SIGRTMIN + 3;
	catch3(rt, h, SA_RESTART);
	timer_t id;
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = rt, .sigev_value.sival_int = 77};
	struct itimerspec its = {{0, 4000000}, {0, 4000000}}, zero = {};
	printf("timer_create %s\n", err(timer_create(CLOCK_MONOTONIC, &e, &id)));
	timer_settime(id, 0, &its, 0);
	burn(5);
	timer_settime(id, 0, &zero, 0);
	printf("SIGEV_SIGNAL: code %d value %d overrun known %d\n", code, value, timer_getoverrun(id) >= 0);
	sigset_t s = set1(rt);
	sigprocmask(SIG_BLOCK, &s, 0);
	timer_settime(id, 0, &its, 0);
	ms(50);
	siginfo_t si;
	sigwaitinfo(&s, &si);
	timer_settime(id, 0, &zero, 0);
	while (sigtimedwait(&s, 0, &(struct timespec){0, 1000}) > 0) {}
	printf("overrun %d\n", si.si_overrun > 3);
	sigprocmask(SIG_UNBLOCK, &s, 0);
	timer_delete(id);
	pthread_t t;
	taken = 0;
	pthread_create(&t, 0, thread, 0);
	while (!t2) ms(1);
	struct sigevent e2 = {.sigev_notify = 4, .sigev_signo = rt, .sigev_value.sival_int = 5};
	e2._sigev_un._tid = t2;
	printf("SIGEV_THREAD_ID %s\n", err(timer_create(CLOCK_MONOTONIC, &e2, &id)));
	timer_settime(id, 0, &its, 0);
	pthread_join(t, 0);
	printf("to the thread: %d\n", tid == t2);
	timer_delete(id);
	printf("gone: %s\n", err(timer_settime(id, 0, &zero, 0)));
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(fd, 0, &its, 0);
	uint64_t n = 0;
	ms(20);
	ssize_t r = read(fd, &n, 8);
	printf("timerfd: %zd %d\n", r, n >= 2);
	printf("bad clock %s bad signal", err(timer_create(99, &e, &id)));
	e.sigev_signo = 99;
	printf(" %s\n", err(timer_create(CLOCK_MONOTONIC, &e, &id)));
}

// What a signal does to a call that waits: SA_RESTART or EINTR.
#include "t.h"
#include <linux/futex.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/file.h>

static atomic_int taken;
static int p[2], sv[2], ls, ep, mq, lockfd, child;
static atomic_int word;

static void h(int sig, siginfo_t *si, void *uc) { taken++; }

static long f_read(void) { char c; return read(p[0], &c, 1); }
static long f_readv(void) { char c; return syscall(SYS_readv, p[0], &(struct { void *b; long n; }){&c, 1}, 1); }
static long f_recv(void) { char c; return recv(sv[0], &c, 1, 0); }
static long f_accept(void) { return accept(ls, 0, 0); }
static long f_wait(void) { int ws; return waitpid(child, &ws, 0) > 0; }
static long f_waitid(void) { siginfo_t s; return waitid(P_PID, child, &s, WEXITED); }
static long f_futex(void) { return syscall(SYS_futex, &word, FUTEX_WAIT, 0, 0, 0, 0); }
static long f_poll(void) { struct pollfd d = {p[0], POLLIN}; return poll(&d, 1, -1); }
static long f_ppoll(void) { struct pollfd d = {p[0], POLLIN}; return ppoll(&d, 1, 0, 0); }
static long f_select(void) { fd_set s; FD_ZERO(&s); FD_SET(p[0], &s); return select(p[0] + 1, &s, 0, 0, 0); }
static long f_pselect(void) { fd_set s; FD_ZERO(&s); FD_SET(p[0], &s); return pselect(p[0] + 1, &s, 0, 0, 0, 0); }
static long f_epoll(void) { struct epoll_event e; return epoll_wait(ep, &e, 1, -1); }
static long f_msgrcv(void) { struct { long t; char c; } m; return msgrcv(mq, &m, 1, 0, 0); }
static long f_pause(void) { return pause(); }
static long f_suspend(void) { sigset_t s = set1(0); return sigsuspend(&s); }
static long f_sleep(void) {
	struct timespec t = {20, 0}, r = {-1, 0};
	long x = nanosleep(&t, &r);
	int e = errno;
	if (x < 0) printf("[left %d] ", r.tv_sec >= 1 && r.tv_sec < 20);
	errno = e;
	return x;
}
static long f_abs(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += 20;
	int e = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0);
	errno = e;
	return e ? -1 : 0;
}
static long f_timedwait(void) { sigset_t s = set1(SIGUSR2); struct timespec t = {20, 0}; return sigtimedwait(&s, 0, &t); }
static long f_rcvtimeo(void) {
	struct timeval t = {20, 0};
	setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	char c;
	long r = recv(sv[0], &c, 1, 0);
	int e = errno;
	t.tv_sec = 0;
	setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	errno = e;
	return r;
}

static struct { const char *name; long (*f)(void); int ends; } calls[] = {
	{"read", f_read, 1}, {"readv", f_readv, 1}, {"recv", f_recv, 2}, {"accept", f_accept, 3}, {"wait4", f_wait, 4},
	{"waitid", f_waitid, 4}, {"flock", 0, 5}, {"futex", f_futex, 6}, {"poll", f_poll, 0}, {"ppoll", f_ppoll, 0},
	{"select", f_select, 0}, {"pselect", f_pselect, 0}, {"epoll_wait", f_epoll, 0}, {"msgrcv", f_msgrcv, 0},
	{"pause", f_pause, 0}, {"sigsuspend", f_suspend, 0}, {"nanosleep", f_sleep, 0}, {"clock_nanosleep", f_abs, 0},
	{"sigtimedwait", f_timedwait, 0}, {"recv with a timeout", f_rcvtimeo, 0},
};

static pthread_t victim;
static atomic_int tid, stop, n;
static int ends;
static struct sockaddr_un sa = {AF_UNIX};

// asleep waits until the thread sleeps in a call.
static void asleep(void) {
	char path[64], b[512], *q;
	sprintf(path, "/proc/self/task/%d/stat", tid);
	for (;; ms(2)) {
		int fd = open(path, O_RDONLY), k = read(fd, b, sizeof b - 1);
		close(fd);
		if (k > 0 && (b[k] = 0, q = strrchr(b, ')')) && q[2] == 'S') return;
	}
}

static void *hurt(void *x) {
	for (int i = 0; i < 3 && !stop; i++) {
		asleep();
		ms(10);
		int before = taken;
		if (stop) break;
		pthread_kill(victim, SIGUSR1);
		while (taken == before && !stop) ms(1);
	}
	if (stop) return 0;
	asleep();
	ms(10);
	int fd;
	switch (ends) {
	case 1: write(p[1], "x", 1); break;
	case 2: write(sv[1], "x", 1); break;
	case 3: fd = socket(AF_UNIX, SOCK_STREAM, 0); connect(fd, (void *)&sa, sizeof sa); close(fd); break;
	case 4: kill(child, SIGKILL); break;
	case 5: close(lockfd); break;
	case 6: while (!stop) { syscall(SYS_futex, &word, FUTEX_WAKE, 1, 0, 0, 0); ms(1); } break;
	}
	return 0;
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	victim = pthread_self();
	tid = gettid();
	pipe(p), socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
	ls = socket(AF_UNIX, SOCK_STREAM, 0);
	sprintf(sa.sun_path + 1, "trapgate-test-%d", getpid());
	bind(ls, (void *)&sa, sizeof sa), listen(ls, 4);
	ep = epoll_create1(0);
	mq = msgget(IPC_PRIVATE, 0600);
	for (int restart = 0; restart < 2; restart++) {
		catch3(SIGUSR1, h, restart ? SA_RESTART : 0);
		for (int i = 0; i < sizeof calls / sizeof *calls; i++) {
			ends = calls[i].ends, stop = 0, taken = 0;
			int holder = -1;
			if (ends == 4 && !(child = fork())) { pause(); _exit(0); }
			if (ends == 5) { // the lock is held by another open file, which hurt closes
				char name[] = "/tmp/lockXXXXXX";
				holder = mkstemp(name);
				int other = open(name, O_RDWR);
				unlink(name);
				flock(holder, LOCK_EX);
				lockfd = holder, holder = other; // wait for one, close the other
			}
			pthread_t t;
			int waitfd = holder;
			pthread_create(&t, 0, hurt, 0);
			long r = ends == 5 ? flock(waitfd, LOCK_EX) : calls[i].f();
			int e = errno;
			stop = 1;
			pthread_join(t, 0);
			if (waitfd >= 0) close(waitfd);
			if (ends == 4) { kill(child, SIGKILL); waitpid(child, 0, 0); }
			errno = e;
			printf("%s %s: %s after %d signals\n", restart ? "SA_RESTART" : "plain", calls[i].name, err(r), taken);
		}
	}
	msgctl(mq, IPC_RMID, 0);
	// A write that has done a part returns the part.
	catch3(SIGUSR1, h, SA_RESTART);
	static char big[4 << 20];
	stop = 0, ends = 0;
	pthread_t t;
	pthread_create(&t, 0, hurt, 0);
	int q[2];
	pipe(q);
	long r = write(q[1], big, sizeof big);
	stop = 1;
	pthread_join(t, 0);
	printf("write: %ld\n", r);
}

// Signals to threads that make calls: as many are taken as were sent.
#include "t.h"

#define THREADS 6
#define N 3000
static atomic_int got[THREADS], bad, done, started, std_sent, std_taken;
static __thread int me = -1, last;
static pthread_t th[THREADS];

static void h(int sig, siginfo_t *si, void *uc) {
	if (me < 0 || si->si_value.sival_int != last + 1) bad++;
	last = si->si_value.sival_int;
	got[me]++;
	int e = errno;
	getppid();
	write(-1, "", 1);
	errno = e;
}
static void s(int sig) { std_taken++; }

static void *work(void *x) {
	me = (long)x;
	started++;
	int p[2];
	pipe(p);
	char b[64];
	volatile double f = 1;
	for (long i = 0; !done || got[me] < N; i++) {
		switch ((i + me) % 9) {
		case 0: if (getppid() <= 0) bad++; break;
		case 1: { char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); if (m == MAP_FAILED) bad++; else { m[4096] = 1; if (munmap(m, 8192)) bad++; } break; }
		case 2: if (write(p[1], b, 7) != 7 || read(p[0], b, 64) != 7) bad++; break;
		case 3: { int fd = open("/dev/null", O_WRONLY); if (fd < 0 || write(fd, b, 64) != 64 || close(fd)) bad++; break; }
		case 4: { sigset_t m = set1(SIGUSR1), o; if (sigprocmask(SIG_BLOCK, &m, &o) || sigismember(&o, SIGUSR1) || sigprocmask(SIG_SETMASK, &o, 0)) bad++; break; }
		case 5: { struct timespec t; if (clock_gettime(CLOCK_REALTIME, &t) || t.tv_sec < 1000000) bad++; break; }
		case 6: { struct pollfd d = {p[0], POLLIN}; int r = poll(&d, 1, 1); if (r && !(r < 0 && errno == EINTR)) bad++; break; }
		case 7: for (int k = 0; k < 2000; k++) f = f * 1.0000001; break;
		case 8: { struct stat st; if (stat("/", &st) || !S_ISDIR(st.st_mode)) bad++; break; }
		}
	}
	close(p[0]), close(p[1]);
	return 0;
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	int rt = SIGRTMIN + 2;
	catch3(rt, h, SA_RESTART);
	struct sigaction a = {.sa_handler = s, .sa_flags = SA_RESTART};
	sigaction(SIGUSR1, &a, 0);
	sigset_t m = set1(SIGUSR1);
	for (long i = 0; i < THREADS; i++) pthread_create(&th[i], 0, work, (void *)i);
	sigprocmask(SIG_BLOCK, &m, 0);
	while (started < THREADS) ms(1);
	for (int n = 1; n <= N; n++)
		for (int i = 0; i < THREADS; i++) {
			while (pthread_sigqueue(th[i], rt, (union sigval){.sival_int = n}) == EAGAIN) ms(1);
			if (n % 50 == 0) { // for the process: whoever takes it, one by one
				int before = std_taken;
				kill(getpid(), SIGUSR1), std_sent++;
				while (std_taken == before) ms(1);
			}
		}
	done = 1;
	for (int i = 0; i < THREADS; i++) pthread_join(th[i], 0);
	for (int i = 0; i < THREADS; i++) printf("thread %d: %d\n", i, got[i]);
	printf("for the process: sent %d taken %d\nwrong: %d\n", std_sent, std_taken, bad);
	// Threads that end while signals for the process come: none is lost.
	sigprocmask(SIG_UNBLOCK, &m, 0);
	for (int i = 0; i < 300; i++) {
		pthread_t t[3];
		int before = std_taken;
		sigprocmask(SIG_BLOCK, &m, 0);
		sigset_t un = m;
		for (int k = 0; k < 3; k++) {
			pthread_attr_t at;
			pthread_attr_init(&at);
			sigset_t none;
			sigemptyset(&none);
			pthread_attr_setsigmask_np(&at, &none);
			pthread_create(&t[k], &at, (void *(*)(void *))getpid, 0);
			if (k == i % 3) kill(getpid(), SIGUSR1);
		}
		for (int k = 0; k < 3; k++) pthread_join(t[k], 0);
		sigprocmask(SIG_UNBLOCK, &m, 0);
		if (std_taken != before + 1) { printf("round %d: %d taken\n", i, std_taken - before); break; }
	}
	printf("end\n");
}

// Many threads, one after the other and at a time.
#include "t.h"
#include <sys/prctl.h>

static atomic_long sum;
static atomic_int live, most, go;
static __thread long own;
static void *one(void *x) { own = (long)x; sum += own; return x; }
static void *wait_all(void *x) {
	int l = ++live;
	for (int m = most; l > m && !atomic_compare_exchange_weak(&most, &m, l);) {}
	while (!go) usleep(2000);
	live--;
	return one(x);
}
static void *maker(void *x) {
	for (long i = 0; i < 300; i++) {
		pthread_t t;
		int e;
		while ((e = pthread_create(&t, 0, one, (void *)i))) { printf("create: %s\n", strerrorname_np(e)); exit(1); }
		void *r;
		pthread_join(t, &r);
		if (r != (void *)i) printf("wrong result\n");
	}
	return 0;
}
static void *named(void *x) {
	char b[32], path[64];
	prctl(PR_SET_NAME, "worker");
	sprintf(path, "/proc/self/task/%d/comm", gettid());
	int fd = open(path, O_RDONLY), n = read(fd, b, 31);
	printf("thread's name: %.*s", n, b);
	close(fd);
	return 0;
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	pthread_attr_t a;
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 64 << 10);
	static pthread_t t[400];
	// 4 at a time make and join more than 4096.
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, maker, 0);
		for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
	}
	printf("made and ended: sum %ld\n", (long)sum);
	for (int round = 0; round < 2; round++) {
		go = sum = most = 0;
		for (long i = 0; i < 400; i++) if (pthread_create(&t[i], &a, wait_all, (void *)i)) { printf("no thread %ld\n", i); return 1; }
		while (most < 400) usleep(1000);
		go = 1;
		for (int i = 0; i < 400; i++) pthread_join(t[i], 0);
		printf("at a time: %d, sum %ld\n", most, (long)sum);
	}
	pthread_create(&t[0], 0, named, 0);
	pthread_join(t[0], 0);
	// fork while there are many threads: the child has one.
	go = most = 0;
	for (long i = 0; i < 100; i++) pthread_create(&t[i], &a, wait_all, (void *)i);
	while (most < 100) usleep(1000);
	for (int i = 0; i < 20; i++) {
		pid_t c = fork();
		if (!c) {
			pthread_t n;
			void *r;
			if (pthread_create(&n, 0, one, (void *)7) || pthread_join(n, &r) || r != (void *)7) _exit(1);
			_exit(42);
		}
		int ws;
		waitpid(c, &ws, 0);
		if (ws != 42 << 8) printf("child: %s\n", status(ws));
	}
	go = 1;
	for (int i = 0; i < 100; i++) pthread_join(t[i], 0);
	// The main thread ends first; the process ends with the last.
	pthread_create(&t[0], 0, (void *(*)(void *))usleep, (void *)20000);
	printf("main ends\n");
	pthread_exit(0);
}

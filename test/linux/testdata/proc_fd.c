// A process sees its own descriptors and nothing else, before and after exec.
#include "t.h"
#include <dirent.h>

static void list(const char *when) {
	printf("%s:", when);
	DIR *d = opendir("/proc/self/fd");
	for (struct dirent *e; (e = readdir(d));) {
		char l[256];
		int n = readlinkat(dirfd(d), e->d_name, l, sizeof l - 1);
		if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(d) || n < 0) continue;
		l[n] = 0;
		if (atoi(e->d_name) > 2) printf(" %s=%.5s", e->d_name, l);
		else printf(" %s", e->d_name);
	}
	closedir(d);
	printf("\n");
}

int main(int argc, char **argv) {
	setvbuf(stdout, 0, _IONBF, 0);
	list(argc > 1 ? "after exec" : "start");
	for (int fd = 3; fd <= 1024; fd++) close(fd);
	list("closed 3..1024");
	syscall(SYS_close_range, 3, ~0U, 0);
	list("close_range");
	printf("getppid works: %d\n", getppid() > 0);
	int fd = open("/dev/null", O_RDONLY);
	printf("first free: %d %d %d\n", fd, dup(fd), fcntl(fd, F_DUPFD, 500));
	for (int i = 3; i < 1000; i++) dup2(fd, i);
	printf("all taken: still %s\n", err(kill(getpid(), 0)));
	int ws;
	pid_t c = fork();
	if (!c) { printf("child: %d\n", open("/dev/null", O_RDONLY)); _exit(0); }
	waitpid(c, &ws, 0);
	for (int i = 3; i < 1000; i++) close(i);
	for (int fd = 3; fd < 6; fd++) dup2(1, fd);
	fcntl(4, F_SETFD, FD_CLOEXEC);
	if (argc == 1) execl("/proc/self/exe", argv[0], "again", (char *)0);
	close(0), close(1), close(2);
	write(3, "without 0, 1, 2\n", 16);
	printf("nowhere\n");
	_exit(write(3, "", 0) != 0);
}

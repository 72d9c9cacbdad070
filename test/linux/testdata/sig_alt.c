// Alternate signal stacks.
#include "t.h"

static char alt[256 << 10] __attribute__((aligned(64))), alt2[64 << 10];
static sigjmp_buf jb;
static int nested;

static void say(const char *who) {
	char here;
	stack_t s;
	sigaltstack(0, &s);
	printf("%s: on alt %d, flags %x, size %zu; set:", who, &here > alt && &here < alt + sizeof alt, s.ss_flags, s.ss_size);
	stack_t n = {.ss_sp = alt2, .ss_size = sizeof alt2};
	printf(" %s\n", err(sigaltstack(&n, 0)));
	if (!(s.ss_flags & SS_DISABLE)) sigaltstack(&s, 0); // fails with EPERM where it must
}

static void h(int sig, siginfo_t *si, void *uc) {
	ucontext_t *u = uc;
	say("handler");
	printf("saved: size %zu flags %x\n", u->uc_stack.ss_size, u->uc_stack.ss_flags);
	if (nested++ < 2) raise(SIGUSR2);
}

static int deep(int n) { volatile char b[4096]; b[0] = n; return n ? deep(n + 1) + b[0] : 0; }
static void over(int sig, siginfo_t *si, void *uc) {
	say("overflow");
	siglongjmp(jb, 1);
}

static void *thread(void *x) {
	stack_t s;
	sigaltstack(0, &s);
	printf("new thread: flags %x\n", s.ss_flags);
	return 0;
}

static void tick(int sig) { nested++; }
// down goes deep on the main stack, which grows by itself, while signals come: the
// frame may be the first to touch a page.
static int down(int n) {
	volatile char b[1];
	b[0] = n;
	if (n % 200 == 0) raise(SIGUSR2);
	return n ? down(n - 1) + b[0] : 0;
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	stack_t s = {.ss_sp = alt, .ss_size = sizeof alt}, o;
	sigaltstack(0, &o);
	printf("at first: flags %x\n", o.ss_flags);
	printf("small %s", err((s.ss_size = 100, sigaltstack(&s, 0))));
	s.ss_size = sizeof alt, s.ss_flags = 77;
	printf(" flags %s", err(sigaltstack(&s, 0)));
	printf(" fault %s\n", err(syscall(SYS_sigaltstack, 8L, 0)));
	s.ss_flags = 0;
	sigaltstack(&s, 0);
	catch3(SIGUSR1, h, SA_ONSTACK);
	catch3(SIGUSR2, h, SA_ONSTACK);
	raise(SIGUSR1);
	say("main");
	sigaltstack(&s, 0);
	catch3(SIGUSR2, h, 0);
	nested = 2, raise(SIGUSR2);
	sigaltstack(&s, 0);

	s.ss_flags = 1 << 31; // SS_AUTODISARM
	sigaltstack(&s, 0);
	sigaltstack(0, &o);
	printf("autodisarm: flags %x\n", o.ss_flags);
	nested = 0, catch3(SIGUSR2, h, SA_ONSTACK);
	raise(SIGUSR1);
	sigaltstack(0, &o);
	printf("after: flags %x size %zu own %d\n", o.ss_flags, o.ss_size, o.ss_sp == alt);

	s.ss_flags = 0;
	sigaltstack(&s, 0);
	catch3(SIGSEGV, over, SA_ONSTACK);
	for (int i = 0; i < 3; i++) if (!sigsetjmp(jb, 1)) deep(1);
	sigaltstack(0, &o);
	printf("after overflows: flags %x own %d\n", o.ss_flags, o.ss_sp == alt);
	pthread_t t;
	pthread_create(&t, 0, thread, 0);
	pthread_join(t, 0);
	if (!fork()) { sigaltstack(0, &o); printf("child: flags %x own %d\n", o.ss_flags, o.ss_sp == alt); _exit(0); }
	wait(0);
	s.ss_flags = SS_DISABLE;
	sigaltstack(&s, &o);
	sigaltstack(0, &o);
	printf("disabled: flags %x\n", o.ss_flags);
	nested = 0;
	signal(SIGUSR2, tick);
	down(60000);
	printf("on the way down: %d\n", nested);
	// No room for a frame: the process dies.
	if (!fork()) {
		signal(SIGUSR1, (void (*)(int))h);
		__asm__ volatile("mov %%rsp, %%rbx; mov $64, %%rsp; mov $39, %%eax; syscall; mov %%eax, %%edi; mov $10, %%esi; mov $62, %%eax; syscall; mov %%rbx, %%rsp" ::: "rax", "rbx", "rcx", "rdi", "rsi", "r11", "memory");
		_exit(3);
	}
	int ws;
	wait(&ws);
	printf("no room for a frame: %s\n", status(ws));
}

// Faults: number, code, address, what the context says, and what may be changed in it.
#include "t.h"
#include <fenv.h>

static char *page;
static void *expect;
static sigjmp_buf jb;

static void h(int sig, siginfo_t *si, void *uc) {
	greg_t *g = ((ucontext_t *)uc)->uc_mcontext.gregs;
	printf("signal %d code %d addr %s trapno %lld err %lld cr2 %d\n", sig, si->si_code,
		si->si_addr == expect ? "right" : si->si_addr == (void *)g[REG_RIP] ? "pc" : si->si_addr ? "wrong" : "0",
		g[REG_TRAPNO], g[REG_ERR], (void *)g[REG_CR2] == expect);
	siglongjmp(jb, 1);
}

static void skip(int sig, siginfo_t *si, void *uc) {
	greg_t *g = ((ucontext_t *)uc)->uc_mcontext.gregs;
	g[REG_RIP] += 2; // ud2
	g[REG_RBX] = 0x1234, g[REG_R12] = 0x5678, g[REG_RAX] = -1;
	g[REG_EFL] |= 1;
}

static void f_map(void) { expect = (void *)8; *(volatile char *)8 = 1; }
static void f_high(void) { expect = (void *)0x123456789000; *(volatile char *)expect; }
static void f_acc(void) { expect = page + 5; *(volatile char *)(page + 5) = 1; }
static void f_nx(void) { expect = page; ((void (*)(void))page)(); }
static void f_kernel(void) { expect = 0; *(volatile char *)0x1234567890abcdef; }
static void f_kmem(void) { expect = (void *)0xffffffff81000000; *(volatile char *)expect; }
static void f_none(void) { expect = page + 4096 + 9; *(volatile char *)expect; }
static void f_div(void) { expect = &expect; volatile int a = 1, b = 0; a = a / b; }
static void f_fdiv(void) { expect = &expect; feenableexcept(FE_DIVBYZERO); volatile double a = 1, b = 0; a = a / b; }
static void f_ill(void) { expect = &expect; __asm__ volatile("ud2"); }
static void f_hlt(void) { expect = 0; __asm__ volatile("hlt"); }
static void f_int3(void) { expect = 0; __asm__ volatile("int3"); }
static void f_step(void) { expect = &expect; __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq; nop; nop" ::: "memory", "cc"); }
static void f_bus(void) {
	int fd = memfd_create("x", 0);
	char *m = mmap(0, 8192, PROT_READ, MAP_SHARED, fd, 0);
	expect = m + 4100;
	*(volatile char *)expect;
}

static struct { const char *name; void (*f)(void); int sig; } faults[] = {
	{"not mapped", f_map, SIGSEGV}, {"not mapped, high", f_high, SIGSEGV}, {"write to read-only", f_acc, SIGSEGV},
	{"execute data", f_nx, SIGSEGV}, {"PROT_NONE", f_none, SIGSEGV}, {"not canonical", f_kernel, SIGSEGV},
	{"kernel memory", f_kmem, SIGSEGV}, {"hlt", f_hlt, SIGSEGV}, {"integer division", f_div, SIGFPE},
	{"float division", f_fdiv, SIGFPE}, {"ud2", f_ill, SIGILL}, {"int3", f_int3, SIGTRAP}, {"single step", f_step, SIGTRAP},
	{"beyond the file", f_bus, SIGBUS},
};

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	page = mmap(0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(page + 4096, 4096, PROT_NONE);
	for (int i = 0; i < sizeof faults / sizeof *faults; i++) {
		printf("%s: ", faults[i].name);
		catch3(faults[i].sig, h, 0);
		if (!sigsetjmp(jb, 1)) faults[i].f();
		for (int k = 0; k < 4; k++) {
			int sig = faults[i].sig;
			int ws;
			pid_t c = fork();
			if (!c) {
				sigset_t s = set1(sig);
				switch (k) {
				case 0: signal(sig, SIG_DFL); break;
				case 1: signal(sig, SIG_IGN); break;
				case 2: sigprocmask(SIG_BLOCK, &s, 0); break; // caught but blocked
				case 3: signal(sig, SIG_IGN); sigprocmask(SIG_BLOCK, &s, 0); break;
				}
				faults[i].f();
				_exit(9);
			}
			waitpid(c, &ws, 0);
			printf("  %s: %s\n", (const char *[]){"default", "ignored", "caught, blocked", "ignored, blocked"}[k], status(ws));
		}
	}
	// Registers that the handler changes are there afterwards, all others as before.
	catch3(SIGILL, skip, 0);
	long rax = 1, rbx = 2, r12 = 3, rdx = 4, r15 = 5, carry = 0;
	__asm__ volatile("movq $1, %%rax; movq $2, %%rbx; movq $3, %%r12; movq $4, %%rdx; movq $5, %%r15; clc; ud2;"
		"movq %%rax, %0; movq %%rbx, %1; movq %%r12, %2; movq %%rdx, %3; movq %%r15, %4; sbbq %%rcx, %%rcx; movq %%rcx, %5"
		: "=m"(rax), "=m"(rbx), "=m"(r12), "=m"(rdx), "=m"(r15), "=m"(carry) :: "rax", "rbx", "rcx", "rdx", "r12", "r15", "cc");
	printf("changed: %ld %lx %lx %ld %ld carry %ld\n", rax, rbx, r12, rdx, r15, carry);
	// A fault in a system call is EFAULT, not a signal.
	catch3(SIGSEGV, h, 0);
	printf("write: %s", err(write(1, (void *)8, 5)));
	int p[2];
	pipe(p);
	write(p[1], "x", 1);
	printf(" read: %s", err(read(p[0], page, 1)));
	printf(" stat: %s", err(syscall(SYS_stat, 8L, 8L)));
	printf(" clock: %s", err(syscall(SYS_clock_gettime, 0, 8L)));
	printf(" open: %s", err(syscall(SYS_open, 8L, 0)));
	printf(" sigaction: %s\n", err(syscall(SYS_rt_sigaction, 10, 8L, 0, 8)));
	// Sent, not raised: code and no address.
	for (int i = 0; i < 4; i++) {
		int sig = (int[]){SIGSEGV, SIGBUS, SIGTRAP, SIGFPE}[i];
		catch3(sig, h, 0);
		expect = (void *)(((unsigned long)getuid() << 32) | getpid());
		if (!sigsetjmp(jb, 1)) kill(getpid(), sig);
	}
}

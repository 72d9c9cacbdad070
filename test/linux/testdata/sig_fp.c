// Vector registers, flags and red zone are the same after signals, whatever the handler does.
#include "t.h"

static atomic_int taken;
static int avx;
static void h(int sig, siginfo_t *si, void *uc) {
	taken++;
	if (avx) __asm__ volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0; vmovdqa %%ymm0, %%ymm5; vmovdqa %%ymm0, %%ymm15" ::: "memory");
	else __asm__ volatile("pcmpeqd %%xmm0, %%xmm0; movdqa %%xmm0, %%xmm5; movdqa %%xmm0, %%xmm15" ::: "memory");
	volatile long double x = 3.25L;
	x = x * x / 7;
	__asm__ volatile("std; cld");
	getppid();
}

static int round1(uint64_t seed) {
	uint64_t in[12], out[12];
	for (int i = 0; i < 12; i++) in[i] = seed * (i + 3) * 0x9e3779b97f4a7c15;
	uint64_t r = 0, carry = 0;
	if (avx) __asm__ volatile(
		"vmovdqu (%2), %%ymm0; vmovdqu 32(%2), %%ymm5; vmovdqu 64(%2), %%ymm15; fldpi; fld1;"
		"movq %4, -8(%%rsp); movq %4, -120(%%rsp); mov $20000, %%ecx; stc;"
		"1: lea -1(%%ecx), %%ecx; jrcxz 2f; jmp 1b; 2: sbb %1, %1;"
		"vmovdqu %%ymm0, (%3); vmovdqu %%ymm5, 32(%3); vmovdqu %%ymm15, 64(%3); faddp; fstp %%st(0); movq -8(%%rsp), %0; xorq -120(%%rsp), %0"
		: "=&r"(r), "=&r"(carry) : "r"(in), "r"(out), "r"(seed) : "rcx", "memory", "cc");
	else __asm__ volatile(
		"movdqu (%2), %%xmm0; movdqu 32(%2), %%xmm5; movdqu 64(%2), %%xmm15; mov $20000, %%ecx; stc;"
		"1: lea -1(%%ecx), %%ecx; jrcxz 2f; jmp 1b; 2: sbb %1, %1;"
		"movdqu %%xmm0, (%3); movdqu %%xmm5, 32(%3); movdqu %%xmm15, 64(%3); xor %0, %0"
		: "=&r"(r), "=&r"(carry) : "r"(in), "r"(out) : "rcx", "memory", "cc");
	if (!avx) for (int i = 2; i < 12; i += 4) out[i] = in[i], out[i + 1] = in[i + 1];
	return r != 0 || carry != -1UL || memcmp(in, out, sizeof in) != 0;
}

static void change(int sig, siginfo_t *si, void *uc) {
	struct _libc_fpstate *f = ((ucontext_t *)uc)->uc_mcontext.fpregs;
	f->_xmm[3].element[0] = 0xabcdef;
	f->mxcsr |= 0x8000;
}

int main() {
	setvbuf(stdout, 0, _IONBF, 0);
	avx = __builtin_cpu_supports("avx");
	catch3(SIGALRM, h, 0);
	struct itimerval t = {{0, 1000}, {0, 1000}}, off = {};
	setitimer(ITIMER_REAL, &t, 0);
	int bad = 0;
	for (uint64_t i = 1; taken < 300; i++) bad += round1(i);
	setitimer(ITIMER_REAL, &off, 0);
	printf("wrong: %d\n", bad);
	catch3(SIGUSR1, change, 0);
	uint32_t x[4], csr;
	pid_t p = getpid();
	__asm__ volatile("pxor %%xmm3, %%xmm3; mov $62, %%eax; mov %2, %%edi; mov $10, %%esi; syscall; movdqu %%xmm3, %0; stmxcsr %1"
		: "=m"(x), "=m"(csr) : "r"(p) : "rax", "rcx", "rdi", "rsi", "r11", "xmm3", "memory");
	printf("changed by the handler: %x %x %x %x mxcsr %x\n", x[0], x[1], x[2], x[3], csr & 0x8000);
}

// frames prints the signal frames of i386 field by field, and what calls answer
// that Linux has on this processor only. It needs no C library; nothing that it
// prints differs from run to run.
typedef unsigned u;
typedef unsigned short u16;

static int sc(int n, int a, int b, int c, int d, int e)
{
	int r;
	__asm__ volatile("push %%ebp; mov $0, %%ebp; int $0x80; pop %%ebp"
		: "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "cc");
	return r;
}

static void out(const char *s)
{
	int n = 0;
	while (s[n])
		n++;
	sc(4, 1, (int)s, n, 0, 0);
}

static void hx(const char *nm, u v)
{
	char b[64];
	int i = 0, k;
	for (; nm[i]; i++)
		b[i] = nm[i];
	b[i++] = ' ';
	for (k = 28; k >= 0; k -= 4)
		b[i++] = "0123456789abcdef"[v >> k & 15];
	b[i++] = '\n';
	sc(4, 1, (int)b, i, 0, 0);
}

static int pid;
static volatile int skip; // bytes of the instruction that a handler skips

static void context(u *s, int regs)
{
	u *f = (u *)s[19], *x = f + 28;
	int i;
	for (i = 0; i < 4; i++)
		hx("gs fs es ds", s[i]);
	hx("esp twice", s[7] == s[17]);
	if (regs) {
		hx("edi", s[4]);
		hx("esi", s[5]);
		hx("edx", s[9]);
		hx("ecx", s[10]);
	}
	hx("trapno", s[12]);
	hx("err", s[13]);
	hx("cs", s[15]);
	hx("eflags", s[16] & ~0x8d5); // without those of arithmetic
	hx("ss", s[18]);
	hx("oldmask", s[20]);
	hx("cr2", s[21]);
	hx("fx alignment", (u)x & 63);
	for (i = 0; i < 28; i++)
		hx("fsave", f[i]);
	hx("xmm0", x[40]);
	hx("xmm0", x[41]);
	for (i = 116; i < 121; i++)
		hx("software", x[i]);
	hx("magic2", *(u *)((char *)x + x[120]));
	hx("xstate_bv", x[128]);
	hx("xstate_bv", x[129]);
	hx("mxcsr", x[6]);
}

static void code(u *p)
{
	hx("code", p[0]);
	hx("code", p[1] & 0xffffff);
}

// A handler without SA_SIGINFO.
static void plain(int sig)
{
	u *f = (u *)((char *)__builtin_frame_address(0) + 4);
	u16 d, e;
	hx("plain", f[1]);
	hx("alignment", (u)f + 4 & 15);
	context(f + 2, 0);
	hx("extramask", f[180]);
	code(f + 181);
	code((u *)f[0]);
	__asm__("mov %%ds, %0" : "=r"(d));
	__asm__("mov %%es, %0" : "=r"(e));
	hx("ds", d);
	hx("es", e);
	f[2 + 11] = 0x1234; // eax
	((u *)f[2 + 19])[28 + 40] = 0x41424344; // xmm0
	((u *)f[2 + 19])[7] = 0x11111111; // st0
}

// A handler with SA_SIGINFO.
static void info(int sig, u *info, u *uc)
{
	u *f = (u *)((char *)__builtin_frame_address(0) + 4);
	int i;
	hx("info", sig);
	hx("alignment", (u)f + 4 & 15);
	for (i = 0; i < 32; i++)
		if (info[i]) {
			hx("word", i);
			hx("of siginfo", i == 3 && info[2] == 0xfffffffe ? 0 : info[i] == pid ? 1 : i == 3 && sig == 17 ? 2 : info[i]);
		}
	hx("uc_flags", uc[0]);
	hx("uc_link", uc[1]);
	hx("ss_flags", uc[3]);
	hx("ss_size", uc[4]);
	context(uc + 5, skip);
	hx("mask", uc[27]);
	hx("mask", uc[28]);
	code(f + 65);
	code((u *)f[0]);
	hx("siginfo at", (u)info - (u)f);
	hx("ucontext at", (u)uc - (u)f);
	uc[5 + 14] += skip;
}

struct act { u handler, flags, restorer, mask[2]; };
struct oldact { u handler, mask, flags, restorer; };
static char alt[65536];
static struct oldact old = {(u)plain, 0x80000200, 0, 0};

static void plainFrame(void)
{
	struct oldact q = {0};
	u set[2] = {4, 0x100}, xm;
	double a, b;
	int r;
	hx("sigaction", sc(67, 10, (int)&old, 0, 0, 0));
	hx("sigaction", sc(67, 10, 0, (int)&q, 0, 0));
	hx("flags", q.flags);
	hx("mask", q.mask);
	hx("rt_sigprocmask", sc(175, 2, (int)set, 0, 8, 0));
	__asm__ volatile("fninit; fld1; fldpi; fldz; movl $0xdeadbeef, %%eax; movd %%eax, %%xmm0" ::: "eax", "memory");
	__asm__ volatile("mov $0x77777777, %%edi; mov $0x66666666, %%esi; mov $37, %%eax; int $0x80"
		: "=a"(r) : "b"(pid), "c"(10), "d"(0x5555) : "esi", "edi", "memory");
	__asm__ volatile("movd %%xmm0, %0" : "=r"(xm));
	__asm__ volatile("fstpl %0; fstpl %1" : "=m"(a), "=m"(b));
	__asm__ volatile("fninit");
	hx("eax after", r);
	hx("xmm0 after", xm);
	hx("st0 after", ((u *)&a)[1]);
	hx("st0 after", ((u *)&a)[0]);
	hx("st1 after", ((u *)&b)[1]);
	sc(175, 0, 0, (int)set, 8, 0);
	hx("mask after", set[0]);
	hx("mask after", set[1]);
}

static void infoFrames(void)
{
	static const char sigs[] = {11, 8, 4, 5, 12, 17, 40, 14, 29};
	struct act k = {(u)info, 4 | 0x08000000, 0, {0, 0}};
	u ss[3] = {(u)alt, 0, sizeof alt}, si[32] = {40, 0, -1, pid, 7, 0xabcdef01};
	u ev[16] = {0x99887766, 14}, its[4] = {0, 0, 0, 1000000}, nt[2] = {0, 50000000}, rem[2], id;
	int i, c, st;
	hx("sigaltstack", sc(186, (int)ss, 0, 0, 0, 0));
	for (i = 0; i < sizeof sigs; i++)
		sc(174, sigs[i], (int)&k, 0, 8, 0);
	out("segv\n");
	skip = 2;
	__asm__ volatile("mov $0x10, %%eax; xor %%ecx, %%ecx; xor %%edx, %%edx; mov (%%eax), %%ecx" ::: "eax", "ecx", "edx");
	out("fpe\n");
	__asm__ volatile("xor %%edx, %%edx; mov $5, %%eax; xor %%ecx, %%ecx; div %%ecx" ::: "eax", "ecx", "edx");
	out("ill\n");
	__asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; ud2" ::: "ecx", "edx");
	out("gp\n");
	__asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; hlt; nop" ::: "ecx", "edx");
	skip = 0;
	out("trap\n");
	__asm__ volatile("int3");
	out("kill\n");
	sc(37, pid, 12, 0, 0, 0);
	out("tgkill\n");
	sc(270, pid, sc(224, 0, 0, 0, 0, 0), 12, 0, 0);
	out("queue\n");
	hx("rt_sigqueueinfo", sc(178, pid, 40, (int)si, 0, 0));
	out("child\n");
	if ((c = sc(2, 0, 0, 0, 0, 0)) == 0)
		sc(1, 5, 0, 0, 0, 0);
	hx("waitpid", sc(7, c, (int)&st, 0, 0, 0) == c);
	hx("status", st);
	out("timer\n");
	hx("timer_create", sc(259, 1, (int)ev, (int)&id, 0, 0));
	hx("timer_settime", sc(260, id, 0, (int)its, 0, 0));
	hx("nanosleep", sc(162, (int)nt, (int)rem, 0, 0, 0));
}

static void waits(void)
{
	u ws[2] = {0, 1 << 41 - 33}, gi[32] = {0}, si[32] = {41, 0, -1, pid, 7, 0xabcdef01};
	u ts[2] = {0, 1000000}, fds[1] = {1 << 1}, tv[2] = {1, 0}, ts64[4] = {0, 0, 1000000, 0xffffffff}, pend;
	int i;
	sc(175, 0, (int)ws, 0, 8, 0);
	sc(178, pid, 41, (int)si, 0, 0);
	hx("rt_sigtimedwait", sc(177, (int)ws, (int)gi, 0, 8, 0));
	for (i = 0; i < 8; i++)
		hx("siginfo", i == 3 ? gi[i] == pid : gi[i]);
	hx("rt_sigtimedwait_time64", sc(421, (int)ws, (int)gi, (int)ts64, 8, 0));
	hx("ppoll", sc(309, 0, 0, (int)ts, 0, 0));
	hx("left", ts[1]);
	hx("ppoll_time64", sc(414, 0, 0, (int)ts64, 0, 0));
	hx("left", ts64[2]);
	hx("pselect6", sc(308, 2, 0, (int)fds, 0, (int)tv));
	hx("fds", fds[0]);
	hx("sgetmask", sc(68, 0, 0, 0, 0, 0));
	hx("ssetmask", sc(69, 0x40, 0, 0, 0, 0));
	hx("sgetmask", sc(68, 0, 0, 0, 0, 0));
	hx("signal", sc(48, 10, (int)plain, 0, 0, 0) == (int)plain);
	hx("signal", sc(48, 10, 0, 0, 0, 0) == (int)plain);
	hx("sigaction of SIGKILL", sc(67, 9, (int)&old, 0, 0, 0));
	hx("sigprocmask", sc(126, 7, (int)ws, 0, 0, 0));
	hx("sigprocmask", sc(126, 0, (int)ws, (int)&pend, 0, 0));
	hx("old", pend);
	sc(69, 0, 0, 0, 0, 0);
	sc(67, 10, (int)&old, 0, 0, 0);
	sc(69, 0x200, 0, 0, 0, 0);
	sc(37, pid, 10, 0, 0, 0);
	sc(73, (int)&pend, 0, 0, 0, 0);
	hx("sigpending", pend);
	hx("sigsuspend", sc(72, 0, 0, 0, 0, 0));
	hx("sgetmask", sc(68, 0, 0, 0, 0, 0));
}

static u gs0(void)
{
	u v;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static void segments(void)
{
	u ud[4] = {-1, (u)alt, 0xfffff, 0x51}, g2[4] = {0}, ldt[4] = {0, (u)alt, 0xfffff, 0x51}, b;
	int c;
	hx("set_thread_area", sc(243, (int)ud, 0, 0, 0, 0));
	hx("entry", ud[0]);
	*(u *)alt = 0xcafe;
	__asm__ volatile("mov %w0, %%gs" ::"r"(ud[0] * 8 + 3));
	hx("gs:0", gs0());
	g2[0] = ud[0];
	hx("get_thread_area", sc(244, (int)g2, 0, 0, 0, 0));
	hx("base", g2[1] == (u)alt);
	hx("limit", g2[2]);
	hx("flags", g2[3]);
	sc(37, pid, 12, 0, 0, 0);
	hx("gs:0 after a signal", gs0());
	if ((c = sc(2, 0, 0, 0, 0, 0)) == 0) {
		hx("gs:0 in a child", gs0());
		sc(1, 0, 0, 0, 0, 0);
	}
	sc(7, c, 0, 0, 0, 0);
	hx("arch_prctl", sc(384, 0x1002, 0x1000, 0, 0, 0));
	b = sc(45, 0, 0, 0, 0, 0);
	hx("brk", sc(45, b + 8192, 0, 0, 0, 0) == b + 8192);
	*(u *)b = 1;
	hx("modify_ldt", sc(123, 1, (int)ldt, 16, 0, 0));
	__asm__ volatile("mov %w0, %%gs" ::"r"(7));
	hx("gs:0 of the LDT", gs0());
	sc(37, pid, 12, 0, 0, 0);
	hx("gs:0 of the LDT after a signal", gs0());
}

void start2(void)
{
	pid = sc(20, 0, 0, 0, 0, 0);
	plainFrame();
	infoFrames();
	waits();
	segments();
	sc(252, 0, 0, 0, 0, 0);
}

__asm__(".globl _start\n_start: and $-16, %esp; call start2");

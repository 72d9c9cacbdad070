// Counts the signals that it gets in a second.
#include "../t.h"

static atomic_int n[65];
static void h(int sig) { n[sig]++; }

int main() {
	int sigs[] = {SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGINT, SIGQUIT, SIGHUP, SIGCONT};
	for (int i = 0; i < 8; i++) signal(sigs[i], h);
	write(1, "ready\n", 6);
	ms(1000);
	for (int i = 0; i < 8; i++) if (n[sigs[i]]) printf("%d: %d", sigs[i], n[sigs[i]]);
	printf("\n");
}

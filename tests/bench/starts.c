/*
 * starts PROGRAM LIBRARY: microseconds that PROGRAM takes from fork to end, on
 * one core, with LIBRARY preloaded into it.
 */
#include "tests/bench/measure.h"

#include <spawn.h>
#include <sys/wait.h>

enum { WARM = 10, STARTS = 200 };

static void stay_here(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static int64_t start(char *program, char **env)
{
	char *argv[] = {program, NULL};
	int64_t begun = now();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, env) ||
		waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "%s did not run\n", program);
		exit(1);
	}
	return now() - begun;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static int64_t taken[STARTS];
	char preload[4200];
	char *env[] = {preload, NULL};

	if (argc != 3) {
		fputs("usage: starts PROGRAM LIBRARY\n", stderr);
		return 2;
	}
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", argv[2]);
	stay_here();
	for (int i = 0; i < WARM; i++)
		start(argv[1], env);
	for (int i = 0; i < STARTS; i++)
		taken[i] = start(argv[1], env);
	qsort(taken, STARTS, sizeof(taken[0]), by_size);
	printf("%.2f\n", (double)taken[STARTS / 2] / 1000);
	return 0;
}

/*
 * first: microseconds that a program's first socket(AF_INET) takes longer than
 * a later one. With the shim that is the attach.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LATER = 101 };

static int64_t time_one(int family)
{
	struct timespec begun, ended;
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	fd = socket(family, SOCK_STREAM, 0);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	close(fd);
	return (ended.tv_sec - begun.tv_sec) * 1000000000LL + ended.tv_nsec -
		begun.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	int64_t later[LATER], first;

	time_one(AF_UNIX); /* the clock and close() have a first time, too */
	first = time_one(AF_INET);
	for (int i = 0; i < LATER; i++)
		later[i] = time_one(AF_INET);
	qsort(later, LATER, sizeof(later[0]), by_size);
	printf("%.2f\n", (double)(first - later[LATER / 2]) / 1000);
	return 0;
}

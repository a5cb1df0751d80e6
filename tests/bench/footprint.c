/*
 * footprint ADDRESS PORT: KiB of memory that are this program's alone after
 * 100 connects there, half of them blocking, half not, all kept open.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { CONNECTS = 100 };

static void connect_once(const struct sockaddr_in *to, int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	if (connect(fd, (const void *)to, sizeof(*to)) &&
		errno != EINPROGRESS) {
		perror("connect");
		exit(1);
	}
}

static long private_kib(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	long kib, sum = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Private_Clean: %ld", &kib) == 1 ||
			sscanf(line, "Private_Dirty: %ld", &kib) == 1)
			sum += kib;
	return sum;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	long kib;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fputs("usage: footprint ADDRESS PORT\n", stderr);
		return 2;
	}
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	for (int i = 0; i < CONNECTS; i++)
		connect_once(&to, i % 2 ? SOCK_NONBLOCK : 0);
	kib = private_kib();
	if (!kib) {
		fputs("no /proc/self/smaps_rollup\n", stderr);
		return 1;
	}
	printf("%ld\n", kib);
	return 0;
}

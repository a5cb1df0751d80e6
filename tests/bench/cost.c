/*
 * cost udp|tcp|pending ADDRESS PORT SERVER-PORT [COUNT [STRIDE]]: what one connect()
 * takes, in nanoseconds. COUNT addresses, each STRIDE above the one before,
 * are asked for in a scattered order, again and again. On whichever of them a
 * connect() arrived, its port must be SERVER-PORT, or nothing was measured.
 *
 * udp: a blocking socket, on which connect() is a mere note in the kernel.
 * tcp: likewise, until the connection stands. pending: one that does not block.
 * The servers of both, ADDRESS:PORT... in SERVERS in the environment, are this
 * program itself: nobody else need be woken up.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WARM = 20000, CALLS = 100000, SAMPLES = 3, TRIPS = 10000, SERVERS = 4 };

static struct sockaddr_in address(const char *ip, int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET};

	in.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, ip, &in.sin_addr) != 1)
		fail(ip);
	return in;
}

static struct sockaddr_in *scatter(
	struct sockaddr_in first, unsigned count, unsigned stride)
{
	struct sockaddr_in *to = calloc(count, sizeof(*to));
	uint32_t ip = ntohl(first.sin_addr.s_addr), draw = 1;

	for (unsigned i = 0; i < count; i++, ip += stride) {
		to[i] = first;
		to[i].sin_addr.s_addr = htonl(ip);
	}
	for (unsigned i = count - 1; i > 0; i--) {
		unsigned j = (draw = draw * 1664525 + 1013904223) % (i + 1);
		struct sockaddr_in swap = to[i];

		to[i] = to[j];
		to[j] = swap;
	}
	return to;
}

/* The kernel's own word for it; getpeername() might show the virtual one. */
static void check_server(int fd, int port)
{
	struct sockaddr_in peer = {.sin_port = 0};
	socklen_t len = sizeof(peer);

	if (syscall(SYS_getpeername, fd, &peer, &len))
		fail("getpeername");
	if (ntohs(peer.sin_port) != port) {
		fprintf(stderr, "connected to port %d, not %d\n",
			ntohs(peer.sin_port), port);
		exit(1);
	}
}

static void call(int fd, const struct sockaddr_in *to, unsigned count, int n)
{
	for (unsigned i = 0; n > 0; n--) {
		if (connect(fd, (const void *)&to[i], sizeof(to[i])))
			fail("connect");
		i = i + 1 < count ? i + 1 : 0;
	}
}

/* Whatever else the machine does only adds to a sample: the least counts. */
static double measure_udp(
	const struct sockaddr_in *to, unsigned count, int port)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int64_t begun, least = INT64_MAX;

	call(fd, to, count, WARM);
	for (int i = 0; i < SAMPLES; i++) {
		begun = now();
		call(fd, to, count, CALLS);
		begun = now() - begun;
		if (begun < least)
			least = begun;
	}
	check_server(fd, port);
	return (double)least / CALLS;
}

static int listen_at(const char *ip, int port)
{
	struct sockaddr_in in = address(ip, port);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&in, sizeof(in)) || listen(fd, 4096))
		fail(ip);
	return fd;
}

static int listen_at_all(int *fd)
{
	char *at = getenv("SERVERS"), *port;
	int n = 0;

	for (at = strtok(at, " "); at && n < SERVERS; at = strtok(NULL, " ")) {
		port = strchr(at, ':');
		if (!port)
			fail(at);
		*port++ = '\0';
		fd[n++] = listen_at(at, atoi(port));
	}
	return n;
}

/*
 * Those whose client is gone already are there to be taken as well, and some may
 * come late through a proxy: with a full queue the next connect() never ends.
 */
static void take_all(const int *server, int servers)
{
	for (int i = 0, fd; i < servers; i++)
		while ((fd = accept4(server[i], NULL, NULL, 0)) >= 0)
			close(fd);
}

/* Ended by a reset: no connection lingers, and no port is used up. */
static int64_t time_one(const struct sockaddr_in *to, int port, int flags)
{
	struct linger reset = {1, 0};
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0), rc;
	int64_t begun = now(), taken;

	rc = connect(fd, (const void *)to, sizeof(*to));
	taken = now() - begun;
	if (rc ? !flags || errno != EINPROGRESS : flags)
		fail("connect");
	check_server(fd, port);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	return taken;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double measure_tcp(
	const struct sockaddr_in *to, unsigned count, int port, int flags)
{
	static int64_t taken[TRIPS];
	int server[SERVERS], servers = listen_at_all(server);

	for (int i = 0; i < TRIPS; i++) {
		taken[i] = time_one(&to[(unsigned)i % count], port, flags);
		take_all(server, servers);
	}
	qsort(taken, TRIPS, sizeof(taken[0]), by_size);
	return (double)taken[TRIPS / 2];
}

int main(int argc, char **argv)
{
	unsigned count = argc > 5 ? (unsigned)atoi(argv[5]) : 1;
	unsigned stride = argc > 6 ? (unsigned)atoi(argv[6]) : 1;
	struct sockaddr_in *to;
	int port;

	if (argc < 5 || !count) {
		fputs("usage: cost udp|tcp|pending ADDRESS PORT SERVER-PORT "
		      "[COUNT [STRIDE]]\n",
			stderr);
		return 2;
	}
	stay_on_one_core();
	to = scatter(address(argv[2], atoi(argv[3])), count, stride);
	port = atoi(argv[4]);
	if (!strcmp(argv[1], "udp"))
		printf("%.2f\n", measure_udp(to, count, port));
	else
		printf("%.2f\n",
			measure_tcp(to, count, port,
				strcmp(argv[1], "tcp") ? SOCK_NONBLOCK : 0));
	return 0;
}

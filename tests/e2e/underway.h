/*
 * Connections under way, for programs that compare what a socket answers:
 * whoever includes this has the address to connect to in `to`, and may ask
 * where a socket's connection really goes, past any library.
 */
#ifndef E2E_UNDERWAY_H
#define E2E_UNDERWAY_H

#include <arpa/inet.h>
#include <errno.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
};

static struct address to;

static inline struct address address_of(const char *ip, const char *port)
{
	struct address a = {.len = sizeof(a.in)};

	a.in.sin_family = AF_INET;
	a.in.sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, ip, &a.in.sin_addr) == 1)
		return a;
	a.in6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)atoi(port))};
	a.len = sizeof(a.in6);
	if (inet_pton(AF_INET6, ip, &a.in6.sin6_addr) != 1) {
		fprintf(stderr, "no address: %s\n", ip);
		exit(2);
	}
	return a;
}

static inline void pause_us(long us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

static inline int new_socket(void)
{
	return socket(to.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static inline int tcp_state(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info.tcpi_state;
}

/* Waits until the kernel knows how the connection ended. */
static inline void wait_for_end(int fd)
{
	for (int i = 0; i < 20000 && tcp_state(fd) == TCP_SYN_SENT; i++)
		pause_us(100);
}

/* How the kernel writes an address in /proc/net/tcp. */
static inline void in_hex(const struct address *a, char text[40])
{
	if (a->sa.sa_family == AF_INET) {
		sprintf(text, "%08X:%04X", a->in.sin_addr.s_addr,
			ntohs(a->in.sin_port));
	} else {
		const uint32_t *w = a->in6.sin6_addr.s6_addr32;

		sprintf(text, "%08X%08X%08X%08X:%04X", w[0], w[1], w[2], w[3],
			ntohs(a->in6.sin6_port));
	}
}

/* How many sockets of this host are on their way to `a`. */
static inline int count_going_to(const struct address *a)
{
	bool v4 = a->sa.sa_family == AF_INET;
	FILE *f = fopen(v4 ? "/proc/net/tcp" : "/proc/net/tcp6", "re");
	char line[512], want[40], remote[40], state[8];
	int n = 0;

	in_hex(a, want);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %39s %7s", remote, state) == 2 &&
			!strcmp(remote, want) && !strcmp(state, "02"))
			n++;
	if (f)
		fclose(f);
	return n;
}

#endif

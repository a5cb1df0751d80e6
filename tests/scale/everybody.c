/*
 * everybody SERVICES BACKENDS [COUNT]: a client of every service of a file that
 * generate.py has written, in turn, by TCP and by either address family: some
 * thousand connects a second, COUNT of them or until SIGTERM. Each must succeed,
 * and at a backend of the service that was asked for. Prints how many it made,
 * how many failed, and how many went to somebody else.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PORT = 8099, SHOWN = 5, PAUSE_US = 100 };

static const uint32_t first_vip = 127U << 24 | 96 << 16 | 1 << 8,
		      first_backend = 127U << 24 | 100 << 16,
		      edited = 8 << 16; /* an edit's own are so far above */

static struct {
	long made, failed, astray;
} saw;
static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	(void)sig;
	ended = 1;
}

static bool is_theirs_v4(uint32_t ip, unsigned service, unsigned backends)
{
	uint32_t n = ip - first_backend;

	if (n >= edited)
		n -= edited;
	return n >= service * backends / 2 &&
		n <= (service * backends + backends - 1) / 2;
}

/* fd00:100:SERVICE::NUMBER */
static bool is_theirs_v6(const struct in6_addr *ip, unsigned service)
{
	const unsigned char *b = ip->s6_addr;

	return b[0] == 0xfd && b[2] == 1 && b[3] == 0 &&
		(unsigned)(b[4] << 8 | b[5]) == service;
}

/* The kernel's own word; getpeername() shows the virtual address. */
static bool is_theirs(int fd, unsigned service, unsigned backends)
{
	struct sockaddr_storage peer = {0};
	const struct sockaddr_in *in = (void *)&peer;
	const struct sockaddr_in6 *in6 = (void *)&peer;
	socklen_t len = sizeof(peer);

	/* ENOTCONN: it has been reset already, by who it was */
	if (syscall(SYS_getpeername, fd, &peer, &len))
		return errno == ENOTCONN;
	return peer.ss_family == AF_INET ? ntohs(in->sin_port) == PORT &&
			is_theirs_v4(
				ntohl(in->sin_addr.s_addr), service, backends)
					 : ntohs(in6->sin6_port) == PORT &&
			is_theirs_v6(&in6->sin6_addr, service);
}

static socklen_t vip(struct sockaddr_storage *to, unsigned service, bool v6)
{
	struct sockaddr_in *in = (void *)to;
	struct sockaddr_in6 *in6 = (void *)to;

	memset(to, 0, sizeof(*to));
	if (!v6) {
		in->sin_family = AF_INET;
		in->sin_port = htons(80);
		in->sin_addr.s_addr = htonl(first_vip + service);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(80);
	inet_pton(AF_INET6, "fd00:96::", &in6->sin6_addr);
	in6->sin6_addr.s6_addr[14] = service >> 8 & 0xff;
	in6->sin6_addr.s6_addr[15] = service & 0xff;
	return sizeof(*in6);
}

static void complain(unsigned service, bool v6, const char *why)
{
	if (saw.failed + saw.astray <= SHOWN)
		fprintf(stderr, "service %u, IPv%d: %s\n", service, v6 ? 6 : 4,
			why);
}

static void connect_once(unsigned service, bool v6, unsigned backends)
{
	struct linger reset = {1, 0};
	struct sockaddr_storage to;
	socklen_t len = vip(&to, service, v6);
	int fd = socket(to.ss_family, SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	saw.made++;
	if (connect(fd, (void *)&to, len)) {
		saw.failed++;
		complain(service, v6, strerror(errno));
	} else if (!is_theirs(fd, service, backends)) {
		saw.astray++;
		complain(service, v6, "a backend of another");
	}
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned services, backends, at = 0;
	long most;

	if (argc < 3) {
		fputs("usage: everybody SERVICES BACKENDS [COUNT]\n", stderr);
		return 2;
	}
	services = (unsigned)atoi(argv[1]);
	backends = (unsigned)atoi(argv[2]);
	most = argc > 3 ? atol(argv[3]) : 0;
	signal(SIGTERM, on_term);
	while (!ended && (!most || saw.made < most)) {
		connect_once(at / 2, at & 1, backends);
		usleep(PAUSE_US);
		at = (at + 1) % (2 * services);
	}
	printf("%ld %ld %ld\n", saw.made, saw.failed, saw.astray);
	return saw.failed || saw.astray;
}

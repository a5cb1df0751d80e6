/*
 * options ADDRESS PORT HOLE HOLEPORT: what every option of a socket reads, and
 * whether its own address is still the one it was, while a non-blocking
 * connect() is under way to a hole: of a plain socket, of sockets that were
 * bound, and of one on which much was set before. With a library that has sent
 * the connection on it must print what it prints without one.
 */
#include "tests/e2e/underway.h"

#include <poll.h>

enum { KINDS = 4 };

static const char *const kind[KINDS] = {
	"plain", "bound-to-address", "bound-to-port", "set"};

static void bind_to(int fd, const char *ip, int port)
{
	char number[8];
	struct address a;

	snprintf(number, sizeof(number), "%d", port);
	a = address_of(ip, number);
	if (bind(fd, &a.sa, a.len))
		perror(ip);
}

static void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		printf("setsockopt %d %d: %s\n", level, name,
			strerrorname_np(errno));
}

static void set_much(int fd)
{
	struct linger linger = {1, 3};
	struct timeval some = {2, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &some, sizeof(some));
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, SOL_SOCKET, SO_SNDBUF, 30000);
	set(fd, SOL_SOCKET, SO_RCVBUF, 30000);
	set(fd, SOL_SOCKET, SO_PRIORITY, 3);
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, IPPROTO_TCP, TCP_MAXSEG, 700);
	set(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 5000);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	set(fd, IPPROTO_TCP, TCP_SYNCNT, 5);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
	set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 4000);
	set(fd, IPPROTO_TCP, TCP_LINGER2, 7);
	set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 3);
	if (to.sa.sa_family == AF_INET) {
		set(fd, IPPROTO_IP, IP_TOS, 0x10);
		set(fd, IPPROTO_IP, IP_TTL, 33);
		set(fd, IPPROTO_IP, IP_RECVERR, 1);
		set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	} else {
		set(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x10);
		set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 33);
		set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	}
}

enum { OWN_PORT = 52 }; /* IP_PROTOCOL, of a socket that is not raw */

/* What is another for every socket, or goes by the clock. */
static bool is_own(int level, int name)
{
	if (level == IPPROTO_IP)
		return name == OWN_PORT;
	if (level == SOL_SOCKET)
		return name == SO_COOKIE || name == SO_INCOMING_CPU ||
			name == SO_MEMINFO;
	return level == IPPROTO_TCP &&
		(name == TCP_INFO || name == TCP_TIMESTAMP);
}

static void print_option(const char *what, int fd, int level, int name)
{
	unsigned char value[256];
	socklen_t len = sizeof(value);

	/* SO_ERROR has a test of its own; here it would be one question more. */
	if (is_own(level, name) || (level == SOL_SOCKET && name == SO_ERROR) ||
		getsockopt(fd, level, name, value, &len))
		return;
	printf("%s %d %d:", what, level, name);
	for (socklen_t i = 0; i < len; i++)
		printf(" %02x", value[i]);
	printf("\n");
}

static void print_info(const char *what, int fd)
{
	struct tcp_info i = {0};
	socklen_t len = sizeof(i);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	printf("%s info: state %u options %x mss %u advmss %u pmtu %u "
	       "ssthresh %u cwnd %u\n",
		what, i.tcpi_state, i.tcpi_options, i.tcpi_snd_mss,
		i.tcpi_advmss, i.tcpi_pmtu, i.tcpi_rcv_ssthresh,
		i.tcpi_snd_cwnd);
}

static struct address own_address(int fd)
{
	struct address a = {.len = sizeof(a.in6)};

	getsockname(fd, &a.sa, &a.len);
	return a;
}

/* The port of a socket that is not bound may be another than it was. */
static void print_name(const char *what, int fd, struct address before)
{
	struct address now = own_address(fd);

	if (!strcmp(what, "plain") || !strcmp(what, "set"))
		before.in.sin_port = now.in.sin_port = 0;
	printf("%s name is the same: %d\n", what,
		before.len == now.len &&
			!memcmp(&before.in6, &now.in6, now.len));
}

static void wait_until_there(int fd, const struct address *hole, int count)
{
	struct pollfd p = {fd, POLLOUT, 0};

	for (int n = 0; n < 400 && count_going_to(hole) < count; n++)
		if (poll(&p, 1, 20))
			printf("told %x\n", (unsigned)p.revents);
}

int main(int argc, char **argv)
{
	static const int levels[] = {
		SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP};
	struct address before[KINDS], hole;
	int fd[KINDS];

	if (argc != 5)
		return 2;
	to = address_of(argv[1], argv[2]);
	hole = address_of(argv[3], argv[4]);
	for (int k = 0; k < KINDS; k++) {
		bool v4 = to.sa.sa_family == AF_INET;

		fd[k] = new_socket();
		if (k == 1 || k == 2)
			bind_to(fd[k], v4 ? "10.9.0.254" : "fd00:9::ff",
				k == 1 ? 0 : 22222);
		if (k == 3)
			set_much(fd[k]);
		if (!connect(fd[k], &to.sa, to.len) || errno != EINPROGRESS)
			perror("connect");
		before[k] = own_address(fd[k]);
	}
	for (int k = 0; k < KINDS; k++)
		wait_until_there(fd[k], &hole, k + 1);
	for (int k = 0; k < KINDS; k++) {
		print_name(kind[k], fd[k], before[k]);
		print_info(kind[k], fd[k]);
		for (int l = 0; l < 4; l++)
			for (int name = 1; name < 90; name++)
				print_option(kind[k], fd[k], levels[l], name);
	}
	return count_going_to(&hole) == KINDS ? 0 : 1;
}

/*
 * oracle ADDRESS PORT: what connect() answers to right and wrong arguments,
 * one line a case. With the shim at a virtual address it must print what it
 * prints without the shim at the backend's own address.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static union {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	unsigned char bytes[4096];
} v4, v6;

static void print(const char *what, long detail, int rc)
{
	int err = errno;

	printf("%s %ld: %s\n", what, detail, rc ? strerrorname_np(err) : "0");
	fflush(stdout);
}

static void try(
	const char *what, long detail, int fd, const void *to, unsigned len)
{
	errno = 0;
	print(what, detail, connect(fd, to, len));
	if (fd > 2)
		close(fd);
}

static int tcp4(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int tcp6(void)
{
	return socket(AF_INET6, SOCK_STREAM, 0);
}

static void pointers(void)
{
	static const long bad[] = {0, 1, 4095, -1, -4096, LONG_MIN};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		try("pointer", (long)i, tcp4(), (void *)bad[i], 16);
}

static void lengths(void)
{
	static const unsigned length[] = {0, 1, 2, 4, 8, 14, 15, 16, 17, 20, 24,
		27, 28, 29, 64, 127, 128, 129, 256, 4096, 0x7fffffff,
		0x80000000, 0xffffffff};

	for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++) {
		long n = (long)length[i];

		try("ipv4 length", n, tcp4(), &v4, length[i]);
		try("mapped length", n, tcp6(), &v6, length[i]);
		try("ipv4 on ipv6, length", n, tcp6(), &v4, length[i]);
		try("ipv6 on ipv4, length", n, tcp4(), &v6, length[i]);
		try("udp length", n, socket(AF_INET, SOCK_DGRAM, 0), &v4,
			length[i]);
	}
}

static void descriptors(void)
{
	int p[2], on = 1, only = tcp6();
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};

	try("no such fd", -1, -1, &v4, 16);
	try("no such fd", 999, 999, &v4, 16);
	try("no such fd, NULL", 999, 999, NULL, 16);
	try("file", 0, open("/dev/null", O_RDWR), &v4, 16);
	try("file, short", 0, open("/dev/null", O_RDWR), &v4, 3);
	if (pipe(p) == 0) {
		try("pipe", 0, p[0], &v4, 16);
		close(p[1]);
	}
	try("unix", 0, socket(AF_UNIX, SOCK_STREAM, 0), &v4, 16);
	try("unix own", 0, socket(AF_UNIX, SOCK_STREAM, 0), &un, sizeof(un));
	try("udp", 0, socket(AF_INET, SOCK_DGRAM, 0), &v4, 16);
	try("udp6 with ipv4", 0, socket(AF_INET6, SOCK_DGRAM, 0), &v4, 16);
	try("tcp6 with ipv4", 0, tcp6(), &v4, 28);
	setsockopt(only, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	try("v6only with mapped", 0, only, &v6, sizeof(v6.in6));
}

static void unaligned(void)
{
	for (long off = 1; off < 8; off++) {
		memcpy(v4.bytes + 64 + off, &v4.in, sizeof(v4.in));
		try("unaligned", off, tcp4(), v4.bytes + 64 + off, 16);
	}
}

/* The last bytes of a page, with nothing behind it. */
static void edge_of_a_page(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(page + 4096, 4096, PROT_NONE);
	memcpy(page + 4096 - 16, &v4.in, 16);
	try("edge", 16, tcp4(), page + 4096 - 16, 16);
	memcpy(page + 4096 - 28, &v6.in6, 28);
	try("edge mapped", 28, tcp6(), page + 4096 - 28, 28);
	munmap(page, 8192);
}

/* connect() again and again: pending, connected, disconnected. */
static void sequence(void)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), err;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(err);

	print("non-blocking", 1, connect(fd, &v4.sa, 16));
	poll(&p, 1, 2000);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	printf("SO_ERROR %d\n", err);
	print("non-blocking", 2, connect(fd, &v4.sa, 16));
	print("non-blocking", 3, connect(fd, &v4.sa, 16));
	print("disconnect", 1, connect(fd, &none, sizeof(none)));
	fcntl(fd, F_SETFL, 0);
	print("blocking", 1, connect(fd, &v4.sa, 16));
	print("blocking", 2, connect(fd, &v4.sa, 16));
	close(fd);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	print("udp", 1, connect(fd, &v4.sa, 16));
	print("udp", 2, connect(fd, &v4.sa, 16));
	print("udp off", 1, connect(fd, &none, sizeof(none)));
	print("udp", 3, connect(fd, &v4.sa, 16));
	close(fd);
}

static void listening(const char *ip)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	int fd = tcp4();

	(void)ip;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (void *)&in, sizeof(in)) || listen(fd, 1))
		perror("listen");
	try("a listening socket", 0, fd, &v4, 16);
}

/* A caller's bytes and errno are its own. */
static void untouched(void)
{
	struct sockaddr_in before = v4.in;
	int fd = tcp4(), rc;

	errno = 123;
	rc = connect(fd, &v4.sa, 16);
	printf("errno after success %d: %d\n", rc, rc ? 0 : errno);
	printf("address unchanged: %d\n",
		!memcmp(&before, &v4.in, sizeof(before)));
	close(fd);
}

int main(int argc, char **argv)
{
	struct in_addr ip;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &ip) != 1)
		return 2;
	v4.in.sin_family = AF_INET;
	v4.in.sin_addr = ip;
	v4.in.sin_port = v6.in6.sin6_port = htons((uint16_t)atoi(argv[2]));
	v6.in6.sin6_family = AF_INET6;
	v6.in6.sin6_addr.s6_addr[10] = v6.in6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(v6.in6.sin6_addr.s6_addr + 12, &ip, 4);
	pointers();
	lengths();
	descriptors();
	unaligned();
	edge_of_a_page();
	sequence();
	listening(argv[1]);
	untouched();
	return 0;
}

/*
 * peer ARGUMENTS ADDRESS PORT: what getpeername() does with odd arguments, one
 * line each, the address as "peer" where it is the one that was connected to.
 * peer WAY ADDRESS PORT OTHER OTHERPORT TYPE: which address a number shows that
 * was given in this WAY to a connection to the second, after one to the first
 * had it; the second is a backend of the first. TYPE is tcp, pending or udp.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in vip, other;

static void parse(struct sockaddr_in *a, const char *host, const char *port)
{
	a->sin_family = AF_INET;
	inet_pton(AF_INET, host, &a->sin_addr);
	a->sin_port = htons((uint16_t)atoi(port));
}

static int connected(const struct sockaddr_in *to, int type)
{
	int fd = socket(AF_INET, type, 0);

	if (connect(fd, (const void *)to, sizeof(*to)) && errno != EINPROGRESS)
		printf("connect: %s\n", strerrorname_np(errno));
	poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 5000);
	return fd;
}

static const char *shown(int fd)
{
	static char text[64];
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	if (getpeername(fd, (void *)&a, &len))
		return strerrorname_np(errno);
	snprintf(text, sizeof(text), "%s:%d", inet_ntoa(a.sin_addr),
		ntohs(a.sin_port));
	return text;
}

static void say(const char *what, int fd)
{
	printf("%s: %s\n", what, shown(fd));
}

static unsigned char room[64];

/* How far the answer agrees with the address that was asked for. */
static void print_result(const char *what, int fd, void *name, socklen_t *len)
{
	int changed = 0;
	bool same;

	memset(room, 0xee, sizeof(room));
	errno = 0;
	if (getpeername(fd, name, len)) {
		printf("%s: %s\n", what, strerrorname_np(errno));
		return;
	}
	for (int i = 0; i < (int)sizeof(room); i++)
		changed = room[i] != 0xee ? i + 1 : changed;
	same = !memcmp(room, &vip, changed < 8 ? (size_t)changed : 8);
	printf("%s: length %u, written up to %d, %s, errno %d\n", what, *len,
		changed, same ? "the peer" : "another", errno);
}

static void odd_arguments(void)
{
	const int lengths[] = {
		0, 1, 2, 4, 7, 8, 15, 16, 17, 28, 64, -1, -16, 1 << 30};
	char *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = connected(&vip, SOCK_STREAM);
	char what[32];
	socklen_t len;
	int rc;

	mprotect(edge + 4096, 4096, PROT_NONE);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		len = (socklen_t)lengths[i];
		snprintf(what, sizeof(what), "length %d", lengths[i]);
		print_result(what, fd, room, &len);
	}
	len = sizeof(room);
	print_result("no name", fd, NULL, &len);
	print_result("no length", fd, room, NULL);
	len = sizeof(room);
	print_result("a name that is not there", fd, edge + 4096, &len);
	print_result("a length that is not there", fd, room,
		(socklen_t *)(void *)(edge + 4096));
	len = 8;
	memset(edge + 4088, 0xee, 8);
	rc = getpeername(fd, (void *)(edge + 4088), &len);
	printf("a name at the edge: %d %d\n", rc, memcmp(edge + 4088, &vip, 8));
	len = sizeof(room);
	print_result("no descriptor", -1, room, &len);
	print_result("a file", open("/dev/null", O_RDONLY), room, &len);
	print_result(
		"not connected", socket(AF_INET, SOCK_STREAM, 0), room, &len);
	print_result(
		"another domain", socket(AF_UNIX, SOCK_STREAM, 0), room, &len);
}

static int received(int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec part = {&(char){0}, 1};
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int pair[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	sendmsg(pair[0], &m, 0);
	recvmsg(pair[1], &m, 0);
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	close(pair[0]);
	close(pair[1]);
	return fd;
}

enum { NUMBER = 200 };

/* Takes all numbers below, so that the next one is that. */
static void fill_up_to(int number)
{
	while (open("/dev/null", O_RDONLY) < number - 1)
		;
}

/* NUMBER has led to the virtual address, and is free again. */
static void use_number(int type)
{
	int null = open("/dev/null", O_RDONLY), fd;

	fcntl(null, F_DUPFD, NUMBER - 1);
	fill_up_to(NUMBER - 1);
	fd = connected(&vip, type);
	printf("used: %d %s\n", fd == NUMBER, shown(fd));
	for (int i = null; i <= NUMBER; i++)
		close(i);
}

static int given(const char *way, int fd)
{
	if (!strcmp(way, "dup2"))
		return dup2(fd, NUMBER);
	if (!strcmp(way, "dup3"))
		return dup3(fd, NUMBER, O_CLOEXEC);
	if (!strcmp(way, "unseen"))
		return (int)syscall(SYS_dup3, fd, NUMBER, 0);
	if (!strcmp(way, "fcntl"))
		return fcntl(fd, F_DUPFD, NUMBER);
	if (!strcmp(way, "dup")) {
		fill_up_to(NUMBER);
		return dup(fd);
	}
	fill_up_to(NUMBER - 2); /* between are the pair's */
	return received(fd);
}

static void inherited(int type)
{
	int fd = connected(&vip, type);

	say("the parent", fd);
	fflush(stdout);
	if (!fork()) {
		say("a child", fd);
		say("its own", connected(&vip, type));
		exit(0);
	}
	wait(NULL);
}

/* A datagram socket is connected to whom it was connected last. */
static void anew(int type)
{
	int fd = connected(&vip, type);

	if (type == SOCK_DGRAM)
		connect(fd, (const void *)&other, sizeof(other));
	say("anew", fd);
}

int main(int argc, char **argv)
{
	int type, direct, fd;

	if (argc < 4)
		return 2;
	parse(&vip, argv[2], argv[3]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(argv[1], "arguments")) {
		odd_arguments();
		return 0;
	}
	parse(&other, argv[4], argv[5]);
	type = !strcmp(argv[6], "udp")	  ? SOCK_DGRAM
		: !strcmp(argv[6], "tcp") ? SOCK_STREAM
					  : SOCK_STREAM | SOCK_NONBLOCK;
	if (!strcmp(argv[1], "fork")) {
		inherited(type);
	} else if (!strcmp(argv[1], "connect")) {
		anew(type);
	} else {
		direct = connected(&other, type);
		use_number(type);
		fd = given(argv[1], direct);
		printf("given: %d %s\n", fd == NUMBER, shown(fd));
	}
	return 0;
}

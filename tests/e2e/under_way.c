/*
 * under_way WAY ADDRESS PORT: a connect() that does not block, waited for in
 * one WAY; prints what a program is told. WAY is how it waits, or a list of
 * words joined by '+': the way, and what is special about the socket.
 *
 *	told: how often it heard of an error while it waited
 *	error: what SO_ERROR said at the end
 *	(unasked: it did not ask); peer: getpeername(); said: the server's first word
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

static const char *way;
static struct sockaddr_storage to;
static socklen_t to_len;
static int told;
static in_port_t bound_port;

static bool has(const char *word)
{
	size_t n = strlen(word);

	for (const char *at = way; (at = strstr(at, word)); at++)
		if ((at == way || at[-1] == '+') &&
			(at[n] == '\0' || at[n] == '+'))
			return true;
	return false;
}

static void fail(const char *what)
{
	printf("%s: %s\n", what, strerrorname_np(errno));
	exit(1);
}

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t size);

static const struct timespec patience = {.tv_sec = PATIENCE_MS / 1000};

static bool is_told(unsigned events, unsigned bad)
{
	if (events & bad)
		told++;
	return true;
}

static bool wait_poll(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int n;

	if (has("ppoll"))
		n = ppoll(&p, 1, &patience, NULL);
	else if (has("poll_chk"))
		n = __poll_chk(&p, 1, PATIENCE_MS, sizeof(p));
	else if (has("ppoll_chk"))
		n = __ppoll_chk(&p, 1, &patience, NULL, sizeof(p));
	else
		n = poll(&p, 1, PATIENCE_MS);
	return n == 1 && is_told((unsigned)p.revents, POLLERR | POLLHUP);
}

static bool wait_select(int fd)
{
	struct timeval left = {.tv_sec = PATIENCE_MS / 1000};
	fd_set r, w;
	int n;

	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(fd, &r);
	FD_SET(fd, &w);
	n = has("pselect") ? pselect(fd + 1, &r, &w, NULL, &patience, NULL)
			   : select(fd + 1, &r, &w, NULL, &left);
	/* The server speaks only when asked: readable is not connected. */
	return n > 0 && is_told(FD_ISSET(fd, &r), 1) && FD_ISSET(fd, &w);
}

static int epoll = -1;

/* By pointer, so that nothing tells the number; or the number itself. */
static void join(int fd, int op)
{
	static char anchor[4096];
	struct epoll_event e = {.events = EPOLLOUT | EPOLLRDHUP};

	if (has("pointer"))
		e.data.ptr = &anchor[fd];
	else
		e.data.fd = fd;
	if (has("oneshot"))
		e.events |= EPOLLONESHOT;
	if (has("edge"))
		e.events |= EPOLLET;
	if (has("unseen") ? syscall(SYS_epoll_ctl, epoll, op, fd, &e)
			  : epoll_ctl(epoll, op, fd, &e))
		fail("epoll_ctl");
}

static bool wait_epoll(void)
{
	struct epoll_event e[4];
	int n;

	if (has("pwait"))
		n = epoll_pwait(epoll, e, 4, PATIENCE_MS, NULL);
	else if (has("pwait2"))
		n = epoll_pwait2(epoll, e, 4, &patience, NULL);
	else
		n = epoll_wait(epoll, e, 4, PATIENCE_MS);
	return n == 1 && is_told(e[0].events, EPOLLERR | EPOLLHUP);
}

/* Asking is all that these do; the pause is in neither's sight. */
static bool wait_by_asking(int fd)
{
	socklen_t len = sizeof(int);
	int err = EALREADY;

	for (int i = 0; i < PATIENCE_MS; i++) {
		if (has("again")) {
			err = connect(fd, (void *)&to, to_len) ? errno : 0;
			if (err != EALREADY && err != EINPROGRESS)
				break;
		} else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len)) {
			fail("SO_ERROR");
		} else if (err || !recv(fd, &(char){0}, 1, MSG_DONTWAIT) ||
			errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};
			const struct timespec none = {0};

			if (err || syscall(SYS_ppoll, &p, 1, &none, NULL, 8))
				break;
		}
		usleep(1000);
	}
	told += err && err != EISCONN;
	if (err && err != EISCONN)
		printf("asked: %s\n", strerrorname_np(err));
	return true;
}

static void print_peer(int fd)
{
	struct sockaddr_storage peer;
	struct sockaddr_in *v4 = (void *)&peer;
	struct sockaddr_in6 *v6 = (void *)&peer;
	socklen_t len = sizeof(peer);
	char text[64] = "";

	if (getpeername(fd, (void *)&peer, &len)) {
		printf("peer: %s\n", strerrorname_np(errno));
		return;
	}
	inet_ntop(peer.ss_family,
		peer.ss_family == AF_INET ? (void *)&v4->sin_addr
					  : (void *)&v6->sin6_addr,
		text, sizeof(text));
	printf("peer: %s %d\n", text, ntohs(v4->sin_port));
}

static void print_answer(int fd)
{
	char said[256] = "", *end;
	ssize_t n;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	if (send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL) != 18) {
		printf("said: %s\n", strerrorname_np(errno));
		return;
	}
	n = recv(fd, said, sizeof(said) - 1, MSG_WAITALL);
	end = n > 0 ? strstr(said, "\r\n\r\n") : NULL;
	printf("said: %s\n", end ? strtok(end + 4, "\n") : "nothing");
}

static void set(int fd, int name, int value)
{
	if (setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(value)))
		fail("setsockopt");
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, name, &value, &len))
		fail("getsockopt");
	return value;
}

static void prepare(int fd, const char *from)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);

	if (has("maxseg"))
		set(fd, TCP_MAXSEG, 1000);
	if (has("clamp"))
		set(fd, TCP_WINDOW_CLAMP, 30000);
	if (!from)
		return;
	inet_pton(AF_INET, from, &a.sin_addr);
	if (bind(fd, (void *)&a, sizeof(a)) ||
		getsockname(fd, (void *)&a, &len))
		fail("bind");
	bound_port = a.sin_port;
}

static void print_kept(int fd)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	if (has("maxseg"))
		printf("maxseg: %d\n", option(fd, IPPROTO_TCP, TCP_MAXSEG));
	if (has("clamp"))
		printf("clamp: %d\n",
			option(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	if (!has("bound"))
		return;
	getsockname(fd, (void *)&a, &len);
	printf("bound: %s, %s\n", inet_ntoa(a.sin_addr),
		a.sin_port == bound_port ? "the same port" : "another port");
}

static bool wait_for(int fd)
{
	if (strstr(way, "poll") && !strstr(way, "epoll"))
		return wait_poll(fd);
	if (strstr(way, "select"))
		return wait_select(fd);
	if (strstr(way, "epoll"))
		return wait_epoll();
	return wait_by_asking(fd);
}

static void parse(const char *host, const char *port)
{
	struct sockaddr_in *v4 = (void *)&to;
	struct sockaddr_in6 *v6 = (void *)&to;

	if (inet_pton(AF_INET, host, &v4->sin_addr)) {
		to.ss_family = AF_INET;
		to_len = sizeof(*v4);
	} else {
		to.ss_family = AF_INET6;
		inet_pton(AF_INET6, host, &v6->sin6_addr);
		to_len = sizeof(*v6);
	}
	v4->sin_port = htons((uint16_t)atoi(port));
}

int main(int argc, char **argv)
{
	int fd, err = 0;

	if (argc < 4)
		return 2;
	way = argv[1];
	parse(argv[2], argv[3]);
	epoll = epoll_create1(0);
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK,
		has("mptcp") ? IPPROTO_MPTCP : 0);
	if (fd < 0)
		fail("socket");
	prepare(fd, argv[4]);
	if (connect(fd, (void *)&to, to_len) == 0 || errno != EINPROGRESS)
		fail("connect");
	if (has("dup")) {
		int other = dup(fd);

		close(fd);
		fd = other;
	}
	if (strstr(way, "epoll"))
		join(fd, EPOLL_CTL_ADD);
	if (!wait_for(fd))
		printf("never heard of it\n");
	if (!has("unasked"))
		err = option(fd, SOL_SOCKET, SO_ERROR);
	printf("told: %d\nerror: %s\n", told, err ? strerrorname_np(err) : "0");
	print_peer(fd);
	print_kept(fd);
	print_answer(fd);
	return 0;
}

/*
 * hello ADDRESS PORT NAME [MS]: a server for tests and the demo. To every
 * request it answers its NAME, MS later: over HTTP where it is asked so, else
 * as a line; a request is all that comes until an empty line, or a first line
 * without "HTTP/". On SIGTERM it takes no more connections, answers those it
 * has, and ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 1000, DRAIN_MS = 50 };

static volatile sig_atomic_t ending;

static void on_term(int sig)
{
	(void)sig;
	ending = 1;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_at(const char *ip, const char *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	bool v6 = strchr(ip, ':');
	struct sockaddr *at = v6 ? (void *)&in6 : (void *)&in;
	socklen_t len = v6 ? sizeof(in6) : sizeof(in);
	int one = 1, fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	in.sin_port = in6.sin6_port = htons((uint16_t)atoi(port));
	if (inet_pton(at->sa_family, ip,
		    v6 ? (void *)&in6.sin6_addr : (void *)&in.sin_addr) != 1)
		fail(ip);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, at, len) || listen(fd, 4096))
		fail(port);
	return fd;
}

/*
 * A connection that was made before the listener is closed must be served:
 * from now on no new one is begun, and those in the queue are taken. False
 * where that is not to be had.
 */
static bool stop_new_connections(int fd)
{
	struct sock_filter drop_syn[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* TCP flags */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	struct sock_fprog program = {5, drop_syn};

	if (!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		    sizeof(program)))
		return true;
	perror("SO_ATTACH_FILTER");
	return false;
}

struct client {
	char request[1024];
	size_t used;
	long due; /* when to answer; 0 = not asked yet */
};

static struct pollfd watched[CLIENTS + 1];
static struct client client[CLIENTS + 1];
static nfds_t count = 1; /* 0 is the listener */
static long delay_ms;

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_complete(const struct client *c)
{
	const char *end = memchr(c->request, '\n', c->used);

	if (!end)
		return c->used == sizeof(c->request);
	if (!memmem(c->request, (size_t)(end - c->request), "HTTP/", 5))
		return true;
	return memmem(c->request, c->used, "\r\n\r\n", 4);
}

static void answer(int fd, const struct client *c, const char *name)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s\n", name);

	if (memmem(c->request, c->used, "HTTP/", 5))
		n = snprintf(text, sizeof(text),
			"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			"Content-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
			strlen(name) + 1, name);
	(void)send(fd, text, (size_t)n, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
}

static void drop(nfds_t i)
{
	close(watched[i].fd);
	watched[i] = watched[--count];
	client[i] = client[count];
}

/* Milliseconds until somebody is to be answered. */
static int next_due(int most)
{
	for (nfds_t i = 1; i < count; i++) {
		long left = client[i].due - now_ms();

		if (client[i].due && left < most)
			most = left > 0 ? (int)left : 0;
	}
	return most;
}

/* False once the client is gone. */
static bool serve(nfds_t i, const char *name)
{
	struct client *c = &client[i];
	ssize_t n = recv(watched[i].fd, c->request + c->used,
		sizeof(c->request) - c->used, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0)
		return false;
	c->used += (size_t)n;
	if (!is_complete(c))
		return true;
	if (delay_ms) {
		c->due = now_ms() + delay_ms;
		watched[i].events = 0;
		return true;
	}
	answer(watched[i].fd, c, name);
	return false;
}

/* False if it was time to answer, and that is done. */
static bool wait_on(nfds_t i, const char *name)
{
	const struct client *c = &client[i];

	if (!c->due || now_ms() < c->due)
		return true;
	answer(watched[i].fd, c, name);
	return false;
}

static void take_new(void)
{
	int fd;

	while (count <= CLIENTS &&
		(fd = accept(watched[0].fd, NULL, NULL)) >= 0) {
		watched[count] = (struct pollfd){fd, POLLIN, 0};
		client[count].due = 0;
		client[count++].used = 0;
	}
}

int main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_term};
	bool stopped = false;

	if (argc != 4 && argc != 5) {
		fputs("usage: hello ADDRESS PORT NAME [MS]\n", stderr);
		return 2;
	}
	delay_ms = argc == 5 ? atol(argv[4]) : 0;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &act, NULL);
	watched[0] = (struct pollfd){listen_at(argv[1], argv[2]), POLLIN, 0};
	for (;;) {
		int n = poll(
			watched, count, next_due(ending ? DRAIN_MS : 1000));

		if (ending && stopped && n == 0 && next_due(INT_MAX) == INT_MAX)
			return 0;
		if (ending && !stopped) {
			stopped = true;
			if (!stop_new_connections(watched[0].fd)) {
				take_new();
				close(watched[0].fd);
				watched[0].fd = -1;
			}
		}
		for (nfds_t i = count; i-- > 1;)
			if (!wait_on(i, argv[3]) ||
				(watched[i].revents && !serve(i, argv[3])))
				drop(i);
		take_new();
	}
}

/*
 * many COUNT FIRST HOW ADDRESS PORT: begins so many connections, on descriptors
 * from FIRST on, then waits for all of them at once by HOW: epoll, epoll-et,
 * poll, or one (epoll, an event at a time). Prints how many were made, and with
 * which errors others failed. Ends with 77 where it may not have that many.
 */
#include "tests/e2e/underway.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum { FAR_TOO_LONG_MS = 20000 };

static int made, errnos[256], left;
static struct pollfd *all;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void allow(rlim_t descriptors)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= descriptors)
		return;
	limit.rlim_cur = descriptors;
	if (limit.rlim_max < descriptors)
		limit.rlim_max = descriptors;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		exit(77);
}

/* Every failure is told by connect() or by an event, and only once. */
static void end(int i)
{
	int err = 0;
	socklen_t len = sizeof(err);
	struct address peer = {.len = sizeof(peer.in6)};

	getsockopt(all[i].fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (!err && getpeername(all[i].fd, &peer.sa, &peer.len))
		err = errno;
	if (err)
		errnos[err & 255]++;
	else
		made++;
	left--;
}

static void begin(int i, int first)
{
	int fd = new_socket();

	if (fd < 0)
		fail("socket");
	all[i].fd = first ? fcntl(fd, F_DUPFD, first) : fd;
	if (all[i].fd < 0)
		fail("F_DUPFD");
	if (first)
		close(fd);
	all[i].events = POLLOUT;
	if (!connect(all[i].fd, &to.sa, to.len) || errno != EINPROGRESS)
		fail("connect");
}

static void wait_by_epoll(int count, unsigned edge, int most)
{
	struct epoll_event e[512];
	int epoll = epoll_create1(0);

	for (int i = 0; i < count; i++) {
		struct epoll_event add = {
			.events = EPOLLOUT | edge, .data.u32 = (unsigned)i};

		epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &add);
	}
	while (left) {
		int n = epoll_wait(epoll, e, most, FAR_TOO_LONG_MS);

		if (n <= 0)
			break;
		for (int k = 0; k < n; k++) {
			int i = (int)e[k].data.u32;

			end(i);
			epoll_ctl(epoll, EPOLL_CTL_DEL, all[i].fd, NULL);
		}
	}
}

static void wait_by_poll(int count)
{
	while (left && poll(all, (nfds_t)count, FAR_TOO_LONG_MS) > 0)
		for (int i = 0; i < count; i++)
			if (all[i].fd >= 0 && all[i].revents) {
				end(i);
				all[i].fd = -1;
			}
}

int main(int argc, char **argv)
{
	int count, first;

	if (argc != 6)
		return 2;
	count = left = atoi(argv[1]);
	first = atoi(argv[2]);
	to = address_of(argv[4], argv[5]);
	allow((rlim_t)count + (rlim_t)first + 100);
	all = calloc((size_t)count, sizeof(*all));
	for (int i = 0; i < count; i++)
		begin(i, first);
	if (!strcmp(argv[3], "poll"))
		wait_by_poll(count);
	else
		wait_by_epoll(count, strcmp(argv[3], "epoll-et") ? 0 : EPOLLET,
			strcmp(argv[3], "one") ? 512 : 1);
	printf("made %d\n", made);
	for (int i = 0; i < 256; i++)
		if (errnos[i])
			printf("%s %d\n", strerrorname_np(i), errnos[i]);
	if (left)
		printf("never ended %d\n", left);
	free(all);
	return 0;
}

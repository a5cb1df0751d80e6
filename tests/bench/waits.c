/*
 * waits CALL IDLE ADDRESS PORT: what one call costs that waits for nothing, in
 * nanoseconds, while IDLE descriptors are registered with an epoll. CALL is
 * poll, select, epoll_wait or epoll_ctl. Before that a connection was made to
 * ADDRESS, so that a library in between has had something to remember.
 */
#include "tests/bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WARM = 100000, CALLS = 400000, SAMPLES = 3 };

static int epoll, idle;

/* One that did not block, and stands. */
static void connect_once(const char *host, const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), err = 0;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(err);

	inet_pton(AF_INET, host, &to.sin_addr);
	to.sin_port = htons((uint16_t)atoi(port));
	if (connect(fd, (void *)&to, sizeof(to)) && errno != EINPROGRESS)
		fail("connect");
	if (poll(&p, 1, 5000) != 1 ||
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) || err)
		fail("no connection");
}

/* Keeps open what it has inherited for as long as its parent lives. */
static void hold(void)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		fail("fork");
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		pause();
	_exit(0);
}

/*
 * A process may have fewer descriptors than that: what it registers stays
 * registered while another process has it open.
 */
static void rest(int count)
{
	struct epoll_event e = {.events = EPOLLIN};
	struct rlimit limit;
	int most, low;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	most = limit.rlim_max > 10000 ? 10000 : (int)limit.rlim_max - 100;
	epoll = epoll_create1(0);
	low = dup(epoll);
	close(low);
	while (count > 0) {
		for (int i = 0; i < most && count > 0; i++, count--) {
			e.data.fd = idle = eventfd(0, 0);
			if (idle < 0 ||
				epoll_ctl(epoll, EPOLL_CTL_ADD, idle, &e))
				fail("epoll_ctl");
		}
		if (count > 0) {
			hold();
			for (int fd = low; fd <= idle; fd++)
				close(fd);
		}
	}
}

static void call(const char *name)
{
	struct pollfd p = {.fd = 1, .events = POLLPRI};
	struct epoll_event e = {.events = EPOLLIN, .data.fd = idle};
	struct timeval none = {0};

	switch (name[0] + name[strlen(name) - 1]) {
	case 'p' + 'l':
		poll(&p, 1, 0);
		break;
	case 's' + 't':
		select(0, NULL, NULL, NULL, &none);
		break;
	case 'e' + 't':
		epoll_wait(epoll, &e, 1, 0);
		break;
	default:
		epoll_ctl(epoll, EPOLL_CTL_MOD, idle, &e);
	}
}

static double sample(const char *name, int calls)
{
	int64_t began = now();

	for (int i = 0; i < calls; i++)
		call(name);
	return (double)(now() - began) / calls;
}

int main(int argc, char **argv)
{
	double least = 0, ns;

	if (argc < 5)
		return 2;
	stay_on_one_core();
	connect_once(argv[3], argv[4]);
	rest(atoi(argv[2]));
	sample(argv[1], WARM);
	for (int i = 0; i < SAMPLES; i++) {
		ns = sample(argv[1], CALLS);
		if (!i || ns < least)
			least = ns;
	}
	printf("%.2f\n", least);
	return 0;
}

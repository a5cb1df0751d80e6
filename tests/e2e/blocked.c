/*
 * blocked HOW CALL SILENT GOOD PORT: a thread waits in CALL for an address that
 * does not answer, and then is cancelled, or interrupted by a signal whose
 * handler has SA_RESTART (restart) or not (interrupt); one of crashes never has.
 * Prints how its call ended, and whether another thread's connect() to a good
 * address does what it should.
 */
#include "tests/e2e/underway.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum { LONG_MS = 60000, SETTLED_US = 100000, PATIENCE_S = 20 };

static const char *call;
static struct address good;
static int fd, epoll, file;
static const struct timespec for_long = {.tv_sec = LONG_MS / 1000};

static bool is_call(const char *name)
{
	return !strcmp(call, name);
}

static ssize_t opens(void)
{
	struct iovec part = {"x", 1};
	struct mmsghdr m = {.msg_hdr = {.msg_name = &to.sa,
				    .msg_namelen = to.len,
				    .msg_iov = &part,
				    .msg_iovlen = 1}};

	if (is_call("sendto"))
		return sendto(fd, "x", 1, MSG_FASTOPEN, &to.sa, to.len);
	return is_call("sendmsg") ? sendmsg(fd, &m.msg_hdr, MSG_FASTOPEN)
				  : sendmmsg(fd, &m, 1, MSG_FASTOPEN);
}

static ssize_t receives(void)
{
	struct iovec part = {&(char){0}, 1};
	struct mmsghdr m = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};

	return is_call("recvmsg") ? recvmsg(fd, &m.msg_hdr, 0)
				  : recvmmsg(fd, &m, 1, 0, NULL);
}

static int selects(void)
{
	struct timeval left = {.tv_sec = for_long.tv_sec};
	fd_set out;

	FD_ZERO(&out);
	FD_SET(fd, &out);
	return is_call("select")
		? select(fd + 1, NULL, &out, NULL, &left)
		: pselect(fd + 1, NULL, &out, NULL, &for_long, NULL);
}

static int polls(void)
{
	struct pollfd p = {fd, POLLOUT, 0};

	return is_call("poll") ? poll(&p, 1, LONG_MS)
			       : ppoll(&p, 1, &for_long, NULL);
}

static int epolls(void)
{
	struct epoll_event e;

	if (is_call("epoll_wait"))
		return epoll_wait(epoll, &e, 1, LONG_MS);
	return is_call("epoll_pwait")
		? epoll_pwait(epoll, &e, 1, LONG_MS, NULL)
		: epoll_pwait2(epoll, &e, 1, &for_long, NULL);
}

/* Another has it: the program's own, to which locks are nothing. */
static int locks(void)
{
	struct flock all = {.l_type = F_WRLCK};

	return fcntl(file, F_OFD_SETLKW, &all);
}

static ssize_t calls(void)
{
	if (is_call("connect"))
		return connect(fd, &to.sa, to.len);
	if (strstr(call, "send"))
		return opens();
	if (strstr(call, "recv"))
		return receives();
	if (strstr(call, "select"))
		return selects();
	if (strstr(call, "epoll"))
		return epolls();
	return is_call("fcntl") ? locks() : polls();
}

static void prepare(void)
{
	struct flock all = {.l_type = F_WRLCK};
	struct epoll_event e = {.events = EPOLLOUT, .data.ptr = &e};
	char name[] = "/tmp/blocked.XXXXXX";
	bool waits = strstr(call, "poll") || strstr(call, "select");

	fd = waits ? new_socket() : socket(AF_INET, SOCK_STREAM, 0);
	if (waits && (!connect(fd, &to.sa, to.len) || errno != EINPROGRESS))
		perror("connect");
	if (strstr(call, "recv") && connect(fd, &good.sa, good.len))
		perror("connect");
	epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	if (!is_call("fcntl"))
		return;
	file = mkstemp(name);
	fcntl(open(name, O_RDWR), F_OFD_SETLKW, &all);
	unlink(name);
}

static void clean(void *arg)
{
	(void)arg;
	printf("cleaned up, ");
}

static void *waiting(void *arg)
{
	ssize_t rc;

	pthread_cleanup_push(clean, NULL);
	rc = calls();
	printf("%zd %s", rc, rc < 0 ? strerrorname_np(errno) : "-");
	pthread_cleanup_pop(0);
	return arg;
}

static _Atomic int handled;

static void on_signal(int sig)
{
	handled += sig == SIGUSR1;
}

static void on_crash(int sig)
{
	_exit(sig);
}

int main(int argc, char **argv)
{
	struct timespec end;
	pthread_t thread;
	void *result = NULL;

	if (argc != 6)
		return 2;
	call = argv[2];
	to = address_of(argv[3], argv[5]);
	good = address_of(argv[4], argv[5]);
	sigaction(SIGUSR1,
		&(struct sigaction){.sa_handler = on_signal,
			.sa_flags =
				strcmp(argv[1], "restart") ? 0 : SA_RESTART},
		NULL);
	sigaction(SIGSEGV, &(struct sigaction){.sa_handler = on_crash}, NULL);
	prepare();
	pthread_create(&thread, NULL, waiting, NULL);
	pause_us(SETTLED_US);
	if (!strcmp(argv[1], "cancel"))
		pthread_cancel(thread);
	else
		pthread_kill(thread, SIGUSR1);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	if (pthread_timedjoin_np(thread, &result, &end))
		printf("never ended");
	printf("%s, %d handled, ",
		result == PTHREAD_CANCELED ? "cancelled" : "", handled);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	printf("connect %d\n", connect(fd, &good.sa, good.len));
	fflush(stdout);
	_exit(0);
}

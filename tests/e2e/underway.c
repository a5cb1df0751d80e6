/*
 * underway hole HOW ADDRESS PORT HOLE HOLEPORT
 * underway refused HOW ADDRESS PORT
 * What a socket answers to every two questions in a row, a line a pair, while
 * its non-blocking connect() is under way to an address that never answers, or
 * after it was refused for good. Before, it was asked by HOW until that is so:
 * a library that sends it on to other backends has had its chance. It must
 * print what it prints without a library.
 */
#include "tests/e2e/underway.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/uio.h>

static struct address other; /* neither virtual nor listening */

/* An answer: a result, or an errno below 0. */
static int of(long rc)
{
	return rc < 0 ? -errno : (int)rc;
}

static int ask_send(int fd)
{
	return of(send(fd, "x", 1, MSG_NOSIGNAL));
}

static int ask_write(int fd)
{
	return of(write(fd, "x", 1));
}

static int ask_writev(int fd)
{
	struct iovec part = {(void *)"x", 1};

	return of(writev(fd, &part, 1));
}

static int ask_sendmsg(int fd)
{
	struct iovec part = {(void *)"x", 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	return of(sendmsg(fd, &message, MSG_NOSIGNAL));
}

static int ask_sendto(int fd)
{
	return of(sendto(fd, "x", 1, MSG_NOSIGNAL, &to.sa, to.len));
}

static int ask_fastopen(int fd)
{
	return of(sendto(
		fd, "x", 1, MSG_NOSIGNAL | MSG_FASTOPEN, &to.sa, to.len));
}

static int ask_recv(int fd)
{
	char byte;

	return of(recv(fd, &byte, 1, 0));
}

static int ask_read(int fd)
{
	char byte;

	return of(read(fd, &byte, 1));
}

static int ask_peek(int fd)
{
	char byte;

	return of(recv(fd, &byte, 1, MSG_PEEK));
}

static int ask_recvmsg(int fd)
{
	char byte, control[64];
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};

	return of(recvmsg(fd, &message, 0));
}

static int ask_errors(int fd)
{
	char byte, control[64];
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};

	return of(recvmsg(fd, &message, MSG_ERRQUEUE));
}

static int ask_shut_rd(int fd)
{
	return of(shutdown(fd, SHUT_RD));
}

static int ask_shut_wr(int fd)
{
	return of(shutdown(fd, SHUT_WR));
}

static int ask_shut_both(int fd)
{
	return of(shutdown(fd, SHUT_RDWR));
}

static int ask_peer(int fd)
{
	struct address a = {.len = sizeof(a.in6)};

	return of(getpeername(fd, &a.sa, &a.len));
}

/* Whether there is an address, and a port. */
static int ask_self(int fd)
{
	struct address a = {.len = sizeof(a.in6)};
	char ip[INET6_ADDRSTRLEN];
	bool v4;

	if (getsockname(fd, &a.sa, &a.len))
		return -errno;
	v4 = a.sa.sa_family == AF_INET;
	inet_ntop(a.sa.sa_family,
		v4 ? (void *)&a.in.sin_addr : (void *)&a.in6.sin6_addr, ip,
		sizeof(ip));
	return 2 * !!strcmp(ip, v4 ? "0.0.0.0" : "::") + !!a.in.sin_port;
}

static int ask_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? -errno : err;
}

static int ask_poll(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

static int ask_ppoll(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
	struct timespec none = {0, 0};

	return ppoll(&p, 1, &none, NULL) < 0 ? -errno : p.revents;
}

static int ask_select(int fd)
{
	struct timeval none = {0, 0};
	fd_set in, out, odd;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	out = odd = in;
	if (select(fd + 1, &in, &out, &odd, &none) < 0)
		return -errno;
	return FD_ISSET(fd, &in) + 2 * FD_ISSET(fd, &out) +
		4 * FD_ISSET(fd, &odd);
}

static int ask_pselect(int fd)
{
	struct timespec none = {0, 0};
	fd_set out;

	FD_ZERO(&out);
	FD_SET(fd, &out);
	return of(pselect(fd + 1, NULL, &out, NULL, &none, NULL));
}

static int new_epoll(int fd)
{
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP,
		.data.fd = fd};
	int epoll = epoll_create1(0);

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	return epoll;
}

static int ask_epoll(int fd)
{
	struct epoll_event e = {.events = 0};
	int epoll = new_epoll(fd), n = epoll_wait(epoll, &e, 1, 0);

	close(epoll);
	return n < 0 ? -errno : (int)e.events;
}

static int ask_epoll_pwait(int fd)
{
	struct epoll_event e = {.events = 0};
	int epoll = new_epoll(fd), n = epoll_pwait(epoll, &e, 1, 0, NULL);

	close(epoll);
	return n < 0 ? -errno : (int)e.events;
}

static int ask_epoll_pwait2(int fd)
{
	struct timespec none = {0, 0};
	struct epoll_event e = {.events = 0};
	int epoll = new_epoll(fd), n = epoll_pwait2(epoll, &e, 1, &none, NULL);

	close(epoll);
	return n < 0 ? -errno : (int)e.events;
}

static int ask_again(int fd)
{
	return of(connect(fd, &to.sa, to.len));
}

static int ask_other(int fd)
{
	return of(connect(fd, &other.sa, other.len));
}

static int ask_none(int fd)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	return of(connect(fd, &none, sizeof(none)));
}

static int ask_bind(int fd)
{
	struct address any = to;

	memset(&any.sa.sa_data, 0, any.len - sizeof(any.sa.sa_family));
	return of(bind(fd, &any.sa, any.len));
}

static int ask_listen(int fd)
{
	return of(listen(fd, 1));
}

static int ask_accept(int fd)
{
	return of(accept(fd, NULL, NULL));
}

static int ask_inq(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) ? -errno : n;
}

static int ask_outq(int fd)
{
	int n = 0;

	return ioctl(fd, TIOCOUTQ, &n) ? -errno : n;
}

static int ask_state(int fd)
{
	return tcp_state(fd);
}

static int ask_dup(int fd)
{
	int copy = dup(fd), answer = ask_error(copy);

	close(copy);
	return answer;
}

static const struct question {
	const char *name;
	int (*ask)(int fd);
	int not_yet; /* what it answers while the connection is under way */
} questions[] = {
	{"poll", ask_poll, 0},
	{"ppoll", ask_ppoll, 0},
	{"select", ask_select, 0},
	{"pselect", ask_pselect, 0},
	{"epoll", ask_epoll, 0},
	{"epoll_pwait", ask_epoll_pwait, 0},
	{"epoll_pwait2", ask_epoll_pwait2, 0},
	{"error", ask_error, 0},
	{"error-of-dup", ask_dup, 0},
	{"again", ask_again, -EALREADY},
	{"other", ask_other, -EALREADY},
	{"recv", ask_recv, -EAGAIN},
	{"read", ask_read, -EAGAIN},
	{"peek", ask_peek, -EAGAIN},
	{"recvmsg", ask_recvmsg, -EAGAIN},
	{"send", ask_send, -EAGAIN},
	{"write", ask_write, -EAGAIN},
	{"writev", ask_writev, -EAGAIN},
	{"sendmsg", ask_sendmsg, -EAGAIN},
	{"sendto", ask_sendto, -EAGAIN},
	{"fastopen", ask_fastopen, -EALREADY},
	{"errors", ask_errors, 1},
	{"shut-rd", ask_shut_rd, 1},
	{"shut-wr", ask_shut_wr, 1},
	{"shut-both", ask_shut_both, 1},
	{"peer", ask_peer, 1},
	{"self", ask_self, 1},
	{"none", ask_none, 1},
	{"bind", ask_bind, 1},
	{"listen", ask_listen, 1},
	{"accept", ask_accept, 1},
	{"inq", ask_inq, 1},
	{"outq", ask_outq, 1},
	{"state", ask_state, TCP_SYN_SENT},
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };
/* So many at a time that select() can be asked. */
enum { PAIRS = QUESTIONS * QUESTIONS, BATCH = PAIRS / 2, BACKENDS = 4 };

static const struct question *question_of(const char *name)
{
	for (int i = 0; i < QUESTIONS; i++)
		if (!strcmp(questions[i].name, name))
			return &questions[i];
	fprintf(stderr, "no such question: %s\n", name);
	exit(2);
}

static void print(const struct question *q, int answer)
{
	if (answer < 0)
		printf(" %s=%s", q->name, strerrorname_np(-answer));
	else if (q->ask == ask_error || q->ask == ask_dup)
		printf(" %s=%s", q->name,
			answer ? strerrorname_np(answer) : "0");
	else
		printf(" %s=%x", q->name, (unsigned)answer);
}

/*
 * An answer to the connection as it ended: each question may be what sends it
 * on to one more backend, where it is under way again.
 */
static int last_answer(const struct question *q, int fd)
{
	int answer = 0;

	for (int i = 0; i < BACKENDS; i++) {
		wait_for_end(fd);
		answer = q->ask(fd);
		if (answer != q->not_yet)
			break;
	}
	return answer;
}

static int answer_of(const struct question *q, int fd, bool last)
{
	return last ? last_answer(q, fd) : q->ask(fd);
}

/* Every pair, and then what is always asked. */
static void ask_all(const int fd[BATCH], int first, bool last)
{
	static const char *const tail[] = {"poll", "error", "state"};

	for (int i = 0; i < BATCH; i++) {
		const struct question *a = &questions[(first + i) / QUESTIONS],
				      *b = &questions[(first + i) % QUESTIONS];

		printf("%s %s:", a->name, b->name);
		print(a, answer_of(a, fd[i], last));
		print(b, answer_of(b, fd[i], last));
		for (size_t t = 0; t < sizeof(tail) / sizeof(tail[0]); t++) {
			const struct question *q = question_of(tail[t]);

			print(q, answer_of(q, fd[i], last));
		}
		printf("\n");
		close(fd[i]);
	}
}

static void begin(int fd[BATCH])
{
	for (int i = 0; i < BATCH; i++) {
		fd[i] = new_socket();
		if (fd[i] < 0 || !connect(fd[i], &to.sa, to.len) ||
			errno != EINPROGRESS) {
			perror("connect");
			exit(1);
		}
	}
}

/* Asks each until all are on their way to the hole. */
static void wait_until_moved(const int fd[BATCH], const struct question *how,
	const char *const *argv)
{
	struct address hole = address_of(argv[0], argv[1]);
	int going = 0;

	for (int n = 0; n < 400; n++) {
		for (int i = 0; i < BATCH; i++) {
			int answer = how->ask(fd[i]);

			if (answer == how->not_yet)
				continue;
			printf("told after %d:", n);
			print(how, answer);
			printf("\n");
			exit(0);
		}
		going = count_going_to(&hole);
		if (going == BATCH)
			return;
		pause_us(20000);
	}
	printf("%d of %d are on their way\n", going, BATCH);
	exit(0);
}

int main(int argc, char **argv)
{
	const struct question *how;
	static int fd[BATCH];
	bool refused = argc == 5 && !strcmp(argv[1], "refused");

	if (argc != 5 && argc != 7)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	how = question_of(argv[2]);
	to = address_of(argv[3], argv[4]);
	other = to.sa.sa_family == AF_INET ? address_of("127.0.0.1", "9")
					   : address_of("::1", "9");
	for (int first = 0; first < PAIRS; first += BATCH) {
		begin(fd);
		if (!refused)
			wait_until_moved(
				fd, how, (const char *const *)argv + 5);
		for (int i = 0; refused && i < BATCH; i++)
			last_answer(how, fd[i]);
		ask_all(fd, first, refused);
	}
	return 0;
}

/*
 * claimed -> what does the kernel say now? -> move on, or let the host be told
 *
 * Never moved is what has carried a byte, what the host has shut down, and what
 * it has been told of: all that shows in what poll() says of a socket.
 */
#include "tell.h"
#include "move.h"
#include "raw.h"
#include "real.h"
#include "route.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <time.h>

/* States of TCP, as the kernel counts them. */
enum { SYN_SENT = 2, CLOSED = 7 };

static bool ask_kernel(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	*info = (struct tcp_info){0};
	return !raw5(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)info,
		(long)&len);
}

static int events_of(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
	const struct timespec none = {0};

	raw5(SYS_ppoll, (long)&p, 1, (long)&none, 0, 0);
	return p.revents;
}

bool tell_is_wrong(int fd)
{
	return events_of(fd) & (POLLERR | POLLHUP);
}

bool tell_has_error(int fd)
{
	return events_of(fd) & POLLERR;
}

static int state_of(int fd)
{
	struct tcp_info info;

	return ask_kernel(fd, &info) ? info.tcpi_state : 0;
}

bool tell_is_connecting(int fd)
{
	return state_of(fd) == SYN_SENT;
}

bool tell_stands(int fd)
{
	int state = state_of(fd);

	return state && state != SYN_SENT && state != CLOSED;
}

static unsigned option(int fd, int name)
{
	unsigned value = 0;
	socklen_t len = sizeof(value);

	raw5(SYS_getsockopt, fd, IPPROTO_TCP, name, (long)&value, (long)&len);
	return value;
}

/* As often as the kernel repeats a SYN; or as long as the host has set. */
static bool is_patience_over(
	int fd, const struct tcp_info *info, uint32_t took_ms)
{
	unsigned own_ms = option(fd, TCP_USER_TIMEOUT);

	return info->tcpi_total_retrans >= option(fd, TCP_SYNCNT) ||
		(own_ms && took_ms >= own_ms);
}

bool tell_is_blocking(int fd)
{
	long flags = raw3(SYS_fcntl, fd, F_GETFL, 0);

	return flags < 0 || !(flags & O_NONBLOCK);
}

/*
 * One that does not wait cannot have been refused yet: the kernel has told what
 * became of the one before, and has not begun this one.
 */
bool tell_is_of_an_earlier(int fd, int err)
{
	switch (err) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case ETIMEDOUT:
		return !sandbox_is_closed() && !tell_is_blocking(fd);
	default:
		return false;
	}
}

/*
 * The kernel's own patience has run out, not the network's. The error itself
 * would tell, but only once.
 */
static bool has_timed_out(
	int fd, const struct pending *p, const struct tcp_info *info, int err)
{
	uint32_t took_ms = (uint32_t)real_coarse_ms() - p->begun;

	if (p->is_timed || took_ms < ROUTE_QUICK_MS)
		return false;
	return err ? err == ETIMEDOUT : is_patience_over(fd, info, took_ms);
}

/*
 * A listener that closes resets what it has not accepted: that stood, but if
 * nothing went either way but SYN and ACK, nobody can tell another from it.
 */
static bool is_untouched(const struct tcp_info *info)
{
	return !info->tcpi_bytes_received &&
		info->tcpi_segs_out <= 2 + info->tcpi_total_retrans;
}

/* These are never shut for reading before the host does that. */
static bool is_mptcp(int fd)
{
	int protocol = 0;
	socklen_t len = sizeof(protocol);

	raw5(SYS_getsockopt, fd, SOL_SOCKET, SO_PROTOCOL, (long)&protocol,
		(long)&len);
	return protocol == IPPROTO_MPTCP;
}

/*
 * It has failed, and nobody has been told. Closed by the network, a socket
 * has an error and is shut for reading; by its program, it is not shut, and
 * without the error it has been told. Or it is still connecting, for a router
 * has said that there is no way while the kernel was busy with it: that would
 * try on, but programs are told.
 */
static bool has_failed(int fd, const struct tcp_info *info, enum tell_why why)
{
	int events = why == TELL_REPEATED ? 0 : events_of(fd);

	if (info->tcpi_state == SYN_SENT)
		return why != TELL_EVENT || events & POLLERR;
	if (why == TELL_EVENT && !(events & POLLERR))
		return false;
	return why == TELL_REPEATED || events & POLLRDHUP || is_mptcp(fd);
}

/* A failure that another backend may spare the host. */
static bool is_worth_a_move(
	int fd, const struct pending *p, const struct tcp_info *info, int err)
{
	return is_untouched(info) && !has_timed_out(fd, p, info, err) &&
		!tell_is_blocking(fd);
}

static enum tell tell_failure(int fd, struct pending *p,
	const struct tcp_info *info, int err, enum pending_kind *kind)
{
	*kind = PENDING_NOT;
	if (is_worth_a_move(fd, p, info, err))
		*kind = move_on(fd, p, err);
	if (*kind == PENDING_CONNECT || *kind == PENDING_PEER)
		return TELL_LATER;
	*kind = err ? PENDING_TOLD : PENDING_SPENT;
	if (err)
		move_report(fd, p, err);
	return TELL;
}

static bool is_standing(const struct tcp_info *info)
{
	return info->tcpi_state != SYN_SENT && info->tcpi_state != CLOSED;
}

/*
 * A reset is an error before it is a state, and both can be seen in between.
 * But the kernel reads the state before it waits for whoever is at work on the
 * socket: it is another at the second look.
 */
static bool ask_until_settled(int fd, struct tcp_info *info, int err)
{
	bool is_tcp = ask_kernel(fd, info);

	if (is_tcp && is_standing(info) && (err || tell_has_error(fd)))
		is_tcp = ask_kernel(fd, info);
	return is_tcp;
}

static enum tell judge(int fd, struct pending *p, enum tell_why why, int err,
	enum pending_kind *kind)
{
	struct tcp_info info;

	p->owed = 0;
	*kind = PENDING_NOT;
	if (!ask_until_settled(fd, &info, err))
		return TELL; /* not TCP */
	if (is_standing(&info)) {
		bool wrong = tell_is_wrong(fd);

		*kind = wrong ? PENDING_PEER : PENDING_STOOD;
		if (!p->has_stood)
			move_report(fd, p, 0);
		return wrong ? TELL : TELL_NOT;
	}
	if (has_failed(fd, &info, why))
		return tell_failure(fd, p, &info, err, kind);
	*kind = info.tcpi_state == SYN_SENT ? PENDING_CONNECT : PENDING_TOLD;
	return info.tcpi_state == SYN_SENT ? TELL_NOT : TELL;
}

enum tell tell_what(int fd, struct pending *p, enum tell_why why, int err)
{
	enum pending_kind kind;
	enum tell tell = judge(fd, p, why, err, &kind);

	pending_release(p, kind);
	return tell;
}

void tell_late(int fd, struct pending *p)
{
	enum pending_kind kind = PENDING_NOT;

	p->owed = 0;
	if (tell_is_connecting(fd) && !tell_is_blocking(fd))
		kind = move_on(fd, p, ETIMEDOUT);
	if (kind == PENDING_NOT) {
		kind = PENDING_CONNECT;
		p->is_timed = false; /* as long as the kernel takes */
	}
	pending_release(p, kind);
}

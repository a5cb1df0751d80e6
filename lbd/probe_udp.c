/*
 * The talk probe over udp: one datagram out, and what comes back to its
 * socket. A port that nobody has is told of by ICMP, which makes the socket's
 * next call fail. Without an expected text nobody has to answer.
 */
#include "dialogue.h"
#include "lbd.h"
#include "own.h"
#include "probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAM_MAX = 64 * 1024 };

static const struct probe_conf *asked(const struct probe *p)
{
	return &p->backend->service->conf->probe;
}

static void stop(struct probe *p)
{
	ev_io_stop(p->lbd->loop, &p->io);
	if (p->fd < 0)
		return;
	own_drop(p->fd);
	close(p->fd);
	p->fd = -1;
}

static void fail(struct probe *p, enum verdict verdict, int err)
{
	probe_done(p, verdict, strerror(err));
}

/* The expected text must be in one datagram; others may come before it. */
static void on_datagram(struct ev_loop *loop, ev_io *w, int revents)
{
	struct probe *p = w->data;
	unsigned char datagram[DATAGRAM_MAX];
	ssize_t got;

	(void)loop;
	if (probe_is_unwatched(p, revents))
		return;
	got = recv(p->fd, datagram, sizeof(datagram), 0);
	if (got >= 0) {
		if (dialogue_has(datagram, got, &asked(p)->expect))
			probe_done(p, VERDICT_OK, NULL);
	} else if (errno != EAGAIN && errno != EINTR) {
		fail(p, probe_verdict(errno), errno);
	}
}

static void late(struct probe *p)
{
	if (asked(p)->expect.size)
		probe_done(p, VERDICT_TIMEOUT,
			"no datagram with the expected text in time");
	else
		probe_done(p, VERDICT_SILENT, NULL);
}

static void start(struct probe *p)
{
	const struct bytes *text = &asked(p)->send;
	struct addr target = probe_target(p);
	struct sockaddr_storage to;
	socklen_t len = addr_sockaddr(&target, &to);

	p->fd = socket(
		to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0) {
		fail(p, VERDICT_LOCAL, errno);
		return;
	}
	own_add(p->fd);
	/* Without a text to send, an empty datagram asks. */
	if (connect(p->fd, (struct sockaddr *)&to, len) ||
		send(p->fd, text->at, text->size, MSG_NOSIGNAL) < 0) {
		fail(p, probe_verdict_at_once(errno), errno);
		return;
	}
	ev_io_init(&p->io, on_datagram, p->fd, EV_READ);
	p->io.data = p;
	ev_io_start(p->lbd->loop, &p->io);
}

const struct probe_kind_ops probe_udp = {
	.start = start, .late = late, .stop = stop};

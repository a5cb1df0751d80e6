/*
 * The talk probe over tcp: a socket for what dialogue.c says and hears. Only
 * one read per turn of the loop, however much there is, so that a server that
 * never ends keeps nobody else waiting.
 */
#include "dialogue.h"
#include "lbd.h"
#include "own.h"
#include "probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_writable(struct ev_loop *loop, ev_io *w, int revents);
static void on_readable(struct ev_loop *loop, ev_io *w, int revents);

static void stop(struct probe *p)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct talk *t = p->state;

	ev_io_stop(p->lbd->loop, &p->io);
	if (p->fd >= 0) {
		if (!t->gently)
			setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset,
				sizeof(reset));
		own_drop(p->fd);
		close(p->fd);
		p->fd = -1;
	}
	free(t);
	p->state = NULL;
}

static void fail(struct probe *p, enum verdict verdict, int err)
{
	probe_done(p, verdict, strerror(err));
}

static void watch(struct probe *p, int events,
	void (*then)(struct ev_loop *, ev_io *, int))
{
	ev_io_stop(p->lbd->loop, &p->io);
	ev_io_init(&p->io, then, p->fd, events);
	p->io.data = p;
	ev_io_start(p->lbd->loop, &p->io);
}

/* The reason is in the talk, and the talk ends first. */
static void finish(struct probe *p, enum turn turn, enum verdict bad)
{
	const struct talk *t = p->state;
	char why[REASON_MAX];

	memcpy(why, t->why, sizeof(why));
	if (turn == TURN_GOOD)
		probe_done(p, VERDICT_OK, NULL);
	else
		probe_done(p, bad, why);
}

static void broken(struct probe *p, int err)
{
	if (err != EAGAIN && err != EINTR)
		finish(p, dialogue_ended(p->state, strerror(err)),
			probe_verdict(err));
}

static void take(struct probe *p, enum turn turn)
{
	switch (turn) {
	case TURN_LISTEN:
		watch(p, EV_READ, on_readable);
		break;
	case TURN_SAY:
		watch(p, EV_WRITE, on_writable);
		break;
	case TURN_GOOD:
	case TURN_BAD:
		finish(p, turn, VERDICT_REFUSED);
	}
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct probe *p = w->data;
	struct talk *t = p->state;
	ssize_t got;

	(void)loop;
	if (probe_is_unwatched(p, revents))
		return;
	got = recv(p->fd, t->kept + t->held, dialogue_room(t), 0);
	if (got > 0)
		take(p, dialogue_heard(t, got));
	else if (!got)
		take(p, dialogue_ended(t, "closed before it had answered"));
	else
		broken(p, errno);
}

static void on_writable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct probe *p = w->data;
	struct talk *t = p->state;
	ssize_t put;

	(void)loop;
	if (probe_is_unwatched(p, revents))
		return;
	put = send(p->fd, t->say.at, t->say.size, MSG_NOSIGNAL);
	if (put < 0) {
		broken(p, errno);
		return;
	}
	t->say.at = (const char *)t->say.at + put;
	t->say.size -= put;
	if (!t->say.size)
		take(p, dialogue_sent(t));
}

static void on_connected(struct ev_loop *loop, ev_io *w, int revents)
{
	struct probe *p = w->data;
	int err = 0;
	socklen_t len = sizeof(err);

	(void)loop;
	if (probe_is_unwatched(p, revents))
		return;
	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (err)
		fail(p, probe_verdict(err), err);
	else
		take(p,
			dialogue_open(
				p->state, &p->backend->service->conf->probe));
}

static void late(struct probe *p)
{
	struct talk *t = p->state;
	bool connected = p->io.cb != on_connected;
	const char *why = !connected ? strerror(ETIMEDOUT)
		: t->conf->expect.size && t->heard
		? "expected text did not come in time"
		: "no answer in time";

	finish(p, dialogue_ended(t, why),
		connected ? VERDICT_MUTE : VERDICT_TIMEOUT);
}

static void start(struct probe *p)
{
	struct addr target = probe_target(p);
	struct sockaddr_storage to;
	socklen_t len = addr_sockaddr(&target, &to);

	p->state = calloc(1, sizeof(struct talk));
	if (!p->state) {
		fail(p, VERDICT_LOCAL, ENOMEM);
		return;
	}
	p->fd = socket(
		to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0) {
		fail(p, VERDICT_LOCAL, errno);
		return;
	}
	own_add(p->fd);
	if (connect(p->fd, (struct sockaddr *)&to, len) &&
		errno != EINPROGRESS) {
		fail(p, probe_verdict_at_once(errno), errno);
		return;
	}
	watch(p, EV_WRITE, on_connected);
}

const struct probe_kind_ops probe_talk = {
	.start = start, .late = late, .stop = stop};

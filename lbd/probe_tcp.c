/*
 * The tcp probe: does the backend take a connection? It is closed at once,
 * with a reset, so that probing leaves no port in TIME_WAIT.
 */
#include "lbd.h"
#include "own.h"
#include "probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void stop(struct probe *p)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	ev_io_stop(p->lbd->loop, &p->io);
	if (p->fd < 0)
		return;
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	own_drop(p->fd);
	close(p->fd);
	p->fd = -1;
}

static void finish(struct probe *p, enum verdict verdict, int err)
{
	probe_done(p, verdict, err ? strerror(err) : NULL);
}

static void on_answer(struct ev_loop *loop, ev_io *w, int revents)
{
	struct probe *p = w->data;
	int err = 0;
	socklen_t len = sizeof(err);

	(void)loop;
	if (probe_is_unwatched(p, revents))
		return;
	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (err == ECONNRESET) /* after it was made, else it is refused */
		err = 0;
	finish(p, probe_verdict(err), err);
}

static void start(struct probe *p)
{
	struct addr target = probe_target(p);
	struct sockaddr_storage to;
	socklen_t len = addr_sockaddr(&target, &to);

	p->fd = socket(
		to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0) {
		finish(p, VERDICT_LOCAL, errno);
		return;
	}
	own_add(p->fd);
	if (!connect(p->fd, (struct sockaddr *)&to, len)) {
		finish(p, VERDICT_OK, 0);
		return;
	}
	if (errno != EINPROGRESS) {
		finish(p, probe_verdict_at_once(errno), errno);
		return;
	}
	ev_io_init(&p->io, on_answer, p->fd, EV_WRITE);
	p->io.data = p;
	ev_io_start(p->lbd->loop, &p->io);
}

const struct probe_kind_ops probe_tcp = {.start = start, .stop = stop};

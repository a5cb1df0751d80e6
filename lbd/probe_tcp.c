/*
 * The tcp probe: does the backend take a connection? It is closed at once,
 * with a reset, so that probing leaves no port in TIME_WAIT.
 */
#include "lbd.h"
#include "probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What connect() itself says of the network is our side's doing. */
static enum verdict verdict_at_once(int err)
{
	return err == ECONNREFUSED || err == ECONNRESET ? VERDICT_REFUSED
							: VERDICT_LOCAL;
}

static enum verdict verdict_later(int err)
{
	switch (err) {
	case 0:
		return VERDICT_OK;
	case ETIMEDOUT:
		return VERDICT_TIMEOUT;
	case EHOSTUNREACH:
	case ENETUNREACH:
		return VERDICT_UNREACHABLE;
	default:
		return VERDICT_REFUSED;
	}
}

void probe_tcp_stop(struct probe *p)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	ev_io_stop(p->lbd->loop, &p->io);
	ev_timer_stop(p->lbd->loop, &p->timer);
	if (p->fd < 0)
		return;
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(p->fd);
	p->fd = -1;
}

static void finish(struct probe *p, enum verdict verdict, int err)
{
	probe_tcp_stop(p);
	probe_done(p, verdict, err ? strerror(err) : NULL);
}

static void on_answer(struct ev_loop *loop, ev_io *w, int revents)
{
	struct probe *p = w->data;
	int err = 0;
	socklen_t len = sizeof(err);

	(void)loop;
	(void)revents;
	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	finish(p, verdict_later(err), err);
}

static void on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct probe *p = w->data;

	(void)loop;
	(void)revents;
	finish(p, VERDICT_TIMEOUT, ETIMEDOUT);
}

static void wait_for_answer(struct probe *p)
{
	const struct service_conf *conf = p->backend->service->conf;

	ev_io_init(&p->io, on_answer, p->fd, EV_WRITE);
	p->io.data = p;
	ev_io_start(p->lbd->loop, &p->io);
	ev_timer_init(&p->timer, on_late, conf->timeout_ms / 1000.0, 0);
	p->timer.data = p;
	ev_timer_start(p->lbd->loop, &p->timer);
}

static struct addr target_of(const struct backend *b)
{
	struct addr to = b->conf->addr;

	if (b->service->conf->probe_port)
		to.port = b->service->conf->probe_port;
	return to;
}

void probe_tcp_start(struct probe *p)
{
	struct addr target = target_of(p->backend);
	struct sockaddr_storage to;
	socklen_t len = addr_sockaddr(&target, &to);
	int err;

	p->fd = socket(
		to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0) {
		finish(p, VERDICT_LOCAL, errno);
		return;
	}
	if (!connect(p->fd, (struct sockaddr *)&to, len)) {
		finish(p, VERDICT_OK, 0);
		return;
	}
	err = errno;
	if (err == EINPROGRESS)
		wait_for_answer(p);
	else
		finish(p, verdict_at_once(err), err);
}

/*
 * Probes of every kind: whom to ask, how long the answer may take. The kinds
 * are in files of their own.
 */
#include "probe.h"
#include "lbd.h"

#include <errno.h>
#include <string.h>

static const struct probe_kind_ops *const kinds[] = {
	[PROBE_TCP] = &probe_tcp,
	[PROBE_HTTP] = &probe_http,
	[PROBE_GRPC] = &probe_grpc,
};

struct addr probe_target(const struct probe *p)
{
	struct addr to = p->backend->conf->addr;

	if (p->backend->service->conf->probe.port)
		to.port = p->backend->service->conf->probe.port;
	return to;
}

/* What connect() itself says of the network is our side's doing. */
enum verdict probe_verdict_at_once(int err)
{
	return err == ECONNREFUSED || err == ECONNRESET ? VERDICT_REFUSED
							: VERDICT_LOCAL;
}

enum verdict probe_verdict(int err)
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

static void stop(struct probe *p)
{
	ev_timer_stop(p->lbd->loop, &p->timer);
	if (!p->asking)
		return;
	p->asking = false;
	p->ops->stop(p);
}

static void on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct probe *p = w->data;

	(void)loop;
	(void)revents;
	probe_done(p, VERDICT_TIMEOUT, strerror(ETIMEDOUT));
}

void probe_start(struct probe *p)
{
	const struct service_conf *conf = p->backend->service->conf;

	p->ops = kinds[conf->probe.kind];
	p->asking = true;
	ev_timer_init(&p->timer, on_late, conf->timeout_ms / 1000.0, 0);
	p->timer.data = p;
	ev_timer_start(p->lbd->loop, &p->timer);
	p->ops->start(p);
}

void probe_done(struct probe *p, enum verdict verdict, const char *why)
{
	stop(p);
	health_answer(p, verdict, why);
}

void probe_end(struct probe *p)
{
	stop(p);
	if (p->ops && p->ops->forget)
		p->ops->forget(p);
	p->ops = NULL;
}

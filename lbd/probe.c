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
	[PROBE_TALK] = &probe_talk,
	[PROBE_SCRIPT] = &probe_script,
	[PROBE_HTTP] = &probe_http,
	[PROBE_GRPC] = &probe_grpc,
};

/* A text goes the way the service's callers go; Redis and the like talk tcp. */
static const struct probe_kind_ops *ops_for(const struct service_conf *conf)
{
	if (conf->probe.kind == PROBE_TALK &&
		conf->probe.dialogue == DIALOGUE_TEXT &&
		conf->protocol == PROTOCOL_UDP)
		return &probe_udp;
	return kinds[conf->probe.kind];
}

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
	case ENOMEM:
	case ENOBUFS: /* the kernel's own memory */
		return VERDICT_LOCAL;
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
	if (p->ops->late)
		p->ops->late(p);
	else
		probe_done(p, VERDICT_TIMEOUT, strerror(ETIMEDOUT));
}

void probe_wait(struct probe *p)
{
	ev_timer_stop(p->lbd->loop, &p->timer);
}

void probe_run(struct probe *p)
{
	unsigned ms = p->backend->service->conf->timeout_ms;

	ev_timer_stop(p->lbd->loop, &p->timer);
	ev_timer_init(&p->timer, on_late, ms / 1000.0, 0);
	p->timer.data = p;
	ev_timer_start(p->lbd->loop, &p->timer);
}

void probe_start(struct probe *p)
{
	p->ops = ops_for(p->backend->service->conf);
	p->asking = true;
	probe_run(p);
	p->ops->start(p);
}

void probe_done(struct probe *p, enum verdict verdict, const char *why)
{
	stop(p);
	health_answer(p, verdict, why);
}

/* libev has stopped the watcher, and a socket that nobody knows anything of
 * looks like one that is well. */
bool probe_is_unwatched(struct probe *p, int revents)
{
	if (!(revents & EV_ERROR))
		return false;
	probe_done(p, VERDICT_LOCAL, "the kernel watches no more sockets");
	return true;
}

void probe_end(struct probe *p)
{
	stop(p);
	if (p->ops && p->ops->forget)
		p->ops->forget(p);
	p->ops = NULL;
}

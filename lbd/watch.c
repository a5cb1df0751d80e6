/*
 * Who is asked at all: as the file and the operator say. Nothing of an old file
 * is pointed at when a reload is through.
 */
#include "health_parts.h"
#include "probe.h"
#include "publish.h"

#include <stdlib.h>

static void stop_probing(struct lbd *lbd, struct backend *b)
{
	struct sight *sight = &lbd->overview.sight;

	if (!b->probe)
		return;
	ask_errands(lbd)->end(b->probe);
	if (sight_unwatch(sight, &b->probe->sighting) == SIGHT_REGAINED) {
		lbd->overview.clear = lbd->overview.now;
		if (lbd->world.services) /* else all of it ends */
			health_log_sight(sight);
	}
	free(b->probe);
	b->probe = NULL;
}

static void begin_probing(struct lbd *lbd, struct backend *b)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (!p) /* its state stays; the next reload tries again */
		return;
	p->lbd = lbd;
	p->backend = b;
	p->fd = -1;
	ev_init(&p->io, NULL);
	ev_init(&p->timer, NULL);
	sight_watch(&lbd->overview.sight, &p->sighting, &b->conf->addr);
	b->probe = p;
	ask_in(p, ask_spread(p));
}

/*
 * A reload: what was being asked is asked again, for the question may be
 * another now; the next one comes forward where the interval became shorter.
 */
static void hurry(struct probe *p)
{
	double longest = p->backend->service->conf->interval_ms / 1000.0;
	double left = p->asking ? ask_spread(p) : ask_errands(p->lbd)->left(p);

	ask_errands(p->lbd)->end(p);
	ask_in(p, left <= longest ? left : longest * health_chance());
}

/* Nobody asks any more: as usable as on the first day. */
static void forget(struct lbd *lbd, struct backend *b)
{
	bool known = b->health.verdicts;

	stop_probing(lbd, b);
	b->health = (struct health){.since = lbd->overview.now};
	if (known)
		publish_health(lbd, b);
}

void health_watch(struct lbd *lbd, struct backend *b)
{
	if (b->service->conf->probe.kind == PROBE_NONE) {
		forget(lbd, b);
	} else if (b->will == WILL_MAINT) {
		stop_probing(lbd, b);
		b->health.verdicts = b->health.streak = 0;
	} else if (b->probe) {
		hurry(b->probe);
	} else {
		begin_probing(lbd, b);
	}
	outcomes_limit(lbd, b);
	if (!health_is_usable(b))
		outcomes_relieve(lbd, b);
}

void health_unwatch(struct lbd *lbd, struct backend *b)
{
	stop_probing(lbd, b);
	outcomes_forget(lbd, b);
}

/*
 * A backend that callers pick, with recent failures, or that came back a moment
 * ago has a struct fading in a list; all others have none, so that a tick costs
 * nothing where nothing happens.
 */
#include "fading.h"
#include "flow.h"
#include "interlude.h"
#include "loads.h"
#include "publish.h"

#include <stdlib.h>

static const double tick = 0.1; /* callers learn what was seen that often */

struct fading {
	struct fading *next;
	struct backend *backend;
	struct load load;
	struct flow flow;
	bool flows;    /* callers pick it whose connections are counted */
	double picked; /* by them, since the last tick */
};

static uint16_t share_of_pick(const struct flow *f)
{
	return (uint16_t)(1 + 255 * flow_share(f, tick));
}

/* What there is by now, and what of it is likely to count until callers are told
 * again: of many short connections, little. */
void fading_settle(struct lbd *lbd, struct backend *b)
{
	const struct fading *one = b->fading;
	const struct flow *flow = one && one->flows ? &one->flow : NULL;
	double standing = flow ? flow->open : (double)b->connections;
	double ahead = flow ? flow_ahead(flow, tick) : standing;
	struct backend before = *b;

	b->standing = (uint32_t)(standing + 0.5);
	b->load = load_sum(ahead, one ? &one->load : NULL);
	b->pick = flow ? share_of_pick(flow) : 256;
	b->full = load_is_full(b->connections, b->conf->max_conns);
	if (b->full != before.full)
		publish_health(lbd, b);
	else if (b->load != before.load || b->pick != before.pick ||
		b->standing != before.standing)
		publish_state(b);
}

static struct fading *fading_of(struct fadings *f, struct backend *b)
{
	struct fading *one = b->fading;

	if (one)
		return one;
	one = calloc(1, sizeof(*one));
	if (!one)
		return NULL;
	one->backend = b;
	one->next = f->first;
	f->first = b->fading = one;
	return one;
}

static struct load *load_of(struct fadings *f, struct backend *b)
{
	struct fading *one = fading_of(f, b);

	return one ? &one->load : NULL;
}

void fading_picked(struct fadings *f, struct backend *b, uint64_t picks)
{
	struct fading *one = picks ? fading_of(f, b) : NULL;

	if (!one)
		return;
	if (!one->flows)
		one->flow.open = b->connections;
	one->flows = true;
	one->picked += (double)picks;
}

void fading_failed(struct fadings *f, struct backend *b, uint64_t failed)
{
	struct load *l = failed ? load_of(f, b) : NULL;

	if (l)
		l->failures += (double)failed;
}

void fading_unseen(struct fadings *f, struct backend *b, uint64_t picks)
{
	struct load *l = picks ? load_of(f, b) : NULL;

	if (l)
		l->unseen += (double)picks;
}

static unsigned weight_of(const struct backend *b)
{
	return b->weight ? b->weight : b->conf->weight;
}

/* The loads of a tier: callers choose among backends of one family, and
 * backups apart. */
struct tier {
	double load, weight;
};

static struct tier *tier_of(struct tier tier[2][FAMILIES], struct backend *b)
{
	return &tier[b->conf->backup]
		    [addr_is_v4(&b->conf->addr) ? FAMILY_V4 : FAMILY_V6];
}

/* Of those that were usable before, and are. */
static void add_up(const struct service *s, struct tier tier[2][FAMILIES])
{
	for (size_t i = 0; i < s->backends; i++) {
		struct backend *b = s->backend[i];
		struct tier *t = tier_of(tier, b);

		if (!b->was_usable || !health_is_usable(b))
			continue;
		t->load += b->load;
		t->weight += weight_of(b);
	}
}

/* From here on callers come: as many as to its siblings, not all at once. */
static void warm_up(struct fadings *f, struct backend *b, const struct tier *t)
{
	struct load *l = t->load > 0 ? load_of(f, b) : NULL;

	if (!l)
		return;
	load_warm(l, t->load / LOAD_UNIT / t->weight, weight_of(b));
	fading_settle(f->lbd, b);
}

void fading_turned(struct fadings *f, struct backend *b)
{
	struct tier tier[2][FAMILIES] = {0};
	bool back = health_is_usable(b) && !b->was_usable;

	if (back)
		add_up(b->service, tier);
	b->was_usable = health_is_usable(b);
	if (back)
		warm_up(f, b, tier_of(tier, b));
}

void fading_mark(struct fadings *f)
{
	for (struct fading *one = f->first; one; one = one->next)
		flow_mark(&one->flow);
}

static void pool(const struct fadings *f)
{
	for (struct fading *one = f->first; one; one = one->next)
		one->backend->service->carried = one->backend->service->ending =
			0;
	for (struct fading *one = f->first; one; one = one->next)
		if (one->flows) {
			one->backend->service->carried += one->flow.carried;
			one->backend->service->ending += one->flow.ending;
		}
}

void fading_count(struct fadings *f, double now)
{
	double seconds = f->counted > 0 ? now - f->counted : 0;

	f->counted = now;
	for (struct fading *one = f->first; one; one = one->next)
		if (one->flows)
			flow_count(
				&one->flow, one->backend->connections, seconds);
	pool(f);
	for (struct fading *one = f->first; one; one = one->next) {
		const struct service *s = one->backend->service;

		if (!one->flows)
			continue;
		one->flow.around_s = s->ending > 0 && s->carried > 0
			? s->carried / s->ending
			: 0;
		fading_settle(f->lbd, one->backend);
	}
}

void fading_lose(struct fadings *f)
{
	f->counted = 0;
	for (struct fading *one = f->first; one; one = one->next)
		one->flows = false;
}

/* Returns whether its connections are all there is to it by now. */
static bool age(struct fading *one, double seconds)
{
	load_fade(&one->load, seconds);
	if (one->flows)
		flow_pass(&one->flow, one->picked, seconds);
	one->picked = 0;
	if (one->flows && flow_is_over(&one->flow)) {
		one->flow = (struct flow){0};
		one->flows = false;
	}
	return !one->flows && load_is_plain(&one->load);
}

static void drop(struct fading **at)
{
	struct fading *one = *at;

	*at = one->next;
	free(one);
}

void fading_age(struct fadings *f, double now)
{
	struct fading **at = &f->first;
	double seconds = now - f->faded;

	f->faded = now;
	while (*at) {
		struct fading *one = *at;
		struct backend *b = one->backend;
		bool plain = age(one, seconds > 0 ? seconds : 0);

		if (plain)
			b->fading = NULL;
		fading_settle(f->lbd, b);
		if (plain)
			drop(at);
		else
			at = &one->next;
	}
}

static void rebind_service(struct fadings *f, struct service *s)
{
	struct tier tier[2][FAMILIES] = {0};

	add_up(s, tier);
	for (size_t i = 0; i < s->backends; i++) {
		struct backend *b = s->backend[i];
		bool back = health_is_usable(b) && !b->was_usable;

		b->was_usable = health_is_usable(b);
		if (back)
			warm_up(f, b, tier_of(tier, b));
		fading_settle(f->lbd, b);
	}
}

void fading_rebind(struct fadings *f)
{
	const struct world *w = &f->lbd->world;
	struct fading **at = &f->first;

	while (*at)
		if ((*at)->backend->service->gone)
			drop(at);
		else
			at = &(*at)->next;
	for (size_t i = 0; i < w->services; i++) {
		interlude(f->lbd);
		rebind_service(f, &w->service[i]);
	}
}

void fading_end(struct fadings *f)
{
	while (f->first)
		drop(&f->first);
}

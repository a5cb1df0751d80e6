/*
 * From one configuration to the next: a new world is built beside the old one,
 * borrowing what both know, and takes its place only when nothing can fail any
 * more.
 */
#include "world.h"
#include "lists.h"
#include "log.h"
#include "publish.h"

#include <stdlib.h>
#include <string.h>

/* Old services by name, for look-ups while the new world is built. */
struct by_name {
	struct service **sorted;
	size_t count;
};

static int compare_names(const void *a, const void *b)
{
	const struct service *const *x = a, *const *y = b;

	return strcmp((*x)->conf->name, (*y)->conf->name);
}

static bool index_names(struct by_name *index, const struct world *world)
{
	index->count = world->services;
	index->sorted = calloc(world->services + 1, sizeof(*index->sorted));
	if (!index->sorted)
		return false;
	for (size_t i = 0; i < world->services; i++)
		index->sorted[i] = &world->service[i];
	qsort(index->sorted, index->count, sizeof(*index->sorted),
		compare_names);
	return true;
}

static struct service *find_name(
	const struct by_name *index, const struct service_conf *conf)
{
	const struct service key = {.conf = conf}, *at = &key;
	struct service **found = bsearch(&at, index->sorted, index->count,
		sizeof(*index->sorted), compare_names);

	return found ? *found : NULL;
}

static int compare_addrs(const void *a, const void *b)
{
	const struct backend *const *x = a, *const *y = b;
	const struct addr *p = &(*x)->conf->addr, *q = &(*y)->conf->addr;

	if (p->hi != q->hi)
		return p->hi < q->hi ? -1 : 1;
	if (p->lo != q->lo)
		return p->lo < q->lo ? -1 : 1;
	return (p->port > q->port) - (p->port < q->port);
}

/* Old backends by address; most reloads change none, so the order is kept. */
static struct backend **sort_backends(const struct service *old)
{
	struct backend **sorted = calloc(old->backends + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < old->backends; i++)
		sorted[i] = old->backend[i];
	qsort(sorted, old->backends, sizeof(*sorted), compare_addrs);
	return sorted;
}

/* Carries a backend over, or makes one: number 0 until it is taken in. */
static struct backend *take_backend(
	struct backend **sorted, size_t count, const struct backend_conf *conf)
{
	const struct backend key = {.conf = conf}, *at = &key;
	struct backend **found = NULL;

	if (count)
		found = bsearch(
			&at, sorted, count, sizeof(*sorted), compare_addrs);
	return found ? *found : calloc(1, sizeof(struct backend));
}

static bool build_backends(
	struct service *s, const struct service *old, size_t count)
{
	struct backend **sorted = old ? sort_backends(old) : NULL;
	bool ok = !old || sorted;

	s->backend = calloc(count + 1, sizeof(*s->backend));
	for (size_t i = 0; ok && s->backend && i < count; i++) {
		struct backend *b = take_backend(
			sorted, old ? old->backends : 0, &s->conf->backend[i]);

		if (!b)
			break;
		if (!b->number)
			b->conf = &s->conf->backend[i];
		s->backend[s->backends++] = b;
	}
	free(sorted);
	return s->backends == count && s->backend;
}

static bool build_service(
	struct world *w, const struct by_name *index, struct service *s)
{
	const struct service *known = find_name(index, s->conf);

	s->counter = UINT32_MAX;
	if (known) {
		s->former = known->list;
		s->tag = known->tag;
		s->use = known->use;
		s->counter = known->counter;
		s->attempts = known->attempts;
		s->denied = known->denied;
		s->failovers = known->failovers;
		s->no_backend = known->no_backend;
	}
	s->list = lists_take(w, &s->conf->rules);
	return s->list && lists_join(s) &&
		build_backends(s, known, s->conf->backends);
}

static bool build(struct world *w, const struct world *old, struct conf *conf,
	const struct holders *holders)
{
	struct by_name index;
	bool ok = index_names(&index, old);

	w->conf = conf;
	w->service = calloc(conf->services + 1, sizeof(*w->service));
	ok = ok && w->service;
	for (size_t i = 0; ok && i < conf->services; i++) {
		w->services = i + 1;
		w->service[i].conf = &conf->service[i];
		w->service[i].zone = conf->zone;
		w->needs |= acl_needs(&conf->service[i].rules);
		ok = build_service(w, &index, &w->service[i]);
	}
	free(index.sorted);
	return ok && lists_settle(w, old, holders);
}

/* The parts of a world that are its own, not the backends nor the regions. */
static void free_frame(struct world *w)
{
	for (size_t i = 0; i < w->services; i++)
		free(w->service[i].backend);
	for (size_t i = 0; i < w->lists; i++) {
		if (w->list[i])
			free(w->list[i]->service);
		free(w->list[i]);
	}
	free(w->service);
	free(w->list);
}

/* A world that was not to be: what it borrowed stays with the old one. */
static void give_up(struct world *w, struct region *larger)
{
	for (size_t i = 0; i < w->services; i++)
		for (size_t j = 0; j < w->service[i].backends; j++)
			if (!w->service[i].backend[j]->number)
				free(w->service[i].backend[j]);
	for (size_t i = 0; i < w->lists; i++) {
		struct list *list = w->list[i];

		if (list && list->region && (list->replaced || !list->id))
			region_close(list->region);
	}
	region_close(larger);
	free_frame(w);
}

/* Free indexes in the counters, lowest first, for services that are new. */
static bool number_services(struct lbd *lbd, struct world *w)
{
	bool *used = calloc(2 * w->services + lbd->counters + 1, sizeof(*used));
	uint32_t next = 0;

	if (!used)
		return false;
	for (size_t i = 0; i < w->services; i++)
		if (w->service[i].counter != UINT32_MAX)
			used[w->service[i].counter] = true;
	for (size_t i = 0; i < w->services; i++) {
		struct service *s = &w->service[i];

		if (!s->tag)
			s->tag = ++lbd->last_tag;
		if (s->counter == UINT32_MAX) {
			while (used[next])
				next++;
			s->counter = next++;
		}
		if (s->counter >= lbd->counters)
			lbd->counters = s->counter + 1;
	}
	free(used);
	return true;
}

/* From here on the new world owns what it borrowed. */
static void take_in(struct lbd *lbd, struct service *s)
{
	s->use.last = lbd->overview.now;
	for (size_t i = 0; i < s->backends; i++) {
		struct backend *b = s->backend[i];

		s->ejected += health_is_ejected(b);
		if (!b->number) {
			b->number = ++lbd->last_backend;
			b->health.since = lbd->overview.now;
		}
		b->conf = &s->conf->backend[i];
		b->service = s;
		b->ordinal = (uint32_t)i;
	}
}

static bool was_taken(const struct backend *b, const struct world *old)
{
	return b->service < old->service ||
		b->service >= old->service + old->services;
}

static void let_go(struct lbd *lbd, struct world *old)
{
	for (size_t i = 0; i < old->services; i++)
		for (size_t j = 0; j < old->service[i].backends; j++) {
			struct backend *b = old->service[i].backend[j];

			if (was_taken(b, old))
				continue;
			health_unwatch(lbd, b);
			free(b);
		}
	for (size_t i = 0; i < old->lists; i++)
		if (old->list[i] && !lists_heir(&lbd->world, old->list[i]))
			lists_end(old->list[i]);
	free_frame(old);
	if (old->conf != lbd->world.conf)
		conf_free(old->conf);
}

bool world_change(struct lbd *lbd, struct conf *conf)
{
	struct world old = lbd->world, w = {0};
	struct region *larger = NULL;

	if (!build(&w, &old, conf, &lbd->holders) ||
		!publish_prepare(&w, lbd->keys, &larger) ||
		!number_services(lbd, &w)) {
		give_up(&w, larger);
		return false;
	}
	lbd->world = w;
	lists_number(&w, &lbd->last_list);
	lists_part(&w);
	for (size_t i = 0; i < w.services; i++)
		take_in(lbd, &w.service[i]);
	if (!publish_world(lbd, larger))
		log_event(LEVEL_ERROR, "publish-failed", NULL,
			"the new table cannot be published; callers keep the "
			"old one");
	for (size_t i = 0; i < w.services; i++)
		for (size_t j = 0; j < w.service[i].backends; j++)
			health_watch(lbd, w.service[i].backend[j]);
	let_go(lbd, &old); /* no probe looks at the old file any more */
	if (w.needs & SUBJECT_NET)
		holders_settle(&lbd->holders);
	return true;
}

void world_end(struct lbd *lbd)
{
	struct world last = lbd->world;

	lbd->world = (struct world){0};
	for (size_t i = 0; i < last.services; i++)
		for (size_t j = 0; j < last.service[i].backends; j++) {
			health_unwatch(lbd, last.service[i].backend[j]);
			free(last.service[i].backend[j]);
		}
	for (size_t i = 0; i < last.lists; i++)
		if (last.list[i])
			lists_end(last.list[i]);
	region_close_all(lbd->keys);
	lbd->keys = NULL;
	free_frame(&last);
	conf_free(last.conf);
	holders_free(&lbd->holders);
	publish_end();
}

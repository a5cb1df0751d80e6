/*
 * From one configuration to the next: a new world is built beside the old one,
 * borrowing what both know, and takes its place only when nothing can fail any
 * more.
 */
#include "world.h"
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

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_rules(const struct rules *a, const struct rules *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct rule *p = &a->rule[i], *q = &b->rule[i];

		if (p->permit != q->permit || p->subjects != q->subjects ||
			p->user != q->user || p->group != q->group ||
			!same_text(p->exe, q->exe))
			return false;
	}
	return true;
}

static struct list *find_list(const struct world *w, const struct rules *rules)
{
	for (size_t i = 0; i < w->lists; i++)
		if (w->list[i] && same_rules(w->list[i]->rules, rules))
			return w->list[i];
	return NULL;
}

/* An old list keeps its place, which callers know it by; others fill gaps. */
static bool put_list(struct world *w, const struct world *old,
	struct list *list, const struct list *known)
{
	struct list **grown;
	size_t at = 0;

	if (known)
		at = known->index;
	else
		while (at < w->lists &&
			(w->list[at] || (at < old->lists && old->list[at])))
			at++;
	if (at >= w->lists) {
		grown = realloc(w->list, (at + 1) * sizeof(*grown));
		if (!grown)
			return false;
		memset(grown + w->lists, 0,
			(at + 1 - w->lists) * sizeof(*grown));
		w->list = grown;
		w->lists = at + 1;
	}
	list->index = (uint32_t)at;
	w->list[at] = list;
	return true;
}

static struct list *take_list(
	struct world *w, const struct world *old, const struct rules *rules)
{
	struct list *list = find_list(w, rules);
	const struct list *known = find_list(old, rules);

	if (list)
		return list;
	list = calloc(1, sizeof(*list));
	if (!list || !put_list(w, old, list, known)) {
		free(list);
		return NULL;
	}
	list->rules = rules;
	if (known) {
		list->id = known->id;
		list->region = known->region;
	}
	return list;
}

static bool join_list(struct service *s)
{
	struct list *list = s->list;
	size_t n = list->services;

	if (!(n & (n - 1))) {
		struct service **grown = realloc(
			list->service, (n ? 2 * n : 1) * sizeof(*grown));

		if (!grown)
			return false;
		list->service = grown;
	}
	list->service[list->services++] = s;
	return true;
}

static bool build_service(struct world *w, const struct world *old,
	const struct by_name *index, struct service *s)
{
	const struct service *known = find_name(index, s->conf);

	s->counter = UINT32_MAX;
	if (known) {
		s->tag = known->tag;
		s->counter = known->counter;
		s->attempts = known->attempts;
		s->denied = known->denied;
		s->failovers = known->failovers;
		s->no_backend = known->no_backend;
	}
	s->list = take_list(w, old, &s->conf->rules);
	return s->list && join_list(s) &&
		build_backends(s, known, s->conf->backends);
}

static bool names_a_program(const struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->rule[i].subjects & SUBJECT_EXE)
			return true;
	return false;
}

static bool build(struct world *w, const struct world *old, struct conf *conf)
{
	struct by_name index;
	bool ok = index_names(&index, old);

	w->conf = conf;
	w->service = calloc(conf->services + 1, sizeof(*w->service));
	ok = ok && w->service;
	for (size_t i = 0; ok && i < conf->services; i++) {
		w->services = i + 1;
		w->service[i].conf = &conf->service[i];
		w->needs_exe |= names_a_program(&conf->service[i].rules);
		ok = build_service(w, old, &index, &w->service[i]);
	}
	free(index.sorted);
	return ok;
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
	for (size_t i = 0; i < s->backends; i++) {
		struct backend *b = s->backend[i];

		if (!b->number) {
			b->number = ++lbd->last_backend;
			b->health.since = ev_now(lbd->loop);
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
		if (old->list[i] &&
			(i >= lbd->world.lists || !lbd->world.list[i] ||
				lbd->world.list[i]->id != old->list[i]->id))
			region_close(old->list[i]->region);
	free_frame(old);
	conf_free(old->conf);
}

bool world_change(struct lbd *lbd, struct conf *conf)
{
	struct world old = lbd->world, w = {0};
	struct region *larger = NULL;

	if (!build(&w, &old, conf) ||
		!publish_prepare(&w, lbd->keys, &larger) ||
		!number_services(lbd, &w)) {
		give_up(&w, larger);
		return false;
	}
	lbd->world = w;
	for (size_t i = 0; i < w.lists; i++)
		if (w.list[i] && !w.list[i]->id)
			w.list[i]->id = ++lbd->last_list;
	for (size_t i = 0; i < w.services; i++)
		take_in(lbd, &w.service[i]);
	if (!publish_world(lbd, larger))
		log_event(LEVEL_ERROR, "publish-failed", NULL,
			"the new table cannot be published; callers keep the "
			"old one");
	let_go(lbd, &old);
	for (size_t i = 0; i < w.services; i++)
		for (size_t j = 0; j < w.service[i].backends; j++)
			health_watch(lbd, w.service[i].backend[j]);
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
			region_close(last.list[i]->region);
	region_close(lbd->keys);
	lbd->keys = NULL;
	free_frame(&last);
	conf_free(last.conf);
	publish_end();
}

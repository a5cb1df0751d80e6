/*
 * From one configuration to the next: a new world is built beside the old one,
 * borrowing what both know, and takes its place only when nothing can fail any
 * more.
 *
 *	build -> number -> write the table || go over || watch -> let go
 *
 * What is in between the bars happens at once. All else has interludes, in which
 * the loop goes on: first with the old world, then with the new one.
 */
#include "world.h"
#include "intake.h"
#include "interlude.h"
#include "kernel.h"
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

/* Carries a backend over, or makes one: of no service until it is taken in. */
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
		if (!b->service)
			b->conf = &s->conf->backend[i];
		s->backend[s->backends++] = b;
	}
	free(sorted);
	return s->backends == count && s->backend;
}

static bool build_service(
	struct world *w, const struct by_name *index, struct service *s)
{
	struct service *known = find_name(index, s->conf);

	s->counter = UINT32_MAX;
	if (known) {
		known->heir = s;
		s->former = known->list;
		s->tag = known->tag;
		s->counter = known->counter;
	}
	s->list = lists_take(w, &s->conf->rules);
	return s->list && lists_join(s) &&
		build_backends(s, known, s->conf->backends);
}

static bool build(struct lbd *lbd, struct world *w, struct conf *conf)
{
	const struct world *old = &lbd->world;
	struct by_name index;
	bool ok = index_names(&index, old);

	w->conf = conf;
	w->service = calloc(conf->services + 1, sizeof(*w->service));
	ok = ok && w->service;
	for (size_t i = 0; ok && i < conf->services; i++) {
		interlude(lbd);
		w->services = i + 1;
		w->service[i].conf = &conf->service[i];
		w->service[i].zone = conf->zone;
		w->needs |= acl_needs(&conf->service[i].rules);
		ok = build_service(w, &index, &w->service[i]);
	}
	free(index.sorted);
	return ok && lists_settle(w, old, &lbd->holders);
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
static void give_up(struct lbd *lbd, struct world *w, struct region *larger)
{
	for (size_t i = 0; i < lbd->world.services; i++)
		lbd->world.service[i].heir = NULL;
	publish_give_up(lbd, w);
	for (size_t i = 0; i < w->services; i++)
		for (size_t j = 0; j < w->service[i].backends; j++)
			if (!w->service[i].backend[j]->service)
				free(w->service[i].backend[j]);
	for (size_t i = 0; i < w->lists; i++)
		if (w->list[i] && w->list[i]->fresh)
			region_close(w->list[i]->region);
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

/* Before the table is written, which has the numbers in it. */
static void number_backends(struct lbd *lbd, struct service *s)
{
	for (size_t i = 0; i < s->backends; i++) {
		struct backend *b = s->backend[i];

		if (b->number)
			continue;
		b->number = ++lbd->last_backend;
		b->health.since = lbd->overview.now;
	}
}

/* All that can fail, and all that takes long. */
static bool prepare(struct lbd *lbd, struct world *w, struct conf *conf,
	struct region **larger)
{
	struct tempo *t = &lbd->tempo;
	double began, worked;

	if (!build(lbd, w, conf) || !publish_prepare(lbd, w, larger) ||
		!number_services(lbd, w))
		return false;
	for (size_t i = 0; i < w->services; i++) {
		interlude(lbd);
		number_backends(lbd, &w->service[i]);
	}
	lists_number(w, &lbd->last_list);
	intake_expect(lbd, w);
	interlude_note_work(t);
	worked = t->work;
	began = interlude_clock();
	if (!publish_fill(lbd, w, *larger)) {
		log_event(LEVEL_ERROR, "publish-failed", NULL,
			"the new table cannot be published; callers keep the "
			"old one");
		region_close(*larger);
		*larger = NULL;
	}
	interlude_note_work(t);
	t->write = t->work - worked;
	t->write_took = interlude_clock() - began;
	return true;
}

/* What has been learnt of a service until now. */
static void inherit(struct service *s, const struct service *known)
{
	s->use = known->use;
	s->attempts = known->attempts;
	s->denied = known->denied;
	s->failovers = known->failovers;
	s->no_backend = known->no_backend;
}

/* From here on the new world owns what it borrowed. */
static void take_in(struct lbd *lbd, struct service *s)
{
	s->use.last = lbd->overview.now;
	for (size_t i = 0; i < s->backends; i++) {
		struct backend *b = s->backend[i];

		s->ejected += health_is_ejected(b);
		b->conf = &s->conf->backend[i];
		b->service = s;
		b->ordinal = (uint32_t)i;
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_question(
	const struct service_conf *a, const struct service_conf *b)
{
	return a->probe.kind == b->probe.kind && a->protocol == b->protocol &&
		same_text(a->probe.written, b->probe.written);
}

/* Nobody is to answer another question than he was asked. */
static void ask_anew(struct lbd *lbd, struct service *s)
{
	for (size_t i = 0; i < s->backends; i++)
		if (s->backend[i]->probe)
			health_watch(lbd, s->backend[i]);
}

/* The loop comes before it and after it, never in between. */
static bool go_over(struct lbd *lbd, struct world *w, struct region *larger)
{
	struct world old = lbd->world;
	double began = interlude_processor();
	bool shown;

	publish_turned(lbd);
	for (size_t i = 0; i < old.services; i++)
		if (old.service[i].heir)
			inherit(old.service[i].heir, &old.service[i]);
	lbd->world = *w;
	lists_part(w);
	for (size_t i = 0; i < w->services; i++)
		take_in(lbd, &w->service[i]);
	shown = publish_show(lbd, larger);
	intake_rebind(lbd->intake);
	kernel_leave(lbd->kernel);
	for (size_t i = 0; i < old.services; i++) {
		struct service *s = &old.service[i];

		s->gone = true;
		if (s->heir && !same_question(s->conf, s->heir->conf))
			ask_anew(lbd, s->heir);
	}
	lbd->tempo.at_once = interlude_processor() - began;
	return shown;
}

static void watch_all(struct lbd *lbd)
{
	const struct world *w = &lbd->world;

	for (size_t i = 0; i < w->services; i++) {
		interlude(lbd);
		for (size_t j = 0; j < w->service[i].backends; j++)
			health_watch(lbd, w->service[i].backend[j]);
	}
}

static void let_go(struct lbd *lbd, struct world *old)
{
	for (size_t i = 0; i < old->services; i++) {
		interlude(lbd);
		for (size_t j = 0; j < old->service[i].backends; j++) {
			struct backend *b = old->service[i].backend[j];

			if (!b->service->gone)
				continue;
			health_unwatch(lbd, b);
			free(b);
		}
	}
	for (size_t i = 0; i < old->lists; i++)
		if (old->list[i] && !lists_heir(&lbd->world, old->list[i]))
			lists_end(old->list[i]);
	interlude(lbd);
	free_frame(old);
	interlude(lbd);
	if (old->conf != lbd->world.conf)
		conf_free(old->conf);
	interlude(lbd);
}

static void change(struct lbd *lbd, struct world *w, struct region *larger)
{
	struct world old = lbd->world;
	bool settled = !lbd->holders.late;

	if (go_over(lbd, w, larger))
		publish_clear_up(lbd);
	watch_all(lbd);
	kernel_rebind(lbd->kernel);
	let_go(lbd, &old); /* no probe looks at the old file any more */
	if (w->needs & SUBJECT_NET && settled)
		holders_settle(&lbd->holders);
}

bool world_change(struct lbd *lbd, struct conf *conf)
{
	struct world w = {0};
	struct region *larger = NULL;
	bool ready;

	lbd->changing = true;
	lbd->holders.late = false;
	while ((ready = prepare(lbd, &w, conf, &larger)) &&
		lists_outdated(&w, &lbd->world, &lbd->holders)) {
		give_up(lbd, &w, larger);
		w = (struct world){0};
		larger = NULL;
	}
	if (ready)
		change(lbd, &w, larger);
	else
		give_up(lbd, &w, larger);
	lbd->changing = false;
	return ready;
}

bool world_measure(struct conf *conf, struct world_size *size)
{
	struct lbd nobody = {0};
	struct world w = {0};
	bool ok = build(&nobody, &w, conf);

	*size = (struct world_size){0};
	if (ok)
		size->keys = region_size(publish_keys_need(&w));
	for (size_t i = 0; ok && i < w.lists; i++) {
		uint64_t bytes;

		if (!w.list[i])
			continue;
		bytes = region_size(publish_list_need(w.list[i]));
		size->lists++;
		size->all += bytes;
		if (bytes > size->largest)
			size->largest = bytes;
	}
	give_up(&nobody, &w, NULL);
	return ok;
}

void world_end(struct lbd *lbd)
{
	struct world last = lbd->world;

	lbd->world = (struct world){0};
	lbd->turned = NULL;
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

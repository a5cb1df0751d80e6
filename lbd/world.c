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
#include "world_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	bool filled;

	if (!world_build(lbd, w, conf) || !publish_prepare(lbd, w, larger) ||
		!world_number_services(lbd, w))
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
	filled = publish_fill(lbd, w, *larger);
	interlude_note_work(t);
	t->write = t->work - worked;
	t->write_took = interlude_clock() - began;
	if (filled)
		return true;
	log_event(LEVEL_ERROR, "publish-failed", NULL,
		"the new table cannot be published; callers keep the old one");
	errno = ENOMEM;
	return false;
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
static void go_over(struct lbd *lbd, struct world *w, struct region *larger)
{
	struct world old = lbd->world;
	double began = interlude_processor();

	publish_turned(lbd);
	for (size_t i = 0; i < old.services; i++)
		if (old.service[i].heir)
			inherit(old.service[i].heir, &old.service[i]);
	lbd->world = *w;
	lists_part(w);
	for (size_t i = 0; i < w->services; i++)
		take_in(lbd, &w->service[i]);
	publish_show(lbd, larger);
	intake_rebind(lbd->intake);
	kernel_leave(lbd->kernel);
	for (size_t i = 0; i < old.services; i++) {
		struct service *s = &old.service[i];

		s->gone = true;
		if (s->heir && !same_question(s->conf, s->heir->conf))
			ask_anew(lbd, s->heir);
	}
	lbd->tempo.at_once = interlude_processor() - began;
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
			lists_end(lbd, old->list[i]);
	interlude(lbd);
	world_free_frame(old);
	interlude(lbd);
	if (old->conf != lbd->world.conf)
		conf_free(old->conf);
	interlude(lbd);
}

static void change(struct lbd *lbd, struct world *w, struct region *larger)
{
	struct world old = lbd->world;
	bool settled = !lbd->holders.late;

	go_over(lbd, w, larger);
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
		world_give_up(lbd, &w, larger);
		w = (struct world){0};
		larger = NULL;
	}
	if (ready)
		change(lbd, &w, larger);
	else
		world_give_up(lbd, &w, larger);
	lbd->changing = false;
	return ready;
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
			lists_end(lbd, last.list[i]);
	region_close_all(lbd->keys);
	lbd->keys = NULL;
	world_free_frame(&last);
	conf_free(last.conf);
	holders_free(&lbd->holders);
	publish_end();
}

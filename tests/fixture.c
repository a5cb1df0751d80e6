#include "fixture.h"
#include "lbd/world.h"
#include "shim/lookup.h"

#include <arpa/inet.h>
#include <check.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct conf *parse(const char *text)
{
	struct complaints said = {0};
	struct conf *conf = conf_parse("test.ini", text, strlen(text), &said);

	if (!conf)
		complaints_print(&said, stderr);
	complaints_free(&said);
	ck_assert_ptr_nonnull(conf);
	return conf;
}

static void look(struct fixture *f)
{
	const struct world *w = &f->lbd.world;

	free(f->view);
	f->view = calloc(
		1, sizeof(*f->view) + w->lists * sizeof(f->view->list[0]));
	f->view->keys = f->lbd.keys->map;
	f->view->lists = w->lists;
	f->view->counters = f->counters;
	for (size_t i = 0; i < w->lists; i++) {
		if (!w->list[i])
			continue;
		f->view->list[i].id = w->list[i]->id;
		f->view->list[i].map = w->list[i]->region->map;
	}
}

void fixture_reload(struct fixture *f, const char *text)
{
	ck_assert(fixture_change(f, text, (struct refusal){0}));
}

bool fixture_change(struct fixture *f, const char *text, struct refusal refusal)
{
	struct conf *conf = parse(text);
	bool changed;

	if (refusal.nth)
		refusal_begin(refusal);
	changed = world_change(&f->lbd, conf);
	f->refused = refusal.nth && refusal_end();
	if (changed)
		look(f);
	else
		conf_free(conf);
	return changed;
}

void fixture_open(struct fixture *f, const char *text)
{
	*f = (struct fixture){0};
	f->lbd.loop = ev_loop_new(0);
	fixture_reload(f, text);
}

void fixture_close(struct fixture *f)
{
	world_end(&f->lbd);
	ev_loop_destroy(f->lbd.loop);
	free(f->view);
	free(f->counters);
}

void fixture_count(struct fixture *f)
{
	f->counters = calloc(1, counters_size(0));
	f->view->counters = f->counters;
}

struct counters_line *fixture_line(struct fixture *f, const struct backend *b)
{
	struct counters_line *line = counters_line(f->counters, 0, b->number);

	line->tag = (uint64_t)b->number + 1;
	return line;
}

struct service *fixture_service(struct fixture *f, const char *name)
{
	struct world *w = &f->lbd.world;

	for (size_t i = 0; i < w->services; i++)
		if (!strcmp(w->service[i].conf->name, name))
			return &w->service[i];
	ck_abort_msg("no service %s", name);
}

struct addr fixture_addr(const char *text)
{
	struct addr a = {0};
	unsigned char ip[16];
	char host[64];
	const char *colon = strrchr(text, ':');
	uint64_t word[2];

	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	a.port = (uint16_t)atoi(colon + 1);
	if (host[0] == '[') {
		host[strlen(host) - 1] = '\0';
		ck_assert_int_eq(inet_pton(AF_INET6, host + 1, ip), 1);
		memcpy(word, ip, sizeof(word));
		a.hi = be64toh(word[0]);
		a.lo = be64toh(word[1]);
	} else {
		uint32_t v4;

		ck_assert_int_eq(inet_pton(AF_INET, host, &v4), 1);
		a.lo = ADDR_V4_PREFIX | be32toh(v4);
	}
	return a;
}

const char *fixture_route(
	const struct fixture *f, const char *vip, uint64_t draw)
{
	static char text[ADDR_TEXT_MAX];
	struct addr asked = fixture_addr(vip);
	struct tried tried = {0};
	struct route route = {.adrift = false};
	enum found found = FOUND_NOTHING;

	if (lookup_may_be_virtual(f->view, &asked))
		found = lookup_service(f->view, &asked, 0, &route);
	if (found == FOUND_SERVICE)
		found = lookup_backend(f->view, draw, &tried, &route);
	switch (found) {
	case FOUND_BACKEND:
		addr_text(&route.to, true, text);
		return text;
	case FOUND_DENIED:
		return "denied";
	case FOUND_EMPTY:
		return "empty";
	case FOUND_STRANGE:
		return "strange";
	case FOUND_SHARED:
		return "shared";
	case FOUND_CHANGED:
		return "changed";
	default:
		return "nothing";
	}
}

/*
 * Backends of any weights, loads and states, a wheel that lbd's own code made of
 * them, and any draws: who is chosen is the best that is left, and each as often
 * as it should be.
 *
 *	balance | flags | panic | hash-on | port, 2 | user, 2 | draw, 8
 *	then the backends, 8 bytes each: see struct input
 */
#include "expected.h"
#include "fuzz.h"
#include "lbd/publish.h"
#include "lbd/publish_wheels.h"
#include "lbd/wheel.h"

#include <stdlib.h>
#include <string.h>

enum { ADRIFT = 1, COUNTED = 2, ASKED_V6 = 4, ZONED = 8 };
enum { DOWN = 1, DRAINED = 2, FULL = 4, BACKUP = 8, LOCAL = 16, SLOW = 32 };
enum { IS_V6 = 1, EVERY_PORT = 2, GOES_DOWN = 4, GETS_FULL = 8, RETURNS = 16 };
enum { TURN_MOST = 2048, DRAWS = 1024, CALLERS = 64, CHOICES = 64 };

struct input {
	uint8_t weight; /* 0: 256 */
	uint8_t is;	/* when the wheel was made */
	uint8_t share;
	uint8_t more; /* and what has become of it since */
	uint16_t load;
	uint8_t room; /* 0: any */
	uint8_t unseen;
} __attribute__((packed));

struct head {
	uint8_t balance, flags, panic, hash_on;
	uint16_t port, user;
	uint64_t draw;
} __attribute__((packed));

/* A service of one list: what lbd would have read and found out. */
static struct {
	struct service_conf conf;
	struct backend_conf of[EXPECTED_MOST];
	struct backend backend[EXPECTED_MOST], *pointer[EXPECTED_MOST];
	struct rules none;
	struct service service, *its;
	struct list list;
	struct world world;
	struct counters *counters;
} here;

static char a_zone[] = "a", a_name[] = "s";

static union {
	struct attachment a;
	char room[sizeof(struct attachment) + sizeof(struct attached_list)];
} view;

/* The largest there can be, so that nothing is short later. */
static void begin(void)
{
	struct service *s = &here.service;

	here.conf.name = a_name;
	here.conf.balance = BALANCE_MAGLEV;
	here.conf.backend = here.of;
	for (uint32_t i = 0; i < EXPECTED_MOST; i++) {
		here.backend[i].service = s;
		here.backend[i].conf = &here.of[i];
		here.backend[i].ordinal = i;
		here.backend[i].number = i + 1;
		here.of[i].addr.lo = ADDR_V4_PREFIX | (0x0a000001 + i);
		here.pointer[i] = &here.backend[i];
	}
	here.its = s;
	here.world = (struct world){.service = s, .services = 1};
	here.list = (struct list){
		.rules = &here.none, .service = &here.its, .services = 1};
	*s = (struct service){.conf = &here.conf,
		.list = &here.list,
		.tag = 7,
		.backend = here.pointer,
		.backends = EXPECTED_MOST};
	here.counters = calloc(1, counters_size(0));
	here.list.region =
		region_create(NULL, TABLE_LIST, publish_list_need(&here.list));
	if (!here.counters || !here.list.region ||
		!publish_reserve(&here.world))
		abort();
	view.a.lists = 1;
	view.a.list[0].map = here.list.region->map;
}

static void put_backend(
	struct backend *b, const struct input *in, const struct head *head)
{
	struct backend_conf *conf = &here.of[b->ordinal];
	struct counters_line *line = counters_line(here.counters, 0, b->number);

	conf->weight = in->weight ? in->weight : 256;
	conf->backup = in->is & BACKUP;
	conf->zone = in->is & LOCAL ? a_zone : NULL;
	conf->max_conns = in->room;
	conf->addr = (struct addr){.lo = 0x0a000001 + b->ordinal,
		.port = in->more & EVERY_PORT ? 0 : 80};
	if (in->more & IS_V6)
		conf->addr.hi = 0xfd00ULL << 48;
	else
		conf->addr.lo |= ADDR_V4_PREFIX;
	b->health.state = in->is & DOWN ? HEALTH_DOWN : HEALTH_UP;
	b->will = in->is & DRAINED ? WILL_DRAIN : WILL_READY;
	b->full = in->is & FULL;
	b->load = in->load;
	b->pick = (uint16_t)(head->user % 256 + 1);
	b->ramp.on = in->is & SLOW;
	b->ramp.share = 0.1 + 0.9 * in->share / 255;
	line->tag = (uint64_t)b->number + 1;
	line->seen = UINT64_MAX - 5;
	line->picks = line->seen + in->unseen;
}

/* Health goes on, and the wheel stays for now. */
static void move_on(struct backend *b, const struct input *in)
{
	if (in->more & GOES_DOWN)
		b->health.state = HEALTH_DOWN;
	if (in->more & RETURNS)
		b->health.state = HEALTH_UP;
	if (in->more & GETS_FULL)
		b->full = true;
	if (in->more & (GOES_DOWN | RETURNS | GETS_FULL))
		publish_state(b);
}

static void publish(const struct head *head, const struct input *in, size_t n)
{
	here.conf.balance = head->balance % BALANCE_MAGLEV + 1;
	here.conf.hash_on = head->hash_on % 3;
	here.conf.panic = head->panic == 255 ? PANIC_OFF : head->panic % 101;
	here.conf.backends = here.service.backends = n;
	here.service.zone = head->flags & ZONED ? a_zone : NULL;
	for (size_t i = 0; i < n; i++)
		put_backend(&here.backend[i], &in[i], head);
	publish_list(&here.list);
	view.a.counters = head->flags & COUNTED ? here.counters : NULL;
	view.a.user_hash = table_mix(head->user);
	view.a.host_hash = 1;
	view.a.process_key = NULL;
}

static enum found pick(const struct head *head, uint64_t draw,
	const struct tried *tried, struct route *route)
{
	static const struct addr v4 = {.lo = ADDR_V4_PREFIX | 0x7f600001},
				 v6 = {.hi = 1};

	*route = (struct route){
		.vip = head->flags & ASKED_V6 ? v6 : v4,
		.tag = 7,
		.adrift = head->flags & ADRIFT,
	};
	route->vip.port = head->port;
	return lookup_backend(&view.a, draw, tried, route);
}

/* One after the other, until there is none. */
static void exhaust(const struct head *head, const struct expected *e)
{
	struct tried tried = {0};
	struct route route;
	bool found;

	do {
		found = pick(head, head->draw + tried.count, &tried, &route) ==
			FOUND_BACKEND;
		expect_best(e, found, &tried, &route);
		tried_add(&tried, &route.to);
	} while (found && tried.count < TRIED_MAX);
}

/* A first choice, by many draws. */
static void choose(const struct head *head, const struct expected *e)
{
	const struct tried tried = {0};
	struct route route;

	for (uint64_t i = 0; i < CHOICES; i++) {
		enum found found = pick(head, head->draw + i, &tried, &route);

		expect_best(e, found == FOUND_BACKEND, &tried, &route);
	}
}

/* So many draws from there on; who is chosen how often. */
static void count(const struct head *head, uint64_t from, uint32_t draws,
	uint32_t hits[EXPECTED_MOST])
{
	const struct tried tried = {0};
	struct route route;

	memset(hits, 0, EXPECTED_MOST * sizeof(*hits));
	for (uint32_t i = 0; i < draws; i++)
		if (pick(head, from + i, &tried, &route) == FOUND_BACKEND)
			hits[route.ordinal]++;
}

static void expect_shares(const struct head *head, const struct expected *e)
{
	uint32_t hits[EXPECTED_MOST];
	uint64_t from = head->draw >> 8; /* cursors end far beyond that */

	if (expected_is_even(e) && e->total <= TURN_MOST) {
		count(head, from, e->total, hits);
		expect_turn(e, hits);
	} else if (e->balance == BALANCE_RANDOM) {
		count(head, from, DRAWS, hits);
		expect_spread(e, hits, DRAWS);
	}
}

/* Whom each of some callers is sent to; -1: to nobody. */
static void ask_callers(const struct head *head, int to[CALLERS])
{
	const struct tried tried = {0};
	struct route route;

	for (uint64_t i = 0; i < CALLERS; i++) {
		view.a.user_hash = view.a.host_hash = table_mix(i + 1);
		to[i] = pick(head, i, &tried, &route) == FOUND_BACKEND
			? (int)route.ordinal
			: -1;
	}
}

/* Of maglev's callers nobody moves but those of who has gone. */
static void expect_steady(const struct head *head, struct expected *e)
{
	int before[CALLERS], after[CALLERS];
	struct backend *gone;

	if (e->balance != BALANCE_MAGLEV || !expected_is_plain(e))
		return;
	gone = &here.backend[e->stop[head->draw % e->stops]];
	ask_callers(head, before);
	gone->health.state = HEALTH_DOWN;
	publish_state(gone);
	publish_wheels(&here.service);
	ask_callers(head, after);
	for (int i = 0; i < CALLERS; i++)
		if (after[i] == (int)gone->ordinal ||
			(after[i] != before[i] &&
				before[i] != (int)gone->ordinal))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in[EXPECTED_MOST];
	struct head head;
	struct expected e;
	size_t n;

	if (!here.counters)
		begin();
	if (size < sizeof(head) + sizeof(*in))
		return 0;
	memcpy(&head, data, sizeof(head));
	n = (size - sizeof(head)) / sizeof(*in);
	n = n < EXPECTED_MOST ? n : EXPECTED_MOST;
	memcpy(in, data + sizeof(head), n * sizeof(*in));
	publish(&head, in, n);
	expect(&e, &here.service, head.flags & ASKED_V6 ? FAMILY_V6 : FAMILY_V4,
		head.flags & ADRIFT,
		head.flags & COUNTED ? here.counters : NULL);
	for (size_t i = 0; i < n; i++)
		move_on(&here.backend[i], &in[i]);
	expect_now(&e, head.port);
	exhaust(&head, &e);
	choose(&head, &e);
	expect_shares(&head, &e);
	expect_steady(&head, &e);
	return 0;
}

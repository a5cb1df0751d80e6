/*
 * What a program reads that cannot follow a table to a larger region: as much
 * as there is room for, oldest services first, and never what is not so.
 */
#include "fixture.h"
#include "lbd/publish.h"
#include "suites.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define A "127.96.0.1:1"
#define B "127.96.0.2:1"

static struct fixture f;
static char text[200000];

/* Services a and b, with so many more backends of a, all in 10.N.0.0/16, and
 * addresses of c. */
static const char *ini(int net, int backends, int addresses, const char *b)
{
	char *to = text;

	to += sprintf(to,
		"[defaults]\nprobe = none\n[service a]\naddress = " A
		"\nbackend = 10.%d.0.1:1\n",
		net);
	for (int i = 0; i < backends; i++)
		to += sprintf(to, "backend = 10.%d.%d.%d:1\n", net, 1 + i / 250,
			1 + i % 250);
	to += sprintf(to, "%s", b);
	for (int i = 0; i < addresses; i++)
		to += sprintf(to, "%saddress = 127.96.3.1:%d\n",
			i ? "" : "[service c]\nbackend = 10.0.0.9:1\n", i + 1);
	return text;
}

#define WITH_B "[service b]\naddress = " B "\nbackend = 10.0.0.2:1\n"

/* As the fixture's caller had it mapped so far, and has it for ever. */
static struct fixture old;

static void stay_behind(void)
{
	size_t size =
		sizeof(*f.view) + f.lbd.world.lists * sizeof(f.view->list[0]);

	old = f;
	old.view = malloc(size);
	memcpy(old.view, f.view, size);
}

static void leads_into(
	const struct fixture *caller, const char *vip, const char *net)
{
	for (uint64_t draw = 0; draw < 50; draw++) {
		const char *to = fixture_route(caller, vip, draw * 1234567);

		ck_assert_msg(
			!strncmp(to, net, strlen(net)), "%s -> %s", vip, to);
	}
}

static void end(void)
{
	free(old.view);
	fixture_close(&f);
}

START_TEST(an_outgrown_list_goes_on_with_all_services)
{
	char first[64];

	fixture_open(&f, ini(1, 0, 0, WITH_B));
	stay_behind();
	fixture_reload(&f, ini(2, 2999, 0, WITH_B));
	ck_assert_ptr_ne(f.view->list[0].map.base, old.view->list[0].map.base);
	for (int net = 3; net < 6; net++) {
		char expected[16];

		sprintf(expected, "10.%d.", net - 1);
		leads_into(&old, A, expected);
		leads_into(&old, B, "10.0.0.2:1");
		leads_into(&f, A, expected);
		leads_into(&f, B, "10.0.0.2:1");
		fixture_reload(&f, ini(net, 2999, 0, WITH_B));
	}
	fixture_reload(&f, ini(9, 2999, 0, "")); /* fewer than it held */
	leads_into(&old, A, "10.9.");
	strcpy(first, fixture_route(&old, A, 1));
	ck_assert_str_ne(fixture_route(&old, A, UINT64_MAX / 2), first);
	ck_assert_str_eq(fixture_route(&f, B, 0), "nothing");
	end();
}
END_TEST

START_TEST(an_outgrown_list_learns_of_health)
{
	struct service *s;

	fixture_open(&f, ini(1, 0, 0, WITH_B));
	stay_behind();
	fixture_reload(&f, ini(1, 2999, 0, WITH_B));
	s = fixture_service(&f, "a");
	for (size_t i = 0; i < 4; i++) {
		publish_health(&f.lbd, s->backend[i]);
		publish_turned(&f.lbd);
		leads_into(&old, A, "10.1.");
		leads_into(&old, B, "10.0.0.2:1");
	}
	for (size_t i = 1; i < s->backends; i++)
		s->backend[i]->health.state = HEALTH_DOWN;
	/* nobody was told yet */
	ck_assert_str_ne(fixture_route(&old, A, 5), "10.1.0.1:1");
	for (size_t i = 1; i < s->backends; i++)
		publish_health(&f.lbd, s->backend[i]);
	publish_turned(&f.lbd);
	leads_into(&old, A, "10.1.0.1:1");
	s->backend[0]->health.state = HEALTH_DOWN;
	s->backend[2]->health.state = HEALTH_UP;
	publish_health(&f.lbd, s->backend[0]);
	publish_health(&f.lbd, s->backend[2]);
	publish_turned(&f.lbd);
	leads_into(&old, A, "10.1.1.2:1");
	end();
}
END_TEST

/* What comes in between: at that interlude, counted from 1. */
static int leave_at, interludes;

static void on_interlude(struct lbd *lbd)
{
	struct service *s;

	if (++interludes != leave_at)
		return;
	s = fixture_service(&f, "a");
	for (size_t i = 0; i < s->backends; i += 2) {
		s->backend[i]->will = WILL_DRAIN;
		publish_health(lbd, s->backend[i]);
	}
	leads_into(&old, A, "10.1.0.2:1"); /* by its state alone */
	publish_turned(lbd);
	leads_into(&old, A, "10.1.0.2:1");
}

#define SHORT                                                                  \
	"[service a]\naddress = " A                                            \
	"\nprobe = none\nbalance = round-robin\nbackend = 10.1.0.1:1\n"        \
	"backend = 10.1.0.2:1\n"

/* The same with many more, that take no part. */
static const char *longer(void)
{
	char *to = text;

	to += sprintf(to, SHORT);
	for (int i = 0; i < 2999; i++)
		to += sprintf(to, "backend = 10.2.%d.%d:1 backup\n",
			1 + i / 250, 1 + i % 250);
	sprintf(to, "%sprobe = none\n", WITH_B);
	return text;
}

/* The first time the list is replaced, the second time it was outgrown. */
static bool leaves_at(int at)
{
	fixture_open(&f, SHORT WITH_B "probe = none\n");
	stay_behind();
	f.lbd.between = on_interlude;
	interludes = 0;
	leave_at = at;
	fixture_reload(&f, longer());
	fixture_reload(&f, longer());
	f.lbd.between = NULL;
	return interludes >= at;
}

START_TEST(who_leaves_while_a_list_is_outgrown_is_gone_in_all_its_regions)
{
	int at;

	for (at = 1; leaves_at(at); at++) {
		leads_into(&old, A, "10.1.0.2:1");
		leads_into(&f, A, "10.1.0.2:1");
		end();
	}
	ck_assert_int_gt(at, 20);
	end();
}
END_TEST

/* One of a thousand services, most of which there is no room for. */
START_TEST(what_an_outgrown_list_does_not_hold_changes_nothing_there)
{
	char *to = text;
	struct service *s;
	const struct region *r;
	char *as_it_was;

	fixture_open(&f, ini(1, 0, 0, ""));
	to += strlen(ini(1, 0, 0, ""));
	for (int i = 0; i < 1000; i++)
		to += sprintf(to,
			"[service s%d]\naddress = 127.96.4.1:%d\n"
			"backend = 10.0.0.3:1\n",
			i, i + 1);
	fixture_reload(&f, text);
	s = fixture_service(&f, "s999");
	r = s->list->outgrown;
	ck_assert_ptr_nonnull(r);
	as_it_was = malloc(r->size);
	memcpy(as_it_was, r->base, r->size);
	s->backend[0]->health.state = HEALTH_DOWN;
	publish_health(&f.lbd, s->backend[0]);
	publish_turned(&f.lbd);
	ck_assert(!memcmp(as_it_was, r->base, r->size));
	leads_into(&f, "127.96.4.1:999", "10.0.0.3:1");
	free(as_it_was);
	fixture_close(&f);
}
END_TEST

/* So many services with a backend each, or with none. */
static const char *many(const char *backend)
{
	char *to = text;

	for (int i = 0; i < 1000; i++)
		to += sprintf(to,
			"[service s%d]\naddress = 127.96.4.1:%d\n"
			"probe = none\n%s",
			i, i + 1, backend);
	return text;
}

/* What was held without backends has no room for one of each. */
START_TEST(an_outgrown_list_leads_to_the_oldest_services)
{
	unsigned led = 0;

	fixture_open(&f, many(""));
	stay_behind();
	for (int i = 0; i < TABLE_SLOTS; i++) /* in none is anything else */
		fixture_reload(&f, many("backend = 10.0.0.3:1\n"));
	ck_assert_ptr_nonnull(fixture_service(&f, "s0")->list->outgrown);
	for (int i = 0; i < 1000; i++) {
		char vip[32];
		const char *to;

		sprintf(vip, "127.96.4.1:%d", i + 1);
		leads_into(&f, vip, "10.0.0.3:1");
		to = fixture_route(&old, vip, 0);
		if (!strcmp(to, "10.0.0.3:1") && led == (unsigned)i)
			led++;
		else
			ck_assert_str_eq(to, "changed"); /* not there */
	}
	ck_assert_uint_gt(led, 100);
	ck_assert_uint_lt(led, 1000);
	end();
}
END_TEST

START_TEST(outgrown_keys_lead_to_the_oldest_services)
{
	fixture_open(&f, ini(1, 0, 0, ""));
	stay_behind();
	fixture_reload(&f, ini(2, 0, 2500, WITH_B));
	ck_assert_ptr_ne(f.view->keys.base, old.view->keys.base);
	leads_into(&f, A, "10.2.0.1:1");
	leads_into(&f, B, "10.0.0.2:1");
	leads_into(&f, "127.96.3.1:2500", "10.0.0.9:1");
	leads_into(&old, A, "10.2.0.1:1");
	leads_into(&old, B, "10.0.0.2:1");
	ck_assert_str_eq(fixture_route(&old, "127.96.3.1:2500", 0), "nothing");
	/* What is gone is gone there too. */
	fixture_reload(&f, ini(2, 0, 2499, ""));
	ck_assert_str_eq(fixture_route(&old, B, 0), "nothing");
	leads_into(&old, A, "10.2.0.1:1");
	end();
}
END_TEST

#define B_ELSEWHERE                                                            \
	"[service b]\naddress = 127.96.0.2:2\nbackend = 10.0.0.2:1\n"

/* The last requests of a reload are those for keys that were outgrown. */
START_TEST(without_memory_outgrown_keys_stay)
{
	unsigned stayed = 0, followed = 0;
	unsigned long n = 0;

	fixture_open(&f, ini(1, 0, 0, WITH_B));
	stay_behind();
	do {
		fixture_reload(&f, ini(1, 0, 2500, WITH_B));
		if (!fixture_change(&f, ini(2, 0, 2500, B_ELSEWHERE),
			    (struct refusal){.nth = ++n}))
			continue;
		leads_into(&f, "127.96.0.2:2", "10.0.0.2:1");
		leads_into(&old, A, "10.2.0.1:1");
		if (!strcmp(fixture_route(&old, B, 0), "nothing"))
			followed++;
		else
			stayed++;
	} while (f.refused);
	leads_into(&old, "127.96.0.2:2", "10.0.0.2:1");
	ck_assert_uint_gt(stayed, 0);
	ck_assert_uint_gt(followed, 0);
	end();
}
END_TEST

Suite *outgrown_suite(void)
{
	Suite *s = suite_create("outgrown");
	TCase *t = tcase_create("outgrown");

	tcase_add_test(t, an_outgrown_list_goes_on_with_all_services);
	tcase_add_test(t, an_outgrown_list_learns_of_health);
	tcase_add_test(t,
		who_leaves_while_a_list_is_outgrown_is_gone_in_all_its_regions);
	tcase_add_test(
		t, what_an_outgrown_list_does_not_hold_changes_nothing_there);
	tcase_add_test(t, an_outgrown_list_leads_to_the_oldest_services);
	tcase_add_test(t, outgrown_keys_lead_to_the_oldest_services);
	tcase_add_test(t, without_memory_outgrown_keys_stay);
	tcase_set_timeout(t, 30); /* under sanitizers, on a busy machine */
	suite_add_tcase(s, t);
	return s;
}

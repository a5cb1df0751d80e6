/*
 * What happens while one world gives way to the next: whatever it is, and
 * wherever it comes in between, callers find a table that is whole and true.
 */
#include "fixture.h"
#include "lbd/interlude.h"
#include "lbd/publish.h"
#include "lbd/world.h"
#include "suites.h"

#include <string.h>

#define HEAD(NAME, NUMBER)                                                     \
	"[service " NAME "]\naddress = 127.96.0." NUMBER ":1\nprobe = none\n"  \
	"balance = round-robin\n"
#define OLD_WEB                                                                \
	HEAD("web", "1")                                                       \
	"backend = 10.0.0.1:1\nbackend = 10.0.0.2:1\nbackend = 10.0.0.3:1\n"
#define NEW_WEB                                                                \
	HEAD("web", "1")                                                       \
	"backend = 10.0.0.2:1\nbackend = 10.0.0.3:1\nbackend = 10.0.0.4:1\n"
#define DB  HEAD("db", "2") "backend = 10.0.1.1:1\nbackend = 10.0.1.2:1\n"
#define OLD OLD_WEB DB
#define NEW NEW_WEB DB HEAD("more", "3") "backend = 10.0.2.1:1\n"

enum { DRAWS = 60, ALWAYS = 0 };

static struct fixture f;

/* What comes in between: at that interlude, counted from 1. */
static struct {
	void (*act)(void);
	int at, now;
	const struct conf *before; /* the old world's */
	bool acted_on_old;
} between;

static bool world_is_old(void)
{
	return f.lbd.world.conf == between.before;
}

static void on_interlude(struct lbd *lbd)
{
	ck_assert_ptr_eq(lbd, &f.lbd);
	if (++between.now != between.at && between.at != ALWAYS)
		return;
	between.acted_on_old = world_is_old();
	between.act();
	publish_turned(lbd);
}

/*
 * Opens one file and goes over to another, with `act` in the interlude of that
 * number; false: there is none.
 */
static bool go_over(const char *from, const char *to, void (*act)(void), int at)
{
	fixture_open(&f, from);
	between.act = act;
	between.at = at;
	between.now = 0;
	between.before = f.lbd.world.conf;
	f.lbd.between = on_interlude;
	fixture_reload(&f, to);
	f.lbd.between = NULL;
	return between.now >= at;
}

static bool leads_to(const char *vip, const char *backend)
{
	bool any = false;

	for (uint64_t draw = 0; draw < DRAWS; draw++) {
		const char *to = fixture_route(&f, vip, draw);

		ck_assert_msg(
			!strncmp(to, "10.", 3), "%s at %d", to, between.now);
		any |= !strcmp(to, backend);
	}
	return any;
}

static struct backend *backend_of(const char *service, size_t i)
{
	return fixture_service(&f, service)->backend[i];
}

static void take_down(struct backend *b)
{
	b->health.state = HEALTH_DOWN;
	publish_health(&f.lbd, b);
}

/* Who attached before is told at once, by whichever table he has. */
static void db_falls(void)
{
	take_down(backend_of("db", 0));
	publish_turned(&f.lbd);
	ck_assert(!leads_to("127.96.0.2:1", "10.0.1.1:1"));
	ck_assert(leads_to("127.96.0.2:1", "10.0.1.2:1"));
}

START_TEST(who_falls_meanwhile_is_down_in_either_table)
{
	for (int at = 1; go_over(OLD, NEW, db_falls, at); at++) {
		ck_assert(!leads_to("127.96.0.2:1", "10.0.1.1:1"));
		ck_assert(leads_to("127.96.0.2:1", "10.0.1.2:1"));
		fixture_close(&f);
	}
	ck_assert_int_gt(between.now, 15);
	fixture_close(&f);
}
END_TEST

static void set_load(struct backend *b, unsigned load)
{
	b->load = load * LOAD_UNIT;
	publish_state(b);
}

/* Of both services: one is written while the other changes. */
static void loads_rise(void)
{
	unsigned load = 76U + (unsigned)between.now;

	set_load(backend_of("db", 0), load);
	set_load(backend_of("last", 0), load);
}

static uint64_t state_in_table(const struct service *s, uint32_t ordinal)
{
	const struct table_map *map = &s->list->region->map;
	uint64_t g, count;
	const struct table_backend *b =
		table_part(map, table_open(map, &g), PART_BACKENDS, &count);

	return table_load(&b[s->placement.first + ordinal].state);
}

#define LIMITED(MOST)                                                          \
	HEAD("db", "2")                                                        \
	"backend = 10.0.1.1:1 max-conns=" MOST                                 \
	"\n" HEAD("last", "4") "backend = 10.0.3.1:1\n"

static void limited_with_load(unsigned load)
{
	uint64_t state = state_in_table(fixture_service(&f, "db"), 0);

	ck_assert_uint_eq(load_of_state(state), load * LOAD_UNIT);
	ck_assert_uint_eq(room_of_state(state), 5);
}

START_TEST(a_load_that_changes_meanwhile_is_in_the_new_table)
{
	for (int at = 1; go_over(LIMITED("9"), LIMITED("5"), loads_rise, at);
		at++) {
		limited_with_load(76U + (unsigned)at);
		fixture_close(&f);
	}
	fixture_close(&f);
}
END_TEST

START_TEST(loads_that_never_rest_are_in_the_new_table)
{
	go_over(LIMITED("9"), LIMITED("5"), loads_rise, ALWAYS);
	limited_with_load(76U + (unsigned)between.now);
	fixture_close(&f);
}
END_TEST

static void loads_rise_in_the_old_world(void)
{
	if (world_is_old())
		loads_rise();
	else
		between.at = -1;
}

START_TEST(the_last_word_of_the_old_world_counts)
{
	unsigned load;

	go_over(LIMITED("9"), LIMITED("5"), loads_rise_in_the_old_world,
		ALWAYS);
	load = fixture_service(&f, "db")->backend[0]->load / LOAD_UNIT;
	limited_with_load(load);
	fixture_close(&f);
}
END_TEST

static void callers_connect(void)
{
	static const char *const web[] = {
		"10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1"};
	bool old = world_is_old();

	ck_assert(leads_to("127.96.0.1:1", web[0]) == old);
	ck_assert(leads_to("127.96.0.1:1", web[1]));
	ck_assert(leads_to("127.96.0.1:1", web[2]));
	ck_assert(leads_to("127.96.0.1:1", web[3]) == !old);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.3:1", 0),
		old ? "nothing" : "10.0.2.1:1");
}

START_TEST(one_world_follows_the_other_at_once)
{
	int old = 0, at;

	for (at = 1; go_over(OLD, NEW, callers_connect, at); at++) {
		old += between.acted_on_old;
		fixture_close(&f);
	}
	ck_assert_int_gt(old, 5);
	ck_assert_int_gt(at - old, 5);
	fixture_close(&f);
}
END_TEST

/* Its place is somebody else's by now. */
static struct backend *first_of_old;

static void who_is_gone_falls(void)
{
	if (world_is_old()) {
		first_of_old = backend_of("web", 0);
		between.at++; /* until it is gone */
		return;
	}
	ck_assert(first_of_old->service->gone);
	take_down(first_of_old);
}

START_TEST(who_is_gone_changes_nothing)
{
	go_over(OLD, NEW, who_is_gone_falls, 1);
	ck_assert(!between.acted_on_old);
	ck_assert(leads_to("127.96.0.1:1", "10.0.0.2:1"));
	ck_assert(leads_to("127.96.0.1:1", "10.0.0.3:1"));
	ck_assert(leads_to("127.96.0.1:1", "10.0.0.4:1"));
	fixture_close(&f);
}
END_TEST

static void somebody_attaches(void)
{
	struct identity who = {
		.user_known = true, .groups_known = true, .user = 1};

	holders_remember(&f.lbd.holders, &who);
}

/* Who got the old list keeps what is in its region. */
START_TEST(who_attaches_meanwhile_is_not_given_what_new_rules_deny)
{
	int old = 0;

	for (int at = 1; go_over(OLD_WEB "permit = user 1\n",
		     NEW_WEB "permit = user 2\n", somebody_attaches, at);
		at++) {
		const struct list *list = fixture_service(&f, "web")->list;

		old += between.acted_on_old;
		ck_assert(!between.acted_on_old || list->id != 1);
		fixture_close(&f);
	}
	ck_assert_int_gt(old, 3);
	ck_assert_uint_eq(fixture_service(&f, "web")->list->id, 1);
	fixture_close(&f);
}
END_TEST

static void an_operator_drains(void)
{
	struct backend *b = backend_of("web", between.acted_on_old ? 1 : 0);

	b->will = WILL_DRAIN;
	publish_health(&f.lbd, b);
}

START_TEST(who_is_drained_meanwhile_stays_so_in_another_place)
{
	for (int at = 1; go_over(OLD, NEW, an_operator_drains, at); at++) {
		ck_assert(!leads_to("127.96.0.1:1", "10.0.0.2:1"));
		ck_assert(leads_to("127.96.0.1:1", "10.0.0.3:1"));
		fixture_close(&f);
	}
	fixture_close(&f);
}
END_TEST

static void on_turn(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	++*(int *)w->data;
}

/* Longer than a piece may be. */
static void work(void)
{
	double since = interlude_clock();

	while (interlude_clock() < since + 0.2)
		;
}

START_TEST(the_loop_has_a_turn_between_any_two_pieces)
{
	struct lbd lbd = {.loop = ev_loop_new(0)};
	int turns = 0;
	ev_timer due;

	ev_timer_init(&due, on_turn, 0, 1e-6);
	due.data = &turns;
	ev_timer_start(lbd.loop, &due);
	work();
	interlude(&lbd);
	ck_assert_int_eq(turns, 0);
	interlude_begin(&lbd);
	for (int i = 1; i < 4; i++) {
		work();
		interlude(&lbd);
		ck_assert_int_ge(turns, i);
	}
	interlude_end(&lbd);
	turns = 0;
	work();
	interlude(&lbd);
	ck_assert_int_eq(turns, 0);
	ev_loop_destroy(lbd.loop);
}
END_TEST

Suite *interlude_suite(void)
{
	Suite *s = suite_create("interlude");
	TCase *t = tcase_create("interlude");

	tcase_add_test(t, the_loop_has_a_turn_between_any_two_pieces);
	tcase_add_test(t, who_falls_meanwhile_is_down_in_either_table);
	tcase_add_test(t, a_load_that_changes_meanwhile_is_in_the_new_table);
	tcase_add_test(t, loads_that_never_rest_are_in_the_new_table);
	tcase_add_test(t, the_last_word_of_the_old_world_counts);
	tcase_add_test(t, one_world_follows_the_other_at_once);
	tcase_add_test(t, who_is_gone_changes_nothing);
	tcase_add_test(
		t, who_attaches_meanwhile_is_not_given_what_new_rules_deny);
	tcase_add_test(t, who_is_drained_meanwhile_stays_so_in_another_place);
	suite_add_tcase(s, t);
	return s;
}

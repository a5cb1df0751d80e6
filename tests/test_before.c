/*
 * The layout before, beside this one. There is none before the first, so here it
 * looks like this one: what counts is that it follows, word by word.
 */
#include "fixture.h"
#include "lbd/before.h"
#include "lbd/publish.h"
#include "suites.h"

#define WEB "[service web]\naddress = 127.96.0.1:1\nprobe = none\n"
#define TWO "backend = 10.0.0.1:1\nbackend = 10.0.0.2:1\n"
#define ONE "backend = 10.0.0.3:1 name=three\n"

static struct fixture f;

static struct region *list_region(void)
{
	return fixture_service(&f, "web")->list->region;
}

static const _Atomic uint64_t *words_at(const struct region *r)
{
	uint64_t g;

	return (const void *)table_open(&r->map, &g);
}

static uint64_t flags(const struct region *r)
{
	return table_load(&table_control(&r->map)->flags);
}

/* All but the generation, which each has of its own. */
static void ck_same(const struct region *r)
{
	const _Atomic uint64_t *now = words_at(r), *then = words_at(r->before);

	ck_assert_uint_eq(r->map.slot_size, r->before->map.slot_size);
	for (uint64_t i = 1; i < r->map.slot_size / 8; i++)
		ck_assert_msg(table_load(&now[i]) == table_load(&then[i]),
			"word %lu", (unsigned long)i);
	ck_assert_uint_eq(flags(r), flags(r->before));
}

static bool is_empty(const struct region *r)
{
	for (int i = 0; i < TABLE_SLOTS; i++) {
		const _Atomic uint64_t *word =
			(const void *)(r->base + r->map.slot[i]);

		for (uint64_t n = r->map.slot_size / 8; n--; word++)
			if (table_load(word))
				return false;
	}
	return true;
}

static void begin(const char *text)
{
	fixture_open(&f, text);
	ck_assert_ptr_nonnull(before_of(list_region()));
	ck_assert_ptr_nonnull(before_of(f.lbd.keys));
}

START_TEST(it_is_made_once)
{
	struct region *made;

	begin(WEB TWO);
	made = list_region()->before;
	ck_assert_ptr_eq(before_of(list_region()), made);
	ck_same(list_region());
	ck_same(f.lbd.keys);
	ck_assert_uint_eq(
		((const struct table_header *)made->base)->layout >> 32,
		TABLE_MAJOR_BEFORE);
	fixture_close(&f);
}
END_TEST

START_TEST(it_follows_health_and_reloads)
{
	struct backend *b;

	begin(WEB TWO);
	b = fixture_service(&f, "web")->backend[1];
	b->health.state = HEALTH_DOWN;
	publish_health(&f.lbd, b);
	publish_turned(&f.lbd);
	ck_same(list_region());
	fixture_reload(&f, WEB ONE);
	ck_same(list_region());
	ck_same(f.lbd.keys);
	fixture_close(&f);
}
END_TEST

START_TEST(it_is_guarded_and_closed_with_its_region)
{
	begin(WEB TWO);
	region_guard(list_region(), true);
	ck_assert_uint_eq(flags(list_region()->before), TABLE_GUARDED);
	region_guard(list_region(), false);
	ck_assert_uint_eq(flags(list_region()->before), 0);
	region_supersede(list_region());
	ck_assert_uint_eq(flags(list_region()->before), TABLE_SUPERSEDED);
	region_revoke(NULL, list_region());
	ck_assert(flags(list_region()->before) & TABLE_REVOKED);
	ck_assert(is_empty(list_region()->before));
	fixture_close(&f);
}
END_TEST

START_TEST(it_forgets_what_its_region_forgets)
{
	struct region *r;

	begin(WEB TWO);
	r = list_region();
	fixture_reload(&f, WEB TWO ONE);
	fixture_reload(&f, WEB ONE);
	ck_assert_ptr_eq(list_region(), r);
	region_forget(
		NULL, r, publish_list_need(fixture_service(&f, "web")->list));
	ck_same(r);
	for (int i = 0; i < TABLE_SLOTS; i++) {
		const struct table_slot *slot = (const void *)(r->before->base +
			r->before->map.slot[i]);

		ck_assert((const void *)slot ==
				(const void *)words_at(r->before) ||
			!table_load(&slot->generation));
	}
	fixture_close(&f);
}
END_TEST

static uint64_t beats(const struct region *r)
{
	return table_load(&table_control(&r->map)->heartbeat);
}

START_TEST(its_heart_beats_with_its_region)
{
	uint64_t now, then;

	begin(WEB TWO);
	now = beats(f.lbd.keys);
	then = beats(f.lbd.keys->before);
	region_beat(f.lbd.keys);
	ck_assert_uint_eq(beats(f.lbd.keys), now + 1);
	ck_assert_uint_eq(beats(f.lbd.keys->before), then + 1);
	fixture_close(&f);
}
END_TEST

Suite *before_suite(void)
{
	Suite *s = suite_create("before");
	TCase *t = tcase_create("before");

	tcase_add_test(t, it_is_made_once);
	tcase_add_test(t, it_follows_health_and_reloads);
	tcase_add_test(t, it_is_guarded_and_closed_with_its_region);
	tcase_add_test(t, it_forgets_what_its_region_forgets);
	tcase_add_test(t, its_heart_beats_with_its_region);
	suite_add_tcase(s, t);
	return s;
}

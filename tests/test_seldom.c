/* What seldom comes by: what callers find when there is nothing, or too much. */
#include "test_seldom.h"
#include "fixture.h"
#include "lbd/before.h"
#include "lbd/publish.h"
#include "lbd/publish_list.h"
#include "shim/lookup.h"
#include "shim/mapping.h"
#include "stage.h"
#include "suites.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WEB                                                                    \
	"[service web]\naddress = 127.96.0.1:1\nprobe = none\n"                \
	"backend = 10.0.0.1:1\nbackend = 10.0.0.2:1\n"

static struct fixture f;

START_TEST(what_is_no_memory_of_ours_is_not_mapped)
{
	uint64_t services = UINT64_MAX;
	int plain = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int sealed = memfd_create("seldom", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	struct counters head = {.magic = COUNTERS_MAGIC};

	head.services = services;
	ck_assert_ptr_null(mapping_counters(1023, &services));
	ck_assert_ptr_null(mapping_counters(plain, &services));
	ck_assert_int_eq(write(sealed, &head, sizeof(head)), sizeof(head));
	ck_assert_int_eq(ftruncate(sealed, (off_t)counters_size(1)), 0);
	ck_assert_int_eq(
		fcntl(sealed, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	ck_assert_ptr_null(mapping_counters(sealed, &services));
	close(plain);
	close(sealed);
}
END_TEST

/* Of a service whose counter the caller has. */
START_TEST(a_service_that_is_counted_leads_where_it_does)
{
	struct addr vip = fixture_addr("127.96.0.1:1");
	struct route route = {.adrift = false};

	fixture_open(&f, WEB);
	f.counters = calloc(1, counters_size(4));
	f.view->counters = f.counters;
	f.view->services = 4;
	ck_assert_int_eq(lookup_service(f.view, &vip, IPPROTO_TCP, &route),
		FOUND_SERVICE);
	ck_assert_uint_lt(route.counter, 4);
	fixture_close(&f);
}
END_TEST

START_TEST(counts_that_cannot_be_are_cut_off)
{
	const unsigned weight[] = {1, 1};
	unsigned hits[STAGE_MOST];
	struct stage s;

	stage_set(&s, BALANCE_LEAST_CONN, 1, weight, 2);
	stage_picks(&s, 0, 1ULL << 60, 0);
	stage_hits(&s, hits, 0, 100);
	ck_assert_uint_eq(hits[0], 0);
	ck_assert_uint_eq(hits[1], 100);
}
END_TEST

START_TEST(without_memory_there_is_no_layout_before)
{
	struct region *r;

	fixture_open(&f, WEB);
	r = fixture_service(&f, "web")->list->region;
	ck_assert_ptr_null(before_wheels(r));
	before_state(r, 0);
	refusal_begin((struct refusal){.call = "memfd_create", .nth = 1});
	r->before = before_of(r);
	ck_assert(refusal_end());
	ck_assert_ptr_null(r->before);
	ck_assert_ptr_nonnull(before_of(r));
	ck_assert_ptr_nonnull(before_wheels(r));
	fixture_close(&f);
}
END_TEST

#define GUARDED(n)                                                             \
	"[service s" #n "]\naddress = 127.96.0." #n ":1\nprobe = none\n"       \
	"permit = user " #n "\nbackend = 10.0.0.1:1\n"

/* Where a list was there is none until it is needed again. */
START_TEST(without_keys_nothing_changes_where_a_list_has_gone)
{
	fixture_open(&f, GUARDED(1) GUARDED(2) GUARDED(3));
	fixture_reload(&f, GUARDED(1) GUARDED(3));
	ck_assert(!fixture_change(&f, GUARDED(1) GUARDED(3),
		(struct refusal){.call = "publish_keys_fill", .nth = 1}));
	ck_assert_str_eq(fixture_route(&f, "127.96.0.3:1", 0), "10.0.0.1:1");
	fixture_close(&f);
}
END_TEST

START_TEST(the_first_table_may_be_refused_too)
{
	unsigned long n = 0;

	f = (struct fixture){.lbd.loop = ev_loop_new(0)};
	while (!fixture_change(&f, WEB, (struct refusal){.nth = ++n}))
		ck_assert_ptr_null(f.lbd.keys);
	ck_assert_uint_gt(n, 10);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.1:1");
	fixture_close(&f);
}
END_TEST

START_TEST(of_a_service_that_is_gone_callers_see_nothing)
{
	struct service *s;
	struct table_slot *slot;
	uint64_t g, state;

	fixture_open(&f, WEB);
	s = fixture_service(&f, "web");
	slot = (struct table_slot *)table_open(&s->list->region->map, &g);
	state = publish_state_word(s->backend[0], s->backend[0]->conf);
	s->backend[0]->health.state = HEALTH_DOWN;
	s->gone = true;
	publish_state(s->backend[0]);
	ck_assert_uint_eq(table_load(&((struct table_backend *)publish_part(
					       slot, PART_BACKENDS))
					      ->state),
		state);
	s->gone = false;
	fixture_close(&f);
}
END_TEST

START_TEST(how_many_services_fit_is_counted_without_a_loop_too)
{
	struct list *list;

	fixture_open(&f, WEB);
	list = fixture_service(&f, "web")->list;
	ck_assert_uint_eq(publish_list_fitting(NULL, list, list->region, 2), 1);
	fixture_close(&f);
}
END_TEST

Suite *seldom_suite(void)
{
	Suite *s = suite_create("seldom");
	TCase *t = tcase_create("seldom");

	tcase_add_test(t, what_is_no_memory_of_ours_is_not_mapped);
	tcase_add_test(t, a_service_that_is_counted_leads_where_it_does);
	tcase_add_test(t, counts_that_cannot_be_are_cut_off);
	tcase_add_test(t, without_memory_there_is_no_layout_before);
	tcase_add_test(t, without_keys_nothing_changes_where_a_list_has_gone);
	tcase_add_test(t, the_first_table_may_be_refused_too);
	tcase_add_test(t, of_a_service_that_is_gone_callers_see_nothing);
	tcase_add_test(t, how_many_services_fit_is_counted_without_a_loop_too);
	suite_add_tcase(s, t);
	suite_add_tcase(s, conf_seldom_case());
	return s;
}

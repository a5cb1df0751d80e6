/* What lbd publishes, as a caller reads it: the real writer, the real reader. */
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "shim/mapping.h"
#include "suites.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SERVICE(name, address)                                                 \
	"[service " name "]\naddress = " address "\nprobe = none\n"

static struct fixture f;

static void end(void)
{
	fixture_close(&f);
}

static const char *route(const char *vip)
{
	return fixture_route(&f, vip, 0);
}

START_TEST(an_address_leads_to_its_backend)
{
	fixture_open(&f,
		SERVICE("api", "127.96.0.1:80") "backend = "
						"10.0.0.1:8080\n" SERVICE("db",
							"[fd00::5]:5432") "back"
									  "end "
									  "= "
									  "[fd0"
									  "0:1:"
									  ":1]:"
									  "5432"
									  "\n");
	ck_assert_str_eq(route("127.96.0.1:80"), "10.0.0.1:8080");
	ck_assert_str_eq(route("[fd00::5]:5432"), "[fd00:1::1]:5432");
	ck_assert_str_eq(route("127.96.0.1:81"), "nothing");
	ck_assert_str_eq(route("127.96.0.2:80"), "nothing");
	ck_assert_str_eq(route("[fd00::6]:5432"), "nothing");
	end();
}
END_TEST

START_TEST(an_exact_port_beats_every_port)
{
	fixture_open(&f,
		SERVICE("any", "127.96.0.1:*") "backend = 10.0.0.9:*\n" SERVICE(
			"web", "127.96.0.1:80") "backend = 10.0.0.1:8080\n");
	ck_assert_str_eq(route("127.96.0.1:80"), "10.0.0.1:8080");
	ck_assert_str_eq(route("127.96.0.1:443"), "10.0.0.9:443");
	end();
}
END_TEST

START_TEST(a_service_without_usable_backends_is_empty)
{
	fixture_open(&f, SERVICE("api", "127.96.0.1:80"));
	ck_assert_str_eq(route("127.96.0.1:80"), "empty");
	end();
}
END_TEST

START_TEST(families_do_not_mix)
{
	fixture_open(&f,
		SERVICE("api",
			"127.96.0.1:80") "address = [fd00::1]:80\n"
					 "backend = 10.0.0.1:80\nbackend = "
					 "[fd00:1::1]:80\n");
	for (uint64_t draw = 0; draw < 20; draw++) {
		ck_assert_str_eq(fixture_route(&f, "127.96.0.1:80", draw),
			"10.0.0.1:80");
		ck_assert_str_eq(fixture_route(&f, "[fd00::1]:80", draw),
			"[fd00:1::1]:80");
	}
	end();
}
END_TEST

START_TEST(tcp_and_udp_share_an_address)
{
	struct addr vip;
	struct route r = {0};

	fixture_open(&f,
		SERVICE("t", "127.96.0.1:53") "backend = 10.0.0.1:53\n" SERVICE(
			"u",
			"127.96.0.1:53") "protocol = udp\n"
					 "backend = 10.0.0.2:53\n" SERVICE(
						 "one",
						 "127.96.0.2:53") "backend = "
								  "10.0.0.3:"
								  "53\n");
	vip = fixture_addr("127.96.0.1:53");
	ck_assert_int_eq(lookup_service(f.view, &vip, 0, &r), FOUND_SHARED);
	ck_assert_int_eq(
		lookup_service(f.view, &vip, IPPROTO_TCP, &r), FOUND_SERVICE);
	ck_assert_uint_eq(r.tag, fixture_service(&f, "t")->tag);
	ck_assert_int_eq(lookup_service(f.view, &vip, 262, &r), FOUND_SERVICE);
	ck_assert_uint_eq(r.tag, fixture_service(&f, "t")->tag);
	ck_assert_int_eq(
		lookup_service(f.view, &vip, IPPROTO_UDP, &r), FOUND_SERVICE);
	ck_assert_uint_eq(r.tag, fixture_service(&f, "u")->tag);
	ck_assert_int_eq(lookup_service(f.view, &vip, 132, &r), FOUND_NOTHING);
	ck_assert_str_eq(route("127.96.0.2:53"), "10.0.0.3:53");
	end();
}
END_TEST

START_TEST(services_with_the_same_rules_share_a_list)
{
	fixture_open(&f,
		SERVICE("a", "127.96.0.1:1") "permit = user 0\n" SERVICE(
			"b", "127.96.0.1:2") "permit = user 0\n" SERVICE("c",
			"127.96.0.1:3") "deny = user 0\n" SERVICE("d",
			"127.96.0.1:4") SERVICE("e", "127.96.0.1:5"));
	ck_assert_uint_eq(f.lbd.world.lists, 3);
	ck_assert_ptr_eq(
		fixture_service(&f, "a")->list, fixture_service(&f, "b")->list);
	ck_assert_ptr_ne(
		fixture_service(&f, "a")->list, fixture_service(&f, "c")->list);
	ck_assert_ptr_eq(
		fixture_service(&f, "d")->list, fixture_service(&f, "e")->list);
	end();
}
END_TEST

START_TEST(a_list_that_was_not_given_is_denied)
{
	fixture_open(&f,
		SERVICE("a",
			"127.96.0.1:1") "permit = user 0\n"
					"backend = 10.0.0.1:1\n" SERVICE("b",
						"127.96.0.1:2") "backend = "
								"10.0.0.2:2\n");
	f.view->list[fixture_service(&f, "a")->list->index].map =
		(struct table_map){0};
	ck_assert_str_eq(route("127.96.0.1:1"), "denied");
	ck_assert_str_eq(route("127.96.0.1:2"), "10.0.0.2:2");
	end();
}
END_TEST

START_TEST(a_key_region_names_no_backend)
{
	struct addr backend = fixture_addr("10.99.98.97:4321");
	const uint64_t *word;
	size_t words;

	fixture_open(&f,
		SERVICE("a", "127.96.0.1:1") "name = secret.internal\n"
					     "permit = user 0\nbackend = "
					     "10.99.98.97:4321\n");
	word = (const void *)f.lbd.keys->base;
	words = f.lbd.keys->size / sizeof(*word);
	for (size_t i = 0; i < words; i++) {
		ck_assert_uint_ne((uint32_t)word[i], (uint32_t)backend.lo);
		ck_assert_uint_ne(word[i] >> 32, (uint32_t)backend.lo);
	}
	end();
}
END_TEST

static uint64_t words_of(
	const struct region *region, int part, size_t word, uint64_t count)
{
	uint64_t g, n, sum = 0;
	const struct table_slot *slot = table_open(&region->map, &g);
	const _Atomic uint64_t *at = table_part(&region->map, slot, part, &n);

	for (uint64_t i = 0; i < count; i++)
		sum += table_load(at + 8 * i + word);
	return sum;
}

/* Its number of backends is in there, which is not for the denied. */
START_TEST(a_key_says_where_the_wheel_is_if_all_may_know)
{
	const size_t hint = offsetof(struct table_key, wheel) / 8;
	const size_t wheel = offsetof(struct table_service, wheel) / 8;

	fixture_open(&f,
		SERVICE("api", "127.96.0.1:80") "backend = 10.0.0.1:8080\n");
	ck_assert_uint_ne(words_of(f.lbd.keys, PART_KEYS, hint, 8), 0);
	ck_assert_uint_eq(words_of(f.lbd.keys, PART_KEYS, hint, 8),
		words_of(fixture_service(&f, "api")->list->region,
			PART_SERVICES, wheel, 1));
	end();
	fixture_open(&f,
		SERVICE("api", "127.96.0.1:80") "permit = user 1\n"
						"backend = 10.0.0.1:8080\n");
	ck_assert_uint_eq(words_of(f.lbd.keys, PART_KEYS, hint, 8), 0);
	end();
}
END_TEST

START_TEST(a_list_that_came_later_is_strange)
{
	fixture_open(&f, SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n");
	f.view->list[0].id += 7;
	ck_assert_str_eq(route("127.96.0.1:1"), "strange");
	f.view->lists = 0;
	ck_assert_str_eq(route("127.96.0.1:1"), "strange");
	end();
}
END_TEST

START_TEST(a_reload_keeps_what_it_knows)
{
	struct service *s;
	uint32_t tag, number, list;

	fixture_open(&f,
		SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n"
					     "backend = 10.0.0.2:1\n");
	s = fixture_service(&f, "a");
	tag = s->tag;
	list = s->list->id;
	number = s->backend[1]->number;
	s->backend[1]->health.state = HEALTH_DOWN;
	s->backend[1]->health.verdicts = 3;
	s->backend[1]->picks = 42;
	fixture_reload(&f,
		SERVICE("z",
			"127.96.0.9:1") "[service a]\naddress = "
					"127.96.0.1:1\naddress = 127.96.0.2:1\n"
					"interval = 1h\n"
					"backend = 10.0.0.2:1 "
					"weight=7\nbackend = 10.0.0.3:1\n");
	s = fixture_service(&f, "a");
	ck_assert_uint_eq(s->tag, tag);
	ck_assert_uint_eq(s->list->id, list);
	ck_assert_uint_eq(s->backend[0]->number, number);
	ck_assert_int_eq(s->backend[0]->health.state, HEALTH_DOWN);
	ck_assert_uint_eq(s->backend[0]->picks, 42);
	ck_assert_uint_eq(s->backend[0]->conf->weight, 7);
	ck_assert_int_eq(s->backend[1]->health.state, HEALTH_UNKNOWN);
	ck_assert_str_eq(route("127.96.0.2:1"), "10.0.0.3:1");
	end();
}
END_TEST

START_TEST(a_service_that_left_its_list_is_found_until_the_keys_say_so)
{
	struct service *s;
	struct list *list, shorter;

	fixture_open(&f,
		SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n" SERVICE(
			"b", "127.96.0.1:2") "backend = 10.0.0.2:1\n");
	list = fixture_service(&f, "a")->list;
	s = fixture_service(&f, "b");
	shorter = *list;
	shorter.service = &s;
	shorter.services = 1;
	publish_list(&shorter);
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
	end();
}
END_TEST

/* As whoever died in region_revoke() left it: the younger one is wiped. */
START_TEST(a_slot_that_is_wiped_does_not_lead_to_the_one_before)
{
	const struct region *region;
	const struct table_slot *slot;
	uint64_t g;

	fixture_open(&f, SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n");
	fixture_reload(
		&f, SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.2:1\n");
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.2:1");
	region = fixture_service(&f, "a")->list->region;
	slot = table_open(&region->map, &g);
	table_clear((void *)slot, region->map.slot_size / 8);
	ck_assert_str_eq(route("127.96.0.1:1"), "changed");
	end();
}
END_TEST

/* The buffer that the reader was sent to is being filled anew. */
START_TEST(a_wheel_that_is_turned_meanwhile_does_not_count)
{
	const struct service *s;
	const struct table_map *map;
	_Atomic uint64_t *wheel;
	struct table_wheel *buffer;
	uint64_t g, words, place;

	fixture_open(&f, SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n");
	s = fixture_service(&f, "a");
	map = &s->list->region->map;
	place = s->placement.wheel[FAMILY_V4];
	wheel = (_Atomic uint64_t *)table_part(
		map, table_open(map, &g), PART_WHEELS, &words);
	wheel += place >> 32;
	buffer = (struct table_wheel *)table_wheel_at(
		wheel, place & UINT32_MAX, table_load(wheel));
	table_store(&buffer->turn, 0);
	ck_assert_str_eq(route("127.96.0.1:1"), "changed");
	end();
}
END_TEST

/* 40 backends of service a, with long names or without. */
static const char *backends(bool named)
{
	static char text[8000];
	char *at = text + sprintf(text, SERVICE("a", "127.96.0.1:1"));

	for (int i = 1; i <= 40; i++) {
		at += sprintf(at, "backend = 10.0.0.%d:1", i);
		at += sprintf(at, named ? " name=%s-%d\n" : "\n",
			"a-name-of-nearly-forty-bytes-in-all", i);
	}
	return text;
}

START_TEST(a_reload_may_name_backends)
{
	fixture_open(&f, backends(false));
	for (int i = 0; i < 4; i++) {
		fixture_reload(&f, backends(i % 2 == 0));
		ck_assert_str_ne(route("127.96.0.1:1"), "changed");
	}
	end();
}
END_TEST

START_TEST(new_rules_take_no_other_lists_place)
{
	fixture_open(&f,
		SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n" SERVICE(
			"b", "127.96.0.1:2") "backend = 10.0.0.2:2\n");
	fixture_reload(&f,
		SERVICE("a",
			"127.96.0.1:1") "backend = 10.0.0.1:1\n"
					"permit = user 0\n" SERVICE("b",
						"127.96.0.1:2") "backend = "
								"10.0.0.2:2\n");
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
	ck_assert_str_eq(route("127.96.0.1:2"), "10.0.0.2:2");
	fixture_reload(&f,
		SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n" SERVICE(
			"b", "127.96.0.1:2") "backend = 10.0.0.2:2\n"
					     "deny = user 0\n");
	ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
	ck_assert_str_eq(route("127.96.0.1:2"), "10.0.0.2:2");
	end();
}
END_TEST

START_TEST(a_table_that_was_let_go_of_is_not_taken_for_an_empty_one)
{
	struct addr vip;
	struct route r = {0};

	fixture_open(&f, SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n");
	vip = fixture_addr("127.96.0.1:1");
	f.view->keys.base = calloc(1, f.lbd.keys->size);
	ck_assert(lookup_may_be_virtual(f.view, &vip));
	ck_assert_int_eq(lookup_service(f.view, &vip, 0, &r), FOUND_CHANGED);
	free((void *)f.view->keys.base);
	end();
}
END_TEST

/* The keys of a reload, and the lists from before it: lbd died, say. */
START_TEST(a_service_is_found_where_it_was)
{
	struct attachment *before;
	struct addr vip;
	struct tried tried = {0};
	struct route r = {0};

	fixture_open(&f,
		SERVICE("z", "127.96.0.1:9") "permit = any\n" SERVICE(
			"a", "127.96.0.1:1") "permit = any\n"
					     "backend = 10.0.0.1:1\n");
	before = f.view;
	f.view = NULL;
	fixture_reload(&f,
		SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n" SERVICE(
			"z", "127.96.0.1:9") "permit = any\n");
	vip = fixture_addr("127.96.0.1:1");
	ck_assert_int_eq(lookup_service(before, &vip, 0, &r), FOUND_STRANGE);
	ck_assert(!r.guarded);
	ck_assert(lookup_elsewhere(before, &r));
	ck_assert_int_eq(lookup_backend(before, 0, &tried, &r), FOUND_BACKEND);
	ck_assert_uint_eq((uint32_t)r.to.lo, 0x0a000001);
	r.tag += 1000;
	ck_assert(!lookup_elsewhere(before, &r));
	free(before);
	end();
}
END_TEST

START_TEST(health_reaches_a_reader_at_once)
{
	struct service *s;

	fixture_open(&f,
		SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n"
					     "backend = 10.0.0.2:1\n");
	s = fixture_service(&f, "a");
	s->backend[0]->health.state = HEALTH_DOWN;
	publish_state(s->backend[0]);
	for (uint64_t draw = 0; draw < 10; draw++)
		ck_assert_str_eq(
			fixture_route(&f, "127.96.0.1:1", draw), "10.0.0.2:1");
	publish_wheels(s);
	for (uint64_t draw = 0; draw < 10; draw++)
		ck_assert_str_eq(
			fixture_route(&f, "127.96.0.1:1", draw), "10.0.0.2:1");
	s->backend[1]->health.state = HEALTH_DOWN;
	publish_state(s->backend[1]);
	publish_wheels(s);
	ck_assert(s->panic[FAMILY_V4]);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.1:1");
	end();
}
END_TEST

START_TEST(a_table_that_outgrows_its_region_moves)
{
	static char text[2000000];
	char *at = text;
	uint64_t id;

	fixture_open(&f, SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n");
	memcpy(&id, f.lbd.keys->base + offsetof(struct table_header, id), 8);
	for (int i = 0; i < 5000; i++)
		at += sprintf(at,
			SERVICE("s%d",
				"127.96.%d.%d:1") "name = "
						  "s%d.internal\nbackend = "
						  "10.0.%d.%d:1\n",
			i, i / 250, i % 250, i, i / 250, i % 250);
	fixture_reload(&f, text);
	ck_assert_mem_ne(
		&id, f.lbd.keys->base + offsetof(struct table_header, id), 8);
	for (int i = 0; i < 5000; i++) {
		char vip[40], backend[40];

		sprintf(vip, "127.96.%d.%d:1", i / 250, i % 250);
		sprintf(backend, "10.0.%d.%d:1", i / 250, i % 250);
		ck_assert_str_eq(route(vip), backend);
	}
	end();
}
END_TEST

START_TEST(generations_wrap_without_a_gap)
{
	struct table_control *control;

	fixture_open(&f, SERVICE("a", "127.96.0.1:1") "backend = 10.0.0.1:1\n");
	control = (void *)(f.lbd.keys->base + TABLE_CONTROL);
	atomic_store(&control->current, UINT64_MAX - 2);
	control = (void *)(f.view->list[0].map.base + TABLE_CONTROL);
	atomic_store(&control->current, UINT64_MAX - 2);
	for (int i = 0; i < 8; i++) {
		publish_list(f.lbd.world.list[0]);
		ck_assert(publish_keys(f.lbd.keys, &f.lbd.world));
		ck_assert_str_eq(route("127.96.0.1:1"), "10.0.0.1:1");
	}
	ck_assert_uint_eq(atomic_load(&control->current), 6);
	end();
}
END_TEST

START_TEST(a_damaged_header_is_read_from_its_copy)
{
	struct table_map map;

	fixture_open(&f, SERVICE("a", "127.96.0.1:1"));
	f.lbd.keys->base[3] ^= 1;
	ck_assert(mapping_parse(
		f.lbd.keys->base, f.lbd.keys->size, TABLE_KEYS, &map));
	f.lbd.keys->base[TABLE_HEADER_COPY + 40] ^= 1;
	ck_assert(!mapping_parse(
		f.lbd.keys->base, f.lbd.keys->size, TABLE_KEYS, &map));
	end();
}
END_TEST

START_TEST(a_region_of_another_kind_or_size_is_refused)
{
	const struct region *keys;
	struct table_map map;

	fixture_open(&f, SERVICE("a", "127.96.0.1:1"));
	keys = f.lbd.keys;
	ck_assert(!mapping_parse(keys->base, keys->size, TABLE_LIST, &map));
	ck_assert(!mapping_parse(keys->base, keys->size / 2, TABLE_KEYS, &map));
	ck_assert(!mapping_parse(keys->base, 100, TABLE_KEYS, &map));
	end();
}
END_TEST

START_TEST(a_reader_cannot_write)
{
	char path[40];
	const struct region *keys;

	fixture_open(&f, SERVICE("a", "127.96.0.1:1"));
	keys = f.lbd.keys;
	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
				 keys->readers_fd, 0),
		MAP_FAILED);
	ck_assert_int_ne(ftruncate(keys->readers_fd, 0), 0);
	ck_assert_int_ne(ftruncate(keys->fd, 0), 0);
	sprintf(path, "/proc/self/fd/%d", keys->readers_fd);
	ck_assert_int_eq(access(path, R_OK), 0);
	end();
}
END_TEST

Suite *table_suite(void)
{
	Suite *s = suite_create("table");
	TCase *t = tcase_create("table");

	tcase_add_test(t, an_address_leads_to_its_backend);
	tcase_add_test(t, an_exact_port_beats_every_port);
	tcase_add_test(t, a_service_without_usable_backends_is_empty);
	tcase_add_test(t, families_do_not_mix);
	tcase_add_test(t, tcp_and_udp_share_an_address);
	tcase_add_test(t, services_with_the_same_rules_share_a_list);
	tcase_add_test(t, a_list_that_was_not_given_is_denied);
	tcase_add_test(t, a_key_region_names_no_backend);
	tcase_add_test(t, a_key_says_where_the_wheel_is_if_all_may_know);
	tcase_add_test(t, a_list_that_came_later_is_strange);
	tcase_add_test(t, a_reload_keeps_what_it_knows);
	tcase_add_test(
		t, a_service_that_left_its_list_is_found_until_the_keys_say_so);
	tcase_add_test(t, a_slot_that_is_wiped_does_not_lead_to_the_one_before);
	tcase_add_test(t, a_wheel_that_is_turned_meanwhile_does_not_count);
	tcase_add_test(t, a_reload_may_name_backends);
	tcase_add_test(t, new_rules_take_no_other_lists_place);
	tcase_add_test(
		t, a_table_that_was_let_go_of_is_not_taken_for_an_empty_one);
	tcase_add_test(t, a_service_is_found_where_it_was);
	tcase_add_test(t, health_reaches_a_reader_at_once);
	tcase_add_test(t, a_table_that_outgrows_its_region_moves);
	tcase_add_test(t, generations_wrap_without_a_gap);
	tcase_add_test(t, a_damaged_header_is_read_from_its_copy);
	tcase_add_test(t, a_region_of_another_kind_or_size_is_refused);
	tcase_add_test(t, a_reader_cannot_write);
	suite_add_tcase(s, t);
	return s;
}

/* What lbd publishes, as a caller reads it: the real writer, the real reader. */
#include "test_table.h"
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "shim/mapping.h"
#include "suites.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROBE_NONE "[defaults]\nprobe = none\n"

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
		PROBE_NONE "[service api]\naddress = 127.96.0.1:80\n"
			   "backend = 10.0.0.1:8080\n"
			   "[service db]\naddress = [fd00::5]:5432\n"
			   "backend = [fd00:1::1]:5432\n");
	ck_assert_str_eq(route("127.96.0.1:80"), "10.0.0.1:8080");
	ck_assert_str_eq(route("[fd00::5]:5432"), "[fd00:1::1]:5432");
	ck_assert_str_eq(route("127.96.0.1:81"), "nothing");
	ck_assert_str_eq(route("127.96.0.2:80"), "nothing");
	ck_assert_str_eq(route("[fd00::6]:5432"), "nothing");
}
END_TEST

START_TEST(an_exact_port_beats_every_port)
{
	fixture_open(&f,
		PROBE_NONE "[service any]\naddress = 127.96.0.1:*\n"
			   "backend = 10.0.0.9:*\n"
			   "[service web]\naddress = 127.96.0.1:80\n"
			   "backend = 10.0.0.1:8080\n");
	ck_assert_str_eq(route("127.96.0.1:80"), "10.0.0.1:8080");
	ck_assert_str_eq(route("127.96.0.1:443"), "10.0.0.9:443");
}
END_TEST

START_TEST(a_service_without_usable_backends_is_empty)
{
	fixture_open(&f, PROBE_NONE "[service api]\naddress = 127.96.0.1:80\n");
	ck_assert_str_eq(route("127.96.0.1:80"), "empty");
}
END_TEST

START_TEST(families_do_not_mix)
{
	fixture_open(&f,
		PROBE_NONE "[service api]\naddress = 127.96.0.1:80\n"
			   "address = [fd00::1]:80\nbackend = 10.0.0.1:80\n"
			   "backend = [fd00:1::1]:80\n");
	for (uint64_t draw = 0; draw < 20; draw++) {
		ck_assert_str_eq(fixture_route(&f, "127.96.0.1:80", draw),
			"10.0.0.1:80");
		ck_assert_str_eq(fixture_route(&f, "[fd00::1]:80", draw),
			"[fd00:1::1]:80");
	}
}
END_TEST

START_TEST(tcp_and_udp_share_an_address)
{
	struct addr vip;
	struct route r = {0};

	fixture_open(&f,
		PROBE_NONE "[service t]\naddress = 127.96.0.1:53\n"
			   "backend = 10.0.0.1:53\n"
			   "[service u]\naddress = 127.96.0.1:53\n"
			   "protocol = udp\nbackend = 10.0.0.2:53\n"
			   "[service one]\naddress = 127.96.0.2:53\n"
			   "backend = 10.0.0.3:53\n");
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
}
END_TEST

START_TEST(health_reaches_a_reader_at_once)
{
	struct service *s;

	fixture_open(&f,
		PROBE_NONE "[service a]\naddress = 127.96.0.1:1\n"
			   "backend = 10.0.0.1:1\nbackend = 10.0.0.2:1\n");
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
}
END_TEST

START_TEST(a_damaged_header_is_read_from_its_copy)
{
	struct table_map map;

	fixture_open(&f, PROBE_NONE "[service a]\naddress = 127.96.0.1:1\n");
	f.lbd.keys->base[3] ^= 1;
	ck_assert(mapping_parse(
		f.lbd.keys->base, f.lbd.keys->size, TABLE_KEYS, &map));
	f.lbd.keys->base[TABLE_HEADER_COPY + 40] ^= 1;
	ck_assert(!mapping_parse(
		f.lbd.keys->base, f.lbd.keys->size, TABLE_KEYS, &map));
}
END_TEST

START_TEST(a_region_of_another_kind_or_size_is_refused)
{
	const struct region *keys;
	struct table_map map;

	fixture_open(&f, PROBE_NONE "[service a]\naddress = 127.96.0.1:1\n");
	keys = f.lbd.keys;
	ck_assert(!mapping_parse(keys->base, keys->size, TABLE_LIST, &map));
	ck_assert(!mapping_parse(keys->base, keys->size / 2, TABLE_KEYS, &map));
	ck_assert(!mapping_parse(keys->base, 100, TABLE_KEYS, &map));
}
END_TEST

START_TEST(a_reader_cannot_write)
{
	char path[40];
	const struct region *keys;

	fixture_open(&f, PROBE_NONE "[service a]\naddress = 127.96.0.1:1\n");
	keys = f.lbd.keys;
	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
				 keys->readers_fd, 0),
		MAP_FAILED);
	ck_assert_int_ne(ftruncate(keys->readers_fd, 0), 0);
	ck_assert_int_ne(ftruncate(keys->fd, 0), 0);
	sprintf(path, "/proc/self/fd/%d", keys->readers_fd);
	ck_assert_int_eq(access(path, R_OK), 0);
}
END_TEST

Suite *table_suite(void)
{
	Suite *s = suite_create("table");
	TCase *t = tcase_create("table");

	tcase_add_checked_fixture(t, NULL, end);
	tcase_add_test(t, an_address_leads_to_its_backend);
	tcase_add_test(t, an_exact_port_beats_every_port);
	tcase_add_test(t, a_service_without_usable_backends_is_empty);
	tcase_add_test(t, families_do_not_mix);
	tcase_add_test(t, tcp_and_udp_share_an_address);
	tcase_add_test(t, health_reaches_a_reader_at_once);
	tcase_add_test(t, a_damaged_header_is_read_from_its_copy);
	tcase_add_test(t, a_region_of_another_kind_or_size_is_refused);
	tcase_add_test(t, a_reader_cannot_write);
	suite_add_tcase(s, t);
	suite_add_tcase(s, table_generations_case());
	suite_add_tcase(s, table_lists_case());
	return s;
}

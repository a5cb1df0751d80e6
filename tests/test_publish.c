/*
 * What is laid out with every publish where the file is unusual: chains that
 * are too long for readers, names that services share, wheels with nobody on.
 */
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "shim/names.h"
#include "suites.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct fixture f;
static char text[100000];

static uint64_t seed_now(void)
{
	uint64_t g;

	return table_load(&table_open(&f.lbd.keys->map, &g)->seed);
}

/* Which of `buckets` an address of 127.96.3.0/24 is in, with the first seed. */
static uint64_t bucket_of(int n, uint64_t buckets)
{
	uint64_t lo = ADDR_V4_PREFIX | (0x7f600300U + (n & 255));

	return table_hash(0, lo, (uint16_t)(1 + (n >> 8)), table_mix(1)) &
		(buckets - 1);
}

START_TEST(addresses_in_one_chain_take_another_seed)
{
	enum { MANY = TABLE_PROBES + 1, BUCKETS = 256 };
	char vip[MANY][32], *to;
	int n = 0;

	to = stpcpy(text, "[service a]\nprobe = none\nbackend = 10.0.0.1:1\n");
	for (int i = 0; i < MANY; i++) {
		while (bucket_of(n, BUCKETS) != 7)
			n++;
		sprintf(vip[i], "127.96.3.%d:%d", n & 255, 1 + (n >> 8));
		to += sprintf(to, "address = %s\n", vip[i]);
		n++;
		if (i == MANY - 2) { /* as many as a reader looks at */
			fixture_open(&f, text);
			ck_assert_uint_eq(seed_now(), table_mix(1));
			fixture_close(&f);
		}
	}
	fixture_open(&f, text);
	ck_assert_uint_eq(seed_now(), table_mix(2));
	for (int i = 0; i < MANY; i++)
		ck_assert_str_eq(fixture_route(&f, vip[i], 0), "10.0.0.1:1");
	fixture_close(&f);
}
END_TEST

/* Two formats, of a number each. */
static void leads(const char *from, int i, const char *to, int j)
{
	char vip[24], backend[24];

	sprintf(vip, from, i);
	sprintf(backend, to, j);
	ck_assert_str_eq(fixture_route(&f, vip, 0), backend);
}

START_TEST(addresses_that_end_alike_are_told_apart)
{
	char *to = stpcpy(text, "[defaults]\nprobe = none\n");

	for (int i = 0; i < 64; i++)
		to += sprintf(to,
			"[service s%d]\naddress = [fd%02x::1]:1\n"
			"backend = [fe::%d]:1\n",
			i, i, i + 1);
	fixture_open(&f, text);
	for (int i = 0; i < 64; i++)
		leads("[fd%02x::1]:1", i, "[fe::%d]:1", i + 1);
	fixture_close(&f);
}
END_TEST

START_TEST(names_in_one_chain_take_another_seed)
{
	enum { MANY = TABLE_PROBES + 1, BUCKETS = 256 };
	char name[MANY][9], *to;
	struct name found;
	int n = 0;

	to = stpcpy(text,
		"[service a]\nprobe = none\nbackend = 10.0.0.1:1\n"
		"address = 127.96.3.1:1\n");
	for (int i = 0; i < MANY; i++) {
		uint64_t word;

		do { /* eight bytes, a word */
			sprintf(name[i], "n%07d", n++);
			memcpy(&word, name[i], sizeof(word));
		} while ((table_sum(&word, 1, table_mix(1)) & (BUCKETS - 1)) !=
			9);
		to += sprintf(to, "name = %s\n", name[i]);
	}
	fixture_open(&f, text);
	ck_assert_uint_eq(seed_now(), table_mix(2));
	for (int i = 0; i < MANY; i++)
		ck_assert(names_find(&f.lbd.keys->map, name[i], &found));
	fixture_close(&f);
}
END_TEST

START_TEST(a_name_of_two_services_leads_to_the_same_addresses)
{
	struct name found;

	fixture_open(&f,
		"[defaults]\nprobe = none\n"
		"[service a]\nname = x.y\nname = only.a\naddress = "
		"[fd00::1]:1\n"
		"address = [fd00::1]:2\naddress = [fd00::2]:1\n"
		"address = [fd01::2]:1\naddress = 127.96.0.1:1\n"
		"backend = 10.0.0.1:1\nbackend = [fd02::1]:1\n"
		"[service b]\nname = x.y\naddress = [fd00::1]:3\n"
		"address = [fd00::2]:3\naddress = [fd01::2]:3\n"
		"address = 127.96.0.1:3\n"
		"backend = 10.0.0.1:1\nbackend = [fd02::1]:1\n");
	ck_assert(names_find(&f.lbd.keys->map, "x.y", &found));
	ck_assert_uint_eq(found.count, 4);
	ck_assert_uint_eq(found.addr[0].hi, 0xfd00000000000000);
	ck_assert_uint_eq(found.addr[0].lo, 1);
	ck_assert_uint_eq(found.addr[1].lo, 2);
	ck_assert_uint_eq(found.addr[2].hi, 0xfd01000000000000);
	ck_assert_uint_eq(found.addr[3].lo, ADDR_V4_PREFIX | 0x7f600001);
	ck_assert(names_find(&f.lbd.keys->map, "only.a", &found));
	ck_assert_str_eq(fixture_route(&f, "[fd01::2]:1", 0), "[fd02::1]:1");
	ck_assert_str_eq(fixture_route(&f, "[fd01::2]:2", 0), "nothing");
	fixture_close(&f);
}
END_TEST

START_TEST(a_name_has_its_first_64_addresses)
{
	char *to = stpcpy(text,
		"[service a]\nname = x.y\nprobe = none\nbackend = "
		"10.0.0.1:1\n");
	struct name found;
	uint64_t g, size;

	for (int i = 0; i < 70; i++)
		to += sprintf(to, "address = 127.96.0.%d:1\n", i + 1);
	fixture_open(&f, text);
	ck_assert(names_find(&f.lbd.keys->map, "x.y", &found));
	ck_assert_uint_eq(found.count, 64);
	ck_assert_uint_eq(found.addr[63].lo, ADDR_V4_PREFIX | 0x7f600040);
	ck_assert_ptr_nonnull(table_part(&f.lbd.keys->map,
		table_open(&f.lbd.keys->map, &g), PART_TEXT, &size));
	fixture_close(&f);
}
END_TEST

#define MAGLEV                                                                 \
	"[service a]\naddress = 127.96.0.1:1\nprobe = none\n"                  \
	"balance = maglev\nhash-on = process\npanic = off\n"                   \
	"backend = 10.0.0.1:1\nbackend = 10.0.0.2:1\nbackend = 10.0.0.3:1\n"   \
	"backend = 10.0.0.9:1 backup\n"

static void set_down(int ordinal)
{
	struct service *s = fixture_service(&f, "a");

	s->backend[ordinal]->health.state = HEALTH_DOWN;
	publish_state(s->backend[ordinal]);
	publish_wheels(s);
}

START_TEST(a_maglev_wheel_has_who_is_well_and_last_its_backup)
{
	fixture_open(&f, MAGLEV);
	set_down(2); /* the last of the wheel */
	for (uint64_t draw = 0; draw < 100; draw++)
		ck_assert_msg(strstr("10.0.0.1:1 10.0.0.2:1",
				      fixture_route(&f, "127.96.0.1:1",
					      draw)) != NULL,
			"to who is down");
	set_down(0);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.2:1");
	set_down(1);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.9:1");
	set_down(3);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "empty");
	fixture_close(&f);
}
END_TEST

/* What a route to `vip` is called in log lines. */
static const char *label(const char *vip, uint64_t draw)
{
	struct addr asked = fixture_addr(vip);
	struct tried tried = {0};
	struct route route = {.adrift = false};
	static char words[128];

	ck_assert(lookup_service(f.view, &asked, 0, &route) == FOUND_SERVICE);
	ck_assert(
		lookup_backend(f.view, draw, &tried, &route) == FOUND_BACKEND);
	ck_assert_uint_eq(route.retries, 3);
	lookup_labels(f.view, &route, words);
	return words;
}

START_TEST(services_and_backends_are_called_by_their_names)
{
	fixture_open(&f,
		"[defaults]\nprobe = none\nretries = 3\nbalance = first\n"
		"[service api]\naddress = 127.96.0.1:1\n"
		"backend = 10.0.0.1:1\n"
		"[service a-service-with-a-name-of-forty-bytes-40]\n"
		"address = 127.96.0.2:1\nbackend = 10.0.0.1:1 "
		"name=a-backend-with-a-name-of-forty-bytes--40\n"
		"backend = 10.0.0.2:1 name=web2\n"
		"[service z]\naddress = 127.96.0.3:1\n"
		"backend = 10.0.0.1:1 name=web1\nbackend = 10.0.0.2:1\n");
	ck_assert_str_eq(label("127.96.0.1:1", 0), "api");
	ck_assert_str_eq(label("127.96.0.2:1", 0),
		"a-service-with-a-name-of-forty-bytes-40/"
		"a-backend-with-a-name-of-forty-bytes--40");
	ck_assert_str_eq(label("127.96.0.3:1", 0), "z/web1");
	fixture_reload(&f,
		"[defaults]\nprobe = none\nretries = 3\n"
		"[service z]\naddress = 127.96.0.3:1\n"
		"backend = 10.0.0.1:1 name=other\n");
	ck_assert_str_eq(label("127.96.0.3:1", 0), "z/other");
	fixture_close(&f);
}
END_TEST

START_TEST(a_peer_that_shall_be_real_is)
{
	struct addr vip = fixture_addr("127.96.0.1:1");
	struct tried tried = {0};
	struct route route = {.adrift = false};

	for (int real = 0; real < 2; real++) {
		sprintf(text,
			"[service a]\naddress = 127.96.0.1:1\nprobe = none\n"
			"backend = 10.0.0.1:1\npeername = %s\n",
			real ? "real" : "virtual");
		fixture_open(&f, text);
		ck_assert(lookup_service(f.view, &vip, 0, &route) ==
			FOUND_SERVICE);
		ck_assert(lookup_backend(f.view, 0, &tried, &route) ==
			FOUND_BACKEND);
		ck_assert(route.peer_is_real == (bool)real);
		fixture_close(&f);
	}
}
END_TEST

/* Rules that ask for this host's addresses: the same text may not say the same. */
START_TEST(rules_with_net_go_on_unless_somebody_may_lose)
{
	static const char net[] =
		"[service a]\naddress = 127.96.0.1:1\nprobe = none\n"
		"backend = 10.0.0.1:1\npermit = net 10.0.0.0/8\n";
	uint32_t id, refusal;
	struct list *list;

	fixture_open(&f, net);
	id = f.lbd.world.list[0]->id;
	refusal = f.lbd.world.list[0]->refusal;
	fixture_reload(&f, net);
	list = f.lbd.world.list[0];
	ck_assert_uint_eq(list->id, id);
	ck_assert_uint_eq(list->refusal, refusal);
	f.lbd.holders.moved = true; /* whoever was denied asks again */
	fixture_reload(&f, net);
	list = f.lbd.world.list[0];
	ck_assert_uint_eq(list->id, id);
	ck_assert_uint_ne(list->refusal, refusal);
	f.lbd.holders.more = true; /* than can be asked */
	fixture_reload(&f, net);
	for (size_t i = 0; i < f.lbd.world.lists; i++)
		ck_assert(
			!f.lbd.world.list[i] || f.lbd.world.list[i]->id != id);
	ck_assert_str_eq(fixture_route(&f, "127.96.0.1:1", 0), "10.0.0.1:1");
	fixture_close(&f);
}
END_TEST

START_TEST(every_set_of_rules_has_a_list)
{
	char *to = stpcpy(text, "[defaults]\nprobe = none\n");

	for (int i = 0; i < 9; i++)
		to += sprintf(to,
			"[service s%d]\naddress = 127.96.0.%d:1\n"
			"backend = 10.0.0.%d:1\npermit = user %d\n",
			i, i + 1, i + 1, i % 7);
	fixture_open(&f, text);
	ck_assert_uint_eq(f.lbd.world.lists, 7);
	for (int i = 0; i < 9; i++)
		leads("127.96.0.%d:1", i + 1, "10.0.0.%d:1", i + 1);
	fixture_close(&f);
}
END_TEST

Suite *publish_suite(void)
{
	Suite *s = suite_create("publish");
	TCase *t = tcase_create("publish");

	tcase_add_test(t, addresses_in_one_chain_take_another_seed);
	tcase_add_test(t, addresses_that_end_alike_are_told_apart);
	tcase_add_test(t, names_in_one_chain_take_another_seed);
	tcase_add_test(t, a_name_of_two_services_leads_to_the_same_addresses);
	tcase_add_test(t, a_name_has_its_first_64_addresses);
	tcase_add_test(t, a_maglev_wheel_has_who_is_well_and_last_its_backup);
	tcase_add_test(t, services_and_backends_are_called_by_their_names);
	tcase_add_test(t, a_peer_that_shall_be_real_is);
	tcase_add_test(t, rules_with_net_go_on_unless_somebody_may_lose);
	tcase_add_test(t, every_set_of_rules_has_a_list);
	suite_add_tcase(s, t);
	return s;
}

/* Balancing from the file to the caller: lbd's wheels, the shim's choices. */
#include "fixture.h"
#include "lbd/origin.h"
#include "lbd/publish.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKENDS = 10 };

static const char vip[] = "127.96.0.1:80";

static struct fixture f;
static struct service *s;

/* Backends 10.0.0.1:80 and on of one service. */
static void open_service(const char *balance, int backends)
{
	char text[4096], *at = text;

	at += sprintf(at,
		"[service a]\naddress = %s\nprobe = none\nbalance = %s\n", vip,
		balance);
	for (int i = 1; i <= backends; i++)
		at += sprintf(at, "backend = 10.0.0.%d:80\n", i);
	fixture_open(&f, text);
	fixture_count(&f);
	s = fixture_service(&f, "a");
}

/* What the file says of a backend is constant for everybody but a test. */
static struct backend_conf *said_of(int i)
{
	return (struct backend_conf *)s->backend[i]->conf;
}

/* Which backend, from 0; -1 = none. */
static int chosen(uint64_t draw)
{
	const char *route = fixture_route(&f, vip, draw);
	int i;

	return sscanf(route, "10.0.0.%d:80", &i) == 1 ? i - 1 : -1;
}

static void set_down(int i, bool down)
{
	s->backend[i]->health.state = down ? HEALTH_DOWN : HEALTH_UP;
	publish_state(s->backend[i]);
	publish_wheels(s);
}

START_TEST(callers_count_their_own_connections_to_a_limit)
{
	open_service("round-robin", 2);
	said_of(0)->max_conns = 5;
	s->backend[0]->standing = 3;
	said_of(1)->max_conns = 1;
	publish_list(s->list);
	fixture_line(&f, s->backend[1])->picks = 1;
	for (uint64_t draw = 0; draw < 10; draw++)
		ck_assert_int_eq(chosen(draw), 0);
	fixture_line(&f, s->backend[0])->picks = 2;
	ck_assert_str_ne(fixture_route(&f, vip, 0), "empty"); /* not known */
	fixture_line(&f, s->backend[1])->seen = 1;	      /* it is gone */
	ck_assert_int_eq(chosen(0), 1);
	fixture_close(&f);
}
END_TEST

START_TEST(what_lbd_counts_reaches_the_callers)
{
	open_service("least-conn", 3);
	for (int i = 0; i < 3; i++) {
		s->backend[i]->load = (i == 1 ? 3 : 4) * LOAD_UNIT;
		publish_state(s->backend[i]);
	}
	for (uint64_t draw = 0; draw < 10; draw++)
		ck_assert_int_eq(chosen(draw), 1);
	s->backend[1]->full = true;
	publish_state(s->backend[1]);
	publish_wheels(s);
	for (uint64_t draw = 0; draw < 10; draw++)
		ck_assert_int_ne(chosen(draw), 1);
	fixture_close(&f);
}
END_TEST

START_TEST(a_limit_beyond_14_bits_is_lbds_to_watch)
{
	open_service("round-robin", 1);
	said_of(0)->max_conns = 16384 * 3 + 1;
	publish_list(s->list);
	fixture_line(&f, s->backend[0])->picks = 20000;
	ck_assert_int_eq(chosen(0), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(a_drained_backend_gets_nothing_in_panic)
{
	open_service("p2c", 3);
	s->backend[2]->will = WILL_DRAIN;
	set_down(2, false);
	set_down(0, true);
	set_down(1, true);
	ck_assert(s->panic[FAMILY_V4]);
	for (uint64_t draw = 0; draw < 20; draw++)
		ck_assert_int_ne(chosen(draw), 2);
	s->backend[0]->will = s->backend[1]->will = WILL_MAINT;
	publish_wheels(s);
	ck_assert(!s->panic[FAMILY_V4]);
	ck_assert_str_eq(fixture_route(&f, vip, 0), "empty");
	fixture_close(&f);
}
END_TEST

START_TEST(local_is_who_is_in_this_hosts_zone)
{
	static char here[] = "here", also_here[] = "here", there[] = "there";
	unsigned seen = 0;

	open_service("round-robin", 3);
	said_of(0)->zone = there;
	said_of(1)->zone = also_here;
	s->zone = here;
	publish_wheels(s);
	for (uint64_t draw = 0; draw < 20; draw++)
		ck_assert_int_eq(chosen(draw), 1);
	s->zone = NULL;
	publish_wheels(s);
	for (uint64_t draw = 0; draw < 3; draw++)
		seen |= 1U << chosen(draw);
	ck_assert_uint_eq(seen, 7);
	fixture_close(&f);
}
END_TEST

START_TEST(a_weight_by_hand_is_the_weight)
{
	unsigned hits[2] = {0};

	open_service("round-robin", 2);
	s->backend[1]->weight = 3;
	publish_wheels(s);
	for (uint64_t draw = 0; draw < 400; draw++)
		hits[chosen(draw)]++;
	ck_assert_uint_eq(hits[0], 100);
	ck_assert_uint_eq(hits[1], 300);
	fixture_close(&f);
}
END_TEST

/* Where each of some users is sent. */
static void send_users(int to[500])
{
	for (uid_t user = 0; user < 500; user++) {
		f.view->user_hash = origin_of_user(user);
		to[user] = chosen(user * 7);
		for (uint64_t draw = 0; draw < 3; draw++)
			if (chosen(draw) != to[user])
				ck_abort_msg("user %u moved", user);
	}
}

START_TEST(maglev_moves_only_whose_backend_is_gone)
{
	int before[500], after[500];
	unsigned users[BACKENDS] = {0};

	open_service("maglev", BACKENDS);
	send_users(before);
	set_down(3, true);
	send_users(after);
	for (int i = 0; i < 500; i++) {
		users[before[i]]++;
		ck_assert(
			before[i] == 3 ? after[i] != 3 : after[i] == before[i]);
	}
	for (int i = 0; i < BACKENDS; i++)
		ck_assert(users[i] > 25 && users[i] < 80);
	set_down(3, false);
	send_users(after);
	ck_assert_mem_eq(before, after, sizeof(before));
	fixture_close(&f);
}
END_TEST

START_TEST(maglev_does_not_mind_the_order_in_the_file)
{
	int before[500], after[500];

	open_service("maglev", 3);
	send_users(before);
	fixture_reload(&f,
		"[service a]\naddress = 127.96.0.1:80\nprobe = none\n"
		"balance = maglev\nbackend = 10.0.0.3:80\n"
		"backend = 10.0.0.1:80\nbackend = 10.0.0.2:80\n");
	send_users(after);
	ck_assert_mem_eq(before, after, sizeof(before));
	fixture_close(&f);
}
END_TEST

static void hash_on(enum hash_on what)
{
	((struct service_conf *)s->conf)->hash_on = what;
	publish_list(s->list);
}

START_TEST(maglev_hashes_what_it_is_told_to)
{
	unsigned seen = 0;
	int first;

	open_service("maglev", BACKENDS);
	hash_on(HASH_ON_HOST);
	f.view->host_hash = origin_of_text("a-machine-id");
	first = chosen(0);
	for (uid_t user = 0; user < 20; user++) {
		f.view->user_hash = origin_of_user(user);
		ck_assert_int_eq(chosen(user), first);
	}
	for (char host[] = "host-a"; host[5] <= 'z'; host[5]++) {
		f.view->host_hash = origin_of_text(host);
		seen |= 1U << chosen(0);
	}
	ck_assert_int_gt(__builtin_popcount(seen), 5);
	fixture_close(&f);
}
END_TEST

START_TEST(a_forked_child_draws_a_key_of_its_own)
{
	_Atomic uint64_t key = 0;
	unsigned seen = 0;

	open_service("maglev", BACKENDS);
	hash_on(HASH_ON_PROCESS);
	f.view->process_key = &key;
	for (uint64_t draw = 1000; draw < 1040; draw++) {
		int first = chosen(draw);
		uint64_t drawn = key;

		ck_assert_uint_ne(drawn, 0);
		ck_assert_int_eq(chosen(draw + 1), first);
		ck_assert_int_eq(chosen(draw + 77), first);
		ck_assert_uint_eq(key, drawn);
		seen |= 1U << first;
		key = 0; /* as a child finds it */
	}
	ck_assert_int_gt(__builtin_popcount(seen), 6);
	fixture_close(&f);
}
END_TEST

START_TEST(a_machine_id_ends_with_its_line)
{
	ck_assert_uint_eq(origin_of_text("abc\n"), origin_of_text("abc"));
	ck_assert_uint_ne(origin_of_text("abd"), origin_of_text("abc"));
	ck_assert_uint_eq(origin_of_host(), origin_of_host());
	ck_assert_uint_eq(origin_of_user(1000), 14813216251149827504ULL);
}
END_TEST

Suite *balance_suite(void)
{
	Suite *suite = suite_create("balance");
	TCase *t = tcase_create("balance");

	tcase_add_test(t, callers_count_their_own_connections_to_a_limit);
	tcase_add_test(t, what_lbd_counts_reaches_the_callers);
	tcase_add_test(t, a_limit_beyond_14_bits_is_lbds_to_watch);
	tcase_add_test(t, a_drained_backend_gets_nothing_in_panic);
	tcase_add_test(t, local_is_who_is_in_this_hosts_zone);
	tcase_add_test(t, a_weight_by_hand_is_the_weight);
	tcase_add_test(t, maglev_moves_only_whose_backend_is_gone);
	tcase_add_test(t, maglev_does_not_mind_the_order_in_the_file);
	tcase_add_test(t, maglev_hashes_what_it_is_told_to);
	tcase_add_test(t, a_forked_child_draws_a_key_of_its_own);
	tcase_add_test(t, a_machine_id_ends_with_its_line);
	suite_add_tcase(suite, t);
	return suite;
}

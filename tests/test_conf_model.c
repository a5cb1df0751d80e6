/*
 * lbd.ini: what a good file comes out as. From memory.
 */
#include "conf_lines.h"
#include "lbd/conf.h"
#include "test_conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(defaults_are_those_of_the_manual)
{
	struct conf *conf = conf_good(SERVICE);
	const struct service_conf *s = conf->service;

	ck_assert_str_eq(conf->socket, "/run/lbd/lbd.sock");
	ck_assert_str_eq(conf->admin, "/run/lbd/admin.sock");
	ck_assert_uint_eq(conf->socket_mode, 0666);
	ck_assert(conf->log == LOG_STDERR && conf->log_level == LEVEL_INFO);
	ck_assert_uint_eq(conf->services, 1);
	ck_assert_str_eq(s->name, "a");
	ck_assert_int_eq(s->line, 1);
	ck_assert(s->protocol == PROTOCOL_TCP && s->probe.kind == PROBE_TCP);
	ck_assert(s->balance == BALANCE_P2C && s->probe.port == 0);
	ck_assert(s->hash_on == HASH_ON_USER && !conf->zone);
	ck_assert(s->interval_ms == 2000 && s->timeout_ms == 1000);
	ck_assert(s->interval_down_ms == 2000 && s->interval_change_ms == 1000);
	ck_assert(s->rise == 2 && s->fall == 3 && s->retries == 2);
	ck_assert(s->connect_timeout_ms == 0 && s->panic == 0);
	ck_assert(s->interval_idle_ms == 60000 && !s->probe_full_when_busy);
	ck_assert(s->eject_after == 5 && s->eject_time_ms == 10000);
	ck_assert(s->slow_start_ms == 0 && !s->reset_on_down);
	ck_assert(!s->peer_is_real);
	ck_assert_int_eq(s->no_backend, ECONNREFUSED);
	ck_assert(s->name_count == 0 && s->rules.count == 0);
	ck_assert(s->backend[0].weight == 1 && !s->backend[0].backup);
	ck_assert(!s->backend[0].zone && !s->backend[0].max_conns);
	ck_assert_str_eq(s->backend[0].name, "10.0.0.2:80");
	ck_assert(!s->backend[0].named);
	conf_free(conf);
}
END_TEST

START_TEST(every_key_reaches_the_model)
{
	struct conf *conf = conf_good(
		SERVICE "balance = maglev\nhash-on = process\n"
			"probe = tcp port=81\ninterval = 3s\n"
			"interval-idle = 10s\nprobe-when-busy = full\n"
			"eject-after = 1000\neject-time = 5m\n"
			"slow-start = 24h\non-down = reset\npeername = real\n"
			"timeout = 1500ms\ninterval-down = 1m\n"
			"interval-change = 24h\nrise = 1\nfall = 1000\n"
			"retries = 15\nconnect-timeout = 250ms\npanic = 100%\n"
			"no-backend = unreachable\n"
			"[lbd]\nsocket = /tmp/a b/s\nsocket-mode = 660\n"
			"log = syslog\nlog-level = debug\nzone = a.B-1_\n");
	const struct service_conf *s = conf->service;

	ck_assert_str_eq(conf->socket, "/tmp/a b/s");
	ck_assert_str_eq(conf->admin, "/tmp/a b/admin.sock");
	ck_assert_uint_eq(conf->socket_mode, 0660);
	ck_assert(conf->log == LOG_SYSLOG && conf->log_level == LEVEL_DEBUG);
	ck_assert_str_eq(conf->zone, "a.B-1_");
	ck_assert(s->balance == BALANCE_MAGLEV && s->probe.port == 81);
	ck_assert(s->hash_on == HASH_ON_PROCESS);
	ck_assert(s->interval_idle_ms == 10000 && s->probe_full_when_busy);
	ck_assert(s->eject_after == 1000 && s->eject_time_ms == 300000);
	ck_assert(s->slow_start_ms == 86400000 && s->reset_on_down);
	ck_assert(s->peer_is_real);
	ck_assert(s->interval_ms == 3000 && s->timeout_ms == 1500);
	ck_assert(s->interval_down_ms == 60000);
	ck_assert(s->interval_change_ms == 86400000);
	ck_assert(s->rise == 1 && s->fall == 1000 && s->retries == 15);
	ck_assert(s->connect_timeout_ms == 250 && s->panic == 100);
	ck_assert_int_eq(s->no_backend, EHOSTUNREACH);
	conf_free(conf);
}
END_TEST

START_TEST(lists_keep_the_order_of_the_file)
{
	struct conf *conf =
		conf_good("[service api]\naddress = 10.96.0.10:80\n"
			  "address = [FD00::10]:443\nname = API.Internal.\n"
			  "name = _x.b-1\nbackend = 10.0.0.4:8080 backup "
			  "name=w-1 weight=256\n"
			  "backend = [fd00:1::4]:8080\n");
	const struct service_conf *s = conf->service;

	ck_assert(s->addresses == 2 && s->name_count == 2 && s->backends == 2);
	ck_assert(addr_is_v4(&s->address[0].addr));
	ck_assert(s->address[0].addr.lo == (ADDR_V4_PREFIX | 0x0a60000a));
	ck_assert(s->address[1].addr.hi == 0xfd00000000000000);
	ck_assert(s->address[1].addr.lo == 0x10);
	ck_assert(s->address[1].addr.port == 443 && s->address[1].line == 3);
	ck_assert_str_eq(s->names[0].name, "api.internal");
	ck_assert_str_eq(s->names[1].name, "_x.b-1");
	ck_assert(s->backend[0].backup && s->backend[0].weight == 256);
	ck_assert_str_eq(s->backend[0].name, "w-1");
	ck_assert(s->backend[0].named && s->backend[0].line == 6);
	ck_assert_str_eq(s->backend[1].name, "[fd00:1::4]:8080");
	conf_free(conf);
}
END_TEST

START_TEST(each_balance_has_a_word)
{
	static const struct {
		const char *word;
		enum table_balance balance;
	} cases[] = {
		{"p2c", BALANCE_P2C},
		{"round-robin", BALANCE_ROUND_ROBIN},
		{"least-conn", BALANCE_LEAST_CONN},
		{"random", BALANCE_RANDOM},
		{"maglev", BALANCE_MAGLEV},
		{"first", BALANCE_FIRST},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[256];
		struct conf *conf;

		snprintf(text, sizeof(text), "%sbalance = %s\n", SERVICE,
			cases[i].word);
		conf = conf_good(text);
		ck_assert(conf->service[0].balance == cases[i].balance);
		conf_free(conf);
	}
}
END_TEST

START_TEST(backends_have_zones_and_limits)
{
	struct conf *conf =
		conf_good(SERVICE "backend = 10.0.0.3:80 max-conns=4294967295 "
				  "backup zone=b-2 weight=3 name=n\n"
				  "backend = 10.0.0.4:80 zone=b-2 max-conns=1\n"
				  "[lbd]\nzone = a\n");
	const struct backend_conf *b = conf->service[0].backend;

	ck_assert(!b[0].zone && !b[0].max_conns);
	ck_assert(b[1].max_conns == 4294967295 && b[2].max_conns == 1);
	ck_assert_str_eq(b[1].zone, "b-2");
	ck_assert_str_eq(b[1].name, "n");
	ck_assert(b[1].weight == 3 && b[1].backup);
	conf_free(conf);
}
END_TEST

START_TEST(long_intervals_lengthen_that_of_idle_services)
{
	struct conf *conf = conf_good(SERVICE "interval = 5m\n");

	ck_assert_uint_eq(conf->service[0].interval_idle_ms, 300000);
	conf_free(conf);
	conf = conf_good(SERVICE "interval = 1m\ninterval-idle = 1h\n");
	ck_assert_uint_eq(conf->service[0].interval_idle_ms, 3600000);
	conf_free(conf);
}
END_TEST

START_TEST(short_intervals_shorten_what_hangs_on_them)
{
	struct conf *conf = conf_good(SERVICE "interval = 400ms\n");
	const struct service_conf *s = conf->service;

	ck_assert(s->timeout_ms == 400 && s->interval_down_ms == 400);
	ck_assert(s->interval_change_ms == 400);
	conf_free(conf);
}
END_TEST

START_TEST(own_keys_win_over_defaults_wherever_those_stand)
{
	struct conf *conf = conf_good(SERVICE
		"rise = 5\npermit = user 7\n"
		"[defaults]\nrise = 9\nfall = 9\ndeny = any\nprotocol = udp\n"
		"[service b]\naddress = 10.0.0.9:53\nbackend = 10.0.0.3:53\n");
	const struct service_conf *a = conf->service, *b = a + 1;

	ck_assert(a->rise == 5 && a->fall == 9);
	ck_assert(b->rise == 9 && b->fall == 9);
	ck_assert(b->protocol == PROTOCOL_UDP && b->probe.kind == PROBE_NONE);
	ck_assert_uint_eq(a->rules.count, 1);
	ck_assert(a->rules.rule[0].permit && a->rules.rule[0].user == 7);
	ck_assert_uint_eq(b->rules.count, 1);
	ck_assert(!b->rules.rule[0].permit && !b->rules.rule[0].subjects);
	conf_free(conf);
}
END_TEST

START_TEST(a_default_timeout_only_counts_where_it_is_used)
{
	struct conf *conf =
		conf_good(SERVICE "interval = 10s\n[defaults]\ntimeout = 5s\n");

	ck_assert_uint_eq(conf->service[0].timeout_ms, 5000);
	conf_free(conf);
}
END_TEST

START_TEST(blanks_comments_and_line_ends_mean_nothing)
{
	struct conf *conf = conf_good(
		"\xef\xbb\xbf; first\r\n\t[service a] ; here\r\n\r\n"
		"  address=10.0.0.1:80\t;[x]\r\n  "
		"backend\t=10.0.0.2:80\tbackup\n"
		"# caf\xc3\xa9 = x\n   interval = 5s ; not 2s # nor 3s");

	ck_assert_uint_eq(conf->services, 1);
	ck_assert_uint_eq(conf->service[0].addresses, 1);
	ck_assert(conf->service[0].backend[0].backup);
	ck_assert_uint_eq(conf->service[0].interval_ms, 5000);
	conf_free(conf);
}
END_TEST

START_TEST(words_of_off_have_their_own_value)
{
	struct conf *conf = conf_good(
		SERVICE "panic = off\nconnect-timeout = off\nprobe = none\n");

	ck_assert_int_eq(conf->service[0].panic, PANIC_OFF);
	ck_assert_uint_eq(conf->service[0].connect_timeout_ms, 0);
	ck_assert(conf->service[0].probe.kind == PROBE_NONE);
	conf_free(conf);
}
END_TEST

START_TEST(what_differs_may_stand_side_by_side)
{
	conf_free(conf_good(
		"[service a]\naddress = 10.0.0.1:80\nbackend = 10.0.0.2:80\n"
		"backend = 10.0.0.2:81\nname = x\n"
		"[service b]\naddress = 10.0.0.1:*\nbackend = 10.0.0.2:*\n"
		"probe = tcp port=80\nname = X.\n"
		"[service c]\naddress = 10.0.0.1:80\nprotocol = udp\n"
		"address = 10.0.0.1:81\nbackend = 10.0.0.2:80\nname = x\n"));
}
END_TEST

START_TEST(a_service_may_lead_to_its_own_address)
{
	conf_free(conf_good("[service a]\naddress = 127.0.0.1:*\nprobe = none\n"
			    "backend = 127.0.0.1:*\n[service b]\n"
			    "address = 10.0.0.1:80\nbackend = 10.0.0.1:80\n"));
}
END_TEST

START_TEST(rules_become_numbers_and_paths)
{
	struct conf *conf = conf_good(
		SERVICE "permit = user root group 4294967294\n"
			"deny = exe /dev/null user 0\npermit = group root\n"
			"deny = any\n");
	const struct rule *r = conf->service[0].rules.rule;

	ck_assert(r[0].permit && r[0].user == 0 && r[0].group == 4294967294U);
	ck_assert_uint_eq(r[0].subjects, SUBJECT_USER | SUBJECT_GROUP);
	ck_assert(!r[1].permit && r[1].line == 5);
	ck_assert_uint_eq(r[1].subjects, SUBJECT_USER | SUBJECT_EXE);
	ck_assert_str_eq(r[1].exe, "/dev/null");
	ck_assert(r[2].subjects == SUBJECT_GROUP && r[2].group == 0);
	ck_assert(!r[3].permit && r[3].subjects == 0);
	conf_free(conf);
}
END_TEST

START_TEST(keys_that_count_at_start_only_need_a_restart)
{
	struct conf *conf = conf_good(SERVICE);
	struct conf *same =
		conf_good(SERVICE "[lbd]\nlog-level = debug\nzone = a\n");
	struct conf *other = conf_good(SERVICE
		"[lbd]\nlog = syslog\nsocket = /a/b\nsocket-mode = 0600\n");
	struct complaints said = {0};
	char *words;

	ck_assert(conf_same_process(conf, same, "F", &said));
	ck_assert_uint_eq(said.count, 0);
	ck_assert(!conf_same_process(conf, other, "F", &said));
	words = conf_said(&said);
	ck_assert_str_eq(words,
		"F: [lbd] admin: needs a restart\n"
		"F:5: [lbd] log: needs a restart\n"
		"F:6: [lbd] socket: needs a restart\n"
		"F:7: [lbd] socket-mode: needs a restart\n");
	free(words);
	complaints_free(&said);
	conf_free(conf);
	conf_free(same);
	conf_free(other);
}
END_TEST

TCase *conf_model_case(void)
{
	TCase *tc = tcase_create("model");

	tcase_add_test(tc, defaults_are_those_of_the_manual);
	tcase_add_test(tc, every_key_reaches_the_model);
	tcase_add_test(tc, lists_keep_the_order_of_the_file);
	tcase_add_test(tc, each_balance_has_a_word);
	tcase_add_test(tc, backends_have_zones_and_limits);
	tcase_add_test(tc, long_intervals_lengthen_that_of_idle_services);
	tcase_add_test(tc, short_intervals_shorten_what_hangs_on_them);
	tcase_add_test(tc, own_keys_win_over_defaults_wherever_those_stand);
	tcase_add_test(tc, a_default_timeout_only_counts_where_it_is_used);
	tcase_add_test(tc, blanks_comments_and_line_ends_mean_nothing);
	tcase_add_test(tc, words_of_off_have_their_own_value);
	tcase_add_test(tc, what_differs_may_stand_side_by_side);
	tcase_add_test(tc, a_service_may_lead_to_its_own_address);
	tcase_add_test(tc, rules_become_numbers_and_paths);
	tcase_add_test(tc, keys_that_count_at_start_only_need_a_restart);
	return tc;
}

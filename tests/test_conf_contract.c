/*
 * Every key that lbd.ini is to have: known where it may stand and nowhere else,
 * or on the list of those that come later; and each value at the ends of what
 * is allowed is understood as what it says.
 */
#include "conf_accepted.h"
#include "conf_lines.h"
#include "lbd/conf.h"
#include "test_conf.h"

#include <stdlib.h>
#include <string.h>

enum {
	IN_LBD = SECTION_LBD,
	IN_SERVICE = SECTION_SERVICE,
	IN_BOTH = SECTION_SERVICE | SECTION_DEFAULTS,
};

static const struct promised {
	const char *name;
	unsigned sections;
	bool later; /* unknown so far: an error, never passed over */
} promised[] = {
	{"socket", IN_LBD, false},
	{"socket-mode", IN_LBD, false},
	{"admin", IN_LBD, false},
	{"status", IN_LBD, true},
	{"state", IN_LBD, true},
	{"log", IN_LBD, false},
	{"log-level", IN_LBD, false},
	{"zone", IN_LBD, false},
	{"user", IN_LBD, true},
	{"address", IN_SERVICE, false},
	{"name", IN_SERVICE, false},
	{"protocol", IN_BOTH, false},
	{"balance", IN_BOTH, false},
	{"hash-on", IN_BOTH, false},
	{"probe", IN_BOTH, false},
	{"interval", IN_BOTH, false},
	{"timeout", IN_BOTH, false},
	{"rise", IN_BOTH, false},
	{"fall", IN_BOTH, false},
	{"interval-down", IN_BOTH, false},
	{"interval-change", IN_BOTH, false},
	{"interval-idle", IN_BOTH, false},
	{"probe-when-busy", IN_BOTH, false},
	{"retries", IN_BOTH, false},
	{"connect-timeout", IN_BOTH, false},
	{"eject-after", IN_BOTH, false},
	{"eject-time", IN_BOTH, false},
	{"panic", IN_BOTH, false},
	{"slow-start", IN_BOTH, false},
	{"no-backend", IN_BOTH, false},
	{"peername", IN_BOTH, false},
	{"on-down", IN_BOTH, false},
	{"permit", IN_BOTH, false},
	{"deny", IN_BOTH, false},
	{"backend", IN_SERVICE, false},
};

enum { PROMISED = sizeof(promised) / sizeof(*promised) };

static const struct promised *find_promised(const char *name)
{
	for (size_t i = 0; i < PROMISED; i++)
		if (!strcmp(promised[i].name, name))
			return &promised[i];
	return NULL;
}

static bool is_known(const char *name)
{
	for (int id = 0; id < KEYS; id++)
		if (!strcmp(conf_keys[id].name, name))
			return true;
	return false;
}

START_TEST(keys_stand_where_they_should_or_come_later)
{
	for (int id = 0; id < KEYS; id++) {
		const struct key *k = &conf_keys[id];
		const struct promised *p = find_promised(k->name);

		ck_assert_msg(p && !p->later, "%s: not promised", k->name);
		ck_assert_msg(k->sections == p->sections, "%s", k->name);
	}
	for (size_t i = 0; i < PROMISED; i++)
		ck_assert_msg(is_known(promised[i].name) != promised[i].later,
			"%s", promised[i].name);
}
END_TEST

START_TEST(keys_that_come_later_are_errors)
{
	for (size_t i = 0; i < PROMISED; i++) {
		char text[256], words[256];

		if (!promised[i].later)
			continue;
		snprintf(text, sizeof(text), "[lbd]\n%s = /x\n",
			promised[i].name);
		snprintf(words, sizeof(words), "F:2: [lbd] %s: unknown key\n",
			promised[i].name);
		conf_expect(text, words);
	}
}
END_TEST

/* ---- values ---- */

enum { ACCEPTED = sizeof(accepted) / sizeof(*accepted) };

START_TEST(every_key_has_values)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < ACCEPTED; i++)
		seen |= key_bit(accepted[i].key);
	ck_assert_uint_eq(seen, key_bit(KEYS) - 1);
}
END_TEST

/* The rest of a file in which the key's line is right. */
static const char *file_around(const struct accepted *a)
{
	if (conf_keys[a->key].sections & SECTION_LBD)
		return a->key == KEY_SOCKET ? SERVICE
			"[lbd]\nadmin = /another\n"
					    : SERVICE "[lbd]\n";
	if (a->key == KEY_BACKEND)
		return "[lbd]\nzone = z\n" SERVICE;
	return a->key == KEY_HASH_ON ? SERVICE "balance = maglev\n" : SERVICE;
}

static char *dump_of(const char *text)
{
	struct conf *conf = conf_good(text);
	char *dump = conf_dumped(conf);

	conf_free(conf);
	return dump;
}

START_TEST(values_up_to_the_ends_are_understood)
{
	const struct accepted *a = &accepted[_i];
	const char *name = conf_keys[a->key].name;
	char text[1024], line[1024], *dump;

	snprintf(text, sizeof(text), "%s%s=%s", file_around(a), name, a->value);
	snprintf(line, sizeof(line), "\n%s = %s\n", name,
		a->meant ? a->meant : a->value);
	dump = dump_of(text);
	ck_assert_msg(strstr(dump, line) != NULL, "no %sin:\n%s", line, dump);
	free(dump);
}
END_TEST

/* [defaults] takes them as well. */
START_TEST(defaults_are_understood_as_a_services_own)
{
	const struct accepted *a = &accepted[_i];
	const char *name = conf_keys[a->key].name;
	char own[1024], inherited[1024], *one, *other;

	if (!(conf_keys[a->key].sections & SECTION_DEFAULTS))
		return;
	snprintf(own, sizeof(own), "%s%s=%s", file_around(a), name, a->value);
	snprintf(inherited, sizeof(inherited), "%s[defaults]\n%s=%s",
		file_around(a), name, a->value);
	one = dump_of(own);
	other = dump_of(inherited);
	ck_assert_str_eq(one, other);
	free(one);
	free(other);
}
END_TEST

/* ---- ports ---- */

static const char *const bad_ports[] = {"0", "65536", "-1", "+80", "080",
	"0x50", "80x", "", "99999999999", "80 81", "http"};

enum { BAD_PORTS = sizeof(bad_ports) / sizeof(*bad_ports) };

static void expect_bad_port(const char *format, const char *port)
{
	struct complaints said;
	char text[512], *words;

	snprintf(text, sizeof(text), format, port);
	ck_assert_ptr_null(conf_from(text, strlen(text), &said));
	words = conf_said(&said);
	ck_assert_msg(!strncmp(words, "F:4: [service a] ", 17), "%s", words);
	free(words);
	complaints_free(&said);
}

START_TEST(bad_ports_are_refused_wherever_they_stand)
{
	expect_bad_port(SERVICE "address = 10.0.0.9:%s\n", bad_ports[_i]);
	expect_bad_port(SERVICE "backend = 10.0.0.9:%s\n", bad_ports[_i]);
	expect_bad_port(SERVICE "address = [fd00::1]:%s\n", bad_ports[_i]);
	expect_bad_port(SERVICE "probe = tcp port=%s\n", bad_ports[_i]);
	expect_bad_port(SERVICE "probe = http host=x:%s\n", bad_ports[_i]);
}
END_TEST

/* ---- which option goes with which kind of probe ---- */

static const char *const options[] = {"port=9", "host=x", "header=\"A: b\"",
	"body=\"x\"", "sni=x", "ca=/dev/null", "verify=none", "service=x"};

static const struct {
	const char *kind;
	const char *takes; /* y, n, or t: if it were over TLS; - alone */
} probe_options[] = {
	{"tcp", "ynnnnnnn"},
	{"none", "--------"},
	{"http", "yyyytttn"},
	{"https", "yyyyyyyn"},
	{"grpc", "ynnnttty"},
	{"grpc tls", "ynnnyyyy"},
	{"send \"x\"", "ynnnnnnn"},
	{"expect \"x\"", "ynnnnnnn"},
	{"send \"x\" expect \"x\"", "ynnnnnnn"},
	{"redis", "ynnnnnnn"},
	{"postgres", "ynnnnnnn"},
	{"mysql", "ynnnnnnn"},
	{"smtp", "ynnnnnnn"},
};

enum { KINDS = sizeof(probe_options) / sizeof(*probe_options) };

static const char *outcome_of(char takes)
{
	return takes == 'n'    ? "does not go with"
		: takes == 't' ? "needs TLS"
		: takes == '-' ? "none stands alone"
			       : "";
}

START_TEST(options_go_with_their_kinds_of_probe)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const char *outcome = outcome_of(probe_options[_i].takes[i]);
		struct complaints said;
		char text[512], *words;

		snprintf(text, sizeof(text), SERVICE "probe = %s %s\n",
			probe_options[_i].kind, options[i]);
		conf_free(conf_from(text, strlen(text), &said));
		words = conf_said(&said);
		ck_assert_msg(said.count == !!*outcome, "%s%s", text, words);
		ck_assert_msg(strstr(words, outcome) != NULL, "%s", words);
		free(words);
		complaints_free(&said);
	}
}
END_TEST

TCase *conf_contract_case(void)
{
	TCase *tc = tcase_create("contract");

	tcase_add_test(tc, keys_stand_where_they_should_or_come_later);
	tcase_add_test(tc, keys_that_come_later_are_errors);
	tcase_add_test(tc, every_key_has_values);
	tcase_add_loop_test(
		tc, values_up_to_the_ends_are_understood, 0, ACCEPTED);
	tcase_add_loop_test(
		tc, defaults_are_understood_as_a_services_own, 0, ACCEPTED);
	tcase_add_loop_test(
		tc, bad_ports_are_refused_wherever_they_stand, 0, BAD_PORTS);
	tcase_add_loop_test(tc, options_go_with_their_kinds_of_probe, 0, KINDS);
	return tc;
}

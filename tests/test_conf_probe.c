/*
 * probe = ...: what each kind comes out as, and what is said about values that
 * cannot be read.
 */
#include "conf_lines.h"
#include "conf_probes.h"
#include "lbd/conf.h"
#include "test_conf.h"

#include <stdlib.h>
#include <string.h>

enum { PROBES = sizeof(probe_cases) / sizeof(*probe_cases) };

/* What stands behind of `head` on each of its lines. */
static void put_said(char *to, size_t room, const char *said)
{
	size_t at = 0;

	while (*said) {
		size_t size = strcspn(said, "\n");

		at += (size_t)snprintf(to + at, room - at,
			"F:4: [service a] probe: %.*s\n", (int)size, said);
		said += size + (said[size] == '\n');
	}
}

START_TEST(a_broken_probe_is_quoted_with_what_it_must_be)
{
	const struct probe_case *c = &probe_cases[_i];
	char text[512], words[1024];

	snprintf(text, sizeof(text), "%sprobe = %s\n", SERVICE, c->value);
	put_said(words, sizeof(words), c->said);
	conf_expect(text, words);
}
END_TEST

/* The file is good; the caller frees it. */
static struct conf *probe_of(const char *value, const struct probe_conf **p)
{
	char text[512];
	struct conf *conf;

	snprintf(text, sizeof(text), "%sprobe = %s ; as it is\n", SERVICE,
		value);
	conf = conf_good(text);
	*p = &conf->service[0].probe;
	ck_assert_str_eq((*p)->written, value);
	return conf;
}

static void expect_bytes(const struct bytes *b, const char *text, size_t size)
{
	ck_assert_uint_eq(b->size, size);
	ck_assert_mem_eq(b->at, text, size);
}

START_TEST(without_words_http_gets_the_root_and_takes_2xx_and_3xx)
{
	const struct probe_conf *p;
	struct conf *conf = probe_of("http", &p);

	ck_assert(p->kind == PROBE_HTTP && !p->tls && p->port == 0);
	ck_assert_str_eq(p->method, "GET");
	ck_assert_str_eq(p->path, "/");
	ck_assert_uint_eq(p->statuses, 1);
	ck_assert(p->status[0].low == 200 && p->status[0].high == 399);
	ck_assert(!p->host && !p->sni && !p->ca && !p->body && !p->trusting);
	ck_assert_uint_eq(p->headers, 0);
	conf_free(conf);
}
END_TEST

START_TEST(http_words_and_options_reach_the_model)
{
	const struct probe_conf *p;
	struct conf *conf =
		probe_of("https POST /a?b=\\c;d 200,299-404 "
			 "host=[fd00::1]:8080 header=\"A: b \\\"# c\" "
			 "body=\"^o\\\\.k$\" sni=x.y ca=/dev/null "
			 "header=\"B:\tc\" verify=none port=8443",
			&p);

	ck_assert(p->kind == PROBE_HTTP && p->tls && p->trusting);
	ck_assert_uint_eq(p->port, 8443);
	ck_assert_str_eq(p->method, "POST");
	ck_assert_str_eq(p->path, "/a?b=\\c;d");
	ck_assert_uint_eq(p->statuses, 2);
	ck_assert(p->status[0].low == 200 && p->status[0].high == 200);
	ck_assert(p->status[1].low == 299 && p->status[1].high == 404);
	ck_assert_str_eq(p->host, "[fd00::1]:8080");
	ck_assert_uint_eq(p->headers, 2);
	ck_assert_str_eq(p->header[0].line, "A: b \"# c");
	ck_assert_str_eq(p->header[1].line, "B:\tc");
	ck_assert_str_eq(p->body, "^o\\.k$");
	ck_assert_str_eq(p->sni, "x.y");
	ck_assert_str_eq(p->ca, "/dev/null");
	conf_free(conf);
}
END_TEST

START_TEST(grpc_may_ask_for_a_service_over_tls)
{
	const struct probe_conf *p;
	struct conf *conf = probe_of("grpc", &p);

	ck_assert(p->kind == PROBE_GRPC && !p->tls && !p->grpc_service);
	conf_free(conf);
	conf = probe_of("grpc service=a.B/c tls sni=x port=9", &p);
	ck_assert(p->kind == PROBE_GRPC && p->tls && p->port == 9);
	ck_assert_str_eq(p->grpc_service, "a.B/c");
	ck_assert_str_eq(p->sni, "x");
	conf_free(conf);
}
END_TEST

START_TEST(texts_in_quotes_hold_any_byte)
{
	const struct probe_conf *p;
	struct conf *conf = probe_of(
		"send \" \\x00\\r\\n\\t\\\"\\\\\\xfF\\x3b # \xc3\xa4 \" "
		"port=7 expect \"\\x00\"",
		&p);

	ck_assert(p->kind == PROBE_TALK && p->dialogue == DIALOGUE_TEXT);
	expect_bytes(&p->send, " \0\r\n\t\"\\\xff; # \xc3\xa4 ", 15);
	expect_bytes(&p->expect, "", 1);
	ck_assert_uint_eq(p->port, 7);
	conf_free(conf);
}
END_TEST

START_TEST(a_talk_may_only_send_or_only_expect)
{
	const struct probe_conf *p;
	struct conf *conf = probe_of("send \"a\"", &p);

	expect_bytes(&p->send, "a", 1);
	ck_assert_ptr_null(p->expect.at);
	conf_free(conf);
	conf = probe_of("expect \"220 \"", &p);
	expect_bytes(&p->expect, "220 ", 4);
	ck_assert_ptr_null(p->send.at);
	conf_free(conf);
}
END_TEST

START_TEST(protocols_that_lbd_speaks_need_one_word)
{
	static const struct {
		const char *value;
		enum dialogue dialogue;
		unsigned port;
	} cases[] = {
		{"redis", DIALOGUE_REDIS, 0},
		{"postgres port=1", DIALOGUE_POSTGRES, 1},
		{"mysql", DIALOGUE_MYSQL, 0},
		{"smtp port=65535", DIALOGUE_SMTP, 65535},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct probe_conf *p;
		struct conf *conf = probe_of(cases[i].value, &p);

		ck_assert(p->kind == PROBE_TALK);
		ck_assert(p->dialogue == cases[i].dialogue);
		ck_assert_uint_eq(p->port, cases[i].port);
		conf_free(conf);
	}
}
END_TEST

START_TEST(a_script_keeps_its_words_and_lbd_its_port)
{
	const struct probe_conf *p;
	struct conf *conf =
		probe_of("script /bin/sh -c \"a  \\\"b\\\"\" port=9 "
			 "\"port=8\" --x=\"y z\" host=q \"\"",
			&p);
	static const char *const words[] = {
		"/bin/sh", "-c", "a  \"b\"", "port=8", "--x=y z", "host=q", ""};

	ck_assert(p->kind == PROBE_SCRIPT && p->port == 9);
	ck_assert_uint_eq(p->words, 7);
	for (size_t i = 0; i < 7; i++)
		ck_assert_str_eq(p->word[i].text, words[i]);
	conf_free(conf);
}
END_TEST

START_TEST(a_probe_not_written_is_the_protocols_own)
{
	struct conf *conf = conf_good(
		SERVICE "[service b]\nprotocol = udp\n"
			"address = 10.0.0.1:80\nbackend = 10.0.0.2:80\n");

	ck_assert(conf->service[0].probe.kind == PROBE_TCP);
	ck_assert_ptr_null(conf->service[0].probe.written);
	ck_assert(conf->service[1].probe.kind == PROBE_NONE);
	ck_assert_ptr_null(conf->service[1].probe.written);
	conf_free(conf);
}
END_TEST

START_TEST(probes_of_defaults_are_inherited)
{
	struct conf *conf = conf_good(SERVICE
		"[service b]\naddress = 10.0.0.9:80\nbackend = 10.0.0.3:80\n"
		"probe = redis\n[defaults]\nprobe = http /x\n");

	ck_assert_str_eq(conf->service[0].probe.path, "/x");
	ck_assert(conf->service[1].probe.kind == PROBE_TALK);
	conf_free(conf);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_warned_of)
{
	conf_expect(SERVICE "probe = https ca=/no/such/file\n",
		"F:4: warning: [service a] probe: ca \"/no/such/file\" does "
		"not exist\n");
	conf_expect(SERVICE "probe = script /no/such/file\n",
		"F:4: warning: [service a] probe: script \"/no/such/file\" "
		"does not exist\n");
	conf_expect(SERVICE "probe = script /etc\n",
		"F:4: warning: [service a] probe: script \"/etc\" is a "
		"directory\n");
	conf_expect(SERVICE "probe = script /etc/passwd\n",
		"F:4: warning: [service a] probe: script \"/etc/passwd\" is "
		"not executable\n");
}
END_TEST

START_TEST(a_udp_service_is_asked_with_datagrams_or_by_a_script)
{
	conf_free(conf_good(SERVICE "protocol = udp\nprobe = none\n"));
	conf_free(conf_good(SERVICE "protocol = udp\nprobe = send \"x\"\n"));
	conf_free(conf_good(
		SERVICE "protocol = udp\nprobe = send \"x\" expect \"y\"\n"));
	conf_free(
		conf_good(SERVICE "protocol = udp\nprobe = script /bin/sh\n"));
}
END_TEST

/* What regular expressions are made of, within what they may cost. */
START_TEST(usual_regular_expressions_are_taken)
{
	static const char *const patterns[] = {
		"^ok$",
		"\\\\{}",
		"[]a]",
		"[]{9999}]",
		"[^]{9999}]",
		"[[:alpha:]{9999}]",
		"[^]a]b",
		"[[:alpha:]]+",
		"[[.].]]",
		"a|b",
		"(a|b)*c",
		"x{2,3}",
		"[{]{9}",
		"\\\\(\\\\[",
		"(())",
		"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
		"\\\"status\\\": *\\\"(UP|ok)\\\"",
		"a{998}",
		"(a{9}){90}",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		const struct probe_conf *p;
		char value[256];

		snprintf(value, sizeof(value), "http body=\"%s\"", patterns[i]);
		conf_free(probe_of(value, &p));
	}
}
END_TEST

TCase *conf_probe_case(void)
{
	TCase *tc = tcase_create("probe");

	tcase_add_loop_test(
		tc, a_broken_probe_is_quoted_with_what_it_must_be, 0, PROBES);
	tcase_add_test(
		tc, without_words_http_gets_the_root_and_takes_2xx_and_3xx);
	tcase_add_test(tc, http_words_and_options_reach_the_model);
	tcase_add_test(tc, grpc_may_ask_for_a_service_over_tls);
	tcase_add_test(tc, texts_in_quotes_hold_any_byte);
	tcase_add_test(tc, a_talk_may_only_send_or_only_expect);
	tcase_add_test(tc, protocols_that_lbd_speaks_need_one_word);
	tcase_add_test(tc, a_script_keeps_its_words_and_lbd_its_port);
	tcase_add_test(tc, a_probe_not_written_is_the_protocols_own);
	tcase_add_test(tc, probes_of_defaults_are_inherited);
	tcase_add_test(tc, a_file_that_is_not_there_is_warned_of);
	tcase_add_test(
		tc, a_udp_service_is_asked_with_datagrams_or_by_a_script);
	tcase_add_test(tc, usual_regular_expressions_are_taken);
	return tc;
}

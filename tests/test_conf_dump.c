/*
 * A model written as text: read again it is the same in every member, and
 * written again it is the same text.
 */
#include "conf_lines.h"
#include "lbd/conf.h"
#include "test_conf.h"

#include <stdlib.h>
#include <string.h>

static void same_text(const char *a, const char *b)
{
	ck_assert_pstr_eq(a, b);
}

static void same_bytes(const struct bytes *a, const struct bytes *b)
{
	ck_assert_uint_eq(a->size, b->size);
	ck_assert(!a->at == !b->at);
	if (a->size)
		ck_assert_mem_eq(a->at, b->at, a->size);
}

static void same_words(const struct probe_conf *a, const struct probe_conf *b)
{
	ck_assert_uint_eq(a->headers, b->headers);
	for (size_t i = 0; i < a->headers; i++)
		same_text(a->header[i].line, b->header[i].line);
	ck_assert_uint_eq(a->statuses, b->statuses);
	for (size_t i = 0; i < a->statuses; i++)
		ck_assert(a->status[i].low == b->status[i].low &&
			a->status[i].high == b->status[i].high);
	ck_assert_uint_eq(a->words, b->words);
	for (size_t i = 0; i < a->words; i++)
		same_text(a->word[i].text, b->word[i].text);
}

static void same_probe(const struct probe_conf *a, const struct probe_conf *b)
{
	ck_assert(a->kind == b->kind && a->port == b->port);
	ck_assert(a->tls == b->tls && a->trusting == b->trusting);
	ck_assert(a->dialogue == b->dialogue);
	same_text(a->method, b->method);
	same_text(a->path, b->path);
	same_text(a->host, b->host);
	same_text(a->sni, b->sni);
	same_text(a->ca, b->ca);
	same_text(a->body, b->body);
	same_text(a->grpc_service, b->grpc_service);
	same_bytes(&a->send, &b->send);
	same_bytes(&a->expect, &b->expect);
	same_words(a, b);
}

static void same_rules(const struct rules *a, const struct rules *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct rule *r = &a->rule[i], *s = &b->rule[i];

		ck_assert(r->permit == s->permit);
		ck_assert_uint_eq(r->subjects, s->subjects);
		ck_assert(r->user == s->user && r->group == s->group);
		same_text(r->exe, s->exe);
	}
}

static void same_backend(
	const struct backend_conf *a, const struct backend_conf *b)
{
	same_text(a->name, b->name);
	same_text(a->zone, b->zone);
	ck_assert(addr_same(&a->addr, &b->addr));
	ck_assert(a->named == b->named && a->weight == b->weight);
	ck_assert(a->max_conns == b->max_conns && a->backup == b->backup);
}

static void same_lists(
	const struct service_conf *a, const struct service_conf *b)
{
	ck_assert_uint_eq(a->addresses, b->addresses);
	for (size_t i = 0; i < a->addresses; i++)
		ck_assert(addr_same(&a->address[i].addr, &b->address[i].addr));
	ck_assert_uint_eq(a->name_count, b->name_count);
	for (size_t i = 0; i < a->name_count; i++)
		same_text(a->names[i].name, b->names[i].name);
	ck_assert_uint_eq(a->backends, b->backends);
	for (size_t i = 0; i < a->backends; i++)
		same_backend(&a->backend[i], &b->backend[i]);
	same_rules(&a->rules, &b->rules);
}

/* hash-on says nothing without maglev. */
static void same_service(
	const struct service_conf *a, const struct service_conf *b)
{
	same_text(a->name, b->name);
	same_lists(a, b);
	same_probe(&a->probe, &b->probe);
	ck_assert(a->protocol == b->protocol && a->balance == b->balance);
	ck_assert(a->hash_on == b->hash_on || a->balance != BALANCE_MAGLEV);
	ck_assert(a->interval_ms == b->interval_ms);
	ck_assert(a->timeout_ms == b->timeout_ms);
	ck_assert(a->interval_down_ms == b->interval_down_ms);
	ck_assert(a->interval_change_ms == b->interval_change_ms);
	ck_assert(a->interval_idle_ms == b->interval_idle_ms);
	ck_assert(a->probe_full_when_busy == b->probe_full_when_busy);
	ck_assert(a->rise == b->rise && a->fall == b->fall);
	ck_assert(a->retries == b->retries && a->panic == b->panic);
	ck_assert(a->connect_timeout_ms == b->connect_timeout_ms);
	ck_assert(a->eject_after == b->eject_after);
	ck_assert(a->eject_time_ms == b->eject_time_ms);
	ck_assert(a->slow_start_ms == b->slow_start_ms);
	ck_assert(a->reset_on_down == b->reset_on_down);
	ck_assert(a->peer_is_real == b->peer_is_real);
	ck_assert(a->no_backend == b->no_backend);
}

static void same_conf(const struct conf *a, const struct conf *b)
{
	same_text(a->socket, b->socket);
	same_text(a->admin, b->admin);
	same_text(a->zone, b->zone);
	ck_assert(a->socket_mode == b->socket_mode);
	ck_assert(a->log == b->log && a->log_level == b->log_level);
	ck_assert_uint_eq(a->services, b->services);
	for (size_t i = 0; i < a->services; i++)
		same_service(&a->service[i], &b->service[i]);
}

/* The text of the model; to be freed. */
static char *come_back(const char *text)
{
	struct conf *first = conf_good(text), *second;
	char *one = conf_dumped(first), *two;

	second = conf_good(one);
	two = conf_dumped(second);
	ck_assert_str_eq(one, two);
	same_conf(first, second);
	conf_free(first);
	conf_free(second);
	free(two);
	return one;
}

static const char *const texts[] = {
	SERVICE,
	SERVICE
	"balance = maglev\nhash-on = process\nprobe = tcp port=81\n"
	"interval = 3s\ninterval-idle = 10s\nprobe-when-busy = full\n"
	"eject-after = 1000\neject-time = 5m\nslow-start = 24h\n"
	"on-down = reset\npeername = real\ntimeout = 1500ms\n"
	"interval-down = 1m\ninterval-change = 24h\nrise = 1\nfall = 1000\n"
	"retries = 15\nconnect-timeout = 250ms\npanic = 100%\n"
	"no-backend = unreachable\n[lbd]\nsocket = /tmp/a b/s\n"
	"socket-mode = 660\nlog = syslog\nlog-level = debug\nzone = a.B-1_\n",
	SERVICE "panic = off\nhash-on = host\nbalance = maglev\n"
		"[lbd]\nadmin = /x\n",
	"[service a]\naddress = 10.0.0.1:80\naddress = [FD00::10]:443\n"
	"name = API.x.\nname = _x.b-1\nprotocol = udp\nbalance = first\n"
	"backend = 10.0.0.4:8080 backup name=w-1 weight=256 zone=z\n"
	"backend = [fd00:1::4]:8080\n[lbd]\nzone = y\n"
	"[service b]\naddress = 10.0.0.1:80\nname = x\n"
	"backend = 10.0.0.4:8080 max-conns=4294967295\n",
	"[service a]\naddress = 127.0.0.1:*\nprobe = none\n"
	"backend = 127.0.0.1:*\n",
	SERVICE "permit = user \t root group 4294967294\n"
		"deny = exe /dev/null user 0\npermit = group root\n"
		"deny = any\n[defaults]\ndeny = user 8\n"
		"[service b]\naddress = 10.0.0.9:53\nbackend = 10.0.0.3:53\n",
};

enum { TEXTS = sizeof(texts) / sizeof(*texts) };

START_TEST(what_is_written_is_read_as_the_same)
{
	free(come_back(texts[_i]));
}
END_TEST

/* What stands in a line of the dump behind `head`. */
static void expect_line(const char *dump, const char *head, const char *rest)
{
	const char *at = strstr(dump, head);
	char line[512];

	ck_assert_msg(at != NULL, "no \"%s\"", head);
	at += strlen(head);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	ck_assert_str_eq(line, rest);
}

static const struct {
	const char *value, *written; /* NULL: the same */
} probes[] = {
	{"tcp", NULL},
	{"http", "http GET / 200-399"},
	{"http  HEAD  404,200-299 port=1", "http HEAD / 404,200-299 port=1"},
	{"https body=\"^a\\\\.b$\" verify=none sni=x.y ca=/dev/null "
	 "header=\"A: \\\"# b\" header=\"B: \\x3b;\\x3b \\x3bc\" host=[::1]:8",
		"https GET / 200-399 host=[::1]:8 header=\"A: \\\"# b\" "
		"header=\"B: \\x3b;; \\x3bc\" body=\"^a\\\\.b$\" sni=x.y "
		"ca=/dev/null verify=none"},
	{"grpc", NULL},
	{"grpc sni=x service=a.B/c port=9 tls",
		"grpc tls service=a.B/c sni=x port=9"},
	{"send \"\\x00\\r\\n\t\\\"\\\\\\xfF\\x3b # \xc3\xa4\\xc2\\x85\" "
	 "port=7 expect \"\\x00\"",
		"send \"\\x00\\r\\n\\t\\\"\\\\\\xff; # \xc3\xa4\\xc2\\x85\" "
		"expect \"\\x00\" port=7"},
	{"expect \"220 \"", NULL},
	{"redis", NULL},
	{"postgres port=1", NULL},
	{"mysql", NULL},
	{"smtp port=65535", NULL},
	{"script /bin/sh port=9 -c \"a  \\\"b\\\"\" \"port=8\" --x=\"y z\" "
	 "--y=\"z\" host=q \"#x;y\" \"\"",
		"script /bin/sh -c \"a  \\\"b\\\"\" \"port=8\" \"--x=y z\" "
		"--y=z host=q \"#x;y\" \"\" port=9"},
};

enum { PROBES = sizeof(probes) / sizeof(*probes) };

START_TEST(a_probe_is_written_in_full)
{
	const char *value = probes[_i].value, *written = probes[_i].written;
	char text[512], *dump;

	snprintf(text, sizeof(text), "%sprobe = %s\n", SERVICE, value);
	dump = come_back(text);
	expect_line(dump, "\nprobe = ", written ? written : value);
	free(dump);
}
END_TEST

/* 199 bytes without blanks at =, and with all else a default would add. */
START_TEST(lines_never_get_too_long)
{
	char text[1024], x[256], *dump;

	memset(x, 'x', sizeof(x));
	snprintf(text, sizeof(text), "%sprobe=http header=\"A:%.176s\"\n",
		SERVICE, x);
	dump = come_back(text);
	ck_assert_ptr_nonnull(strstr(dump, "\nprobe=http header=\"A:x"));
	free(dump);
	snprintf(text, sizeof(text), "%spermit=cgroup /%.184s\n", SERVICE, x);
	dump = come_back(text);
	ck_assert_ptr_nonnull(strstr(dump, "\npermit=cgroup /x"));
	free(dump);
}
END_TEST

START_TEST(comments_tell_numbers_and_counts)
{
	char *dump = come_back(texts[5]);

	expect_line(dump, "; services: ", "2, addresses: 2, backends: 2");
	expect_line(dump, "; user ", "root is 0");
	expect_line(dump, "; group ", "root is 0");
	expect_line(dump, "permit = user ", "root group 4294967294");
	free(dump);
	dump = come_back(SERVICE "permit = user 7\n");
	ck_assert_ptr_null(strstr(dump, "; user"));
	free(dump);
}
END_TEST

TCase *conf_dump_case(void)
{
	TCase *tc = tcase_create("dump");

	tcase_add_loop_test(tc, what_is_written_is_read_as_the_same, 0, TEXTS);
	tcase_add_loop_test(tc, a_probe_is_written_in_full, 0, PROBES);
	tcase_add_test(tc, lines_never_get_too_long);
	tcase_add_test(tc, comments_tell_numbers_and_counts);
	return tc;
}

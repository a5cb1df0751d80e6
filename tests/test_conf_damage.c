/*
 * A good file, cut anywhere or with any one byte spoilt: there is an answer,
 * and no crash; and what is still taken is taken again when it is dumped.
 */
#include "conf_lines.h"
#include "lbd/conf.h"
#include "test_conf.h"

#include <stdlib.h>
#include <string.h>

static void expect_sound(const struct conf *conf)
{
	struct complaints said;
	struct conf *again;
	char *text = conf_dumped(conf);

	again = conf_from(text, strlen(text), &said);
	ck_assert_msg(again != NULL, "%s", text);
	conf_free(again);
	complaints_free(&said);
	free(text);
}

static void try_text(const char *text, size_t size)
{
	struct complaints said;
	struct conf *conf = conf_from(text, size, &said);

	ck_assert(!conf == (said.errors > 0));
	if (conf)
		expect_sound(conf);
	conf_free(conf);
	complaints_free(&said);
}

/* From byte `from` on. */
static void damage(const char *text, size_t size, size_t from)
{
	static const char spoilt[] = "\n\r\t ;#=[](){}:\"\\%*+-,/x0A\xff\x80";
	char copy[1024];

	ck_assert_uint_le(size, sizeof(copy));
	for (size_t i = from; i < size; i++) {
		try_text(text, i);
		for (size_t n = 0; n < sizeof(spoilt); n++) {
			memcpy(copy, text, size);
			copy[i] = spoilt[n];
			try_text(copy, size);
		}
	}
}

START_TEST(no_damage_is_fatal)
{
	static const char text[] =
		"\xef\xbb\xbf[defaults]\nprobe = tcp port=8\npermit = user 1\n"
		"[service b]\naddress = [fd00::1]:*\nname = x.y ; z\r\n"
		"backend = [fd00::2]:80 weight=2 name=w zone=z max-conns=9\n"
		"panic = 5%\nhash-on = user\nslow-start = 1s\n";

	damage(text, sizeof(text) - 1, 0);
}
END_TEST

static const char *const probes[] = {
	"https GET /a 200-299,404 host=a.b:8 header=\"A: \\x41\"",
	"http body=\"(a|[^]b[:alpha:]])+{1,2}\"",
	"https /b sni=x ca=/dev/null verify=none port=1",
	"send \"\\x00\\r\\\"\" expect \"\\\\ # \" port=8",
	"script /bin/sh --x=\"a b\" \"\" port=8",
	"grpc tls service=a sni=b verify=none",
};

enum { PROBES = sizeof(probes) / sizeof(*probes) };

START_TEST(no_damage_to_a_probe_is_fatal)
{
	char text[512];
	size_t size = (size_t)snprintf(
		text, sizeof(text), SERVICE "probe = %s\n", probes[_i]);

	damage(text, size, strlen(SERVICE "probe = "));
}
END_TEST

TCase *conf_damage_case(void)
{
	TCase *tc = tcase_create("damage");

	tcase_add_test(tc, no_damage_is_fatal);
	tcase_add_loop_test(tc, no_damage_to_a_probe_is_fatal, 0, PROBES);
	tcase_set_timeout(tc, 60); /* under sanitizers, on a busy machine */
	return tc;
}

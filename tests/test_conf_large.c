/*
 * lbd.ini as large as it may get: every line of it arrives. Whatever looks for
 * what stands twice meets a hundred thousand services here, a million backends.
 */
#include "conf_lines.h"
#include "lbd/conf.h"
#include "test_conf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SERVICES = 100000, EACH = 10 };

static void write_large(int fd)
{
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	for (unsigned s = 0; s < SERVICES; s++) {
		fprintf(f,
			"[service s%u]\naddress = 10.%u.%u.%u:80\n"
			"name = s%u.internal\nname = all.s%u.internal\n",
			s, s >> 16, s >> 8 & 255, s & 255, s, s);
		for (unsigned b = 0; b < EACH; b++)
			fprintf(f, "backend = 11.%u.%u.%u:%u name=b%u\n",
				s >> 16, s >> 8 & 255, s & 255, b + 1, b);
	}
	ck_assert_int_eq(fclose(f), 0);
}

static void expect_large(const struct conf *conf)
{
	const struct service_conf *last = &conf->service[SERVICES - 1];

	ck_assert_uint_eq(conf->services, SERVICES);
	for (size_t i = 0; i < SERVICES; i++)
		ck_assert(conf->service[i].backends == EACH &&
			conf->service[i].addresses == 1 &&
			conf->service[i].name_count == 2);
	ck_assert_str_eq(last->name, "s99999");
	ck_assert_str_eq(last->names[1].name, "all.s99999.internal");
	ck_assert_uint_eq(last->backend[EACH - 1].addr.port, EACH);
}

START_TEST(a_hundred_thousand_services_have_a_million_backends)
{
	char path[] = "/tmp/lbd-conf-XXXXXX";
	struct complaints said;
	struct conf *conf;

	write_large(mkstemp(path));
	conf = conf_read(path, &said);
	unlink(path);
	ck_assert_uint_eq(said.count, 0);
	ck_assert_ptr_nonnull(conf);
	expect_large(conf);
	conf_free(conf);
	complaints_free(&said);
}
END_TEST

/* So many backends of each family, in a service on line 1. */
static char *crowd(unsigned count, const char *keys)
{
	char *text = malloc(32 * (size_t)count + 1024), *to = text;

	ck_assert_ptr_nonnull(text);
	to += sprintf(to, "[service a]\n%saddress = 10.0.0.1:80\n", keys);
	for (unsigned i = 0; i < count; i++)
		to += sprintf(to, "backend = 11.%u.%u.%u:80\n", i >> 16,
			i >> 8 & 255, i & 255);
	return text;
}

START_TEST(maglev_takes_65521_backends)
{
	char *text = crowd(65521, "balance = maglev\n");

	conf_free(conf_good(text));
	free(text);
	text = crowd(65522, "balance = maglev\n");
	conf_expect(text,
		"F:2: [service a] balance: must be another than \"maglev\" "
		"for 65522 IPv4 backends: it takes at most 65521\n");
	strcat(text, "[defaults]\nbalance = maglev\n");
	memcpy(strstr(text, "balance = maglev"), ";alance", 7);
	conf_expect(text,
		"F:1: [service a] balance: must be another than \"maglev\" "
		"for 65522 IPv4 backends: it takes at most 65521\n");
	free(text);
	text = crowd(65522, "balance = first\n");
	conf_free(conf_good(text));
	free(text);
}
END_TEST

TCase *conf_large_case(void)
{
	TCase *tc = tcase_create("large");

	tcase_add_test(tc, a_hundred_thousand_services_have_a_million_backends);
	tcase_add_test(tc, maglev_takes_65521_backends);
	tcase_set_timeout(tc, 60); /* under sanitizers, on a busy machine */
	return tc;
}

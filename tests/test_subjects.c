/*
 * What rules are about: ranges and control groups, against oracles that take
 * the long way.
 */
#include "lbd/conf_text.h"
#include "lbd/net.h"
#include "suites.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static struct addr address(const char *text)
{
	unsigned char six[16] = {[10] = 0xff, [11] = 0xff};
	struct addr a = {0};

	if (inet_pton(AF_INET, text, six + 12) != 1)
		ck_assert_int_eq(inet_pton(AF_INET6, text, six), 1);
	a.hi = addr_load64(six);
	a.lo = addr_load64(six + 8);
	return a;
}

static struct range range(const char *text)
{
	struct range r, meant;

	ck_assert_msg(!value_range(text, &r, &meant), "%s", text);
	return r;
}

START_TEST(ranges_are_strict)
{
	static const char *const shape = "must be IP/PREFIX "
					 "(10.0.0.0/8, fd00::/8)";
	static const char *const four = "must have a prefix 0..32";
	static const char *const six = "must have a prefix 0..128";
	static const char *const bits =
		"must have no bit set behind the prefix";
	const struct {
		const char *text, *said, *meant;
	} bad[] = {
		{"10.0.0.0/33", four, NULL},
		{"10.0.0.0/-1", four, NULL},
		{"10.0.0.0/+8", four, NULL},
		{"10.0.0.0/08", four, NULL},
		{"10.0.0.0/", four, NULL},
		{"10.0.0.0/8/8", four, NULL},
		{"10.0.0.0/8x", four, NULL},
		{"10.0.0.0/255.0.0.0", four, NULL},
		{"10.0.0.0/99999999999", four, NULL},
		{"::/129", six, NULL},
		{"::/-0", six, NULL},
		{"10.0.0.0", shape, NULL},
		{"10/8", shape, NULL},
		{"10.0.0/8", shape, NULL},
		{"010.0.0.1/32", shape, NULL},
		{"10.0.0.01/32", shape, NULL},
		{"0xa.0.0.1/32", shape, NULL},
		{"10.0.0.256/32", shape, NULL},
		{"10.0.0.0.0/8", shape, NULL},
		{"[fd00::]/8", shape, NULL},
		{"fd00:::/8", shape, NULL},
		{"/8", shape, NULL},
		{"/", shape, NULL},
		{"*", shape, NULL},
		{"localhost/8", shape, NULL},
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999/8", shape, NULL},
		{"fe80::%eth0/64", "must be written without a zone", NULL},
		{"::ffff:10.0.0.0/104", "must be written as IPv4", NULL},
		{"::ffff:0:0/96", "must be written as IPv4", NULL},
		{"10.0.0.1/8", bits, "10.0.0.0/8"},
		{"10.1.2.3/31", bits, "10.1.2.2/31"},
		{"0.0.0.1/0", bits, "0.0.0.0/0"},
		{"fd00::1/64", bits, "fd00::/64"},
		{"fd00:0:0:1::/63", bits, "fd00::/63"},
		{"fd00::8000:0:0:0/64", bits, "fd00::/64"},
		{"::1/0", bits, NULL},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct range r, meant;
		const char *said = value_range(bad[i].text, &r, &meant);

		ck_assert_msg(said, "%s passed", bad[i].text);
		ck_assert_str_eq(said, bad[i].said);
		ck_assert_int_eq(meant.bits != 0, bad[i].meant != NULL);
		if (bad[i].meant)
			ck_assert_str_eq(show_range(&meant).text, bad[i].meant);
	}
}
END_TEST

START_TEST(ranges_are_shown_as_they_are_written)
{
	static const char *const text[] = {"0.0.0.0/0", "10.0.0.0/8",
		"10.1.2.3/32", "192.168.128.0/17", "::/0", "fd00::/8",
		"fd00::1/128", "fd00:0:0:2::/63", "2001:db8:0:0:8000::/65",
		"::/64"};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct range r = range(text[i]);

		ck_assert_str_eq(show_range(&r).text, text[i]);
	}
}
END_TEST

/* Bit by bit. */
static bool begins_alike(const struct addr *a, const struct addr *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t p = i < 64 ? a->hi : a->lo, q = i < 64 ? b->hi : b->lo;

		if ((p >> (63 - i % 64) & 1) != (q >> (63 - i % 64) & 1))
			return false;
	}
	return true;
}

static struct addr random_address(bool v4)
{
	struct addr a = {.hi = (uint64_t)mrand48() << 32 ^ (uint64_t)mrand48(),
		.lo = (uint64_t)mrand48() << 32 ^ (uint64_t)mrand48()};

	if (v4)
		a = (struct addr){.lo = ADDR_V4_PREFIX | (a.lo & UINT32_MAX)};
	return a;
}

static void flip(struct addr *a, unsigned bit)
{
	if (bit < 64)
		a->hi ^= (uint64_t)1 << (63 - bit);
	else
		a->lo ^= (uint64_t)1 << (127 - bit);
}

START_TEST(a_range_holds_what_begins_alike)
{
	srand48(7);
	for (int n = 0; n < 100000; n++) {
		bool v4 = n % 2;
		struct addr a = random_address(v4);
		struct range r = {.first = a,
			.bits = v4 ? 96 + (unsigned)(lrand48() % 33)
				   : (unsigned)(lrand48() % 129)};

		for (unsigned i = r.bits; i < 128; i++)
			if (r.first.hi != 0 || r.first.lo != 0) {
				struct addr one = r.first;

				flip(&one, i);
				if (i < 64 ? one.hi < r.first.hi
					   : one.lo < r.first.lo)
					r.first = one;
			}
		if (lrand48() % 2)
			flip(&a,
				(v4 ? 96 : 0) +
					(unsigned)(lrand48() %
						(v4 ? 32 : 128)));
		ck_assert_int_eq(range_holds(&r, &a),
			begins_alike(&r.first, &a, r.bits));
	}
}
END_TEST

START_TEST(a_range_has_one_family)
{
	struct range all4 = range("0.0.0.0/0"), all6 = range("::/0"),
		     wide = range("::/80");
	struct addr four = address("10.0.0.1"), six = address("fd00::1"),
		    low = address("::1:2");

	ck_assert(range_holds(&all4, &four) && !range_holds(&all4, &six));
	ck_assert(range_holds(&all6, &six) && !range_holds(&all6, &four));
	ck_assert(range_holds(&wide, &low) && !range_holds(&wide, &four));
}
END_TEST

START_TEST(addresses_of_this_host_that_count)
{
	static const char *const yes[] = {"10.0.0.1", "128.0.0.1", "126.1.1.1",
		"169.253.1.1", "169.255.0.1", "fd00::1", "::2", "fec0::1",
		"2001:db8::1", "fe7f::1"};
	static const char *const no[] = {"127.0.0.1", "127.255.255.254",
		"169.254.0.1", "169.254.255.255", "::1", "fe80::1", "febf::1"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		struct addr a = address(yes[i]);

		ck_assert_msg(net_counts(&a), "%s", yes[i]);
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		struct addr a = address(no[i]);

		ck_assert_msg(!net_counts(&a), "%s", no[i]);
	}
}
END_TEST

/* Component by component. */
static bool lies_under(const char *group, const char *path)
{
	char a[64], b[64], *p = a, *q = b, *x, *y;

	strcpy(a, group + 1);
	strcpy(b, path + 1);
	while ((x = strsep(&p, "/")) && *x) {
		y = strsep(&q, "/");
		if (!y || strcmp(x, y))
			return false;
	}
	return true;
}

static void random_path(char *to)
{
	static const char *const part[] = {
		"a", "b", "ab", "a.slice", "..a", "a (deleted)"};

	for (int n = (int)(lrand48() % 4); n; n--)
		to += sprintf(to, "/%s", part[lrand48() % 6]);
	if (lrand48() % 8 == 0)
		strcpy(to, "/");
	else
		*to = '\0';
}

START_TEST(a_control_group_holds_those_below_it)
{
	int yes = 0;

	srand48(8);
	for (int n = 0; n < 100000; n++) {
		char group[64] = "", path[64] = "";
		bool holds;

		random_path(group);
		random_path(path);
		if (!*group || (group[1] && group[strlen(group) - 1] == '/') ||
			!*path || (path[1] && path[strlen(path) - 1] == '/'))
			continue;
		holds = cgroup_holds(group, path);
		yes += holds;
		ck_assert_msg(holds == lies_under(group, path), "%s in %s: %d",
			path, group, holds);
	}
	ck_assert_int_gt(yes, 1000);
}
END_TEST

START_TEST(a_rule_covers_another)
{
	struct rule all = {.user = 7},
		    user = {.subjects = SUBJECT_USER, .user = 7};
	struct rule group = {
		.subjects = SUBJECT_CGROUP, .cgroup = (char *)"/a"};
	struct rule below = {
		.subjects = SUBJECT_CGROUP, .cgroup = (char *)"/a/b"};
	struct rule wide = {
		.subjects = SUBJECT_NET, .net = range("10.0.0.0/8")};
	struct rule narrow = {.subjects = SUBJECT_NET | SUBJECT_USER,
		.user = 7,
		.net = range("10.1.0.0/16")};

	ck_assert(rule_covers(&all, &user) && !rule_covers(&user, &all));
	ck_assert(rule_covers(&group, &below) && !rule_covers(&below, &group));
	ck_assert(rule_covers(&wide, &narrow) && !rule_covers(&narrow, &wide));
	ck_assert(rule_covers(&user, &narrow));
	narrow.net = range("11.0.0.0/16");
	ck_assert(!rule_covers(&wide, &narrow));
	narrow.user = 8;
	ck_assert(!rule_covers(&user, &narrow));
}
END_TEST

Suite *subjects_suite(void)
{
	Suite *s = suite_create("subjects");
	TCase *t = tcase_create("subjects");

	tcase_add_test(t, ranges_are_strict);
	tcase_add_test(t, ranges_are_shown_as_they_are_written);
	tcase_add_test(t, a_range_holds_what_begins_alike);
	tcase_add_test(t, a_range_has_one_family);
	tcase_add_test(t, addresses_of_this_host_that_count);
	tcase_add_test(t, a_control_group_holds_those_below_it);
	tcase_add_test(t, a_rule_covers_another);
	suite_add_tcase(s, t);
	return s;
}

#include "fixture.h"
#include "shim/addr.h"
#include "suites.h"

#include <netinet/in.h>
#include <string.h>

START_TEST(text_of_addresses_is_canonical)
{
	static const char *const text[] = {
		"0.0.0.0:0",
		"10.0.0.4:8080",
		"255.255.255.255:65535",
		"[::]:1",
		"[::1]:80",
		"[fd00::10]:80",
		"[1:2:3:4:5:6:7:8]:9",
		"[1::8]:9",
		"[1:0:3::8]:9",
		"[::2:0:0:0:8]:9",
	};
	char out[ADDR_TEXT_MAX];

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		struct addr a = fixture_addr(text[i]);

		ck_assert_uint_eq(addr_text(&a, true, out), strlen(out));
		ck_assert_str_eq(out, text[i]);
	}
}
END_TEST

START_TEST(a_lone_zero_group_is_written_out)
{
	struct addr a = fixture_addr("[1:2:3:0:5:6:7:8]:9");
	char out[ADDR_TEXT_MAX];

	addr_text(&a, false, out);
	ck_assert_str_eq(out, "1:2:3:0:5:6:7:8");
}
END_TEST

START_TEST(what_the_kernel_should_judge_is_not_read)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = 1};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = 1};
	const struct sockaddr *v4 = (void *)&in, *v6 = (void *)&in6;
	struct addr a;

	ck_assert(!addr_read(NULL, sizeof(in), &a));
	ck_assert(!addr_read((void *)1, sizeof(in), &a));
	ck_assert(!addr_read((void *)4095, sizeof(in), &a));
	ck_assert(!addr_read((void *)-1L, sizeof(in), &a));
	ck_assert(!addr_read((void *)(1UL << 63), sizeof(in), &a));
	ck_assert(!addr_read(v4, 0, &a));
	ck_assert(!addr_read(v4, 15, &a));
	ck_assert(!addr_read(v4, 129, &a));
	ck_assert(!addr_read(v4, (socklen_t)-1, &a));
	ck_assert(!addr_read(v6, 23, &a));
	in.sin_family = AF_UNIX;
	ck_assert(!addr_read(v4, sizeof(in), &a));
	in.sin_family = AF_UNSPEC;
	ck_assert(!addr_read(v4, sizeof(in), &a));
}
END_TEST

START_TEST(what_the_kernel_takes_is_read)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	char unaligned[129] = {0};
	struct addr a;

	in.sin_port = htons(80);
	in.sin_addr.s_addr = htonl(0x7f600001);
	memcpy(unaligned + 1, &in, sizeof(in));
	ck_assert(addr_read((void *)(unaligned + 1), 16, &a));
	ck_assert(addr_is_v4(&a));
	ck_assert_uint_eq(a.port, 80);
	ck_assert_uint_eq((uint32_t)a.lo, 0x7f600001);
	ck_assert(addr_read((void *)(unaligned + 1), 128, &a));
}
END_TEST

START_TEST(mapped_and_plain_ipv4_are_the_same_address)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct addr a, plain = fixture_addr("127.96.0.1:80");

	in6.sin6_port = htons(80);
	memcpy(&in6.sin6_addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\x60\0\1", 16);
	ck_assert(addr_read((void *)&in6, 24, &a));
	ck_assert(addr_same(&a, &plain));
}
END_TEST

START_TEST(rewriting_keeps_every_other_byte)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
		.sin6_flowinfo = 7,
		.sin6_scope_id = 9};
	struct sockaddr_storage out;
	const struct sockaddr_in6 *got = (void *)&out;
	struct addr to = fixture_addr("[fd00::4]:8080");

	addr_rewrite((void *)&in6, 28, &to, &out);
	ck_assert_int_eq(got->sin6_family, AF_INET6);
	ck_assert_uint_eq(got->sin6_flowinfo, 7);
	ck_assert_uint_eq(got->sin6_scope_id, 9);
	ck_assert_uint_eq(got->sin6_port, htons(8080));
	ck_assert_uint_eq(got->sin6_addr.s6_addr[15], 4);
	to = fixture_addr("10.0.0.4:80");
	addr_rewrite((void *)&in6, 28, &to, &out);
	ck_assert(IN6_IS_ADDR_V4MAPPED(&got->sin6_addr));
}
END_TEST

Suite *addr_suite(void)
{
	Suite *s = suite_create("addr");
	TCase *t = tcase_create("addr");

	tcase_add_test(t, text_of_addresses_is_canonical);
	tcase_add_test(t, a_lone_zero_group_is_written_out);
	tcase_add_test(t, what_the_kernel_should_judge_is_not_read);
	tcase_add_test(t, what_the_kernel_takes_is_read);
	tcase_add_test(t, mapped_and_plain_ipv4_are_the_same_address);
	tcase_add_test(t, rewriting_keeps_every_other_byte);
	suite_add_tcase(s, t);
	return s;
}

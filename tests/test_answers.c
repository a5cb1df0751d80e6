/* What a name's addresses become: numbers for libc, or a struct hostent. */
#include "shim/hostent.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *answers_suite(void);

static const struct addr v4 = {0, ADDR_V4_PREFIX | 0x0a60000a, 0};
static const struct addr v6 = {0xfd00000000000000, 0x10, 0};

/* A literal of the length asked for, or a little longer, for the address. */
static void check_literal(const struct addr *a, unsigned length)
{
	char out[NAME_WORDS * 8], *zone;
	struct in6_addr got6;
	struct in_addr got4;
	char want[ADDR_TEXT_MAX], got[INET6_ADDRSTRLEN];

	names_literal(a, length, out);
	ck_assert_uint_ge(strlen(out), length);
	ck_assert_uint_lt(strlen(out), length + ADDR_TEXT_MAX);
	if (addr_is_v4(a)) {
		ck_assert_int_eq(inet_aton(out, &got4), 1);
		inet_ntop(AF_INET, &got4, got, sizeof(got));
	} else {
		zone = strchr(out, '%');
		ck_assert_uint_eq(zone ? strtoul(zone + 1, NULL, 10) : 0, 0);
		if (zone)
			*zone = '\0';
		ck_assert_int_eq(inet_pton(AF_INET6, out, &got6), 1);
		inet_ntop(AF_INET6, &got6, got, sizeof(got));
	}
	addr_text(a, false, want);
	ck_assert_str_eq(got, want);
}

START_TEST(literals_of_any_length_mean_the_same_address)
{
	static const uint32_t ips[] = {
		0x0a60000a, 0xffffffff, 0, 0x08080808, 0x64400001, 0xc0a80001};

	for (unsigned length = 0; length <= NAME_MAX_BYTES; length++) {
		for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++) {
			struct addr a = {0, ADDR_V4_PREFIX | ips[i], 0};

			check_literal(&a, length);
		}
		check_literal(&v6, length);
		check_literal(&(struct addr){~0ULL, ~0ULL, 0}, length);
	}
}
END_TEST

START_TEST(a_literal_is_plain_where_no_room_is_wanted)
{
	char out[NAME_WORDS * 8];

	names_literal(&v4, 0, out);
	ck_assert_str_eq(out, "10.96.0.10");
	names_literal(&v6, 0, out);
	ck_assert_str_eq(out, "fd00::10");
}
END_TEST

static const struct name both = {
	.text = "api.internal",
	.length = 12,
	.count = 3,
	.addr = {{0xfd00000000000000, 0x10, 0},
		{0, ADDR_V4_PREFIX | 0x0a60000a, 0},
		{0, ADDR_V4_PREFIX | 0x0a60000b, 0}},
};

START_TEST(a_hostent_holds_one_family)
{
	_Alignas(8) char room[HOSTENT_ROOM];
	struct hostent h;

	ck_assert_int_eq(hostent_fill(&both, AF_INET, &h, room, sizeof(room)),
		HOSTENT_FILLED);
	ck_assert_str_eq(h.h_name, "api.internal");
	ck_assert_ptr_null(h.h_aliases[0]);
	ck_assert_int_eq(h.h_addrtype, AF_INET);
	ck_assert_int_eq(h.h_length, 4);
	ck_assert_mem_eq(h.h_addr_list[0], "\x0a\x60\0\x0a", 4);
	ck_assert_mem_eq(h.h_addr_list[1], "\x0a\x60\0\x0b", 4);
	ck_assert_ptr_null(h.h_addr_list[2]);
	ck_assert_int_eq(hostent_fill(&both, AF_INET6, &h, room, sizeof(room)),
		HOSTENT_FILLED);
	ck_assert_int_eq(h.h_length, 16);
	ck_assert_mem_eq(
		h.h_addr_list[0], "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10", 16);
	ck_assert_ptr_null(h.h_addr_list[1]);
}
END_TEST

START_TEST(a_hostent_without_addresses_is_none)
{
	struct name name = both;
	struct hostent h;

	name.count = 1;
	ck_assert_int_eq(
		hostent_fill(&name, AF_INET, &h, NULL, 0), HOSTENT_NO_ADDRESS);
}
END_TEST

/* The room ends where its memory does, for ASan to see. */
static enum hostent_filled fill_last(size_t size, struct hostent *h)
{
	char *block = aligned_alloc(8, 512);
	enum hostent_filled filled =
		hostent_fill(&both, AF_INET, h, block + 512 - size, size);

	free(block);
	return filled;
}

START_TEST(a_hostent_that_does_not_fit_is_not_begun)
{
	const size_t need = 4 * sizeof(char *) + 2 * 4 + 13; /* aligned at 56 */
	struct hostent h = {.h_length = -1};

	for (size_t size = 0; size < need + 3; size++)
		ck_assert_int_eq(fill_last(size, &h), HOSTENT_NO_SPACE);
	ck_assert_int_eq(h.h_length, -1);
	ck_assert_int_eq(fill_last(need + 3, &h), HOSTENT_FILLED);
	ck_assert_int_eq(fill_last(512, &h), HOSTENT_FILLED);
}
END_TEST

START_TEST(a_room_may_begin_anywhere)
{
	_Alignas(8) char room[HOSTENT_ROOM];
	struct hostent h;

	for (size_t skip = 0; skip < 8; skip++) {
		char *at = room + skip;

		ck_assert_int_eq(hostent_fill(&both, AF_INET, &h, at,
					 sizeof(room) - skip),
			HOSTENT_FILLED);
		ck_assert_uint_eq((uintptr_t)h.h_addr_list % 8, 0);
		ck_assert((char *)h.h_aliases >= at);
	}
}
END_TEST

START_TEST(the_longest_answer_fits_its_room)
{
	char *room = malloc(HOSTENT_ROOM + 1);
	struct name name = {.length = NAME_MAX_BYTES, .count = NAME_ADDRS};
	struct hostent h;

	memset(name.text, 'x', NAME_MAX_BYTES);
	for (int i = 0; i < NAME_ADDRS; i++)
		name.addr[i].lo = 1;
	ck_assert_int_eq(
		hostent_fill(&name, AF_INET6, &h, room + 1, HOSTENT_ROOM),
		HOSTENT_FILLED);
	free(room);
}
END_TEST

Suite *answers_suite(void)
{
	Suite *suite = suite_create("answers");
	TCase *tc = tcase_create("answers");

	tcase_add_test(tc, literals_of_any_length_mean_the_same_address);
	tcase_add_test(tc, a_literal_is_plain_where_no_room_is_wanted);
	tcase_add_test(tc, a_hostent_holds_one_family);
	tcase_add_test(tc, a_hostent_without_addresses_is_none);
	tcase_add_test(tc, a_hostent_that_does_not_fit_is_not_begun);
	tcase_add_test(tc, a_room_may_begin_anywhere);
	tcase_add_test(tc, the_longest_answer_fits_its_room);
	suite_add_tcase(suite, tc);
	return suite;
}

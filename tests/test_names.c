/* Names in a key region, as the shim reads them. */
#include "shim/names.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *names_suite(void);

enum { BUCKETS = 128, TEXT_WORDS = 4096, SLOT_SIZE = 64 * 1024, SEED = 77 };

/* A region of this test's own making, one slot in use. */
static struct {
	_Alignas(4096) char base[TABLE_FIRST_SLOT + TABLE_SLOTS * SLOT_SIZE];
	struct table_map map;
	struct table_slot *slot;
	struct table_name *entry;
	_Atomic uint64_t *text;
	uint64_t used;
} region;

static const struct addr v4 = {0, ADDR_V4_PREFIX | 0x0a60000a, 0};
static const struct addr v6 = {0xfd00000000000000, 0x10, 0};

static void set_up(void)
{
	const uint64_t names = sizeof(struct table_slot);
	const uint64_t text = names + BUCKETS * sizeof(struct table_name);
	uint64_t g;

	memset(&region, 0, sizeof(region));
	region.map.base = region.base;
	region.map.slot_size = SLOT_SIZE;
	for (int i = 0; i < TABLE_SLOTS; i++)
		region.map.slot[i] = TABLE_FIRST_SLOT + (uint64_t)i * SLOT_SIZE;
	region.map.stride[PART_NAMES] = sizeof(struct table_name);
	region.map.stride[PART_TEXT] = 8;
	region.slot = table_begin(region.base, &region.map, &g);
	region.entry = (void *)((char *)region.slot + names);
	region.text = (void *)((char *)region.slot + text);
	table_store(&region.slot->seed, SEED);
	table_store(&region.slot->part[PART_NAMES], names << 32 | BUCKETS);
	table_store(&region.slot->part[PART_TEXT], text << 32 | TEXT_WORDS);
	table_commit(region.base, region.slot, g);
}

static uint64_t hash_of(const char *name)
{
	uint64_t word[NAME_WORDS] = {0};

	memcpy(word, name, strlen(name));
	return table_sum(word, (strlen(name) + 7) / 8, SEED);
}

/* Writes the entry into bucket `at`, wherever its hash would have it. */
static struct table_name *put_at(
	uint64_t at, const char *name, const struct addr *addr, uint64_t n)
{
	struct table_name *to = &region.entry[at % BUCKETS];
	uint64_t word[NAME_WORDS] = {0}, length = strlen(name);

	memcpy(word, name, length);
	table_store(&to->text, region.used << 32 | length << 16 | n);
	for (uint64_t i = 0; i < (length + 7) / 8; i++)
		table_store(&region.text[region.used++], word[i]);
	for (uint64_t i = 0; i < n; i++) {
		table_store(&region.text[region.used++], addr[i].hi);
		table_store(&region.text[region.used++], addr[i].lo);
	}
	table_store(&to->hash, hash_of(name));
	return to;
}

static struct table_name *put(
	const char *name, const struct addr *addr, uint64_t n)
{
	return put_at(hash_of(name), name, addr, n);
}

static bool is_found(const char *asked)
{
	struct name name;

	return names_find(&region.map, asked, &name);
}

START_TEST(a_name_gives_its_addresses_in_order)
{
	struct addr both[] = {v6, v4};
	struct name name;

	put("api.internal", both, 2);
	ck_assert(names_find(&region.map, "api.internal", &name));
	ck_assert_str_eq(name.text, "api.internal");
	ck_assert_uint_eq(name.length, 12);
	ck_assert_uint_eq(name.count, 2);
	ck_assert(addr_same(&name.addr[0], &v6));
	ck_assert(addr_same(&name.addr[1], &v4));
}
END_TEST

START_TEST(case_and_the_roots_dot_do_not_matter)
{
	struct name name;

	put("api-1.internal", &v4, 1);
	ck_assert(names_find(&region.map, "API-1.Internal.", &name));
	ck_assert_str_eq(name.text, "api-1.internal");
}
END_TEST

START_TEST(other_names_are_not_ours)
{
	put("api.internal", &v4, 1);
	ck_assert(!is_found(""));
	ck_assert(!is_found("."));
	ck_assert(!is_found(".."));
	ck_assert(!is_found("api.internal.."));
	ck_assert(!is_found(".api.internal"));
	ck_assert(!is_found("api.interna"));
	ck_assert(!is_found("api.internall"));
	ck_assert(!is_found("api.internal "));
	ck_assert(!is_found("\xc3\xa4pi.internal"));
	ck_assert(!is_found("api\x0einternal")); /* '.' without 0x20 */
	ck_assert(!is_found("10.96.0.10"));
}
END_TEST

START_TEST(names_may_be_253_bytes_long_and_no_longer)
{
	char *longest = malloc(NAME_MAX_BYTES + 3);

	memset(longest, 'x', NAME_MAX_BYTES + 2);
	longest[NAME_MAX_BYTES] = '\0';
	put(longest, &v4, 1);
	ck_assert(is_found(longest));
	strcpy(longest + NAME_MAX_BYTES, ".");
	ck_assert(is_found(longest));
	strcpy(longest + NAME_MAX_BYTES, "x");
	ck_assert(!is_found(longest));
	strcpy(longest + NAME_MAX_BYTES, "..");
	ck_assert(!is_found(longest));
	free(longest);
}
END_TEST

START_TEST(a_long_text_is_not_read_to_its_end)
{
	char *text = malloc(NAME_MAX_BYTES + 2); /* no NUL: ASan watches */

	memset(text, 'x', NAME_MAX_BYTES + 2);
	ck_assert(!is_found(text));
	free(text);
}
END_TEST

START_TEST(a_chain_of_names_is_followed_around_the_end)
{
	uint64_t at = hash_of("last");

	while (at % BUCKETS != BUCKETS - 2 && at - hash_of("last") < 20)
		put_at(at++, "other", &v6, 1);
	put_at(at, "last", &v4, 1);
	ck_assert(is_found("last"));
}
END_TEST

START_TEST(a_chain_ends_after_64_names)
{
	uint64_t at = hash_of("far");

	for (int i = 0; i < TABLE_PROBES - 1; i++)
		put_at(at++, "other", &v6, 1);
	put_at(at, "far", &v4, 1);
	ck_assert(is_found("far"));
	put_at(at++, "other", &v6, 1);
	put_at(at, "far", &v4, 1);
	ck_assert(!is_found("far"));
}
END_TEST

START_TEST(the_same_hash_is_not_the_same_name)
{
	struct table_name *other = put_at(hash_of("mine"), "evil", &v6, 1);
	struct name name;

	table_store(&other->hash, hash_of("mine"));
	put_at(hash_of("mine") + 1, "mine", &v4, 1);
	ck_assert(names_find(&region.map, "mine", &name));
	ck_assert(addr_same(&name.addr[0], &v4));
}
END_TEST

START_TEST(more_than_64_addresses_are_cut)
{
	struct addr many[NAME_ADDRS + 1];
	struct name name;

	for (int i = 0; i <= NAME_ADDRS; i++)
		many[i] = v4;
	put("many", many, NAME_ADDRS + 1);
	ck_assert(names_find(&region.map, "many", &name));
	ck_assert_uint_eq(name.count, NAME_ADDRS);
}
END_TEST

START_TEST(text_outside_the_slot_is_not_read)
{
	struct table_name *e = put("api", &v4, 1);
	const uint64_t length = 3 << 16, words = 3;

	table_store(&e->text, (TEXT_WORDS - words) << 32 | length | 1);
	ck_assert(!is_found("api")); /* inside, but another text */
	table_store(&e->text, (TEXT_WORDS - words + 1) << 32 | length | 1);
	ck_assert(!is_found("api"));
	table_store(&e->text, 0xffffffffULL << 32 | length | 1);
	ck_assert(!is_found("api"));
	table_store(&e->text, length | 0xffff);
	ck_assert(!is_found("api"));
	table_store(&e->text, length | 0);
	ck_assert(!is_found("api"));
	table_store(&e->text, length | 1);
	ck_assert(is_found("api"));
}
END_TEST

START_TEST(parts_that_make_no_sense_are_no_names)
{
	static const uint64_t bad[] = {0, 3ULL << 32, 64ULL << 32 | 127,
		64ULL << 32 | UINT32_MAX, 64ULL << 32 | 0x80000000,
		65ULL << 32 | BUCKETS, UINT64_MAX,
		(uint64_t)SLOT_SIZE << 32 | 1,
		(uint64_t)(SLOT_SIZE + 8) << 32 | 0};
	const uint64_t text = table_load(&region.slot->part[PART_TEXT]);

	put("api", &v4, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		table_store(&region.slot->part[PART_NAMES], bad[i]);
		ck_assert(!is_found("api"));
	}
	table_store(&region.slot->part[PART_NAMES], 64ULL << 32 | BUCKETS);
	table_store(&region.slot->part[PART_TEXT], UINT64_MAX);
	ck_assert(!is_found("api"));
	table_store(&region.slot->part[PART_TEXT], text);
	ck_assert(is_found("api"));
}
END_TEST

START_TEST(a_slot_that_is_being_filled_has_no_names)
{
	put("api", &v4, 1);
	table_store(&region.slot->generation, 0);
	ck_assert(!is_found("api"));
	table_store(&region.slot->generation, 1 + TABLE_SLOTS);
	ck_assert(!is_found("api"));
	table_store(&region.slot->generation, 1);
	ck_assert(is_found("api"));
}
END_TEST

Suite *names_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *tc = tcase_create("names");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_name_gives_its_addresses_in_order);
	tcase_add_test(tc, case_and_the_roots_dot_do_not_matter);
	tcase_add_test(tc, other_names_are_not_ours);
	tcase_add_test(tc, names_may_be_253_bytes_long_and_no_longer);
	tcase_add_test(tc, a_long_text_is_not_read_to_its_end);
	tcase_add_test(tc, a_chain_of_names_is_followed_around_the_end);
	tcase_add_test(tc, a_chain_ends_after_64_names);
	tcase_add_test(tc, the_same_hash_is_not_the_same_name);
	tcase_add_test(tc, more_than_64_addresses_are_cut);
	tcase_add_test(tc, text_outside_the_slot_is_not_read);
	tcase_add_test(tc, parts_that_make_no_sense_are_no_names);
	tcase_add_test(tc, a_slot_that_is_being_filled_has_no_names);
	suite_add_tcase(suite, tc);
	return suite;
}

/*
 * Where regions come from and go to: all of what one takes is to be had, or
 * there is none and nothing is left behind; what was taken back is gone.
 */
#include "lbd/lbd.h"
#include "refusal.h"
#include "shim/mapping.h"
#include "suites.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The lowest that is free: it stays so if none is left open. */
static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void is_whole(const struct region *r, enum table_kind kind)
{
	struct table_map map;
	uint64_t id;

	ck_assert_uint_ge(r->size, 256 * 1024);
	ck_assert(mapping_parse(r->base, r->size, kind, &map));
	ck_assert_uint_ge(map.slot_size, 5000);
	memcpy(&id, r->base + offsetof(struct table_header, id), sizeof(id));
	ck_assert_uint_ne(id, 0);
	ck_assert_int_eq(fcntl(r->fd, F_GET_SEALS),
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	ck_assert_int_eq(fcntl(r->readers_fd, F_GETFL) & O_ACCMODE, O_RDONLY);
}

START_TEST(a_region_is_whole_or_is_not)
{
	int free_fd = next_fd(), made = 0;
	struct region *r;
	bool refused;

	for (unsigned long n = 1;; n++) {
		errno = 0;
		refusal_begin((struct refusal){.nth = n});
		r = region_create(NULL, TABLE_LIST, 5000);
		refused = refusal_end();
		if (r)
			is_whole(r, TABLE_LIST);
		else
			ck_assert_int_ne(errno, 0);
		made += refused && r; /* an id is to be had without chance */
		region_close(r);
		ck_assert_int_eq(next_fd(), free_fd);
		if (!refused)
			break;
	}
	ck_assert_int_eq(made, 1);
}
END_TEST

START_TEST(what_another_left_is_taken_over_whole_or_not)
{
	struct region *r = region_create(NULL, TABLE_KEYS, 5000), *heir;
	int fd = dup(r->fd), free_fd;
	bool refused;

	region_close(r);
	free_fd = next_fd();
	for (unsigned long n = 1;; n++) {
		refusal_begin((struct refusal){.nth = n});
		heir = region_adopt(fd, TABLE_KEYS);
		refused = refusal_end();
		ck_assert(!heir == refused);
		if (heir)
			break;
		ck_assert_int_eq(next_fd(), free_fd);
		ck_assert_int_ge(fcntl(fd, F_GETFD), 0); /* still ours */
	}
	ck_assert_int_eq(heir->fd, fd);
	is_whole(heir, TABLE_KEYS);
	region_close(heir);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
}
END_TEST

START_TEST(what_is_no_region_is_not_taken_over)
{
	struct region *r = region_create(NULL, TABLE_KEYS, 5000);
	int empty = memfd_create("empty", 0), ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_ptr_null(region_adopt(-1, TABLE_KEYS));
	ck_assert_ptr_null(region_adopt(ends[0], TABLE_KEYS));
	ck_assert_ptr_null(region_adopt(empty, TABLE_KEYS));
	ck_assert_int_eq(ftruncate(empty, 1 << 20), 0);
	ck_assert_ptr_null(region_adopt(empty, TABLE_KEYS));
	ck_assert_ptr_null(region_adopt(r->fd, TABLE_LIST));
	ck_assert_int_ge(fcntl(r->fd, F_GETFD), 0);
	region_close(r);
	close(empty);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(what_another_region_took_over_from_is_not_taken_over)
{
	struct region *r = region_create(NULL, TABLE_LIST, 5000), *heir;
	int fd = dup(r->fd), closed;

	region_guard(r, true);
	heir = region_adopt(dup(fd), TABLE_LIST);
	ck_assert_ptr_nonnull(heir);
	region_close(heir);
	region_supersede(r);
	ck_assert_ptr_null(region_adopt(fd, TABLE_LIST));
	region_close(r);
	close(fd);
	r = region_create(NULL, TABLE_LIST, 5000);
	closed = dup(r->fd);
	region_revoke(NULL, r);
	ck_assert_ptr_null(region_adopt(closed, TABLE_LIST));
	region_close(r);
	close(closed);
}
END_TEST

/* Something in every slot, as publishing it three times leaves it. */
static void fill(struct region *r)
{
	for (int i = 0; i < TABLE_SLOTS; i++) {
		uint64_t g;
		struct table_slot *slot = table_begin(r->base, &r->map, &g);

		memset((char *)slot + sizeof(*slot), 'x',
			r->map.slot_size - sizeof(*slot));
		table_commit(r->base, slot, g);
	}
}

/* How many bytes of the slots are not zero, and of those behind `from`. */
static uint64_t left(const struct region *r, uint64_t from)
{
	uint64_t n = 0;

	for (int i = 0; i < TABLE_SLOTS; i++)
		for (uint64_t at = from; at < r->map.slot_size; at++)
			n += r->base[r->map.slot[i] + at] != 0;
	return n;
}

static uint64_t flags(const struct region *r)
{
	return atomic_load(
		&((struct table_control *)(r->base + TABLE_CONTROL))->flags);
}

START_TEST(nothing_stays_of_what_is_revoked)
{
	struct region *chain = NULL, *r;

	region_revoke_all(NULL, NULL);
	region_close_all(NULL);
	region_supersede(NULL);
	for (int i = 0; i < 2; i++) {
		r = region_create(NULL, TABLE_LIST, 5000);
		fill(r);
		r->next = chain;
		chain = r;
	}
	ck_assert_uint_gt(left(chain, 0), 3 * 5000);
	region_revoke_all(NULL, chain);
	for (r = chain; r; r = r->next) {
		ck_assert_uint_eq(left(r, 0), 0);
		ck_assert_uint_eq(flags(r), TABLE_REVOKED | TABLE_SUPERSEDED);
	}
	region_close_all(chain);
}
END_TEST

START_TEST(what_was_published_before_is_forgotten)
{
	struct region *r = region_create(NULL, TABLE_LIST, 5000);
	uint64_t g, now, used = 800;
	const struct table_slot *slot;

	fill(r);
	slot = table_open(&r->map, &now);
	region_forget(NULL, r, used);
	ck_assert_uint_eq(left(r, used), 0);
	ck_assert_ptr_eq(table_open(&r->map, &g), slot);
	ck_assert_uint_eq(g, now);
	ck_assert(table_whole(slot, g));
	ck_assert_int_eq(((const char *)slot)[used - 1], 'x');
	ck_assert_uint_ge(left(r, 0), used - sizeof(*slot));
	ck_assert_uint_le(left(r, 0), used); /* of one slot alone */
	region_close(r);
}
END_TEST

/* Of 4 MB at most: a large region is no reason for anybody to wait. */
static struct {
	struct lbd lbd;
	unsigned calls;
	const struct region *closed; /* from the first call on */
} turns;

static void on_turn(struct lbd *lbd)
{
	ck_assert_ptr_eq(lbd, &turns.lbd);
	turns.calls++;
	for (const struct region *r = turns.closed; r; r = r->next)
		ck_assert_uint_eq(flags(r), TABLE_REVOKED | TABLE_SUPERSEDED);
}

static unsigned turns_since(void)
{
	unsigned calls = turns.calls;

	turns.calls = 0;
	return calls;
}

START_TEST(large_regions_are_made_and_taken_back_in_pieces)
{
	const uint64_t need = 9 << 20, piece = 4 << 20;
	struct region *r, *small;
	unsigned each;

	turns.lbd.between = on_turn;
	r = region_create(&turns.lbd, TABLE_LIST, need);
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_ge(turns_since(), r->size / piece);
	each = (unsigned)(r->map.slot_size / piece);
	ck_assert_uint_ge(each, 2);
	fill(r);
	region_forget(&turns.lbd, r, 800);
	ck_assert_uint_eq(left(r, 800), 0);
	ck_assert_uint_ge(turns_since(), 3 * each);
	fill(r);
	small = region_create(&turns.lbd, TABLE_LIST, 5000);
	fill(small);
	r->next = small;
	turns.closed = r;
	turns_since();
	region_revoke_all(&turns.lbd, r);
	turns.closed = NULL;
	ck_assert_uint_eq(left(r, 0) + left(small, 0), 0);
	ck_assert_uint_ge(turns_since(), 3 * each);
	region_close_all(r);
}
END_TEST

START_TEST(flags_say_what_became_of_a_region)
{
	struct region *r = region_create(NULL, TABLE_LIST, 5000);

	region_guard(r, true);
	ck_assert_uint_eq(flags(r), TABLE_GUARDED);
	region_guard(r, false);
	ck_assert_uint_eq(flags(r), 0);
	region_supersede(r);
	ck_assert_uint_eq(flags(r), TABLE_SUPERSEDED);
	ck_assert_int_eq(r->fd, -1);
	ck_assert_int_eq(r->readers_fd, -1);
	ck_assert(region_fits(r, r->map.slot_size));
	ck_assert(!region_fits(r, r->map.slot_size + 1));
	ck_assert(!region_fits(NULL, 1));
	region_close(r);
}
END_TEST

Suite *region_suite(void)
{
	Suite *s = suite_create("region");
	TCase *t = tcase_create("region");

	tcase_add_test(t, a_region_is_whole_or_is_not);
	tcase_add_test(t, what_another_left_is_taken_over_whole_or_not);
	tcase_add_test(t, what_is_no_region_is_not_taken_over);
	tcase_add_test(t, what_another_region_took_over_from_is_not_taken_over);
	tcase_add_test(t, nothing_stays_of_what_is_revoked);
	tcase_add_test(t, what_was_published_before_is_forgotten);
	tcase_add_test(t, large_regions_are_made_and_taken_back_in_pieces);
	tcase_add_test(t, flags_say_what_became_of_a_region);
	suite_add_tcase(s, t);
	return s;
}

/*
 * A reader may be frozen anywhere while the writer goes on: what it returns is
 * of one generation.
 */
#include "frozen.h"
#include "generation.h"
#include "lbd/publish.h"
#include "stepped.h"
#include "test_steps.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/*
 * Freezes a reader after each of its instructions, publishes `publishes`
 * times, lets it go. Returns how often what it found was not whole.
 */
static long freeze_at_every_step(int publishes, bool unchecked)
{
	char *route = frozen_route();
	struct fixture f, world[4];
	struct frozen r = {&f, generation_vip, 0, unchecked, route};
	long torn = 0;
	bool more = true;

	fixture_open(&f, generation_text(2));
	for (int i = 0; i < 4; i++)
		generation_prepare(&world[i], &f, 3 + i);
	for (long steps = 0; more; steps += unchecked ? 3 : 1) {
		pid_t pid;

		r.draw = (uint64_t)steps;
		pid = frozen_start(&r);
		more = frozen_advance(pid, &r, steps);
		for (int i = 0; i < publishes; i++)
			generation_publish(&world[(steps + i) % 4]);
		stepped_finish(pid);
		torn += generation_of(route) < 0;
	}
	for (int i = 0; i < 4; i++)
		fixture_close(&world[i]);
	fixture_close(&f);
	frozen_forget(route);
	return torn;
}

START_TEST(a_reader_frozen_anywhere_finds_one_generation)
{
	for (int publishes = 1; publishes <= 4; publishes++)
		ck_assert_int_eq(freeze_at_every_step(publishes, false), 0);
}
END_TEST

/*
 * A reader in a slot that a writer, stopped as well, has begun to fill anew:
 * two whole publishes and a part of a third.
 */
static long meet_half_way(long reader_steps, long writer_steps)
{
	char *route = frozen_route();
	struct fixture f, world[3];
	struct frozen r = {
		&f, generation_vip, (uint64_t)reader_steps, false, route};
	pid_t reader, writer;
	long torn;

	fixture_open(&f, generation_text(2));
	for (int i = 0; i < 3; i++)
		generation_prepare(&world[i], &f, 3 + i);
	reader = frozen_start(&r);
	frozen_advance(reader, &r, reader_steps);
	generation_publish(&world[0]);
	generation_publish(&world[1]);
	writer = stepped_start(generation_publish, &world[2]);
	while (writer_steps-- && stepped_step(writer))
		;
	stepped_finish(reader);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	torn = generation_of(route) < 0;
	for (int i = 0; i < 3; i++)
		fixture_close(&world[i]);
	fixture_close(&f);
	frozen_forget(route);
	return torn;
}

/* Two publishes, and a slot that is empty as yet. */
static void begin_third(struct fixture *world)
{
	const struct world none = {0};

	generation_publish(&world[0]);
	generation_publish(&world[1]);
	ck_assert(publish_keys_fill(world[0].lbd.keys, &none));
}

START_TEST(a_virtual_address_is_passed_on_by_nobody)
{
	char *route = frozen_route();
	struct fixture f, world[2];
	struct frozen r = {&f, generation_vip, 0, false, route};
	bool more = true;

	fixture_open(&f, generation_text(2));
	for (int i = 0; i < 2; i++)
		generation_prepare(&world[i], &f, 3 + i);
	for (long steps = 0; more && steps < 200; steps++) {
		pid_t pid = frozen_start(&r);

		more = frozen_advance(pid, &r, steps);
		begin_third(world);
		stepped_finish(pid);
		if (generation_of(route) < 0)
			ck_abort_msg("%s after %ld steps", route, steps);
		generation_publish(&world[0]);
	}
	for (int i = 0; i < 2; i++)
		fixture_close(&world[i]);
	fixture_close(&f);
	frozen_forget(route);
}
END_TEST

/*
 * As above, and the writer goes on: after every so many of the reader's
 * instructions all slots are filled anew. Returns how many it took to an end.
 */
static long overtake_every(long stride, char *route)
{
	struct fixture f, world[4];
	struct frozen r = {&f, generation_vip, (uint64_t)stride, false, route};
	long steps = 0;
	pid_t pid;

	fixture_open(&f, generation_text(2));
	for (int i = 0; i < 4; i++)
		generation_prepare(&world[i], &f, 3 + i);
	pid = frozen_start(&r);
	while (steps < 20000 && frozen_advance(pid, &r, 1))
		if (++steps % stride == 0)
			for (int i = 0; i < TABLE_SLOTS; i++)
				generation_publish(&world[(steps + i) % 4]);
	stepped_finish(pid);
	for (int i = 0; i < 4; i++)
		fixture_close(&world[i]);
	fixture_close(&f);
	return steps;
}

START_TEST(a_reader_that_is_overtaken_again_and_again_gives_up)
{
	char *route = frozen_route();
	long gave_up = 0, undisturbed = overtake_every(1000000, route);

	ck_assert_int_ge(generation_of(route), 2);
	for (long stride = 1; stride < 40; stride += 2) {
		long steps = overtake_every(stride, route);

		if (!strcmp(route, "no backend"))
			gave_up++;
		else if (generation_of(route) < 0)
			ck_abort_msg("torn: %s", route);
		/* each of the two look-ups begins three times at most */
		ck_assert_int_lt(steps, 3 * undisturbed + 200);
	}
	ck_assert_int_gt(gave_up, 10);
}
END_TEST

START_TEST(a_reader_in_a_half_written_slot_finds_one_generation)
{
	for (long writer = 20; writer < 6000; writer += 320)
		for (long reader = 10; reader < 450; reader += 17)
			ck_assert_int_eq(meet_half_way(reader, writer), 0);
}
END_TEST

START_TEST(without_the_slot_check_a_frozen_reader_is_torn)
{
	ck_assert_int_gt(freeze_at_every_step(3, true), 0);
}
END_TEST

void steps_add_reader(Suite *s)
{
	steps_add(s, "virtual", a_virtual_address_is_passed_on_by_nobody);
	steps_add(s, "frozen", a_reader_frozen_anywhere_finds_one_generation);
	steps_add(s, "overtaken",
		a_reader_that_is_overtaken_again_and_again_gives_up);
	steps_add(s, "half",
		a_reader_in_a_half_written_slot_finds_one_generation);
	steps_add(
		s, "unchecked", without_the_slot_check_a_frozen_reader_is_torn);
}

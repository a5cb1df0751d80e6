/*
 * A reader may be frozen anywhere while the writer goes on: what it returns is
 * of one generation.
 */
#include "generation.h"
#include "shim/lookup.h"
#include "stepped.h"
#include "test_steps.h"
#include "unchecked.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* What a reader in a child found, for the parent to see. */
struct reading {
	const struct fixture *f;
	bool unchecked;
	uint64_t draw;
	char *route; /* shared */
};

static void act_read(void *with)
{
	const struct reading *r = with;
	struct addr asked = fixture_addr(generation_vip);
	struct tried tried = {0};
	struct route route = {0};
	enum found found;

	raise(SIGSTOP); /* the steps that count begin here */
	if (r->unchecked) {
		found = unchecked_service(r->f->view, &asked, 0, &route);
		if (found == FOUND_SERVICE)
			found = unchecked_backend(
				r->f->view, r->draw, &tried, &route);
	} else {
		found = lookup_service(r->f->view, &asked, 0, &route);
		if (found == FOUND_SERVICE)
			found = lookup_backend(
				r->f->view, r->draw, &tried, &route);
	}
	strcpy(r->route, "no backend");
	if (found == FOUND_BACKEND)
		addr_text(&route.to, true, r->route);
	raise(SIGSTOP); /* and end here */
}

static pid_t start_reader(struct reading *r)
{
	pid_t pid = stepped_start(act_read, r);

	stepped_continue(pid);
	return pid;
}

/* Steps, or fewer: false if the reader was done before. */
static bool advance(pid_t pid, const char *route, long steps)
{
	while (steps--)
		if (!stepped_step(pid) || *route)
			return false;
	return true;
}

/*
 * Freezes a reader after each of its instructions, publishes `publishes`
 * times, lets it go. Returns how often what it found was not whole.
 */
static long freeze_at_every_step(int publishes, bool unchecked)
{
	char *route = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct fixture f, world[4];
	struct reading r = {&f, unchecked, 0, route};
	long torn = 0;
	bool more = true;

	fixture_open(&f, generation_text(2));
	for (int i = 0; i < 4; i++)
		generation_prepare(&world[i], &f, 3 + i);
	for (long steps = 0; more; steps += unchecked ? 3 : 1) {
		pid_t pid;

		r.draw = (uint64_t)steps;
		*route = '\0';
		pid = start_reader(&r);
		more = advance(pid, route, steps);
		for (int i = 0; i < publishes; i++)
			generation_publish(&world[(steps + i) % 4]);
		stepped_finish(pid);
		torn += generation_of(route) < 0;
	}
	for (int i = 0; i < 4; i++)
		fixture_close(&world[i]);
	fixture_close(&f);
	munmap(route, 4096);
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
	char *route = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct fixture f, world[3];
	struct reading r = {&f, false, (uint64_t)reader_steps, route};
	pid_t reader, writer;
	long torn;

	fixture_open(&f, generation_text(2));
	for (int i = 0; i < 3; i++)
		generation_prepare(&world[i], &f, 3 + i);
	reader = start_reader(&r);
	advance(reader, route, reader_steps);
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
	munmap(route, 4096);
	return torn;
}

/*
 * As above, and the writer goes on: after every so many of the reader's
 * instructions all slots are filled anew. Returns how many it took to an end.
 */
static long overtake_every(long stride, char *route)
{
	struct fixture f, world[4];
	struct reading r = {&f, false, (uint64_t)stride, route};
	long steps = 0;
	pid_t pid;

	fixture_open(&f, generation_text(2));
	for (int i = 0; i < 4; i++)
		generation_prepare(&world[i], &f, 3 + i);
	*route = '\0';
	pid = start_reader(&r);
	while (steps < 20000 && advance(pid, route, 1))
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
	char *route = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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
	steps_add(s, "frozen", a_reader_frozen_anywhere_finds_one_generation);
	steps_add(s, "overtaken",
		a_reader_that_is_overtaken_again_and_again_gives_up);
	steps_add(s, "half",
		a_reader_in_a_half_written_slot_finds_one_generation);
	steps_add(
		s, "unchecked", without_the_slot_check_a_frozen_reader_is_torn);
}

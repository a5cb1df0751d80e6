/*
 * Wheels turn in the slots that readers are in: wherever one is frozen, and
 * wherever the writer is when it goes on, what it takes is of one turn.
 */
#include "frozen.h"
#include "lbd/publish.h"
#include "stepped.h"
#include "test_steps.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum {
	BACKENDS = 10,
	KINDS = WHEEL_BUFFERS + 1,
	READERS = 12,
	WHEEL_WORDS = 64
};

static const char vip[] = "127.96.0.1:80";

static struct fixture f;
static struct service *service;

static void begin(void)
{
	char text[1000], *at = text;

	at += sprintf(at,
		"[service web]\naddress = %s\nprobe = none\n"
		"balance = round-robin\n",
		vip);
	for (int i = 1; i <= BACKENDS; i++)
		at += sprintf(at, "backend = 10.0.0.%d:80\n", i);
	fixture_open(&f, text);
	service = fixture_service(&f, "web");
}

/* On wheels of different kinds others stand, and each on another part. */
static void set_kind(unsigned kind)
{
	for (unsigned i = 0; i < BACKENDS; i++) {
		struct backend *b = service->backend[i];

		b->weight = (uint16_t)(1 + (i * 7 + kind * 5) % 13);
		b->health.state = (i + kind) % 4 ? HEALTH_UP : HEALTH_DOWN;
	}
}

static void act_turn(void *with)
{
	(void)with;
	publish_wheels(service);
}

static void turn(unsigned kind)
{
	set_kind(kind);
	publish_wheels(service);
}

/* Where the draw leads on a wheel of each kind. */
static void expect(uint64_t draw, char expected[KINDS][ADDR_TEXT_MAX])
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		turn(kind);
		strcpy(expected[kind], fixture_route(&f, vip, draw));
	}
}

/* Is that where the draw leads on a wheel of one of the first so many kinds? */
static bool is_whole(
	const char *route, char expected[KINDS][ADDR_TEXT_MAX], unsigned kinds)
{
	for (unsigned kind = 0; kind < kinds; kind++)
		if (!strcmp(route, expected[kind]))
			return true;
	return false;
}

START_TEST(a_reader_frozen_anywhere_takes_one_turn_of_a_wheel)
{
	const unsigned turns = (unsigned)_i;
	char expected[KINDS][ADDR_TEXT_MAX];
	struct frozen r = {&f, vip, 0, false, frozen_route()};
	bool more = true;

	begin();
	/* all that can go wrong takes more instructions than three; fewer turns
	 * leave the buffer that it is in as it is */
	for (long steps = 0; more; steps += turns < WHEEL_BUFFERS ? 11 : 3) {
		pid_t pid;

		r.draw = (uint64_t)steps;
		expect(r.draw, expected);
		turn(0);
		pid = frozen_start(&r);
		more = frozen_advance(pid, &r, steps);
		for (unsigned kind = 1; kind <= turns; kind++)
			turn(kind);
		stepped_finish(pid);
		if (!is_whole(r.route, expected, turns + 1))
			ck_abort_msg("%s after %ld steps", r.route, steps);
	}
	frozen_forget(r.route);
	fixture_close(&f);
}
END_TEST

/* To the first word that it writes, and on. */
static void advance_writer(pid_t writer, long steps)
{
	const struct region *region = service->list->region;
	uint64_t before[WHEEL_WORDS], g, words = 0;
	const void *wheels = table_part(&region->map,
		table_open(&region->map, &g), PART_WHEELS, &words);

	ck_assert_uint_le(words, WHEEL_WORDS);
	memcpy(before, wheels, words * 8);
	while (!memcmp(before, wheels, words * 8) && stepped_step(writer))
		;
	while (steps-- && stepped_step(writer))
		;
}

/* Instructions that a reading takes, but for the last. */
static long reading_length(uint64_t draw)
{
	struct frozen r = {&f, vip, draw, false, frozen_route()};
	pid_t pid = frozen_start(&r);
	long length = 0;

	while (frozen_advance(pid, &r, 1))
		length++;
	stepped_finish(pid);
	frozen_forget(r.route);
	return length;
}

/*
 * Readers who were frozen in the buffer that a writer, stopped as well, has
 * begun to fill anew: two whole turns and a part of a third.
 */
static void meet_half_way(uint64_t draw, long writer_steps)
{
	struct frozen r[READERS];
	pid_t reader[READERS], writer;
	char expected[KINDS][ADDR_TEXT_MAX];
	long length;

	expect(draw, expected);
	turn(0);
	length = reading_length(draw);
	for (int i = 0; i < READERS; i++) {
		r[i] = (struct frozen){&f, vip, draw, false, frozen_route()};
		reader[i] = frozen_start(&r[i]);
		ck_assert(
			frozen_advance(reader[i], &r[i], length - 60 - 16 * i));
	}
	turn(1);
	turn(2);
	set_kind(3);
	writer = stepped_start(act_turn, NULL);
	advance_writer(writer, writer_steps);
	for (int i = 0; i < READERS; i++) {
		stepped_finish(reader[i]);
		if (!is_whole(r[i].route, expected, KINDS))
			ck_abort_msg("reader %d: %s", i, r[i].route);
		frozen_forget(r[i].route);
	}
	stepped_finish(writer);
}

START_TEST(a_reader_in_a_half_written_wheel_takes_one_turn)
{
	begin();
	for (long writer = 20; writer < 80; writer += 9)
		meet_half_way((uint64_t)writer, writer);
	fixture_close(&f);
}
END_TEST

void steps_add_wheel(Suite *s)
{
	TCase *t = tcase_create("wheel");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t,
		a_reader_frozen_anywhere_takes_one_turn_of_a_wheel, 1, KINDS);
	tcase_add_test(t, a_reader_in_a_half_written_wheel_takes_one_turn);
	suite_add_tcase(s, t);
}

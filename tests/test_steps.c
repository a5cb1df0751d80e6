/*
 * The protocol, instruction by instruction: a child runs the real writer or
 * the real reader and is stopped after every single one.
 *
 * A writer may die anywhere: the reader then finds the old or the new, and a
 * fresh writer publishes from that state. A reader may be frozen anywhere while
 * the writer goes on: what it returns is of one generation.
 */
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "suites.h"
#include "unchecked.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* The instructions of a sanitizer are not the product's. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static const char vip[] = "127.96.0.2:80";

/*
 * Two services; what is looked up is the second, b. How many backends the
 * first has shifts everything behind it, so that mixed generations show.
 * Backends of b are 10.GENERATION.2.x, of a 10.GENERATION.1.x.
 */
static char *configuration(int generation)
{
	static char text[4096];
	char *at = text;

	at += sprintf(at,
		"[service a]\naddress = 127.96.0.1:80\n"
		"name = a.internal\nprobe = none\n");
	for (int i = 0; i <= generation % 3; i++)
		at += sprintf(at, "backend = 10.%d.1.%d:%d\n", generation,
			i + 1, 1000 + generation);
	at += sprintf(at,
		"[service b]\naddress = %s\nprobe = none\n"
		"balance = round-robin\n",
		vip);
	for (int i = 0; i < 3 - generation % 2; i++)
		at += sprintf(at, "backend = 10.%d.2.%d:%d weight=%d\n",
			generation, i + 1, 1000 + generation, i + 1);
	return text;
}

/* The generation a route is of; -1 if it is of none, or not whole. */
static int generation_of(const char *route)
{
	int generation, service, backend, port;

	if (sscanf(route, "10.%d.%d.%d:%d", &generation, &service, &backend,
		    &port) != 4 ||
		service != 2 || port != 1000 + generation || backend < 1 ||
		backend > 3)
		return -1;
	return generation;
}

static void publish_all(struct fixture *f)
{
	for (size_t i = 0; i < f->lbd.world.lists; i++)
		publish_list(f->lbd.world.list[i]);
	if (!publish_keys(f->lbd.keys, &f->lbd.world))
		abort();
}

/*
 * A world of another configuration that writes to the regions of `f`, ready to
 * be published: what a restarted lbd that adopts them, or a reload, would do.
 */
static void prepare_world(
	struct fixture *other, struct fixture *f, int generation)
{
	struct region *keys, *list;

	fixture_open(other, configuration(generation));
	keys = region_adopt(dup(f->lbd.keys->fd), TABLE_KEYS);
	list = region_adopt(dup(f->lbd.world.list[0]->region->fd), TABLE_LIST);
	ck_assert(keys && list);
	region_close(other->lbd.keys);
	region_close(other->lbd.world.list[0]->region);
	other->lbd.keys = keys;
	other->lbd.world.list[0]->region = list;
	/* the same services: tags are a matter of the world, not of a region */
	for (size_t i = 0; i < 2; i++)
		other->lbd.world.service[i].tag = f->lbd.world.service[i].tag;
	other->lbd.world.list[0]->id = f->lbd.world.list[0]->id;
}

/* A child that waits, stopped, right before `act`, and ends right after. */
static pid_t start(void (*act)(void *), void *with)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		act(with);
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSTOPPED(status));
	return pid;
}

/* False once the child has ended. */
static bool step(pid_t pid)
{
	int status;

	ck_assert_int_eq(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSTOPPED(status);
}

struct snapshot {
	struct region *region;
	char *bytes;
};

static struct snapshot keep(struct region *region)
{
	struct snapshot s = {region, malloc(region->size)};

	return s;
}

static void save(struct snapshot *s)
{
	memcpy(s->bytes, s->region->base, s->region->size);
}

static void restore(struct snapshot *s)
{
	memcpy(s->region->base, s->bytes, s->region->size);
}

static void act_publish(void *with)
{
	publish_all(with);
}

static void act_health(void *with)
{
	struct fixture *f = with;
	struct service *s = fixture_service(f, "b");

	s->backend[0]->health.state = HEALTH_DOWN;
	publish_state(s->backend[0]);
	publish_wheels(s);
}

/* Every place of the wheel is of one of the two generations. */
static void check_reader(const struct fixture *f, int old, int young)
{
	for (uint64_t draw = 0; draw < 6; draw++) {
		const char *route = fixture_route(f, vip, draw);
		int generation = generation_of(route);

		if (generation != old && generation != young)
			ck_abort_msg("torn: %s", route);
	}
}

/* Dead here: can another lbd take over and publish? Leaves no trace. */
static void check_successor(struct fixture *f, struct fixture *successor,
	struct snapshot *keys, struct snapshot *list)
{
	save(keys);
	save(list);
	publish_all(successor);
	for (uint64_t draw = 0; draw < 6; draw++)
		ck_assert_int_eq(generation_of(fixture_route(f, vip, draw)), 7);
	restore(list);
	restore(keys);
}

static long die_at_every_step(void (*act)(void *), int young)
{
	struct fixture f, writer, successor;
	struct snapshot keys, list;
	long steps = 0;
	pid_t pid;

	fixture_open(&f, configuration(2));
	prepare_world(&writer, &f, young);
	prepare_world(&successor, &f, 7);
	keys = keep(f.lbd.keys);
	list = keep(f.lbd.world.list[0]->region);
	pid = start(act, &writer);
	while (step(pid)) {
		check_reader(&f, 2, young);
		if (++steps % 8 == 0)
			check_successor(&f, &successor, &keys, &list);
	}
	check_reader(&f, young, young);
	free(keys.bytes);
	free(list.bytes);
	fixture_close(&successor);
	fixture_close(&writer);
	fixture_close(&f);
	return steps;
}

START_TEST(a_writer_that_dies_anywhere_in_a_publish_harms_nobody)
{
	ck_assert_int_gt(die_at_every_step(act_publish, 3), 1000);
}
END_TEST

START_TEST(a_writer_that_dies_anywhere_in_a_state_change_harms_nobody)
{
	ck_assert_int_gt(die_at_every_step(act_health, 2), 200);
}
END_TEST

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
	struct addr asked = fixture_addr(vip);
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
	pid_t pid = start(act_read, r);
	int status;

	ck_assert_int_eq(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return pid;
}

static void finish(pid_t pid)
{
	int status;

	do {
		ptrace(PTRACE_CONT, pid, NULL, NULL);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	} while (WIFSTOPPED(status));
}

/* Steps, or fewer: false if the reader was done before. */
static bool advance(pid_t pid, const char *route, long steps)
{
	while (steps--)
		if (!step(pid) || *route)
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

	fixture_open(&f, configuration(2));
	for (int i = 0; i < 4; i++)
		prepare_world(&world[i], &f, 3 + i);
	for (long steps = 0; more; steps += unchecked ? 3 : 1) {
		pid_t pid;

		r.draw = (uint64_t)steps;
		*route = '\0';
		pid = start_reader(&r);
		more = advance(pid, route, steps);
		for (int i = 0; i < publishes; i++)
			publish_all(&world[(steps + i) % 4]);
		finish(pid);
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

	fixture_open(&f, configuration(2));
	for (int i = 0; i < 3; i++)
		prepare_world(&world[i], &f, 3 + i);
	reader = start_reader(&r);
	advance(reader, route, reader_steps);
	publish_all(&world[0]);
	publish_all(&world[1]);
	writer = start(act_publish, &world[2]);
	while (writer_steps-- && step(writer))
		;
	finish(reader);
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

	fixture_open(&f, configuration(2));
	for (int i = 0; i < 4; i++)
		prepare_world(&world[i], &f, 3 + i);
	*route = '\0';
	pid = start_reader(&r);
	while (steps < 20000 && advance(pid, route, 1))
		if (++steps % stride == 0)
			for (int i = 0; i < TABLE_SLOTS; i++)
				publish_all(&world[(steps + i) % 4]);
	finish(pid);
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
	for (long writer = 20; writer < 1800; writer += 160)
		for (long reader = 150; reader < 450; reader += 11)
			ck_assert_int_eq(meet_half_way(reader, writer), 0);
}
END_TEST

START_TEST(without_the_slot_check_a_frozen_reader_is_torn)
{
	ck_assert_int_gt(freeze_at_every_step(3, true), 0);
}
END_TEST

/* A case for each, so that one can be run alone. */
static void add(Suite *s, const char *name, const TTest *test)
{
	TCase *t = tcase_create(name);

	tcase_set_timeout(t, 120);
	tcase_add_test(t, test);
	suite_add_tcase(s, t);
}

Suite *steps_suite(void)
{
	Suite *s = suite_create("steps");

	if (SANITIZED)
		return s;
	add(s, "publish",
		a_writer_that_dies_anywhere_in_a_publish_harms_nobody);
	add(s, "state",
		a_writer_that_dies_anywhere_in_a_state_change_harms_nobody);
	add(s, "frozen", a_reader_frozen_anywhere_finds_one_generation);
	add(s, "overtaken",
		a_reader_that_is_overtaken_again_and_again_gives_up);
	add(s, "half", a_reader_in_a_half_written_slot_finds_one_generation);
	add(s, "unchecked", without_the_slot_check_a_frozen_reader_is_torn);
	return s;
}

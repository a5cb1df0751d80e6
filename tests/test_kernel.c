/* Counting with real sockets and the real kernel, in this process's loop. */
#include "fixture.h"
#include "lbd/destroy.h"
#include "lbd/intake.h"
#include "lbd/kernel.h"
#include "lbd/own.h"
#include "lbd/publish.h"
#include "shim/counters.h"
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct fixture f;
static int listener;
static struct backend *backend;

/* A service of two backends, of which the listener is the first. */
static void begin(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at);
	char text[200];

	listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(listen(listener, 100), 0);
	getsockname(listener, (struct sockaddr *)&at, &len);
	snprintf(text, sizeof(text),
		"[service web]\naddress = 127.96.1.1:80\nprobe = none\n"
		"backend = 127.0.0.1:%u\nbackend = 127.0.0.1:%u\n",
		ntohs(at.sin_port), ntohs(at.sin_port) - 1U);
	fixture_open(&f, text);
	f.lbd.intake = intake_open(&f.lbd);
	f.lbd.kernel = kernel_open(&f.lbd);
	ck_assert(f.lbd.intake && f.lbd.kernel);
	intake_rebind(f.lbd.intake);
	kernel_rebind(f.lbd.kernel);
	backend = fixture_service(&f, "web")->backend[0];
}

static void end(void)
{
	intake_close(f.lbd.intake);
	kernel_close(f.lbd.kernel);
	fixture_close(&f);
	close(listener);
}

/* Until that many further counts are complete. */
static void run(uint64_t rounds)
{
	rounds += kernel_rounds(f.lbd.kernel);
	while (kernel_rounds(f.lbd.kernel) < rounds) {
		kernel_stir(f.lbd.kernel); /* no second's pause */
		ev_run(f.lbd.loop, EVRUN_ONCE);
	}
}

static int connected(bool ours)
{
	struct sockaddr_in to;
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	getsockname(listener, (struct sockaddr *)&to, &len);
	if (ours)
		own_add(fd);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, len), 0);
	return fd;
}

static uint64_t word_of(const struct backend *b)
{
	const struct table_map *map = &b->service->list->region->map;
	uint64_t g, count;
	const struct table_slot *slot = table_open(map, &g);
	const char *at = table_part(map, slot, PART_BACKENDS, &count);
	const struct table_backend *entry = (const void *)(at +
		(b->service->placement.first + b->ordinal) *
			map->stride[PART_BACKENDS]);

	return table_load(&entry->state);
}

START_TEST(callers_read_the_load_that_was_counted)
{
	int a, b;

	begin();
	a = connected(false);
	b = connected(false);
	run(2);
	ck_assert_uint_eq(backend->connections, 2);
	ck_assert_uint_eq(load_of_state(word_of(backend)), 2 * LOAD_UNIT);
	close(a);
	close(b);
	run(2);
	ck_assert_uint_eq(load_of_state(word_of(backend)), 0);
	end();
}
END_TEST

START_TEST(own_sockets_do_not_count)
{
	int a, b;

	begin();
	a = connected(true);
	b = connected(false);
	run(2);
	ck_assert_uint_eq(backend->connections, 1);
	own_drop(a);
	close(a);
	close(b);
	end();
}
END_TEST

START_TEST(full_turns_with_the_count)
{
	struct backend_conf conf;
	int a, b;

	begin();
	conf = *backend->conf;
	conf.max_conns = 2;
	backend->conf = &conf;
	a = connected(false);
	b = connected(false);
	run(2);
	ck_assert(backend->full && word_of(backend) & STATE_FULL);
	ck_assert(f.lbd.turned);
	publish_turned(&f.lbd);
	close(a);
	run(2);
	ck_assert(!backend->full && !(word_of(backend) & STATE_FULL));
	ck_assert(f.lbd.turned);
	close(b);
	end();
}
END_TEST

/* Counters as a program of user 1 has them. */
static struct counters *counters_for(bool foreign)
{
	int fd = intake_counters(f.lbd.intake, 1, foreign);
	void *at = mmap(NULL, counters_size(64), PROT_READ | PROT_WRITE,
		MAP_SHARED, fd, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	return at;
}

static struct counters_line *report(
	struct counters *c, unsigned picks, unsigned failed)
{
	struct counters_line *line = counters_line(c, 64, backend->number);

	atomic_store(&line->tag, backend->number + 1ULL);
	atomic_fetch_add(&line->picks, picks);
	atomic_fetch_add(&line->failed, failed);
	atomic_fetch_add(&c->activity, 1);
	return line;
}

START_TEST(picks_of_our_namespace_end_with_a_count)
{
	struct counters_line *line;

	begin();
	line = report(counters_for(false), 40, 0);
	run(2);
	ck_assert_uint_eq(atomic_load(&line->seen), 40);
	ck_assert_uint_eq(backend->load, 0);
	end();
}
END_TEST

START_TEST(picks_of_another_namespace_are_load)
{
	struct counters_line *line;

	begin();
	ck_assert_ptr_ne(counters_for(false), NULL);
	line = report(counters_for(true), 40, 0);
	run(3);
	ck_assert_uint_eq(atomic_load(&line->seen), 40);
	ck_assert_uint_eq(backend->connections, 0);
	ck_assert_uint_gt(backend->load, 10 * LOAD_UNIT);
	ck_assert_uint_le(backend->load, 40 * LOAD_UNIT);
	ck_assert_uint_eq(load_of_state(word_of(backend)), backend->load);
	end();
}
END_TEST

START_TEST(a_failed_pick_is_in_the_load_when_it_is_seen)
{
	struct counters_line *line;

	begin();
	line = report(counters_for(false), 40, 40);
	while (!atomic_load(&line->seen))
		ev_run(f.lbd.loop, EVRUN_ONCE);
	ck_assert_uint_gt(load_of_state(word_of(backend)), 30 * LOAD_UNIT);
	run(2); /* no connection came of it, but failures did */
	ck_assert_uint_gt(load_of_state(word_of(backend)), 5 * LOAD_UNIT);
	end();
}
END_TEST

START_TEST(what_comes_back_begins_warm)
{
	struct backend *other;
	int fd[10];

	begin();
	other = backend->service->backend[1];
	for (int i = 0; i < 10; i++)
		fd[i] = connected(false);
	run(2);
	ck_assert_uint_eq(other->load, 0);
	health_verdict(&f.lbd, other, VERDICT_REFUSED, "no");
	ck_assert_uint_eq(other->load, 0);
	other->health.verdicts = 0; /* the next decides alone again */
	health_verdict(&f.lbd, other, VERDICT_OK, NULL);
	ck_assert_uint_eq(load_of_state(word_of(other)), 10 * LOAD_UNIT);
	run(3);
	ck_assert_uint_lt(load_of_state(word_of(other)), 10 * LOAD_UNIT);
	for (int i = 0; i < 10; i++)
		close(fd[i]);
	end();
}
END_TEST

START_TEST(one_user_has_one_number)
{
	unsigned a, b;

	begin();
	a = intake_user(f.lbd.intake, 1000);
	b = intake_user(f.lbd.intake, 1001);
	ck_assert_uint_ne(a, b);
	intake_counters(f.lbd.intake, 1000, true);
	ck_assert_uint_eq(intake_user(f.lbd.intake, 1000), a);
	for (uid_t u = 0; u < 3 * USERS_MAX; u++)
		ck_assert_uint_lt(intake_user(f.lbd.intake, u), USERS_MAX);
	end();
}
END_TEST

static uint64_t attempts_after(struct counters *c, _Atomic uint64_t *counter)
{
	atomic_fetch_add(counter, 1);
	atomic_fetch_add(&c->activity, 1);
	intake_take(f.lbd.intake);
	return backend->service->attempts;
}

/* Between what it says and what it does, a caller may attach anew. */
START_TEST(a_draw_that_is_repeated_late_is_one_attempt)
{
	struct counters_service *s;
	struct counters *c;

	begin();
	c = counters_for(false);
	s = counters_service(c, backend->service->counter);
	ck_assert_uint_eq(attempts_after(c, &s->cursor), 1);
	ck_assert_uint_eq(attempts_after(c, &s->redraws), 1);
	ck_assert_uint_eq(attempts_after(c, &s->cursor), 1);
	ck_assert_uint_eq(attempts_after(c, &s->cursor), 2);
	end();
}
END_TEST

START_TEST(a_reset_spares_own_sockets)
{
	int ours, theirs, err = 0;
	socklen_t len = sizeof(err);

	if (destroy_obstacle())
		return;
	begin();
	ours = connected(true);
	theirs = connected(false);
	kernel_reset(f.lbd.kernel, backend);
	run(3);
	getsockopt(theirs, SOL_SOCKET, SO_ERROR, &err, &len);
	ck_assert_int_eq(err, ECONNABORTED);
	getsockopt(ours, SOL_SOCKET, SO_ERROR, &err, &len);
	ck_assert_int_eq(err, 0);
	own_drop(ours);
	close(ours);
	close(theirs);
	end();
}
END_TEST

Suite *kernel_suite(void)
{
	Suite *s = suite_create("kernel");
	TCase *t = tcase_create("kernel");

	tcase_add_test(t, callers_read_the_load_that_was_counted);
	tcase_add_test(t, own_sockets_do_not_count);
	tcase_add_test(t, full_turns_with_the_count);
	tcase_add_test(t, picks_of_our_namespace_end_with_a_count);
	tcase_add_test(t, picks_of_another_namespace_are_load);
	tcase_add_test(t, a_failed_pick_is_in_the_load_when_it_is_seen);
	tcase_add_test(t, what_comes_back_begins_warm);
	tcase_add_test(t, one_user_has_one_number);
	tcase_add_test(t, a_draw_that_is_repeated_late_is_one_attempt);
	tcase_add_test(t, a_reset_spares_own_sockets);
	suite_add_tcase(s, t);
	return s;
}

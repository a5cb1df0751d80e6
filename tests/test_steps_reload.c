/*
 * A reload, the whole of it, instruction by instruction: whatever it changes
 * around a service, who asks for that is led to its backend all the while.
 */
#include "fixture.h"
#include "lbd/world.h"
#include "stepped.h"
#include "test_steps.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define D     "[defaults]\nprobe = none\n"
#define MINE  "permit = user 1\n"
#define WEB   "[service web]\naddress = 127.96.0.1:1\nbackend = 10.0.0.1:1\n"
#define OTHER "[service o]\naddress = 127.96.0.2:1\nbackend = 10.0.0.2:1\n"
#define THIRD "[service t]\naddress = 127.96.0.3:1\nbackend = 10.0.0.3:1\n"

enum {
	OUTGROWS = 150, /* of maglev's, whose table is large */
	PIECE = 8000,	/* instructions; the piece that goes over has fewer */
};

/* What the file says, and what it says then: web is in both. */
static const struct change {
	const char *from, *to;
	int more; /* backends of the last service there, */
	const char *then;
} changes[] = {
	{D OTHER WEB, D WEB, 0, NULL},
	{D WEB, D OTHER WEB, 0, NULL},
	{D OTHER THIRD WEB, D WEB THIRD OTHER, 0, NULL},
	{D OTHER WEB, D THIRD WEB, 0, NULL},
	{D OTHER WEB, D OTHER MINE WEB, 0, NULL},
	{D OTHER MINE WEB, D OTHER WEB, 0, NULL},
	{D OTHER MINE WEB MINE, D WEB MINE OTHER "permit = user 2\n", 0, NULL},
	{D OTHER MINE WEB MINE, D WEB MINE OTHER, 0, NULL},
	{D OTHER WEB, D OTHER "balance = maglev\n", OUTGROWS, WEB},
	{D THIRD OTHER WEB, D OTHER "balance = maglev\n", OUTGROWS, WEB},
};

enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

static struct {
	struct conf *conf;
	int *pieces; /* that are done; shared */
} reload;

static void on_interlude(struct lbd *lbd)
{
	(void)lbd;
	++*reload.pieces;
	raise(SIGSTOP);
}

static void act_reload(void *with)
{
	struct lbd *lbd = with;

	lbd->between = on_interlude;
	if (!world_change(lbd, reload.conf))
		abort();
}

static struct conf *parse(const struct change *change)
{
	static char text[8192];
	struct complaints said = {0};
	char *to = stpcpy(text, change->to);
	struct conf *conf;

	for (int i = 1; i <= change->more; i++)
		to += sprintf(to, "backend = 10.0.1.%d:1\n", i);
	stpcpy(to, change->then ? change->then : "");
	conf = conf_parse("test.ini", text, strlen(text), &said);
	ck_assert_ptr_nonnull(conf);
	complaints_free(&said);
	return conf;
}

/* Of a long piece, the rest at once: what is allocated, filled or wiped in it
 * is out of every reader's sight. */
static bool advance(pid_t pid, long *steps)
{
	static int pieces;

	if (pieces != *reload.pieces) {
		pieces = *reload.pieces;
		*steps = 0;
	}
	return ++*steps < PIECE ? stepped_step(pid) : stepped_continue(pid);
}

START_TEST(a_service_that_stays_is_found_throughout_a_reload)
{
	struct fixture f;
	long steps = 0;
	pid_t pid;

	reload.conf = parse(&changes[_i]);
	reload.pieces = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fixture_open(&f, changes[_i].from);
	pid = stepped_start(act_reload, &f.lbd);
	while (advance(pid, &steps)) {
		const char *to = fixture_route(&f, "127.96.0.1:1", 0);

		if (strcmp(to, "10.0.0.1:1") != 0)
			ck_abort_msg("%s after %d pieces and %ld steps", to,
				*reload.pieces, steps);
	}
	ck_assert_int_gt(*reload.pieces, 10);
	conf_free(reload.conf);
	munmap(reload.pieces, 4096);
	fixture_close(&f);
}
END_TEST

void steps_add_reload(Suite *s)
{
	TCase *t = tcase_create("reload");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t,
		a_service_that_stays_is_found_throughout_a_reload, 0, CHANGES);
	suite_add_tcase(s, t);
}

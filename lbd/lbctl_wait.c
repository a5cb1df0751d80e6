/*
 * wait-drained: asks until a count that began after the question finds no
 * connection. A count may be under way when it is asked for; so it takes two
 * more after the first that finds none, and none in between.
 */
#include "lbctl_backend.h"
#include "lbctl_rows.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	HTTP_OK = 200,
	PAUSE_MS = 100,	    /* between questions; lbd counts as often */
	SAYING_MS = 1000,   /* between lines that say what is left */
	ROUNDS_TO_TRUST = 2 /* later than the one that may be under way */
};

struct wait {
	struct lbctl_target target;
	int64_t end;	/* ms; INT64_MAX: never */
	int64_t rounds; /* when none was left; -1: some were */
	int64_t said;	/* when a line was printed */
	json_int_t left;
	struct text left_text;
	enum lbctl_exit rc;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_until(int64_t at)
{
	int64_t ms = at - now_ms();
	struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	if (ms > 0)
		nanosleep(&pause, NULL);
}

/* The rounds start over where another lbd has taken the place of the first. */
static bool is_over(struct wait *w, json_int_t left, int64_t rounds)
{
	if (left)
		w->rounds = -1;
	else if (w->rounds < 0 || rounds < w->rounds)
		w->rounds = rounds;
	return w->rounds >= 0 && rounds >= w->rounds + ROUNDS_TO_TRUST;
}

/* A person who waits wants to see that something happens. */
static void say_left(struct wait *w, json_int_t left)
{
	int64_t now = now_ms();

	if (left == w->left || now < w->said + SAYING_MS ||
		!isatty(STDOUT_FILENO))
		return;
	w->left = left;
	w->said = now;
	printf("%s: %s\n", w->target.whole, w->left_text.bytes);
	fflush(stdout);
}

/* The questions below return true where there is nothing more to wait for;
 * how it ended is in w->rc. */

static bool judge(struct wait *w, const json_t *backend)
{
	const char *name = w->target.whole;
	json_int_t left = number_of(backend, "connections");
	int64_t rounds =
		number_of(json_object_get(backend, "counts"), "rounds");

	w->rc = LBCTL_FAILED;
	if (!strcmp(string_of(backend, "will"), "ready")) {
		fprintf(stderr,
			"lbctl: %s is not draining: lbctl drain %s first\n",
			name, name);
		return true;
	}
	if (!are_counted(backend)) {
		fprintf(stderr,
			"lbctl: %s: lbd cannot count connections on this "
			"host\n",
			name);
		return true;
	}
	w->left_text = lbctl_left(backend);
	say_left(w, left);
	if (!is_over(w, left, rounds))
		return false;
	printf("%s: drained, no connections left\n", name);
	w->rc = LBCTL_OK;
	return true;
}

static bool ask_once(struct wait *w, const char *socket)
{
	struct lbctl_question question = {
		.method = "GET",
		.path = {"services", w->target.service, "backends",
			w->target.backend},
		.patience_ms = LBCTL_PATIENCE_MS,
	};
	int64_t time_left = w->end - now_ms();
	struct lbctl_answer answer;
	bool settled = true;

	if (time_left < question.patience_ms)
		question.patience_ms =
			time_left > PAUSE_MS ? (long)time_left : PAUSE_MS;
	w->rc = lbctl_ask(socket, &question, &answer);
	if (w->rc == LBCTL_OK && answer.status != HTTP_OK) {
		lbctl_print_error(&answer);
		w->rc = LBCTL_FAILED;
	} else if (w->rc == LBCTL_OK) {
		settled = judge(w, answer.json);
	}
	lbctl_answer_free(&answer);
	return settled;
}

enum lbctl_exit lbctl_wait_drained(
	const struct lbctl_options *options, char *const operand[])
{
	struct wait w = {.end = INT64_MAX, .rounds = -1, .left = -1};
	int64_t next;

	if (!lbctl_read_target(operand[0], &w.target))
		return LBCTL_USAGE;
	w.said = next = now_ms();
	if (options->timeout_ms)
		w.end = next + options->timeout_ms;
	while (!ask_once(&w, options->socket)) {
		if (next >= w.end) {
			fprintf(stderr, "lbctl: %s is not drained yet: %s\n",
				w.target.whole, w.left_text.bytes);
			return LBCTL_TIMED_OUT;
		}
		next = next + PAUSE_MS < w.end ? next + PAUSE_MS : w.end;
		pause_until(next);
	}
	return w.rc;
}

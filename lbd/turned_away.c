/*
 * Callers that lbd could not serve, or would not: the first is said at once,
 * those that follow within a second are said together. A stranger that asks
 * ten thousand times a second fills no disk.
 */
#include "turned_away.h"
#include "log.h"
#include "shim/table.h"

#include <stdio.h>
#include <string.h>

static const double pause_s = 1.0;

static void say_layout(const struct turned_away *t)
{
	char pid[16];
	struct log_about about = {0};

	if (t->pid) {
		snprintf(pid, sizeof(pid), "%d", (int)t->pid);
		about.more[0].key = "pid";
		about.more[0].value = pid;
	}
	if (t->count == 1)
		log_event(LEVEL_WARNING, "caller-refused", &about,
			"a program asked for table layout %u; this is %d",
			t->last, TABLE_MAJOR);
	else
		log_event(LEVEL_WARNING, "caller-refused", &about,
			"%lu programs asked for other table layouts, the last "
			"for %u; this is %d",
			t->count, t->last, TABLE_MAJOR);
}

static void say_error(const struct turned_away *t)
{
	struct log_about about = {.reason = strerror((int)t->last)};

	log_event(LEVEL_WARNING, "caller-not-answered", &about,
		"%lu program%s could not be given the table", t->count,
		t->count == 1 ? "" : "s");
}

static void tell(struct ev_loop *loop, struct turned_away *t)
{
	t->say(t);
	t->count = 0;
	ev_timer_set(&t->pause, pause_s, 0);
	ev_timer_start(loop, &t->pause);
}

static void on_pause_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct turned_away *t = w->data;

	(void)revents;
	if (t->count)
		tell(loop, t);
}

static void begin(
	struct turned_away *t, void (*say)(const struct turned_away *))
{
	*t = (struct turned_away){.say = say};
	ev_init(&t->pause, on_pause_over);
	t->pause.data = t;
}

void turned_away_for_layout(struct turned_away *t)
{
	begin(t, say_layout);
}

void turned_away_by_error(struct turned_away *t)
{
	begin(t, say_error);
}

void turned_away_note(
	struct ev_loop *loop, struct turned_away *t, uint32_t last, pid_t pid)
{
	t->count++;
	t->last = last;
	t->pid = pid;
	if (!ev_is_active(&t->pause))
		tell(loop, t);
}

void turned_away_end(struct ev_loop *loop, struct turned_away *t)
{
	if (t->count)
		t->say(t);
	t->count = 0;
	ev_timer_stop(loop, &t->pause);
}

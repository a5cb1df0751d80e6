/*
 * A program learns that it is denied inside its own connect(), and only counts
 * it, together with all others of its user. Who it may have been is known from
 * the time at which programs attached: the last few of each user and list are
 * remembered here, in a room that does not grow.
 */
#include "suspects.h"
#include "shim/table.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETS = 256, WAYS = 4 };

struct lineup {
	struct suspects at[SETS][WAYS];
};

struct lineup *lineup_open(void)
{
	return calloc(1, sizeof(struct lineup));
}

void lineup_close(struct lineup *lineup)
{
	free(lineup);
}

static size_t set_of(uid_t user, uint32_t list)
{
	return table_mix((uint64_t)user << 32 | list) % SETS;
}

struct suspects *lineup_find(
	const struct lineup *lineup, uid_t user, uint32_t list)
{
	const struct suspects *set = lineup->at[set_of(user, list)];

	for (int i = 0; i < WAYS; i++)
		if (set[i].list == list && set[i].user == user)
			return (struct suspects *)&set[i];
	return NULL;
}

/* In the place of those that nobody has joined for the longest time. */
static struct suspects *make_room(
	struct lineup *lineup, uid_t user, uint32_t list)
{
	struct suspects *set = lineup->at[set_of(user, list)], *oldest = set;

	for (int i = 1; i < WAYS; i++)
		if (set[i].last < oldest->last)
			oldest = &set[i];
	*oldest = (struct suspects){.user = user, .list = list};
	return oldest;
}

/* Signal 0 asks whether there is such a process, and is sent to none. */
static int has_ended(pid_t pid)
{
	return !pid || (kill(pid, 0) && errno == ESRCH);
}

/* The oldest of those that have ended, else the oldest: many short programs do
 * not hide a long one. */
static unsigned find_oldest(const struct suspects *s)
{
	unsigned i = s->count;

	while (i-- > 0)
		if (has_ended(s->one[i].pid))
			return i;
	return s->count - 1;
}

/* The place that the newest is to take: its own, a free one, the oldest's. */
static unsigned find_place(struct suspects *s, const struct suspect *newest)
{
	for (unsigned i = 0; i < s->count; i++)
		if (newest->pid && s->one[i].pid == newest->pid)
			return i;
	if (s->count < SUSPECTS_MOST)
		return s->count++;
	s->forgotten++;
	return find_oldest(s);
}

void lineup_add(struct lineup *lineup, uid_t user, uint32_t list,
	const struct suspect *suspect, double now)
{
	struct suspects *s = lineup_find(lineup, user, list);
	unsigned place;

	if (!s)
		s = make_room(lineup, user, list);
	place = find_place(s, suspect);
	memmove(&s->one[1], &s->one[0], place * sizeof(s->one[0]));
	s->one[0] = *suspect;
	s->last = now;
}

void suspects_told(struct suspects *s)
{
	unsigned left = 0;

	for (unsigned i = 0; i < s->count; i++)
		if (!has_ended(s->one[i].pid))
			s->one[left++] = s->one[i];
	s->count = left;
	s->forgotten = 0;
}

/* Whoever is denied names its program, and a terminal may take bytes beyond
 * ASCII for orders. */
static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f;
}

/* The end of a path tells more than its beginning. */
static void keep_exe(struct suspect *s, const char *path, size_t length)
{
	static const char cut[] = "...";
	size_t most = sizeof(s->exe) - 1, used = 0;

	if (length > most) {
		used = sizeof(cut) - 1;
		memcpy(s->exe, cut, used);
		path += length - (most - used);
		length = most - used;
	}
	for (size_t i = 0; i < length; i++)
		s->exe[used++] = is_plain(path[i]) ? path[i] : '?';
	s->exe[used] = '\0';
}

void suspect_look_at(struct suspect *s, pid_t pid)
{
	char link[40], path[PATH_MAX];
	ssize_t n;

	*s = (struct suspect){.pid = pid > 0 ? pid : 0, .rule = -1};
	if (!s->pid)
		return;
	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	n = readlink(link, path, sizeof(path));
	if (n > 0)
		keep_exe(s, path, (size_t)n);
}

/*
 * A program that is refused asks again, sooner or later: a library waits 64
 * seconds at most, in a program that connects at all. Who has not for twice that
 * time is no news any more.
 */
#include "misfits.h"

#include <errno.h>
#include <signal.h>

static const double patience = 128; /* seconds */

static struct misfit *place_of(struct misfits *m, pid_t pid)
{
	struct misfit *oldest = &m->of[0];

	for (size_t i = 0; i < m->count; i++) {
		if (m->of[i].pid == pid)
			return &m->of[i];
		if (m->of[i].asked < oldest->asked)
			oldest = &m->of[i];
	}
	return m->count < MISFITS_MAX ? &m->of[m->count++] : oldest;
}

void misfits_note(struct misfits *m, pid_t pid, uint32_t layout, double now)
{
	if (pid > 0)
		*place_of(m, pid) = (struct misfit){pid, layout, now};
}

static int is_gone(const struct misfit *one, double now)
{
	return now - one->asked > patience ||
		(kill(one->pid, 0) && errno == ESRCH);
}

void misfits_settle(struct misfits *m, double now)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++)
		if (!is_gone(&m->of[i], now))
			m->of[kept++] = m->of[i];
	m->count = kept;
}

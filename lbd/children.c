/* The end of each child, by SIGCHLD: whoever waits for it is told. */
#include "children.h"
#include "loop_signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

static struct child *first;

/* Where it hangs in the list; a place with NULL: nowhere. */
static struct child **place_of(pid_t pid)
{
	struct child **at = &first;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	return at;
}

static void take_out(struct child **at)
{
	if (*at)
		*at = (*at)->next;
}

/* One signal may stand for many. */
static void reap(void *data)
{
	pid_t pid;
	int status;

	(void)data;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child **at = place_of(pid), *child = *at;

		take_out(at);
		if (!child)
			continue;
		child->status = status;
		child->ended(child);
	}
}

void children_open(void)
{
	loop_signals_on(SIGCHLD, reap, NULL);
}

bool children_end_in(const struct ev_loop *loop)
{
	return loop && loop == loop_signals_of();
}

void children_watch(struct child *child)
{
	child->next = first;
	first = child;
}

void children_forget(struct child *child)
{
	take_out(place_of(child->pid));
}

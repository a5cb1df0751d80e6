/*
 * libev aborts where it gets no memory: a watcher that is not watched would be
 * a wait without end. Its arrays are few and grow by doubling, so some memory
 * is kept to be given up for them; if even that is gone, lbd ends in good
 * order, and programs go on with the table they have. So it does where libev
 * would abort for what the kernel says: a descriptor that it needs is asked for
 * again for a second. It takes a new epoll whenever a child that was just forked
 * has a connection open that lbd has closed.
 *
 * A socket that the kernel has no room to watch is no reason to: its callback
 * hears of it.
 */
#include "reserve.h"
#include "log.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RESERVE_BYTES = 256 * 1024, EXIT_NO_MEMORY = 1 };
enum { TRIES = 100, PAUSE_MS = 10 };

static void *reserve; /* NULL: given up, or not to be had */

static void *reallocate(void *at, long size)
{
	void *got;

	if (!size) {
		free(at);
		return NULL;
	}
	got = realloc(at, (size_t)size);
	if (!got) {
		free(reserve);
		reserve = NULL;
		got = realloc(at, (size_t)size);
	}
	if (!got) {
		log_event(LEVEL_ERROR, "ended", NULL,
			"ending: out of memory; programs go on with the table "
			"they have");
		_exit(EXIT_NO_MEMORY);
	}
	if (!reserve)
		reserve = malloc(RESERVE_BYTES);
	return got;
}

/* What is refused is asked for again when this returns. */
static void on_refused(const char *what)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	struct log_about about = {.reason = strerror(errno)};
	static unsigned tries;
	static ev_tstamp last;
	ev_tstamp now = ev_time();

	if (now - last > 1)
		tries = 0;
	last = now;
	if (tries++ < TRIES) {
		nanosleep(&pause, NULL);
		return;
	}
	log_event(LEVEL_ERROR, "ended", &about,
		"ending: %s; programs go on with the table they have", what);
	_exit(EXIT_NO_MEMORY);
}

void reserve_for_loop(void)
{
	ev_set_allocator(reallocate);
	ev_set_syserr_cb(on_refused);
}

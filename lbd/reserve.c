/*
 * libev aborts where it gets no memory: a watcher that is not watched would be
 * a wait without end. Its arrays are few and grow by doubling, so some memory
 * is kept to be given up for them; if even that is gone, lbd ends in good
 * order, and programs go on with the table they have.
 */
#include "reserve.h"
#include "log.h"

#include <ev.h>
#include <stdlib.h>
#include <unistd.h>

enum { RESERVE_BYTES = 256 * 1024, EXIT_NO_MEMORY = 1 };

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

void reserve_for_loop(void)
{
	ev_set_allocator(reallocate);
}

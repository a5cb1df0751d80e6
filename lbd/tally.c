/*
 * Counters of one uid. `seen` is the one word in there that lbd writes while
 * callers read: each store of it comes after the state words it speaks of, so
 * that a pick may be counted twice for a moment, and is never missed.
 */
#include "tally.h"
#include "shim/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static bool make_memory(struct tally *t)
{
	size_t size = counters_size(t->services);
	void *at;

	t->fd = memfd_create("lbd-counters", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (t->fd < 0 || ftruncate(t->fd, (off_t)size) ||
		fallocate(t->fd, 0, 0, (off_t)size) ||
		fcntl(t->fd, F_ADD_SEALS,
			F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return false;
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
	if (at == MAP_FAILED)
		return false;
	t->counters = at;
	t->counters->magic = COUNTERS_MAGIC;
	t->counters->layout = (uint64_t)TABLE_MAJOR << 32 | TABLE_MINOR;
	t->counters->services = t->services;
	return true;
}

/* Cursors begin anywhere, so that users do not all begin at one backend. */
static void seed_cursors(struct tally *t)
{
	for (uint64_t i = 0; i < t->services; i++) {
		t->service[i].cursor = (uint64_t)lrand48();
		atomic_store_explicit(&counters_service(t->counters, i)->cursor,
			t->service[i].cursor, memory_order_relaxed);
	}
}

bool tally_open(struct tally *t, uint64_t services)
{
	*t = (struct tally){.fd = -1, .services = services};
	t->service = calloc(services, sizeof(*t->service));
	t->line = calloc(COUNTERS_LINES, sizeof(*t->line));
	t->moved = calloc(COUNTERS_LINES, sizeof(*t->moved));
	if (!t->service || !t->line || !t->moved || !make_memory(t)) {
		tally_close(t);
		return false;
	}
	seed_cursors(t);
	return true;
}

void tally_close(struct tally *t)
{
	if (t->counters)
		munmap(t->counters, counters_size(t->services));
	if (t->fd >= 0)
		close(t->fd);
	free(t->service);
	free(t->line);
	free(t->moved);
	*t = (struct tally){.fd = -1};
}

void tally_moved(struct tally *t, uint64_t i)
{
	struct seen_line *line = &t->line[i];

	if (line->moved)
		return;
	line->moved = true;
	t->moved[t->moves++] = (uint16_t)i;
}

void tally_confirm(struct tally *t)
{
	for (unsigned i = 0; i < t->moves; i++) {
		uint16_t at = t->moved[i];
		struct seen_line *line = &t->line[at];

		atomic_store_explicit(
			&counters_line(t->counters, t->services, at)->seen,
			line->picks, memory_order_release);
		line->moved = false;
	}
	t->moves = 0;
}

/*
 * The last registration of each descriptor: an event says what the program has
 * left there, and not which descriptor it is about. The notes lie beside the
 * entries; nothing is noted before the first attach.
 */
#include "note.h"
#include "entry.h"
#include "shim.h"

#define NOTED (1ULL << 32)

static _Atomic int top; /* above all that were left something else */

/* NULL for a number that is not remembered, and before the first attach. */
static struct note *note_of(int fd)
{
	struct entries *entries =
		atomic_load_explicit(&entry_all, memory_order_acquire);

	return entries && (unsigned)fd < FDS ? &entries->note[fd] : NULL;
}

static void raise_end(int end)
{
	int old = note_end();

	while (old < end && !atomic_compare_exchange_weak(&top, &old, end))
		;
}

struct noted note_take(int fd, uint64_t data, uint32_t events)
{
	struct note *note = note_of(fd);
	struct noted before = {0, 0};

	if (!note)
		return before;
	before.data = table_load(&note->data);
	before.events = table_load(&note->events);
	table_store(&note->data, data);
	table_store(&note->events, NOTED | events);
	if ((int)data != fd && UNLIKELY(fd >= note_end()))
		raise_end(fd + 1);
	return before;
}

void note_put_back(int fd, struct noted before)
{
	struct note *note = note_of(fd);

	if (!note)
		return;
	table_store(&note->data, before.data);
	table_store(&note->events, before.events);
}

void note_forget(int fd)
{
	struct note *note = note_of(fd);

	if (note && table_load(&note->events))
		table_store(&note->events, 0);
}

bool note_is(int fd, uint64_t data)
{
	const struct note *note = note_of(fd);

	return note && table_load(&note->events) &&
		table_load(&note->data) == data;
}

uint32_t note_events(int fd)
{
	const struct note *note = note_of(fd);

	return note ? (uint32_t)table_load(&note->events) : 0;
}

int note_find(int fd, int end, uint64_t data)
{
	const struct note *note = note_of(0);

	while (note && fd < end &&
		(table_load(&note[fd].data) != data ||
			!table_load(&note[fd].events)))
		fd++;
	return note && fd < end ? fd : end;
}

int note_end(void)
{
	return atomic_load_explicit(&top, memory_order_relaxed);
}

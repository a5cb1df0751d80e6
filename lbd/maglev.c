/*
 * Maglev's table, in two steps. The first does not know who is well: members
 * take turns, and in each one takes the next free entry of a permutation of its
 * own. Whose turn it is depends on the members two by two: the k-th of one is
 * due at (k + 1/2) / weight, and where two are due at once identity decides.
 *
 * The second takes entries away from those that are down, or slow to start,
 * and asks elsewhere in the first table who else is to have them. So a backend
 * that goes down moves its own callers and no others: the first step alone
 * would move twice as many, and more than that among a hundred.
 */
#include "maglev.h"
#include "shim/table.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
	ENTRIES_EACH = 100, /* at least, as long as there are enough */
	FEWEST = 8,	    /* backends that a table is made for */
	FREE = UINT16_MAX,
	ASKED = 64, /* entries elsewhere, then chance decides */
};

static const uint64_t golden = 0x9e3779b97f4a7c15ULL;

uint64_t maglev_identity(const struct addr *a)
{
	return table_mix(
		table_hash(a->hi, a->lo, a->port, 0) + 0x9e3779b97f4a7c15ULL);
}

static bool is_prime(uint32_t n)
{
	for (uint32_t i = 3; i * i <= n; i += 2)
		if (n % i == 0)
			return false;
	return n % 2;
}

/*
 * By powers of two: a table of another size is another table, in which nobody
 * finds his backend again, and a reload that adds one should not make it so.
 */
uint32_t maglev_size(size_t backends)
{
	uint32_t room = FEWEST, size;

	if (backends > MAGLEV_MOST)
		return 0;
	while (room < backends)
		room *= 2;
	for (size = room * ENTRIES_EACH; !is_prime(size); size++)
		;
	return size < MAGLEV_MOST ? size : MAGLEV_MOST;
}

static int compare_identities(const void *a, const void *b)
{
	const struct maglev_member *x = a, *y = b;

	return (x->identity > y->identity) - (x->identity < y->identity);
}

/* Twice the time at which the next turn is due, times weight: first ones now. */
static uint64_t due(const struct maglev_member *s)
{
	return s->turns ? 2 * (uint64_t)s->turns + 1 : 0;
}

static bool is_before(
	const struct maglev_member *a, const struct maglev_member *b)
{
	uint64_t x = due(a) * b->weight, y = due(b) * a->weight;

	return x != y ? x < y : a->identity < b->identity;
}

/* The first of a heap has been given a later turn: puts it where it belongs. */
static void sink(struct maglev_member *heap, size_t count)
{
	struct maglev_member moved = heap[0];
	size_t at = 0, next;

	while ((next = 2 * at + 1) < count) {
		if (next + 1 < count && is_before(&heap[next + 1], &heap[next]))
			next++;
		if (!is_before(&heap[next], &moved))
			break;
		heap[at] = heap[next];
		at = next;
	}
	heap[at] = moved;
}

static void take_entry(uint16_t *table, uint32_t size, struct maglev_member *s)
{
	while (table[s->at] != FREE)
		s->at = (s->at + s->skip) % size;
	table[s->at] = (uint16_t)s->number;
	s->turns++;
}

void maglev_fill(uint16_t *base, uint32_t size, struct maglev_member *member,
	size_t members)
{
	for (size_t i = 0; i < members; i++) {
		uint64_t more = table_mix(member[i].identity ^ size);

		member[i].turns = 0;
		member[i].at = (uint32_t)(member[i].identity % size);
		member[i].skip = (uint32_t)(more % (size - 1)) + 1;
	}
	for (uint32_t i = 0; i < size; i++)
		base[i] = FREE;
	qsort(member, members, sizeof(*member),
		compare_identities); /* a heap */
	for (uint32_t i = 0; i < size; i++) {
		take_entry(base, size, &member[0]);
		sink(member, members);
	}
}

/* The member that lost least of its weight keeps all of its entries. */
static void weigh_seats(const struct maglev_member *member,
	struct maglev_seat *seat, size_t members)
{
	double most = 0;

	for (size_t i = 0; i < members; i++) {
		uint32_t number = member[i].number;
		double left = (double)seat[number].width / member[i].weight;

		if (left > most)
			most = left;
	}
	/* GCOVR_EXCL_BR_START: of no width there are no seats */
	for (size_t i = 0; most && i < members; i++) {
		struct maglev_seat *s = &seat[member[i].number];

		s->keep = (uint64_t)((double)s->width / member[i].weight /
			most * 4294967296.0);
	}
	/* GCOVR_EXCL_BR_STOP */
}

static uint32_t scale(uint64_t random, uint32_t total)
{
	return (uint32_t)((random >> 32) * total >> 32);
}

static uint16_t find_stop(const uint64_t *end, size_t stops, uint64_t random)
{
	uint32_t place = scale(random, (uint32_t)(end[stops - 1] >> 32));
	size_t low = 0, high = stops - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (end[middle] >> 32 > place)
			high = middle;
		else
			low = middle + 1;
	}
	return (uint16_t)low;
}

/* An answer that is the same whenever the same is asked. */
static uint64_t chance(uint32_t entry, uint32_t asked)
{
	return table_mix(table_mix(entry + 1) + asked * golden);
}

void maglev_seat(uint16_t *table, const uint16_t *base, uint32_t size,
	const struct maglev_member *member, struct maglev_seat *seat,
	size_t members, const uint64_t *end, size_t stops)
{
	weigh_seats(member, seat, members);
	for (uint32_t entry = 0; entry < size; entry++) {
		uint32_t at = entry, asked = 0;

		while (chance(entry, 2 * asked) >> 32 >= seat[base[at]].keep &&
			asked < ASKED)
			at = scale(chance(entry, 2 * asked++ + 1), size);
		table[entry] = asked < ASKED
			? (uint16_t)seat[base[at]].stop
			: find_stop(end, stops, chance(entry, 2 * ASKED));
	}
}

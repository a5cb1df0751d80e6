#include "stage.h"

#include <check.h>
#include <string.h>

struct counters_line stage_lines[COUNTERS_LINES];
const struct tried stage_untried;

void stage_set(struct stage *s, enum table_balance balance, uint32_t step,
	const unsigned *weight, unsigned n)
{
	memset(s, 0, sizeof(*s));
	memset(stage_lines, 0, sizeof(stage_lines));
	for (unsigned i = 0; i < n; i++) {
		uint64_t lo = ADDR_V4_PREFIX | (0x0a000001 + i);

		s->wheel.total += weight[i];
		s->stop[i] = (uint64_t)s->wheel.total << 32 | i;
		s->backend[i].addr_lo = lo;
		s->backend[i].where = 80ULL << 48 | (100 + i);
		s->backend[i].state =
			(uint64_t)table_tag(0, lo, 80) << 48 | state_room(0, 0);
	}
	s->wheel.stop = s->stop;
	s->wheel.stops = s->wheel.backends = n;
	s->wheel.step = step;
	s->wheel.backend = (const char *)s->backend;
	s->wheel.stride = sizeof(s->backend[0]);
	s->route.balance = balance;
}

void stage_load(struct stage *s, unsigned i, uint64_t load)
{
	s->backend[i].state = (s->backend[i].state & 0xffff000000ffffff) |
		state_load(load * LOAD_UNIT);
}

void stage_room(
	struct stage *s, unsigned i, uint64_t most, uint64_t connections)
{
	s->backend[i].state &= ~(STATE_ROOM_ANY << 2);
	s->backend[i].state |= state_room(most, connections);
}

void stage_picks(struct stage *s, unsigned i, uint64_t picks, uint64_t seen)
{
	struct counters_line *line = &stage_lines[100 + i];

	s->wheel.line = stage_lines;
	line->tag = 100 + i + 1;
	line->picks = picks;
	line->seen = seen;
}

void stage_hits(struct stage *s, unsigned *hits, uint64_t from, uint64_t draws)
{
	memset(hits, 0, STAGE_MOST * sizeof(*hits));
	for (uint64_t draw = from; draw < from + draws; draw++) {
		ck_assert(pick_backend(
			&s->wheel, draw, &stage_untried, &s->route));
		hits[s->route.ordinal]++;
	}
}

void stage_tried(struct tried *tried, const struct stage *s, unsigned i)
{
	tried_add(tried, &(struct addr){0, s->backend[i].addr_lo, 80});
}

/*
 * Whether a pattern is somewhere in a text. All ways through its steps are
 * followed at once: behind each byte of the text stands the set of steps that
 * it can have led to.
 */
#include "pattern_parts.h"

#include <ctype.h>
#include <string.h>

/* Where in the text we are: the bytes on both sides, -1 at its ends. */
struct place {
	int before, behind;
};

static bool is_word(int c)
{
	return c >= 0 && (isalnum(c) || c == '_');
}

static bool place_is(struct place at, unsigned char what)
{
	bool before = is_word(at.before), behind = is_word(at.behind);

	switch (what) {
	case '^':
	case '`':
		return at.before < 0;
	case '$':
	case '\'':
		return at.behind < 0;
	case 'b':
		return before != behind;
	case 'B':
		return before == behind;
	case '<':
		return !before && behind;
	default:
		return before && !behind;
	}
}

/* Steps that wait for a byte; each is in it once. */
struct crowd {
	uint16_t member[STEPS_MOST], waiting[STEPS_MOST];
	uint32_t round_of[STEPS_MOST], round;
	size_t members, waitings;
};

static void wait_for(struct crowd *c, uint16_t step)
{
	if (step == NOWHERE || c->round_of[step] == c->round)
		return;
	c->round_of[step] = c->round;
	c->waiting[c->waitings++] = step;
}

/* Follows what takes no byte; true at the end of the pattern. */
static bool arrive(const struct pattern *p, struct crowd *c, struct place at)
{
	while (c->waitings) {
		uint16_t number = c->waiting[--c->waitings];
		const struct step *s = &p->step[number];

		if (s->kind == MATCH)
			return true;
		if (s->kind == TAKE_BYTE || s->kind == TAKE_ONE_OF) {
			c->member[c->members++] = number;
			continue;
		}
		if (s->kind == CHECK && !place_is(at, s->what))
			continue;
		wait_for(c, s->next);
		if (s->kind == FORK)
			wait_for(c, s->other);
	}
	return false;
}

static bool takes(
	const struct pattern *p, const struct step *s, unsigned char c)
{
	return s->kind == TAKE_BYTE ? s->what == c
				    : p->set[s->what].bit[c / 64] >> c % 64 & 1;
}

bool pattern_fits(const struct pattern *p, const char *data, size_t size)
{
	static struct crowd c; /* one loop, one text at a time */
	struct place at = {-1, -1};

	c.members = c.waitings = 0;
	for (size_t i = 0; i <= size; i++) {
		size_t members = c.members;

		if (!++c.round) { /* numbers come again */
			memset(c.round_of, 0, sizeof(c.round_of));
			c.round = 1;
		}
		for (size_t j = 0; i && j < members; j++) {
			const struct step *s = &p->step[c.member[j]];

			if (takes(p, s, (unsigned char)data[i - 1]))
				wait_for(&c, s->next);
		}
		wait_for(&c, 0); /* it may begin anywhere */
		c.members = 0;
		at.before = at.behind;
		at.behind = i < size ? (unsigned char)data[i] : -1;
		if (arrive(p, &c, at))
			return true;
	}
	return false;
}

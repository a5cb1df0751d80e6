/*
 * Stuck SYNs become blame, or are excused. Bounded: so many suspects, so many
 * users of each; what does not fit is not noticed.
 */
#include "evidence.h"

#include <string.h>

void evidence_forget(struct evidence *e)
{
	memset(e, 0, sizeof(*e));
}

static bool has_stuck(const struct suspect *s)
{
	for (unsigned i = 0; i < s->users; i++)
		if (s->user[i].stuck)
			return true;
	return false;
}

/* A free one, else one that is only remembered for having been blamed. */
static uint16_t new_suspect(struct evidence *e)
{
	for (uint16_t i = 1; i < SUSPECTS_MAX; i++)
		if (!e->suspect[i].target) {
			if (i > e->used)
				e->used = i;
			return i;
		}
	for (uint16_t i = 1; i < SUSPECTS_MAX; i++)
		if (!has_stuck(&e->suspect[i]))
			return i;
	return 0;
}

static struct suspect_user *user_of(struct suspect *s, uid_t user)
{
	for (unsigned i = 0; i < s->users; i++)
		if (s->user[i].user == user)
			return &s->user[i];
	if (s->users < SUSPECT_USERS)
		s->user[s->users++].user = user;
	return &s->user[s->users - 1];
}

uint16_t evidence_stuck(
	struct evidence *e, uint16_t known, uint32_t target, uid_t user)
{
	if (!known || e->suspect[known].target != target) {
		known = new_suspect(e);
		if (!known)
			return 0;
		e->suspect[known] = (struct suspect){.target = target};
	}
	user_of(&e->suspect[known], user)->stuck++;
	return known;
}

static void note_new(struct suspect *s)
{
	for (unsigned i = 0; i < s->users; i++) {
		struct suspect_user *u = &s->user[i];

		if (u->stuck <= u->stuck_before)
			continue;
		u->unreported += u->stuck - u->stuck_before;
		s->stuck += u->stuck - u->stuck_before;
	}
}

static enum judgement clear(struct suspect *s)
{
	bool blamed = s->blamed;

	s->waited = s->blamed = false;
	s->stuck = 0;
	for (unsigned i = 0; i < s->users; i++)
		s->user[i].unreported = 0;
	return blamed ? JUDGED_TAKING : JUDGED_NOTHING;
}

static bool has_unreported(const struct suspect *s)
{
	for (unsigned i = 0; i < s->users; i++)
		if (s->user[i].unreported)
			return true;
	return false;
}

enum judgement evidence_judge(
	const struct evidence *e, struct suspect *s, uint64_t picks, bool grown)
{
	if (e->informed)
		note_new(s);
	if (grown || (s->waited && picks - s->picks > 2 * s->stuck))
		return clear(s);
	if (!s->waited) {
		s->waited = true;
		s->picks = picks;
		return JUDGED_NOTHING;
	}
	if (!has_unreported(s))
		return JUDGED_NOTHING;
	s->blamed = true;
	return JUDGED_FAILING;
}

void evidence_next(struct suspect *s)
{
	if (!has_stuck(s) && !has_unreported(s) && !s->blamed) {
		s->target = 0;
		return;
	}
	for (unsigned i = 0; i < s->users; i++) {
		s->user[i].stuck_before = s->user[i].stuck;
		s->user[i].stuck = 0;
	}
}

/*
 * From what a count of sockets proved to outcomes, as if callers had reported
 * them: those that do not wait for their connect() say nothing themselves.
 */
#include "blame.h"
#include "health.h"
#include "intake.h"

static void report(
	struct lbd *lbd, const struct target *t, uid_t uid, unsigned failed)
{
	unsigned user = intake_user(lbd->intake, uid);

	for (struct backend *b = t->first; b; b = b->twin)
		health_outcomes(lbd, b, user, failed ? 0 : 1, failed);
}

static void judge(struct lbd *lbd, const struct evidence *e,
	const struct target *t, struct suspect *s)
{
	uint64_t picks = 0;

	for (const struct backend *b = t->first; b; b = b->twin)
		picks += b->picks;
	switch (evidence_judge(
		e, s, picks, t->established > t->established_before)) {
	case JUDGED_FAILING:
		for (unsigned i = 0; i < s->users; i++)
			if (s->user[i].unreported) {
				report(lbd, t, s->user[i].user,
					s->user[i].unreported);
				s->user[i].unreported = 0;
			}
		break;
	case JUDGED_TAKING:
		report(lbd, t, s->user[0].user, 0);
		break;
	case JUDGED_NOTHING:
		break;
	}
}

void blame_round(
	struct lbd *lbd, struct evidence *e, const struct targets *targets)
{
	for (uint16_t i = 1; i <= e->used; i++) {
		struct suspect *s = &e->suspect[i];

		if (!s->target)
			continue;
		judge(lbd, e, &targets->target[s->target], s);
		evidence_next(s);
	}
	e->informed = true;
}

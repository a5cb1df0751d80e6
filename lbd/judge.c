/*
 * Rise and fall: what verdicts make of a backend. A state that was entered
 * without any sign of life from the backend can be taken back, for such
 * verdicts may say more of us than of it.
 */
#include "judge.h"

const char *health_word(enum health_state state)
{
	static const char *const word[] = {
		[HEALTH_UNKNOWN] = "unknown",
		[HEALTH_UP] = "up",
		[HEALTH_DOWN] = "down",
	};

	return word[state];
}

bool verdict_is_blind(enum verdict verdict)
{
	return verdict == VERDICT_TIMEOUT || verdict == VERDICT_UNREACHABLE ||
		verdict == VERDICT_LOCAL;
}

static bool enter(struct health *h, enum health_state state, double now)
{
	h->streak = 0;
	if (h->state == state)
		return false;
	h->before = h->state;
	h->first = h->verdicts == 1;
	h->state = state;
	h->since = now;
	return true;
}

/* The first verdict decides alone; after that it takes rise or fall of them. */
static bool judge(struct health *h, const struct service_conf *conf, bool good,
	double now)
{
	if (!h->verdicts++)
		return enter(h, good ? HEALTH_UP : HEALTH_DOWN, now);
	if (good == (h->state == HEALTH_UP)) {
		h->streak = 0;
		return false;
	}
	if (++h->streak < (good ? conf->rise : conf->fall))
		return false;
	return enter(h, good ? HEALTH_UP : HEALTH_DOWN, now);
}

/*
 * Silence proves nothing, but where refusals stood against a backend it says
 * that they have ended: who went down by them comes up by silence.
 */
bool health_judge(struct health *h, const struct service_conf *conf,
	enum verdict verdict, double now)
{
	bool refused = h->state == HEALTH_DOWN || h->streak;
	bool good = verdict == VERDICT_OK || verdict == VERDICT_SILENT;
	bool changed;

	if (verdict == VERDICT_LOCAL || (verdict == VERDICT_SILENT && !refused))
		return false;
	changed = judge(h, conf, good, now);
	if (changed)
		h->blind = verdict_is_blind(verdict);
	else if (!verdict_is_blind(verdict))
		h->blind = false;
	return changed;
}

bool health_restore(struct health *h, double earliest, double now)
{
	if (h->state != HEALTH_DOWN) {
		h->streak = 0;
		return false;
	}
	if (!h->blind || h->since < earliest)
		return false;
	h->state = h->before;
	h->streak = 0;
	h->since = now;
	if (h->first)
		h->verdicts = 0;
	return true;
}

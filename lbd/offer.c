/*
 * How a service is, seen from its callers. Health, the operator and limits all
 * take backends away from them; what is left decides.
 */
#include "offer.h"

struct tally {
	size_t all;
	size_t open, backups; /* usable, and below max-conns */
};

static struct tally count(const struct service *s, enum table_family family)
{
	struct tally t = {0};

	for (size_t i = 0; i < s->backends; i++) {
		const struct backend *b = s->backend[i];
		bool v4 = addr_is_v4(&b->conf->addr);

		if (v4 != (family == FAMILY_V4))
			continue;
		t.all++;
		if (!health_is_usable(b))
			continue;
		t.open += !b->full && !b->conf->backup;
		t.backups += !b->full && b->conf->backup;
	}
	return t;
}

enum offer offer_judge(const struct service *s, enum table_family family)
{
	struct tally t = count(s, family);

	if (!t.all)
		return OFFER_NOTHING_MEANT;
	if (s->panic[family])
		return OFFER_PANIC;
	if (!t.open)
		return t.backups ? OFFER_BACKUP : OFFER_DOWN;
	return t.open + t.backups == t.all ? OFFER_OK : OFFER_DEGRADED;
}

const char *offer_word(const struct service *s)
{
	static const char *const word[] = {
		[OFFER_NOTHING_MEANT] = "empty",
		[OFFER_OK] = "ok",
		[OFFER_DEGRADED] = "degraded",
		[OFFER_BACKUP] = "backup",
		[OFFER_PANIC] = "panic",
		[OFFER_DOWN] = "down",
	};
	enum offer v4 = offer_judge(s, FAMILY_V4);
	enum offer v6 = offer_judge(s, FAMILY_V6);

	return word[v4 > v6 ? v4 : v6];
}

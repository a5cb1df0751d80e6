/*
 * What the operator wants of a backend. It is noted in the backend, which a
 * reload carries over by address; the wheel, the probes and the callers' state
 * words follow from there.
 */
#include "operator.h"
#include "interlude.h"
#include "log.h"
#include "publish.h"

#include <stdio.h>

enum { REASON_BYTES = 64, NUMBER_BYTES = 12 };

const char *operator_word(enum will will)
{
	static const char *const word[] = {
		[WILL_READY] = "ready",
		[WILL_DRAIN] = "drain",
		[WILL_MAINT] = "maint",
	};

	return word[will];
}

static void put_number(char *to, bool is_known, unsigned number)
{
	if (is_known)
		snprintf(to, NUMBER_BYTES, "%u", number);
	else
		snprintf(to, NUMBER_BYTES, "unknown");
}

static void log_hand(const struct backend *b, const char *event,
	const struct asker *who, const char *what)
{
	char reason[REASON_BYTES], uid[NUMBER_BYTES], pid[NUMBER_BYTES];
	struct log_about about = {
		.service = b->service->conf->name,
		.backend = b->conf->name,
		.reason = who->known ? reason : NULL,
	};

	put_number(uid, who->user_known, who->uid);
	put_number(pid, who->pid, (unsigned)who->pid);
	snprintf(reason, sizeof(reason), "asked by uid %s, pid %s", uid, pid);
	log_event(LEVEL_INFO, event, &about, "backend %s of service %s %s",
		b->conf->name, b->service->conf->name, what);
}

void operator_set_will(struct lbd *lbd, struct backend *b, enum will will,
	const struct asker *who)
{
	static const struct {
		const char *event, *what;
	} said[] = {
		[WILL_READY] = {"backend-ready", "is ready again"},
		[WILL_DRAIN] = {"backend-drain", "gets no new connections"},
		[WILL_MAINT] = {"backend-maint", "is in maintenance"},
	};

	if (b->will == will)
		return;
	b->will = will;
	b->will_since = ev_now(lbd->loop);
	log_hand(b, said[will].event, who, said[will].what);
	health_watch(lbd, b);
	publish_health(lbd, b);
}

void operator_set_weight(struct lbd *lbd, struct backend *b, unsigned weight,
	const struct asker *who)
{
	char what[REASON_BYTES];

	if (b->weight == weight)
		return;
	b->weight = weight;
	if (weight)
		snprintf(what, sizeof(what), "has weight %u by hand", weight);
	else
		snprintf(what, sizeof(what), "has weight %u, as in the file",
			b->conf->weight);
	log_hand(b, "backend-weight", who, what);
	publish_health(lbd, b);
}

void operator_remind(struct lbd *lbd)
{
	const struct world *w = &lbd->world;
	size_t will[WILL_MAINT + 1] = {0}, weights = 0;

	for (size_t i = 0; i < w->services; i++) {
		interlude(lbd);
		for (size_t j = 0; j < w->service[i].backends; j++) {
			const struct backend *b = w->service[i].backend[j];

			will[b->will]++;
			weights += b->weight != 0;
		}
	}
	if (will[WILL_DRAIN] || will[WILL_MAINT] || weights)
		log_event(LEVEL_WARNING, "by-hand", NULL,
			"still by hand: %zu drained, %zu in maintenance, "
			"%zu of another weight",
			will[WILL_DRAIN], will[WILL_MAINT], weights);
}

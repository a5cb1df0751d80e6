/*
 * The operator's hand: backends that are drained, in maintenance, or of
 * another weight. It wins over health and over the file until it is taken
 * back. A reload keeps it, for as long as the file has the backend.
 */
#ifndef LBD_OPERATOR_H
#define LBD_OPERATOR_H

#include "lbd.h"

/* Who asked for it, as the kernel tells. */
struct asker {
	bool known, user_known; /* at all; by a number that means one user */
	uid_t uid;
	pid_t pid; /* 0: in a pid namespace that lbd does not see */
};

const char *operator_word(enum will will); /* "ready", "drain", "maint" */

/* Both log what changed; asked for once more, nothing does. */
void operator_set_will(struct lbd *lbd, struct backend *b, enum will will,
	const struct asker *who);

/* `weight` 1..256, or 0: the file's again. */
void operator_set_weight(struct lbd *lbd, struct backend *b, unsigned weight,
	const struct asker *who);

/* Logs how much is as the hand left it, if anything is. */
void operator_remind(struct lbd *lbd);

#endif

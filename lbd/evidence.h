/*
 * What counts of sockets say of a backend's health: SYNs that had to be sent
 * again, against connections that came to stand. For callers that do not wait
 * for their connect(), nobody else says so.
 */
#ifndef LBD_EVIDENCE_H
#define LBD_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SUSPECTS_MAX = 1024, SUSPECT_USERS = 4 };

struct suspect_user {
	uid_t user;
	uint32_t stuck, stuck_before; /* SYNs that wait, sent again */
	uint32_t unreported;
};

/* A backend with stuck SYNs, or blamed and not yet cleared of it. */
struct suspect {
	uint32_t target; /* 0 = free */
	bool waited;	 /* a round, since it was last cleared */
	uint64_t picks;	 /* of callers, when it was */
	uint64_t stuck;	 /* SYNs that got stuck since */
	bool blamed;	 /* failures were reported since */
	unsigned users;	 /* the last one stands for all further ones */
	struct suspect_user user[SUSPECT_USERS];
};

struct evidence {
	struct suspect suspect[SUSPECTS_MAX]; /* from 1 */
	uint16_t used;			      /* the last that ever was */
	bool informed; /* a round is over: what was not there before is new */
};

/* Targets got other numbers. */
void evidence_forget(struct evidence *e);

/*
 * A stuck socket of `user` is seen in this round; `known` is the target's
 * suspect, if it has one. Returns it, 0 = there is no room for it.
 */
uint16_t evidence_stuck(
	struct evidence *e, uint16_t known, uint32_t target, uid_t user);

enum judgement {
	JUDGED_FAILING, /* report, and zero, what is `unreported` */
	JUDGED_NOTHING, /* too early to tell, or nothing new */
	JUDGED_TAKING,	/* it takes connections, after having been blamed */
};

/*
 * A round is over for a suspect. `picks` is what callers picked ever, `grown`
 * whether more connections stand than in the round before. The rule:
 *
 * A backend that takes connections is not blamed for SYNs that the network
 * lost. It takes some if more stand than before, or if it was picked more than
 * twice for each SYN that got stuck since it became suspect. Nobody is blamed
 * in the round in which it became suspect.
 */
enum judgement evidence_judge(const struct evidence *e, struct suspect *s,
	uint64_t picks, bool grown);

/* Afterwards: makes it ready for the next round, or free. */
void evidence_next(struct suspect *s);

#endif

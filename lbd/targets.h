/*
 * The addresses of all backends, and the connections to each, as they are
 * counted: a round goes over all sockets, then the numbers are taken out.
 */
#ifndef LBD_TARGETS_H
#define LBD_TARGETS_H

#include "lbd.h"

struct target {
	struct addr addr; /* port 0: all connections to that IP */
	enum protocol protocol;
	struct backend *first; /* all of the same address, by `twin` */
	uint32_t connections;  /* in this round, or the last */
	uint32_t established, established_before;
	uint32_t round;	  /* of `connections` */
	uint32_t next[2]; /* counted in an even, in an odd round; 0 = last */
	uint16_t suspect; /* see evidence.h; 0 = none */
};

struct targets {
	struct target *target; /* from 1 */
	uint32_t count;
	uint32_t *slot; /* of a hash; 0 = free */
	uint64_t slots; /* a power of two */
	bool tcp, udp;	/* is there any? */
	bool ports;	/* some backend takes every port */
	uint32_t round;
	uint32_t counted[2]; /* first of this round and of the last, by turns */
};

/* Built of a world; what its backends carry goes into the last round. False if
 * memory is short: there are none then. */
bool targets_build(struct targets *t, const struct world *world);

/* The same in steps: empty, then service by service. */
bool targets_open(struct targets *t, const struct world *world);
void targets_add(struct targets *t, const struct service *s);
void targets_free(struct targets *t);

/* All rounds: begin, count each connection, end. */
void targets_begin(struct targets *t);

/* The target counted for, 0 = none; the other one where a backend of that
 * address takes every port. */
struct counted {
	uint32_t exact, any_port;
};
struct counted targets_count(struct targets *t, const struct addr *to,
	enum protocol protocol, bool established);

/* Visits each target that has connections, or had in the round before; its
 * `connections` are this round's. */
void targets_end(struct targets *t,
	void (*visit)(void *data, struct target *target), void *data);

#endif

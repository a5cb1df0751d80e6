/*
 * One uid's counters, lbd's side: the memory that its programs write to, what
 * of it was read, and up to where it is answered. Programs in another network
 * namespace have counters apart: the kernel does not count them for us.
 */
#ifndef LBD_TALLY_H
#define LBD_TALLY_H

#include "shim/counters.h"

#include <stdbool.h>
#include <sys/types.h>

struct seen_service {
	uint64_t cursor, redraws, denied, failovers, no_backend;
	uint64_t owed; /* redraws whose draw has not come yet */
};

struct seen_line {
	uint64_t picks, ok, failed;
	bool moved; /* is in the list of those to be answered */
};

struct tally {
	uid_t uid;
	bool foreign;  /* in another network namespace */
	bool shared;   /* other uids count here, too */
	unsigned user; /* index of the uid, see intake_user() */
	int fd;
	struct counters *counters;
	uint64_t services, activity, unread;
	struct seen_service *service;
	struct seen_line *line;
	uint16_t *moved; /* lines with picks not answered by `seen` */
	unsigned moves;
};

/* Room for so many services. False if there is no memory: closed then. */
bool tally_open(struct tally *t, uint64_t services);
void tally_close(struct tally *t);

/* Line `i` has more picks than before. */
void tally_moved(struct tally *t, uint64_t i);

/* Callers know the load that the picks so far make: those are seen. */
void tally_confirm(struct tally *t);

#endif

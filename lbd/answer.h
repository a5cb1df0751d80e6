/* What a program that attaches is given. */
#ifndef LBD_ANSWER_H
#define LBD_ANSWER_H

#include "acl.h"
#include "lbd.h"
#include "shim/wire.h"

/* What all are told alike. */
struct answer_all {
	uint64_t door[2]; /* the name of the door without a path; zeros: none */
	uint64_t host_hash;
};

/*
 * Answers at `fd` who asks `request`; `foreign`, if its connections are made
 * where lbd cannot count them. How many descriptors have been sent; `*error` is
 * 0, or why that was not all.
 */
size_t answer_attach(struct lbd *lbd, const struct answer_all *all, int fd,
	const struct identity *who, const struct attach_request *request,
	bool foreign, int *error);

void answer_refuse(int fd, enum attach_status status);

#endif

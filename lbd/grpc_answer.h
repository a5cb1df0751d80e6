/*
 * grpc.health.v1.Health/Check in bytes: the question, and what comes back.
 * Pure; the answer is a stranger's.
 */
#ifndef LBD_GRPC_ANSWER_H
#define LBD_GRPC_ANSWER_H

#include "health.h"

#include <stddef.h>

enum {
	GRPC_PREFIX = 5,	/* compressed or not, and the length */
	GRPC_SERVICE_MAX = 250, /* bytes of a service's name */
	GRPC_QUESTION_MAX = GRPC_PREFIX + 3 + GRPC_SERVICE_MAX,
	GRPC_MESSAGE_MAX = 1024,
};

struct grpc_answer {
	bool is_grpc; /* by its content-type */
	int status;   /* grpc-status; -1: none came */
	size_t size;
	bool too_long;
	unsigned char frame[GRPC_PREFIX + GRPC_MESSAGE_MAX];
};

/* Bytes written to `out`; 0: the name is too long. NULL: the server as a
 * whole. */
size_t grpc_question(const char *service, unsigned char out[GRPC_QUESTION_MAX]);

void grpc_answer_clear(struct grpc_answer *a);

/* A header or trailer; not terminated. */
void grpc_answer_line(struct grpc_answer *a, const char *line, size_t size);

/* Some of the body; false once it is more than an answer can be. */
bool grpc_answer_piece(struct grpc_answer *a, const void *data, size_t size);

/* The whole is there: true if it says SERVING, else `why`. */
bool grpc_answer_is_good(const struct grpc_answer *a, char why[REASON_MAX]);

#endif

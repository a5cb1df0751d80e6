/*
 * A server in a process of its own, which nothing is refused: what is to fail in
 * the test fails there only.
 */
#ifndef TESTS_ANSWERING_H
#define TESTS_ANSWERING_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct piece {
	const char *at;
	size_t size;
};

#define PIECE(text)                                                            \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}

/* What it says to everybody who comes, and whenever it has heard `await`; of
 * SOCK_DGRAM, to every datagram. */
struct lines {
	struct piece greeting, await, answer;
};

struct answering {
	pid_t pid;     /* 0: it is over */
	unsigned port; /* of 127.0.0.1 */
	FILE *said;    /* by a program */
};

void answering_begin(
	struct answering *server, int type, const struct lines *lines);
/* The same over TLS, with any answer to HTTP; its certificate is nobody's. */
void answering_begin_tls(struct answering *server);
/* Then nobody listens there. */
void answering_end(struct answering *server);

#endif

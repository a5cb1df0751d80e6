/* A dialogue of which the server's part is the test's. */
#ifndef TESTS_HEARING_H
#define TESTS_HEARING_H

#include "lbd/dialogue.h"

extern struct talk hearing;

/* The server says that, `step` bytes at a time; the turn after the last of
 * them that was listened to. */
enum turn hearing_steps(const void *bytes, size_t size, size_t step);
enum turn hearing_text(const char *text);

/* Opens, sends what there is, hears the answer; at once and in single bytes,
 * which must come to the same. */
enum turn hearing_whole(
	const struct probe_conf *conf, const void *bytes, size_t size);

#define ANSWER(conf, text) hearing_whole(conf, text, sizeof(text) - 1)

/* What is to be sent now is that. */
void hearing_says(const void *bytes, size_t size);

#endif

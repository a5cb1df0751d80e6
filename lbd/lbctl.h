/* lbctl: what its parts share. */
#ifndef LBD_LBCTL_H
#define LBD_LBCTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum lbctl_exit {
	LBCTL_OK = 0,
	LBCTL_FAILED = 1, /* lbd answered: no */
	LBCTL_USAGE = 2,
	LBCTL_UNREACHABLE = 3,
	LBCTL_TIMED_OUT = 4,
};

struct lbctl_options {
	const char *socket; /* lbd's admin socket */
	bool json;
};

/* ---- lbctl_http.c ---- */

struct lbctl_question {
	const char *method, *path;
	const char *name; /* appended to the path, escaped; may be NULL */
	long patience_s;  /* for the whole of the answer */
	bool raw;	  /* an answer of status 200 is wanted as text */
};

struct lbctl_answer {
	long status; /* of HTTP */
	char *text;  /* as it came; ends in a NUL */
	size_t size;
	json_t *json; /* the same, an object; NULL where it is raw */
};

/*
 * Asks lbd, and says on stderr why there is no answer. What lbd answered is
 * LBCTL_OK even if it is an error. lbctl_answer_free() in any case.
 */
enum lbctl_exit lbctl_ask(const char *socket,
	const struct lbctl_question *question, struct lbctl_answer *answer);
void lbctl_answer_free(struct lbctl_answer *answer);

/* ---- lbctl_status.c ---- */

/* To stdout, for people. */
void lbctl_print_services(const json_t *all);
void lbctl_print_service(const json_t *service);

#endif

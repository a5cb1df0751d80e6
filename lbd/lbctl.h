/* lbctl: what its parts share. A verb is a row in lbctl.c. */
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

enum {
	LBCTL_WORDS = 8, /* of a path */
	LBCTL_NAME_BYTES = 256,
};

struct lbctl_options {
	const char *socket; /* lbd's admin socket */
	bool json;
	unsigned timeout_ms; /* 0: wait for ever */
	const char *as;	     /* a user; NULL: whoever runs lbctl */
	const char *exe;     /* NULL: unknown, or the process's */
	unsigned pid;	     /* 0: no process is meant */
};

/* Operands as in argv; there are as many as the verb takes. */
typedef enum lbctl_exit lbctl_verb(
	const struct lbctl_options *options, char *const operand[]);

/* ---- lbctl_verbs.c ---- */

lbctl_verb lbctl_status, lbctl_reload, lbctl_check;

/* ---- lbctl_backend.c ---- */

lbctl_verb lbctl_drain, lbctl_maint, lbctl_ready, lbctl_weight;

/* ---- lbctl_wait.c ---- */

lbctl_verb lbctl_wait_drained;

/* ---- lbctl_explain.c ---- */

lbctl_verb lbctl_explain;

/* ---- lbctl_http.c ---- */

/* For answers that cost lbd little. */
enum { LBCTL_PATIENCE_MS = 10 * 1000 };

struct lbctl_question {
	const char *method;
	const char *path[LBCTL_WORDS]; /* below /api/v1; ends at a NULL */
	const char *query;	       /* with its escapes; NULL: none */
	long patience_ms;	       /* for the whole of the answer */
	bool raw; /* an answer of status 200 is wanted as text */
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

/* Why lbd said no, on stderr. */
void lbctl_print_error(const struct lbctl_answer *answer);

/* ---- lbctl_status.c ---- */

/* To stdout, for people. */
void lbctl_print_services(const json_t *all);
void lbctl_print_service(const json_t *service);

#endif

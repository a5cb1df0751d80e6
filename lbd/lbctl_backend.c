/*
 * The operator's hand on one backend: drain, maint, ready, weight. lbd judges
 * what is asked for; here it is only put into words, a line for each answer.
 */
#include "lbctl_backend.h"
#include "lbctl_rows.h"

#include <stdio.h>
#include <string.h>

enum { HTTP_OK = 200, HTTP_UNPROCESSABLE = 422 };

bool lbctl_read_target(const char *text, struct lbctl_target *to)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : 0;

	to->whole = text;
	if (!length || !slash[1] || strchr(slash + 1, '/') ||
		length >= LBCTL_NAME_BYTES ||
		strlen(slash + 1) >= LBCTL_NAME_BYTES) {
		fprintf(stderr, "lbctl: expected SERVICE/BACKEND, not \"%s\"\n",
			text);
		return false;
	}
	memcpy(to->service, text, length);
	to->service[length] = '\0';
	strcpy(to->backend, slash + 1);
	return true;
}

struct text lbctl_left(const json_t *backend)
{
	json_int_t left = number_of(backend, "connections");
	struct text t;

	if (are_counted(backend)) {
		t = text_of_count(left, "connections");
		strcat(t.bytes, " left");
	} else if (left) {
		snprintf(t.bytes, sizeof(t.bytes), "%d left (estimated)",
			(int)left);
	} else {
		strcpy(t.bytes, "connections not counted");
	}
	return t;
}

static void print_draining(const json_t *backend)
{
	printf("draining, %s\n", lbctl_left(backend).bytes);
}

static void print_maint(const json_t *backend)
{
	printf("in maintenance, %s\n", lbctl_left(backend).bytes);
}

/* Ready is no promise: why callers do not get there all the same. */
static void print_ready(const json_t *backend)
{
	const char *state = string_of(backend, "state");
	struct cell reason;

	cell_set(&reason, TONE_PLAIN, "%s", string_of(backend, "reason"));
	if (!strcmp(state, "up") || !strcmp(state, "unknown"))
		printf("ready, %s\n", state);
	else
		printf("ready, but %s: %s\n", state, reason.text);
}

static void print_weight(const json_t *backend)
{
	int weight = (int)number_of(backend, "weight");

	if (json_is_true(json_object_get(backend, "weight_by_hand")))
		printf("weight %d by hand, %d in the file\n", weight,
			(int)number_of(backend, "weight_in_file"));
	else
		printf("weight %d, as in the file\n", weight);
}

/* POST .../BACKEND/`what`, and `more` behind it if that is not NULL. */
static enum lbctl_exit change(const struct lbctl_options *options,
	const char *operand, const char *what, const char *more,
	void (*print)(const json_t *backend))
{
	struct lbctl_target target;
	struct lbctl_question question = {
		.method = "POST",
		.path = {"services", target.service, "backends", target.backend,
			what, more},
		.patience_ms = LBCTL_PATIENCE_MS,
	};
	struct lbctl_answer answer;
	enum lbctl_exit rc;

	if (!lbctl_read_target(operand, &target))
		return LBCTL_USAGE;
	rc = lbctl_ask(options->socket, &question, &answer);
	if (rc == LBCTL_OK && answer.status == HTTP_OK) {
		printf("%s: ", target.whole);
		print(answer.json);
	} else if (rc == LBCTL_OK) {
		lbctl_print_error(&answer);
		rc = answer.status == HTTP_UNPROCESSABLE ? LBCTL_USAGE
							 : LBCTL_FAILED;
	}
	lbctl_answer_free(&answer);
	return rc;
}

enum lbctl_exit lbctl_drain(
	const struct lbctl_options *options, char *const operand[])
{
	return change(options, operand[0], "drain", NULL, print_draining);
}

enum lbctl_exit lbctl_maint(
	const struct lbctl_options *options, char *const operand[])
{
	return change(options, operand[0], "maint", NULL, print_maint);
}

enum lbctl_exit lbctl_ready(
	const struct lbctl_options *options, char *const operand[])
{
	return change(options, operand[0], "ready", NULL, print_ready);
}

enum lbctl_exit lbctl_weight(
	const struct lbctl_options *options, char *const operand[])
{
	return change(options, operand[0], "weight", operand[1], print_weight);
}

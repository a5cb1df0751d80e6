/* The verbs that are about an lbd as a whole, or about its file. */
#include "conf.h"
#include "lbctl.h"

#include <stdio.h>

/* A million backends take a while; names may take 30 s, and those of a reload
 * that is under way as long before. */
enum { RELOAD_PATIENCE_MS = 90 * 1000 };

enum lbctl_exit lbctl_status(
	const struct lbctl_options *options, char *const operand[])
{
	const char *name = operand[0];
	struct lbctl_question question = {
		.method = "GET",
		.path = {"services", name},
		.patience_ms = LBCTL_PATIENCE_MS,
		.raw = options->json,
	};
	struct lbctl_answer answer;
	enum lbctl_exit rc = lbctl_ask(options->socket, &question, &answer);

	if (rc == LBCTL_OK && answer.status != 200) {
		lbctl_print_error(&answer);
		rc = LBCTL_FAILED;
	} else if (rc == LBCTL_OK && options->json) {
		fwrite(answer.text, 1, answer.size, stdout);
	} else if (rc == LBCTL_OK && name) {
		lbctl_print_service(answer.json);
	} else if (rc == LBCTL_OK) {
		lbctl_print_services(answer.json);
	}
	lbctl_answer_free(&answer);
	return rc;
}

static void print_lines(const json_t *lines)
{
	for (size_t i = 0; i < json_array_size(lines); i++)
		fprintf(stderr, "%s\n",
			json_string_value(json_array_get(lines, i)));
}

/* Errors last: they are what is to be read first. */
static enum lbctl_exit print_reload(const struct lbctl_answer *a)
{
	const json_t *reloaded = json_object_get(a->json, "reloaded");

	if (!reloaded) {
		lbctl_print_error(a);
		return LBCTL_FAILED;
	}
	print_lines(json_object_get(a->json, "warnings"));
	print_lines(json_object_get(a->json, "errors"));
	if (json_is_true(reloaded)) {
		puts("reloaded");
		return LBCTL_OK;
	}
	fputs("lbctl: not reloaded; lbd goes on with what it has\n", stderr);
	return LBCTL_FAILED;
}

enum lbctl_exit lbctl_reload(
	const struct lbctl_options *options, char *const operand[])
{
	static const struct lbctl_question question = {
		.method = "POST",
		.path = {"reload"},
		.patience_ms = RELOAD_PATIENCE_MS,
	};
	struct lbctl_answer answer;
	enum lbctl_exit rc = lbctl_ask(options->socket, &question, &answer);

	(void)operand;
	if (rc == LBCTL_OK)
		rc = print_reload(&answer);
	lbctl_answer_free(&answer);
	return rc;
}

/* What lbd -t -c FILE says, and ends with. */
enum lbctl_exit lbctl_check(
	const struct lbctl_options *options, char *const operand[])
{
	struct complaints said = {0};
	struct conf *conf = conf_read(operand[0], &said);

	(void)options;
	complaints_print(&said, stderr);
	complaints_free(&said);
	if (!conf)
		return LBCTL_FAILED;
	conf_free(conf);
	return LBCTL_OK;
}

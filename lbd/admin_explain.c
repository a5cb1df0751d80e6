/*
 * GET /explain/TARGET: what a connect() would meet, and why. Who would call is
 * in the query: uid, groups and exe as they are given, or a pid, which is then
 * looked at as a caller would be. What is not given is unknown.
 */
#include "admin_explain.h"
#include "admin_answer.h"
#include "admin_json.h"
#include "callers.h"
#include "identify.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A query's value without its escapes; free()d by the caller. NULL: none. */
static char *argument(const struct request *r, const char *key)
{
	const char *value = MHD_lookup_connection_value(
		r->connection, MHD_GET_ARGUMENT_KIND, key);
	char *text = value ? malloc(strlen(value) + 1) : NULL;

	if (text)
		path_unescape(value, text);
	return text;
}

struct question {
	struct identify *room; /* NULL: no process is meant */
	gid_t *group;
	char *exe;
	struct identity who;
};

static void question_end(struct question *q)
{
	identify_free(q->room);
	free(q->group);
	free(q->exe);
}

/* "0,27,100" */
static bool read_groups(struct question *q, char *text)
{
	size_t most = strlen(text) / 2 + 1;
	char *rest = text, *word;
	unsigned id;

	q->group = calloc(most, sizeof(*q->group));
	if (!q->group)
		return false;
	while ((word = strsep(&rest, ","))) {
		if (!conf_number(word, 0, UINT32_MAX - 1, &id))
			return false;
		q->group[q->who.groups++] = id;
	}
	q->who.group = q->group;
	q->who.groups_known = true;
	return true;
}

/* NULL, or what is wrong. */
static json_t *read_process(struct question *q, const char *text)
{
	unsigned pid;

	if (!conf_number(text, 1, INT_MAX, &pid))
		return admin_json_error(
			"pid must be a number, not \"%.*s\"", NAME_SHOWN, text);
	q->room = identify_new();
	if (!q->room || !identify_process(q->room, (pid_t)pid, &q->who))
		return admin_json_error("no process %u where lbd runs", pid);
	return NULL;
}

static json_t *read_person(struct question *q, const char *uid, char *groups)
{
	unsigned id;

	if (uid && !conf_number(uid, 0, UINT32_MAX - 1, &id))
		return admin_json_error(
			"uid must be a number, not \"%.*s\"", NAME_SHOWN, uid);
	if (uid) {
		q->who.user = id;
		q->who.user_known = true;
	}
	if (groups && !read_groups(q, groups))
		return admin_json_error(
			"groups must be numbers with commas between them");
	return NULL;
}

static json_t *read_question(const struct request *r, struct question *q)
{
	char *pid = argument(r, "pid"), *uid = argument(r, "uid");
	char *groups = argument(r, "groups");
	json_t *wrong =
		pid ? read_process(q, pid) : read_person(q, uid, groups);

	callers_tell_net(r->lbd->callers, &q->who);
	q->exe = argument(r, "exe");
	if (q->exe)
		q->who.exe = q->exe;
	free(pid);
	free(uid);
	free(groups);
	return wrong;
}

static json_t *found_json(const struct lbd *lbd, const struct places *places,
	const struct identity *who)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < places->count; i++)
		if (json_array_append_new(
			    array, explain_place(lbd, &places->at[i], who))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

struct answer admin_explain(const struct request *r)
{
	struct question q = {.room = NULL};
	struct places places;
	struct answer a;
	json_t *wrong = explain_find(&r->lbd->world, r->names.text[0], &places);

	if (wrong)
		return answer_json(MHD_HTTP_NOT_FOUND, wrong);
	wrong = read_question(r, &q);
	if (wrong)
		a = answer_json(MHD_HTTP_UNPROCESSABLE_CONTENT, wrong);
	else
		a = answer_json(MHD_HTTP_OK,
			json_pack("{s:o,s:o}", "identity",
				explain_identity(&q.who), "found",
				found_json(r->lbd, &places, &q.who)));
	question_end(&q);
	return a;
}

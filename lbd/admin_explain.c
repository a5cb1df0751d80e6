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

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct question {
	struct identify *room;
	gid_t *group;
	char *exe;
	struct identity who;
	/* What is wrong with it; NULL: memory is short, where it was. */
	json_t *wrong;
	unsigned status;
};

const char *const explain_parameters[] = {"uid", "groups", "pid", "exe", NULL};

/* Takes `wrong`. */
static bool refuse(struct question *q, unsigned status, json_t *wrong)
{
	q->status = status;
	q->wrong = wrong;
	return false;
}

static bool refuse_value(struct question *q, json_t *wrong)
{
	return refuse(q, MHD_HTTP_UNPROCESSABLE_CONTENT, wrong);
}

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
		return refuse_value(q, NULL);
	while ((word = strsep(&rest, ","))) {
		if (!conf_number(word, 0, UINT32_MAX - 1, &id))
			return refuse_value(q,
				admin_json_error("groups must be numbers with "
						 "commas between them"));
		q->group[q->who.groups++] = id;
	}
	q->who.group = q->group;
	q->who.groups_known = true;
	return true;
}

/* Our own trouble says nothing about whether there is such a process. */
static bool refuse_process(struct question *q, unsigned pid, int error)
{
	if (error == ENOENT || error == ESRCH)
		return refuse_value(q,
			admin_json_error("no process %u where lbd runs", pid));
	return refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE,
		error == ENOMEM ? NULL
				: admin_json_error("cannot look at process "
						   "%u: %s",
					  pid, strerror(error)));
}

static bool read_process(struct question *q, const char *text)
{
	unsigned pid;

	if (!conf_number(text, 1, INT_MAX, &pid))
		return refuse_value(q,
			admin_json_error("pid must be a number, not \"%.*s\"",
				NAME_SHOWN, text));
	q->room = identify_new();
	if (!q->room)
		return refuse_process(q, pid, ENOMEM);
	if (!identify_process(q->room, (pid_t)pid, &q->who))
		return refuse_process(q, pid, errno);
	return true;
}

static bool read_user(struct question *q, const char *text)
{
	unsigned id;

	if (!conf_number(text, 0, UINT32_MAX - 1, &id))
		return refuse_value(q,
			admin_json_error("uid must be a number, not \"%.*s\"",
				NAME_SHOWN, text));
	q->who.user = id;
	q->who.user_known = true;
	return true;
}

/* As of a caller: a number that means nobody here is no user of ours. */
static bool judge_numbers(struct question *q)
{
	q->room = identify_new();
	if (!q->room)
		return refuse_value(q, NULL);
	identify_described(q->room, q->group, &q->who);
	return true;
}

/* As read_question() found them; NULL is not given. */
static bool read_caller(
	struct question *q, const char *pid, const char *uid, char *groups)
{
	if (pid && (uid || groups))
		return refuse_value(q,
			admin_json_error("a process has its own user and "
					 "groups: pid stands alone"));
	if (pid)
		return read_process(q, pid);
	return (!uid || read_user(q, uid)) &&
		(!groups || read_groups(q, groups)) && judge_numbers(q);
}

static bool read_question(const struct request *r, struct question *q)
{
	char *pid = NULL, *uid = NULL, *groups = NULL;
	bool read;

	read = query_value(r, "pid", &pid) && query_value(r, "uid", &uid) &&
		query_value(r, "groups", &groups) &&
		query_value(r, "exe", &q->exe) &&
		read_caller(q, pid, uid, groups);
	free(pid);
	free(uid);
	free(groups);
	if (!read)
		return false;
	callers_tell_net(r->lbd->callers, &q->who);
	if (q->exe)
		q->who.exe = q->exe;
	return true;
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

	if (!places.count)
		return answer_json(MHD_HTTP_NOT_FOUND, wrong);
	if (!read_question(r, &q))
		a = answer_json(q.status, q.wrong);
	else
		a = answer_json(MHD_HTTP_OK,
			json_pack("{s:o,s:o}", "identity",
				explain_identity(&q.who), "found",
				found_json(r->lbd, &places, &q.who)));
	question_end(&q);
	return a;
}

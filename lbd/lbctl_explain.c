/*
 * explain: what a connect() would meet. Who would call is found out here, for
 * names of users may be slow to look up, and lbd does not wait; a process is
 * lbd's to look at, as it would if that attached.
 */
#include "lbctl_explain.h"
#include "conf.h"

#include <curl/curl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUPS_FIRST = 64, GROUPS_MOST = 65537, HTTP_OK = 200 };

struct groups {
	gid_t *id; /* NULL: unknown */
	int count;
};

static bool has_group(const struct groups *g, gid_t id)
{
	for (int i = 0; i < g->count; i++)
		if (g->id[i] == id)
			return true;
	return false;
}

static struct groups own_groups(void)
{
	int most = getgroups(0, NULL);
	struct groups g = {.id = NULL};

	if (most >= 0)
		g.id = calloc((size_t)most + 1, sizeof(*g.id));
	if (!g.id)
		return g;
	g.count = getgroups(most, g.id);
	if (g.count < 0)
		g.count = 0;
	if (!has_group(&g, getegid()))
		g.id[g.count++] = getegid();
	return g;
}

/* As a login would have them. */
static struct groups groups_of(const struct passwd *pw)
{
	struct groups g = {.id = NULL};
	int room = GROUPS_FIRST;

	while (room <= GROUPS_MOST) {
		gid_t *more = realloc(g.id, (size_t)room * sizeof(*more));

		if (!more)
			break;
		g.id = more;
		g.count = room;
		if (getgrouplist(pw->pw_name, pw->pw_gid, g.id, &g.count) >= 0)
			return g;
		room = g.count > room ? g.count : 2 * room;
	}
	free(g.id);
	return (struct groups){.id = NULL};
}

/* A name, or a number, of which groups are known if it has a name. */
static bool find_user(const char *as, uid_t *uid, struct groups *groups)
{
	const struct passwd *pw = getpwnam(as);
	unsigned number;

	if (!pw && conf_number(as, 0, UINT32_MAX - 1, &number)) {
		*uid = number;
		pw = getpwuid(number);
	} else if (pw) {
		*uid = pw->pw_uid;
	} else {
		fprintf(stderr, "lbctl: unknown user \"%s\"\n", as);
		return false;
	}
	*groups = pw ? groups_of(pw) : (struct groups){.id = NULL};
	return true;
}

static void put_person(FILE *to, uid_t uid, const struct groups *g)
{
	fprintf(to, "uid=%u", uid);
	for (int i = 0; g->id && i < g->count; i++)
		fprintf(to, "%s%u", i ? "," : "&groups=", g->id[i]);
}

/* A program appears by its path with all links followed; one that is not here
 * may be where it will run. */
static bool put_exe(FILE *to, const char *exe)
{
	char *path = exe ? realpath(exe, NULL) : NULL;
	char *escaped =
		exe ? curl_easy_escape(NULL, path ? path : exe, 0) : NULL;

	if (escaped)
		fprintf(to, "&exe=%s", escaped);
	curl_free(escaped);
	free(path);
	return !exe || escaped;
}

/* Who would call, as a query; free()d by the caller. NULL: said why. */
static char *make_query(const struct lbctl_options *o)
{
	struct groups groups = {.id = NULL};
	uid_t uid = geteuid();
	char *query = NULL;
	size_t size;
	FILE *to;
	bool whole;

	if (o->as && !find_user(o->as, &uid, &groups))
		return NULL;
	if (!o->as && !o->pid)
		groups = own_groups();
	to = open_memstream(&query, &size);
	if (to && o->pid)
		fprintf(to, "pid=%u", o->pid);
	else if (to)
		put_person(to, uid, &groups);
	free(groups.id);
	whole = to && put_exe(to, o->exe);
	if (to && !fclose(to) && whole)
		return query;
	fputs("lbctl: out of memory\n", stderr);
	free(query);
	return NULL;
}

enum lbctl_exit lbctl_explain(
	const struct lbctl_options *options, char *const operand[])
{
	struct lbctl_question question = {
		.method = "GET",
		.path = {"explain", operand[0]},
		.patience_ms = LBCTL_PATIENCE_MS,
		.raw = options->json,
	};
	char *query = make_query(options);
	struct lbctl_answer answer;
	enum lbctl_exit rc;

	if (!query)
		return LBCTL_FAILED;
	question.query = query;
	rc = lbctl_ask(options->socket, &question, &answer);
	if (rc == LBCTL_OK && answer.status != HTTP_OK) {
		lbctl_print_error(&answer);
		rc = LBCTL_FAILED;
	} else if (rc == LBCTL_OK && options->json) {
		fwrite(answer.text, 1, answer.size, stdout);
	} else if (rc == LBCTL_OK) {
		lbctl_print_explained(answer.json);
	}
	lbctl_answer_free(&answer);
	free(query);
	return rc;
}

/*
 * The script probe: a program says whether the backend works, by its exit
 * status. What it writes to stderr first is the reason; how the backend is
 * called it learns from LB_SERVICE, LB_BACKEND and LB_ADDRESS. A script that
 * cannot be started is our trouble, not the backend's.
 */
#include "lbd.h"
#include "log.h"
#include "probe.h"
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { VARIABLE_MAX = 80, VARIABLES = 4 };

struct asked {
	struct script *script; /* NULL: none waits or runs */
	char **argv;
	char variable[VARIABLES - 1][VARIABLE_MAX];
	char *env[VARIABLES + 1];
	bool warned; /* that it cannot be started */
};

static void started(void *owner)
{
	probe_run(owner);
}

static bool is_for_now(int err)
{
	return err == EAGAIN || err == ENOMEM || err == EMFILE || err == ENFILE;
}

static void warn_once(struct probe *p, int err)
{
	struct asked *asked = p->state;
	struct log_about about = {
		.service = p->backend->service->conf->name,
		.backend = p->backend->conf->name,
		.reason = strerror(err),
	};

	if (asked->warned || is_for_now(err))
		return;
	asked->warned = true;
	log_event(LEVEL_WARNING, "script-not-started", &about,
		"cannot start %s", asked->argv[0]);
}

static void not_started(struct probe *p, int err)
{
	char why[REASON_MAX];

	snprintf(why, sizeof(why), "script not started: %s", strerror(err));
	probe_done(p, VERDICT_LOCAL, why);
}

static void ended(void *owner, const struct script_end *end)
{
	struct probe *p = owner;
	struct asked *asked = p->state;
	char why[REASON_MAX];

	asked->script = NULL;
	if (end->err) {
		warn_once(p, end->err);
		not_started(p, end->err);
		return;
	}
	asked->warned = false;
	if (WIFSIGNALED(end->status))
		snprintf(why, sizeof(why), "killed by signal %d (%s)",
			WTERMSIG(end->status),
			strsignal(WTERMSIG(end->status)));
	else if (*end->said)
		snprintf(why, sizeof(why), "%s", end->said);
	else
		snprintf(why, sizeof(why), "exit %d", WEXITSTATUS(end->status));
	probe_done(p, end->status ? VERDICT_REFUSED : VERDICT_OK, why);
}

static void late(struct probe *p)
{
	char why[REASON_MAX];

	snprintf(why, sizeof(why), "did not end within %u ms",
		p->backend->service->conf->timeout_ms);
	probe_done(p, VERDICT_TIMEOUT, why);
}

static void stop(struct probe *p)
{
	struct asked *asked = p->state;

	if (asked && asked->script)
		script_kill(asked->script);
	if (asked)
		asked->script = NULL;
}

static void forget(struct probe *p)
{
	struct asked *asked = p->state;

	if (!asked)
		return;
	free(asked->argv);
	free(asked);
	p->state = NULL;
}

static void fill_env(struct asked *asked, const struct probe *p)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			     "/usr/bin:/sbin:/bin";
	struct addr target = probe_target(p);
	char address[ADDR_TEXT_MAX];
	size_t i;

	addr_text(&target, true, address);
	snprintf(asked->variable[0], VARIABLE_MAX, "LB_SERVICE=%s",
		p->backend->service->conf->name);
	snprintf(asked->variable[1], VARIABLE_MAX, "LB_BACKEND=%s",
		p->backend->conf->name);
	snprintf(asked->variable[2], VARIABLE_MAX, "LB_ADDRESS=%s", address);
	for (i = 0; i < VARIABLES - 1; i++)
		asked->env[i] = asked->variable[i];
	asked->env[i] = path;
}

/* Made for the first question; a reload has it forgotten. */
static struct asked *remember(struct probe *p)
{
	const struct probe_conf *conf = &p->backend->service->conf->probe;
	struct asked *asked = calloc(1, sizeof(*asked));
	size_t i;

	if (!asked)
		return NULL;
	asked->argv = calloc(conf->words + 1, sizeof(*asked->argv));
	if (!asked->argv) {
		free(asked);
		return NULL;
	}
	for (i = 0; i < conf->words; i++)
		asked->argv[i] = conf->word[i].text;
	fill_env(asked, p);
	return asked;
}

static void start(struct probe *p)
{
	struct script_order order = {
		.started = started, .ended = ended, .owner = p};
	struct asked *asked;

	if (!p->state)
		p->state = remember(p);
	asked = p->state;
	if (asked) {
		order.argv = asked->argv;
		order.env = asked->env;
		asked->script = script_run(p->lbd, &order);
	}
	if (!asked || !asked->script)
		not_started(p, ENOMEM);
	else
		probe_wait(p);
}

const struct probe_kind_ops probe_script = {
	.start = start, .late = late, .stop = stop, .forget = forget};

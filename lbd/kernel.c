/*
 * Counting connections by destination, over and over:
 *
 *	mark what callers picked -> walk over all sockets -> the backends'
 *	loads -> tell callers what was seen -> judge what got stuck -> pause
 *
 * Where the kernel refuses, callers' picks stand in for a count, and it is
 * asked again once a minute.
 */
#include "kernel.h"
#include "blame.h"
#include "diag.h"
#include "evidence.h"
#include "fading.h"
#include "intake.h"
#include "interlude.h"
#include "log.h"
#include "own.h"
#include "reset.h"
#include "rhythm.h"
#include "targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const double ask_again = 60; /* s, where the kernel refused */

struct kernel {
	struct lbd *lbd;
	struct diag diag;
	ev_timer next;
	struct rhythm rhythm;
	struct targets targets;
	struct evidence evidence;
	struct fadings fadings;
	struct reset *reset;
	uint64_t rounds;
	bool refused;
};

static void on_socket(struct diag *d, const struct diag_socket *s)
{
	struct kernel *k = d->data;
	struct counted at;
	struct target *t;

	if (own_has(s->cookie))
		return;
	at = targets_count(&k->targets, &s->to, s->protocol, s->established);
	if (!s->stuck || !at.exact)
		return;
	t = &k->targets.target[at.exact];
	t->suspect =
		evidence_stuck(&k->evidence, t->suspect, at.exact, s->user);
}

static void set_connections(void *data, struct target *t)
{
	struct kernel *k = data;

	for (struct backend *b = t->first; b; b = b->twin) {
		b->connections = t->connections;
		fading_settle(k->lbd, b);
	}
}

static void schedule(struct kernel *k, double pause)
{
	ev_timer_stop(k->lbd->loop, &k->next);
	ev_timer_set(&k->next, pause, 0);
	ev_timer_start(k->lbd->loop, &k->next);
}

static void set_refused(struct kernel *k, const char *why)
{
	struct log_about about = {.reason = why};

	if (!k->refused)
		log_event(LEVEL_WARNING, "counts-estimated", &about,
			"the kernel does not tell which connections there "
			"are; loads are estimated from what callers report");
	k->refused = true;
}

static void set_counting(struct kernel *k)
{
	if (k->refused)
		log_event(LEVEL_INFO, "counts-exact", NULL,
			"connections are counted again");
	k->refused = false;
}

static void forget_connections(struct kernel *k)
{
	const struct world *w = &k->lbd->world;

	fading_lose(&k->fadings);
	for (size_t i = 0; i < w->services; i++)
		for (size_t j = 0; j < w->service[i].backends; j++) {
			struct backend *b = w->service[i].backend[j];

			b->connections = 0;
			fading_settle(k->lbd, b);
		}
}

/* Nothing of a round that was broken off can be used, nor of what was before,
 * where it is not known how long the kernel will refuse. */
static void start_over(struct kernel *k)
{
	if (k->refused)
		forget_connections(k);
	evidence_forget(&k->evidence);
	if (targets_build(&k->targets, &k->lbd->world))
		return;
	set_refused(k, strerror(ENOMEM));
	forget_connections(k);
}

static void break_off(struct kernel *k, int error)
{
	bool lost = error == ENOBUFS; /* the kernel said more than we took */

	if (!lost)
		set_refused(k, strerror(error));
	start_over(k);
	own_sweep();
	schedule(k, lost ? rhythm_again(k->diag.cost) : ask_again);
}

static void schedule_next(struct kernel *k, double cost)
{
	ev_now_update(k->lbd->loop);
	schedule(k, rhythm_next(&k->rhythm, ev_now(k->lbd->loop), cost));
}

static void on_counted(struct diag *d, int error)
{
	struct kernel *k = d->data;
	double began = diag_processor_time();

	if (error) {
		break_off(k, error);
		return;
	}
	set_counting(k);
	intake_take(k->lbd->intake); /* what failed meanwhile is in the load */
	kernel_tick(k);
	targets_end(&k->targets, set_connections, k);
	fading_count(&k->fadings, ev_now(k->lbd->loop));
	intake_confirm(k->lbd->intake);
	blame_round(k->lbd, &k->evidence, &k->targets);
	own_sweep();
	k->rounds += !d->torn;
	schedule_next(k, d->cost + diag_processor_time() - began);
}

/* No backend, nothing to count; the next reload asks again. */
static void count(struct kernel *k)
{
	k->rhythm.began = ev_now(k->lbd->loop);
	if (!k->targets.count) {
		if (k->refused)
			schedule(k, ask_again);
		return;
	}
	intake_take(k->lbd->intake);
	kernel_tick(k);
	fading_mark(&k->fadings);
	targets_begin(&k->targets);
	diag_walk(&k->diag, k->targets.udp);
}

static void on_next(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct kernel *k = w->data;

	(void)loop;
	(void)revents;
	if (!k->targets.count) /* there was no memory for them */
		start_over(k);
	count(k);
}

void kernel_leave(struct kernel *k)
{
	if (!k)
		return;
	ev_timer_stop(k->lbd->loop, &k->next);
	diag_stop(&k->diag);
	own_sweep();
	targets_free(&k->targets);
	evidence_forget(&k->evidence);
}

/* Nothing is counted before all are there. */
static bool list_targets(struct kernel *k)
{
	const struct world *w = &k->lbd->world;

	if (!targets_open(&k->targets, w))
		return false;
	for (size_t i = 0; i < w->services; i++) {
		interlude(k->lbd);
		targets_add(&k->targets, &w->service[i]);
	}
	return true;
}

void kernel_rebind(struct kernel *k)
{
	bool short_of_memory;

	if (!k)
		return;
	kernel_leave(k);
	short_of_memory = !list_targets(k);
	if (short_of_memory)
		set_refused(k, strerror(ENOMEM));
	if (k->refused)
		forget_connections(k);
	fading_rebind(&k->fadings);
	schedule(k, k->refused ? ask_again : 0);
}

bool kernel_counts(const struct kernel *kernel)
{
	return !kernel->refused;
}

uint64_t kernel_rounds(const struct kernel *kernel)
{
	return kernel->rounds;
}

void kernel_heard(struct kernel *kernel, struct backend *b, uint64_t counted,
	uint64_t unseen, uint64_t failed)
{
	fading_picked(&kernel->fadings, b, counted);
	fading_failed(&kernel->fadings, b, failed);
	fading_unseen(&kernel->fadings, b, unseen);
}

void kernel_stir(struct kernel *kernel)
{
	ev_tstamp now = ev_now(kernel->lbd->loop);
	double earliest = kernel->rhythm.earliest;

	if (rhythm_stir(&kernel->rhythm, now) && !kernel->refused &&
		ev_is_active(&kernel->next))
		schedule(kernel, earliest > now ? earliest - now : 0);
}

void kernel_tick(struct kernel *kernel)
{
	fading_age(&kernel->fadings, ev_now(kernel->lbd->loop));
}

void kernel_turned(struct kernel *kernel, struct backend *b)
{
	if (kernel)
		fading_turned(&kernel->fadings, b);
}

void kernel_reset(struct kernel *kernel, struct backend *b)
{
	reset_begin(kernel->reset, b);
}

struct kernel *kernel_open(struct lbd *lbd)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (!k || !(k->reset = reset_open(lbd))) {
		free(k);
		return NULL;
	}
	k->lbd = lbd;
	k->fadings = (struct fadings){.lbd = lbd, .faded = ev_now(lbd->loop)};
	diag_init(&k->diag, lbd->loop);
	k->diag.visit = on_socket;
	k->diag.done = on_counted;
	ev_init(&k->next, on_next);
	k->diag.data = k->next.data = k;
	return k;
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	ev_timer_stop(kernel->lbd->loop, &kernel->next);
	diag_stop(&kernel->diag);
	reset_close(kernel->reset);
	fading_end(&kernel->fadings);
	targets_free(&kernel->targets);
	free(kernel);
}

/*
 * Reload: the file is read again, and either all of it is taken over or
 * nothing changes.
 *
 *	asked -> read -> names looked up, by a child -> taken over -> answered
 *
 * One at a time. Whoever asks while one is under way is served by the next,
 * which reads the file as it is by then.
 */
#include "reload.h"
#include "doubts.h"
#include "errand.h"
#include "interlude.h"
#include "log.h"
#include "loop_signals.h"
#include "operator.h"
#include "rights.h"
#include "world.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const double pause_s = 0.1; /* hang-ups in that time are one */
static const double limit_s = 30;  /* for all names together */

struct reload {
	struct lbd *lbd;
	struct reload_request *asking; /* those served by what is under way */
	struct reload_request *first, **last; /* who came after them */
	struct complaints said;
	struct reading *reading;
	struct errand *errand; /* names are being looked up */
	bool busy;
	ev_timer soon; /* who is to be served is not served at once */
	bool rejudge;  /* the addresses of this host have changed */
	struct reload_request hangup;
	bool hung_up; /* and that is not answered yet, */
	bool begun;   /* though it is under way, */
	bool again;   /* and came once more */
};

/* Milliseconds: without _cpu, by the clock, with all that came in between. */
static void log_tempo(const struct lbd *lbd)
{
	const struct tempo *t = &lbd->tempo;
	const double seconds[] = {
		t->write_took, t->write, t->at_once, t->piece, t->work};
	static const char *const key[] = {
		"write", "write_cpu", "at_once_cpu", "piece_cpu", "work_cpu"};
	enum { FIGURES = sizeof(key) / sizeof(key[0]) };
	char value[FIGURES][24];
	struct log_about about = {0};

	for (int i = 0; i < FIGURES; i++) {
		snprintf(value[i], sizeof(value[i]), "%.1f", seconds[i] * 1000);
		about.more[i].key = key[i];
		about.more[i].value = value[i];
	}
	log_event(LEVEL_DEBUG, "published", &about,
		"the new table was written in %s ms; the loop had a turn after "
		"%s ms of work at most",
		value[0], value[3]);
}

static bool take_over(struct lbd *lbd, struct conf *conf)
{
	log_set_level(conf->log_level);
	if (!world_change(lbd, conf)) {
		conf_free(conf);
		log_event(LEVEL_ERROR, "reload-failed", NULL,
			"out of memory; nothing has changed");
		return false;
	}
	lbd->reloaded = ev_now(lbd->loop);
	log_event(LEVEL_INFO, "reloaded", NULL, "reloaded %s: %zu service%s",
		lbd->path, lbd->world.services,
		lbd->world.services == 1 ? "" : "s");
	operator_remind(lbd);
	interlude_note_work(&lbd->tempo);
	log_tempo(lbd);
	rights_warn(conf, doubts_no_exe);
	return true;
}

static bool change(struct lbd *lbd, struct conf *conf, struct complaints *said)
{
	if (conf &&
		!conf_same_process(lbd->world.conf, conf, lbd->path, said)) {
		conf_free(conf);
		conf = NULL;
	}
	if (conf)
		return take_over(lbd, conf);
	log_event(LEVEL_ERROR, "reload-failed", NULL,
		"%s has errors; nothing has changed", lbd->path);
	return false;
}

static void answer_all(struct reload *r, bool reloaded)
{
	struct reload_request *request = r->asking, *next;

	r->asking = NULL;
	for (; request; request = next) {
		next = request->next; /* it may be gone once it is answered */
		request->answer(request, reloaded, &r->said);
	}
	complaints_free(&r->said);
}

/* All that can be known is. */
static void settle(struct reload *r)
{
	struct reading *reading = r->reading;
	struct conf *conf = NULL;

	r->reading = NULL;
	if (reading)
		conf = reading_end(reading, r->lbd->world.conf);
	answer_all(r, change(r->lbd, conf, &r->said));
}

static void on_piece(void *lbd)
{
	interlude(lbd);
}

static void serve(struct reload *r);

static void on_answers(void *data)
{
	struct reload *r = data;

	r->errand = NULL;
	interlude_begin(r->lbd);
	settle(r);
	serve(r);
}

/* True if the answers are still to come. */
static bool look_up(struct reload *r)
{
	if (!r->reading || !reading_asks(r->reading))
		return false;
	r->errand =
		errand_send(r->lbd->loop, r->reading, limit_s, on_answers, r);
	if (!r->errand)
		reading_give_up(r->reading, strerror(errno));
	return r->errand;
}

/* The same file, but whoever was judged by our addresses is judged again. */
static void rejudge(struct reload *r)
{
	struct lbd *lbd = r->lbd;

	if (!r->rejudge)
		return;
	r->rejudge = false;
	if (world_change(lbd, lbd->world.conf))
		log_event(LEVEL_INFO, "addresses-changed", NULL,
			"the addresses of this host have changed: callers are "
			"judged anew by rules with net");
	else
		log_event(LEVEL_ERROR, "addresses-changed", NULL,
			"the addresses of this host have changed, and memory "
			"is short: rules with net hold from the next reload");
}

static void serve(struct reload *r)
{
	r->busy = true;
	interlude_begin(r->lbd);
	while (r->first || r->rejudge) {
		interlude(r->lbd);
		rejudge(r);
		if (!r->first)
			continue;
		r->asking = r->first;
		r->first = NULL;
		r->last = &r->first;
		r->begun = r->hung_up;
		r->lbd->tempo.work = r->lbd->tempo.piece = 0;
		r->reading = reading_begin_in_pieces(
			r->lbd->path, &r->said, on_piece, r->lbd);
		if (look_up(r)) {
			interlude_end(r->lbd);
			return;
		}
		settle(r);
	}
	interlude_end(r->lbd);
	r->busy = false;
}

static void on_soon(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct reload *r = w->data;

	(void)loop;
	(void)revents;
	if (!r->busy)
		serve(r);
}

/* Not from inside of whatever asks: it has its turn while a file is read. */
static void serve_soon(struct reload *r)
{
	if (!r->busy)
		ev_timer_start(r->lbd->loop, &r->soon);
}

void reload_rejudge(struct lbd *lbd)
{
	lbd->reload->rejudge = true;
	serve_soon(lbd->reload);
}

void reload_ask(struct lbd *lbd, struct reload_request *request)
{
	struct reload *r = lbd->reload;

	request->next = NULL;
	*r->last = request;
	r->last = &request->next;
	serve_soon(r);
}

static void on_hung_up(struct reload_request *request, bool reloaded,
	const struct complaints *said)
{
	struct reload *r = (struct reload *)((char *)request -
		offsetof(struct reload, hangup));

	(void)reloaded;
	for (size_t i = 0; i < said->count; i++)
		log_event(said->item[i].warning ? LEVEL_WARNING : LEVEL_ERROR,
			"lbd.ini", NULL, "%s", said->item[i].text);
	r->hung_up = r->again;
	r->again = r->begun = false;
	if (r->hung_up)
		reload_ask(r->lbd, &r->hangup);
}

static void on_reload(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct reload *r = ((struct lbd *)w->data)->reload;

	(void)loop;
	(void)revents;
	r->again = r->begun;
	if (r->hung_up)
		return;
	r->hung_up = true;
	reload_ask(r->lbd, &r->hangup);
}

static void on_hangup(void *data)
{
	struct lbd *lbd = data;

	if (ev_is_active(&lbd->reload_soon))
		return;
	ev_timer_set(&lbd->reload_soon, pause_s, 0);
	ev_timer_start(lbd->loop, &lbd->reload_soon);
}

bool reload_watch(struct lbd *lbd)
{
	struct reload *r = calloc(1, sizeof(*r));

	if (!r)
		return false;
	r->lbd = lbd;
	r->last = &r->first;
	r->hangup.answer = on_hung_up;
	ev_timer_init(&r->soon, on_soon, 0, 0);
	r->soon.data = r;
	lbd->reload = r;
	ev_timer_init(&lbd->reload_soon, on_reload, pause_s, 0);
	lbd->reload_soon.data = lbd;
	loop_signals_on(SIGHUP, on_hangup, lbd);
	return true;
}

void reload_close(struct lbd *lbd)
{
	struct reload *r = lbd->reload;
	struct reload_request **end;

	if (!r)
		return;
	errand_cancel(r->errand);
	ev_timer_stop(lbd->loop, &r->soon);
	for (end = &r->asking; *end; end = &(*end)->next)
		;
	*end = r->first;
	r->again = false;
	if (r->reading) {
		reading_give_up(r->reading, "lbd is ending");
		conf_free(reading_end(r->reading, NULL));
	}
	answer_all(r, false);
	ev_timer_stop(lbd->loop, &lbd->reload_soon);
	loop_signals_on(SIGHUP, NULL, NULL);
	lbd->reload = NULL;
	free(r);
}

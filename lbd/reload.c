/*
 * Reload: the file is read again, and either all of it is taken over or
 * nothing changes.
 */
#include "reload.h"
#include "intake.h"
#include "kernel.h"
#include "log.h"
#include "operator.h"
#include "world.h"

#include <signal.h>

static const double pause_s = 0.1; /* hang-ups in that time are one */

bool reload(struct lbd *lbd, struct complaints *said)
{
	struct conf *conf = conf_read(lbd->path, said);

	if (conf &&
		!conf_same_process(lbd->world.conf, conf, lbd->path, said)) {
		conf_free(conf);
		conf = NULL;
	}
	if (!conf) {
		log_event(LEVEL_ERROR, "reload-failed", NULL,
			"%s has errors; nothing has changed", lbd->path);
		return false;
	}
	log_set_level(conf->log_level);
	if (!world_change(lbd, conf)) {
		conf_free(conf);
		log_event(LEVEL_ERROR, "reload-failed", NULL,
			"out of memory; nothing has changed");
		return false;
	}
	intake_rebind(lbd->intake);
	kernel_rebind(lbd->kernel);
	lbd->reloaded = ev_now(lbd->loop);
	log_event(LEVEL_INFO, "reloaded", NULL, "reloaded %s: %zu service%s",
		lbd->path, lbd->world.services,
		lbd->world.services == 1 ? "" : "s");
	operator_remind(lbd);
	return true;
}

static void on_reload(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct complaints said = {0};

	(void)loop;
	(void)revents;
	reload(w->data, &said);
	for (size_t i = 0; i < said.count; i++)
		log_event(said.item[i].warning ? LEVEL_WARNING : LEVEL_ERROR,
			"lbd.ini", NULL, "%s", said.item[i].text);
	complaints_free(&said);
}

static void on_hangup(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct lbd *lbd = w->data;

	(void)revents;
	if (ev_is_active(&lbd->reload_soon))
		return;
	ev_timer_set(&lbd->reload_soon, pause_s, 0);
	ev_timer_start(loop, &lbd->reload_soon);
}

void reload_watch(struct lbd *lbd)
{
	ev_timer_init(&lbd->reload_soon, on_reload, pause_s, 0);
	ev_signal_init(&lbd->hangup, on_hangup, SIGHUP);
	lbd->reload_soon.data = lbd->hangup.data = lbd;
	ev_signal_start(lbd->loop, &lbd->hangup);
}

/*
 * In come sockets that are ready and timers that are due, out go questions
 * that are over. libcurl forbids to add or remove a question from inside its
 * callbacks, so verdicts are given after it has returned, in settle().
 *
 * It looks through all idle connections once a second, again from the start
 * for each that is dead: what one curl_multi looks after is bounded.
 *
 * Where libcurl has no memory to note whose socket it is, it leaves half a note
 * and divides by zero when the number comes up again (7.88). So a multi that has
 * failed is given up, with all of its questions.
 */
#include "hub.h"
#include "curl_memory.h"
#include "exchange.h"
#include "probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HUB_MAX = 250 };

struct hub {
	struct lbd *lbd;
	struct hub *next;
	CURLM *multi;
	ev_timer timer;
	struct exchange *asked;
	unsigned members;
	bool settling;
};

static void end_if_empty(struct hub *hub)
{
	struct hub **at = &hub->lbd->hubs;

	if (hub->members || hub->settling)
		return;
	while (*at != hub)
		at = &(*at)->next;
	*at = hub->next;
	ev_timer_stop(hub->lbd->loop, &hub->timer);
	curl_multi_cleanup(hub->multi);
	free(hub);
}

static int on_timer(CURLM *multi, long ms, void *data);
static int on_socket(
	CURL *easy, curl_socket_t fd, int what, void *data, void *unused);

/* Two questions on one connection could hold each other up. */
static bool make_multi(struct hub *hub)
{
	CURLM *m = hub->multi = curl_multi_init();

	if (m && !curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_socket) &&
		!curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_timer) &&
		!curl_multi_setopt(m, CURLMOPT_TIMERDATA, hub) &&
		!curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, (long)HUB_MAX) &&
		!curl_multi_setopt(
			m, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING))
		return true;
	curl_multi_cleanup(m);
	hub->multi = NULL;
	return false;
}

static void give_up_all(struct hub *hub)
{
	while (hub->asked) {
		struct exchange *x = hub->asked;

		curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, 1L);
		hub_remove(hub, x);
		probe_done(x->probe, VERDICT_LOCAL, strerror(ENOMEM));
	}
	ev_timer_stop(hub->lbd->loop, &hub->timer);
	curl_multi_cleanup(hub->multi);
	make_multi(hub); /* else the next that asks tries again */
}

/* A verdict may end any probe, this one and the hub's last among them. */
static void settle(struct hub *hub, bool failed)
{
	struct exchange *x;
	CURLMsg *message;
	CURLcode code;
	bool starved = curl_memory_lacked();
	int left;

	hub->settling = true;
	while ((message = curl_multi_info_read(hub->multi, &left))) {
		code = message->data.result;
		curl_easy_getinfo(
			message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
		hub_remove(hub, x);
		exchange_over(x, code, starved);
	}
	if (failed)
		give_up_all(hub);
	hub->settling = false;
	end_if_empty(hub);
}

static void act(struct hub *hub, curl_socket_t fd, int what)
{
	int running;

	curl_memory_lacked(); /* whatever was before is over */
	settle(hub,
		curl_multi_socket_action(hub->multi, fd, what, &running) !=
			CURLM_OK);
}

static void on_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	act(w->data, CURL_SOCKET_TIMEOUT, 0);
}

static void on_ready(struct ev_loop *loop, ev_io *w, int revents)
{
	struct exchange *x = w->data;

	(void)loop;
	if (probe_is_unwatched(x->probe, revents))
		return;
	act(x->hub, w->fd,
		(revents & EV_READ ? CURL_CSELECT_IN : 0) |
			(revents & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

/* libcurl's timer may be due at once, but not from in here. */
static int on_timer(CURLM *multi, long ms, void *data)
{
	struct hub *hub = data;

	(void)multi;
	ev_timer_stop(hub->lbd->loop, &hub->timer);
	if (ms < 0)
		return 0;
	ev_timer_set(&hub->timer, (double)ms / 1000.0, 0);
	ev_timer_start(hub->lbd->loop, &hub->timer);
	return 0;
}

static void watch(struct exchange *x, curl_socket_t fd, int what)
{
	struct ev_loop *loop = x->probe->lbd->loop;
	ev_io *io = &x->probe->io;

	ev_io_stop(loop, io);
	ev_io_init(io, on_ready, fd,
		(what & CURL_POLL_IN ? EV_READ : 0) |
			(what & CURL_POLL_OUT ? EV_WRITE : 0));
	io->data = x;
	ev_io_start(loop, io);
}

/* A question has one socket at a time: its probe's watcher does. */
static int on_socket(
	CURL *easy, curl_socket_t fd, int what, void *data, void *unused)
{
	struct exchange *x = NULL;

	(void)data;
	(void)unused;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&x);
	if (!x)
		return 0;
	if (what != CURL_POLL_REMOVE) {
		x->under_way = true;
		watch(x, fd, what);
	} else if (x->probe->io.fd == fd) {
		ev_io_stop(x->probe->lbd->loop, &x->probe->io);
	}
	return 0;
}

static struct hub *hub_new(struct lbd *lbd)
{
	struct hub *hub;

	if (!curl_memory_begin())
		return NULL;
	hub = calloc(1, sizeof(*hub));
	if (!hub)
		return NULL;
	hub->lbd = lbd;
	ev_timer_init(&hub->timer, on_due, 0, 0);
	hub->timer.data = hub;
	if (!make_multi(hub)) {
		free(hub);
		return NULL;
	}
	hub->next = lbd->hubs;
	lbd->hubs = hub;
	return hub;
}

struct hub *hub_join(struct lbd *lbd)
{
	struct hub *hub = lbd->hubs;

	while (hub && hub->members == HUB_MAX)
		hub = hub->next;
	if (!hub)
		hub = hub_new(lbd);
	if (hub)
		hub->members++;
	return hub;
}

void hub_leave(struct hub *hub)
{
	hub->members--;
	end_if_empty(hub);
}

bool hub_add(struct hub *hub, struct exchange *x)
{
	x->asked = (hub->multi || make_multi(hub)) &&
		!curl_multi_add_handle(hub->multi, x->easy);
	if (!x->asked)
		return false;
	x->previous = NULL;
	x->next = hub->asked;
	if (x->next)
		x->next->previous = x;
	hub->asked = x;
	return true;
}

void hub_remove(struct hub *hub, struct exchange *x)
{
	x->asked = false;
	*(x->previous ? &x->previous->next : &hub->asked) = x->next;
	if (x->next)
		x->next->previous = x->previous;
	curl_multi_remove_handle(hub->multi, x->easy);
	ev_io_stop(hub->lbd->loop, &x->probe->io);
}

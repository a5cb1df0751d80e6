/*
 * Connections to backends that went down are looked for in a dump of their own,
 * noted by the kernel's exact id of each, and destroyed when it is over: a
 * socket destroyed while the dump goes on could hide another from it.
 */
#include "reset.h"
#include "destroy.h"
#include "diag.h"
#include "log.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	JOBS_AT_ONCE = 64, /* backends looked for in one dump */
	PREY_MAX = 65536, /* sockets noted in one dump; then there is another */
	KILLS_AT_ONCE = 64, /* before others get their turn */
	NAME_SIZE = 64,
};

static const double tiny = 1e-6; /* soon, not now */

/* One backend that went down; it may be gone from the file by now. */
struct job {
	struct job *next;
	struct addr addr;
	enum protocol protocol;
	char service[NAME_SIZE], backend[NAME_SIZE];
	unsigned done, failed;
	int error; /* of the last that failed */
};

struct prey {
	struct job *job;
	uint8_t family;
	struct inet_diag_sockid id;
};

struct reset {
	struct lbd *lbd;
	struct diag diag;
	ev_timer kill;
	int fd;			  /* to destroy by; -1: not open */
	struct job *jobs, **last; /* oldest first; where the next goes */
	unsigned hunted;	  /* so many of them in this pass */
	struct prey *prey;
	size_t preys, room, killed, done;
	bool more; /* than could be noted */
};

static bool is_between(const struct inet_diag_sockid *id)
{
	return !memcmp(id->idiag_src, id->idiag_dst, sizeof(id->idiag_src));
}

/* With any port, a socket of this host to itself could be either end. */
static bool is_to(const struct job *j, const struct diag_socket *s)
{
	struct addr a = j->addr;

	if (!a.port && is_between(&s->message->id))
		return false;
	if (!a.port)
		a.port = s->to.port;
	return s->protocol == j->protocol && addr_same(&a, &s->to);
}

static struct job *job_of(struct reset *r, const struct diag_socket *s)
{
	struct job *j = r->jobs;

	for (unsigned i = 0; j && i < r->hunted; i++, j = j->next)
		if (is_to(j, s))
			return j;
	return NULL;
}

static bool make_room(struct reset *r)
{
	size_t room = r->room ? 2 * r->room : KILLS_AT_ONCE;
	struct prey *more = room <= PREY_MAX
		? realloc(r->prey, room * sizeof(*more))
		: NULL;

	if (!more)
		return false;
	r->prey = more;
	r->room = room;
	return true;
}

static void on_socket(struct diag *d, const struct diag_socket *s)
{
	struct reset *r = d->data;
	struct job *j = own_has(s->cookie) ? NULL : job_of(r, s);

	if (!j)
		return;
	if (r->preys == r->room && !make_room(r)) {
		r->more = true;
		return;
	}
	r->prey[r->preys++] = (struct prey){
		.job = j,
		.family = s->message->idiag_family,
		.id = s->message->id,
	};
}

static void kill_one(struct reset *r, const struct prey *p)
{
	struct job *j = p->job;
	int error = destroy_socket(r->fd, p->family,
		j->protocol == PROTOCOL_UDP ? IPPROTO_UDP : IPPROTO_TCP,
		&p->id);

	if (!error) {
		j->done++;
		r->done++;
	} else if (error != ENOENT && error != ESTALE) { /* gone by itself */
		j->failed++;
		j->error = error;
	}
}

static void say(const struct job *j)
{
	struct log_about about = {.service = j->service, .backend = j->backend};

	if (j->done)
		log_event(LEVEL_INFO, "connections-reset", &about,
			"reset %u connection%s to backend %s of service %s",
			j->done, j->done == 1 ? "" : "s", j->backend,
			j->service);
	if (!j->error)
		return;
	about.reason = strerror(j->error);
	log_event(LEVEL_WARNING, "reset-failed", &about,
		"could not reset %u connection%s to backend %s of service %s",
		j->failed, j->failed == 1 ? "" : "s", j->backend, j->service);
}

static void finish_job(struct reset *r, int error)
{
	struct job *j = r->jobs;

	if (error)
		j->error = error;
	say(j);
	r->jobs = j->next;
	if (!r->jobs)
		r->last = &r->jobs;
	free(j);
}

static void rest(struct reset *r)
{
	free(r->prey);
	r->prey = NULL;
	r->preys = r->room = 0;
	diag_stop(&r->diag);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	ev_timer_stop(r->lbd->loop, &r->kill);
}

static void hunt(struct reset *r)
{
	bool udp = false;

	r->hunted = 0;
	for (const struct job *j = r->jobs; j && r->hunted < JOBS_AT_ONCE;
		j = j->next, r->hunted++)
		udp |= j->protocol == PROTOCOL_UDP;
	r->preys = r->killed = r->done = 0;
	r->more = false;
	diag_walk(&r->diag, udp);
}

/* All that the dump showed is dealt with; was it all there is? */
static void next_hunt(struct reset *r)
{
	ev_timer_stop(r->lbd->loop, &r->kill);
	if (!r->more || !r->done)
		while (r->hunted) {
			finish_job(r, 0);
			r->hunted--;
		}
	if (r->jobs)
		hunt(r);
	else
		rest(r);
}

static void on_kill(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct reset *r = w->data;

	(void)loop;
	(void)revents;
	for (int i = 0; i < KILLS_AT_ONCE && r->killed < r->preys; i++)
		kill_one(r, &r->prey[r->killed++]);
	if (r->killed == r->preys)
		next_hunt(r);
}

static void on_walked(struct diag *d, int error)
{
	struct reset *r = d->data;

	if (!error && r->fd < 0 && (r->fd = diag_open()) < 0)
		error = errno;
	if (!error) {
		ev_timer_set(&r->kill, 0, tiny);
		ev_timer_start(r->lbd->loop, &r->kill);
		return;
	}
	while (r->jobs)
		finish_job(r, error);
	rest(r);
}

static void say_no_memory(const struct backend *b)
{
	struct log_about about = {.service = b->service->conf->name,
		.backend = b->conf->name,
		.reason = strerror(ENOMEM)};

	log_event(LEVEL_WARNING, "reset-failed", &about,
		"could not reset connections to backend %s of service %s",
		about.backend, about.service);
}

void reset_begin(struct reset *r, const struct backend *b)
{
	struct job *j = calloc(1, sizeof(*j));
	bool idle = !r->jobs;

	if (!j) {
		say_no_memory(b);
		return;
	}
	j->addr = b->conf->addr;
	j->protocol = b->service->conf->protocol;
	snprintf(j->service, NAME_SIZE, "%s", b->service->conf->name);
	snprintf(j->backend, NAME_SIZE, "%s", b->conf->name);
	*r->last = j;
	r->last = &j->next;
	if (idle)
		hunt(r);
}

struct reset *reset_open(struct lbd *lbd)
{
	struct reset *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->lbd = lbd;
	r->fd = -1;
	r->last = &r->jobs;
	diag_init(&r->diag, lbd->loop);
	r->diag.visit = on_socket;
	r->diag.done = on_walked;
	ev_init(&r->kill, on_kill);
	r->diag.data = r->kill.data = r;
	return r;
}

void reset_close(struct reset *reset)
{
	if (!reset)
		return;
	rest(reset);
	while (reset->jobs) {
		struct job *j = reset->jobs;

		reset->jobs = j->next;
		free(j);
	}
	free(reset);
}

void reset_warn(const struct conf *conf,
	void (*say_it)(const struct service_conf *s, const char *why))
{
	const char *why = destroy_obstacle();

	for (size_t i = 0; why && i < conf->services; i++)
		if (conf->service[i].reset_on_down)
			say_it(&conf->service[i], why);
}

/*
 * Reports: callers add, lbd takes differences. The memory is theirs to write,
 * so nothing from it is believed: a difference beyond any bound is dropped,
 * and a number only ever selects among what lbd itself knows.
 */
#include "intake.h"
#include "shim/counters.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	USERS_MAX = 256,   /* with counters of their own; others share these */
	SERVICES_MIN = 64, /* that there is room for at the start */
};

static const double interval = 0.1;
static const uint64_t most = 10 * 1000 * 1000; /* of one counter, a reading */

struct seen_service {
	uint64_t cursor, redraws, denied, failovers, no_backend;
};

struct seen_line {
	uint64_t picks, ok, failed;
};

struct user {
	uid_t uid;
	int fd;
	struct counters *counters;
	uint64_t services, activity;
	struct seen_service *service;
	struct seen_line *line;
};

struct intake {
	struct lbd *lbd;
	ev_timer timer;
	struct user user[USERS_MAX];
	size_t users;
	struct service **service; /* by counter; NULL = none */
	size_t services;
	struct backend **backend; /* by number, ascending */
	size_t backends;
};

static uint64_t grown(_Atomic uint64_t *counter, uint64_t *seen)
{
	uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
	uint64_t more = now - *seen;

	*seen = now;
	return more <= most ? more : 0;
}

static void take_services(struct intake *in, struct user *u)
{
	for (uint64_t i = 0; i < u->services && i < in->services; i++) {
		struct counters_service *c = counters_service(u->counters, i);
		struct seen_service *seen = &u->service[i];
		struct service *s = in->service[i];
		struct service nobody = {0};
		uint64_t redraws, draws, denied;

		if (!s)
			s = &nobody;
		redraws = grown(&c->redraws, &seen->redraws);
		draws = grown(&c->cursor, &seen->cursor);
		denied = grown(&c->denied, &seen->denied);
		s->attempts += denied + (draws > redraws ? draws - redraws : 0);
		s->denied += denied;
		s->failovers += grown(&c->failovers, &seen->failovers);
		s->no_backend += grown(&c->no_backend, &seen->no_backend);
	}
}

static int compare_numbers(const void *a, const void *b)
{
	const struct backend *const *x = a, *const *y = b;

	return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

static struct backend *find_backend(const struct intake *in, uint64_t number)
{
	const struct backend key = {.number = (uint32_t)number}, *at = &key;
	struct backend **found;

	if (number > UINT32_MAX || !in->backends)
		return NULL;
	found = bsearch(&at, in->backend, in->backends, sizeof(*in->backend),
		compare_numbers);
	return found ? *found : NULL;
}

/* A line whose backend is gone is given to the next that wants it. */
static void take_lines(struct intake *in, struct user *u)
{
	for (uint64_t i = 0; i < COUNTERS_LINES; i++) {
		struct counters_line *c =
			counters_line(u->counters, u->services, i);
		uint64_t tag =
			atomic_load_explicit(&c->tag, memory_order_relaxed);
		struct seen_line *seen = &u->line[i];
		struct backend *b;
		uint64_t picks, ok, failed;

		if (!tag)
			continue;
		picks = grown(&c->picks, &seen->picks);
		ok = grown(&c->ok, &seen->ok);
		failed = grown(&c->failed, &seen->failed);
		b = find_backend(in, tag - 1);
		if (!b) {
			atomic_store_explicit(&c->tag, 0, memory_order_relaxed);
			continue;
		}
		b->picks += picks;
		health_outcomes(
			in->lbd, b, (unsigned)(u - in->user), ok, failed);
	}
}

static void take(struct intake *in)
{
	for (size_t i = 0; i < in->users; i++) {
		struct user *u = &in->user[i];
		uint64_t activity = atomic_load_explicit(
			&u->counters->activity, memory_order_relaxed);

		if (activity == u->activity)
			continue;
		u->activity = activity;
		take_services(in, u);
		take_lines(in, u);
	}
	health_look_over(in->lbd);
}

static void on_interval(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	take(w->data);
}

static void forget_user(struct user *u)
{
	if (u->counters)
		munmap(u->counters, counters_size(u->services));
	if (u->fd >= 0)
		close(u->fd);
	free(u->service);
	free(u->line);
	*u = (struct user){.fd = -1};
}

static bool make_counters(struct user *u, uint64_t services)
{
	size_t size = counters_size(services);
	void *at;

	u->services = services;
	u->service = calloc(services, sizeof(*u->service));
	u->line = calloc(COUNTERS_LINES, sizeof(*u->line));
	u->fd = memfd_create("lbd-counters", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (!u->service || !u->line || u->fd < 0 ||
		ftruncate(u->fd, (off_t)size) ||
		fallocate(u->fd, 0, 0, (off_t)size) ||
		fcntl(u->fd, F_ADD_SEALS,
			F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return false;
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, 0);
	if (at == MAP_FAILED)
		return false;
	u->counters = at;
	u->counters->magic = COUNTERS_MAGIC;
	u->counters->layout = (uint64_t)TABLE_MAJOR << 32 | TABLE_MINOR;
	u->counters->services = services;
	return true;
}

/* Cursors begin anywhere, so that users do not all begin at one backend. */
static void seed_cursors(struct user *u)
{
	for (uint64_t i = 0; i < u->services; i++) {
		u->service[i].cursor = (uint64_t)lrand48();
		atomic_store_explicit(&counters_service(u->counters, i)->cursor,
			u->service[i].cursor, memory_order_relaxed);
	}
}

static struct user *new_user(struct intake *in, uid_t uid)
{
	struct user *u = &in->user[in->users];
	uint64_t services = SERVICES_MIN;

	while (services < in->lbd->counters)
		services *= 2;
	*u = (struct user){.uid = uid, .fd = -1};
	if (!make_counters(u, services)) {
		forget_user(u);
		return NULL;
	}
	seed_cursors(u);
	in->users++;
	return u;
}

/* Programs that have the smaller ones go on with them, uncounted. */
static void drop_outgrown(struct intake *in, struct user *u)
{
	take(in);
	forget_user(u);
	*u = in->user[--in->users];
}

int intake_counters(struct intake *intake, uid_t user)
{
	struct user *u = NULL;

	for (size_t i = 0; i < intake->users && !u; i++)
		if (intake->user[i].uid == user)
			u = &intake->user[i];
	if (u && u->services < intake->lbd->counters) {
		drop_outgrown(intake, u);
		u = NULL;
	}
	if (!u && intake->users < USERS_MAX)
		u = new_user(intake, user);
	else if (!u)
		u = &intake->user[(size_t)lrand48() % intake->users];
	return u ? u->fd : -1;
}

void intake_rebind(struct intake *intake)
{
	const struct world *world = &intake->lbd->world;
	size_t backends = 0, at = 0;

	free(intake->service);
	free(intake->backend);
	for (size_t i = 0; i < world->services; i++)
		backends += world->service[i].backends;
	intake->service =
		calloc(intake->lbd->counters + 1, sizeof(*intake->service));
	intake->backend = calloc(backends + 1, sizeof(*intake->backend));
	intake->services = intake->service ? intake->lbd->counters : 0;
	for (size_t i = 0; intake->service && i < world->services; i++)
		intake->service[world->service[i].counter] = &world->service[i];
	for (size_t i = 0; intake->backend && i < world->services; i++)
		for (size_t j = 0; j < world->service[i].backends; j++)
			intake->backend[at++] = world->service[i].backend[j];
	intake->backends = at;
	if (at)
		qsort(intake->backend, at, sizeof(*intake->backend),
			compare_numbers);
}

struct intake *intake_open(struct lbd *lbd)
{
	struct intake *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->lbd = lbd;
	ev_timer_init(&in->timer, on_interval, interval, interval);
	in->timer.data = in;
	ev_timer_start(lbd->loop, &in->timer);
	return in;
}

void intake_close(struct intake *intake)
{
	if (!intake)
		return;
	ev_timer_stop(intake->lbd->loop, &intake->timer);
	while (intake->users)
		forget_user(&intake->user[--intake->users]);
	free(intake->service);
	free(intake->backend);
	free(intake);
}

/*
 * A talk waits until its request is there and it is its user's turn, is
 * answered, and ends when the caller has read the answer:
 *
 *	silent -> waiting for its turn -> answered -> read
 *
 * Descriptors that were sent and not read count against lbd's user, who may
 * have as many on their way as it may have open, and nobody can take them
 * back: lbd stays at the other end, to see them read, and gives no user more
 * than a share. What waits has a second, and where too many do, the user with
 * the most of them loses one.
 */
#include "talks.h"
#include "gifts.h"
#include "guests.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	WAITING_MAX = 4096,
	HELD_MAX = 32768, /* descriptors; more if answers are large */
	ANSWERS_MIN = 64, /* that there should be room for at a time */
	EVENTS_AT_ONCE = 64,
	NOTHING_LEFT = 256, /* less than the smallest message takes in memory;
			       the kernel counts 1 while it is letting go */
};

static const double patience = 1.0; /* seconds for the request to come */

struct talk {
	struct talks *all;
	struct guest *guest;
	struct talk *previous, *next; /* among those that wait, or are read */
	ev_io io;		      /* active while silent */
	ev_tstamp since;
	bool asked;  /* its request is there */
	size_t held; /* descriptors, with our own; 0: it waits */
};

struct row {
	struct talk *first, *last; /* oldest first */
	size_t count;
};

struct talks {
	struct ev_loop *loop;
	talks_serve *serve;
	talks_ended *ended;
	void *data;
	struct guests guests;
	struct row waiting, answered;
	size_t asked;	  /* of those that wait, for their turn */
	size_t most;	  /* that may wait */
	size_t files;	  /* descriptors that lbd may have */
	size_t budget;	  /* that callers may hold */
	ev_timer overdue; /* when the patience with the oldest ends */
	ev_io reading;	  /* an epoll of those answered: edges, which libev
			     has no watcher for */
};

static void join(struct row *row, struct talk *t)
{
	t->previous = row->last;
	t->next = NULL;
	*(row->last ? &row->last->next : &row->first) = t;
	row->last = t;
	row->count++;
}

static void part(struct row *row, struct talk *t)
{
	*(t->previous ? &t->previous->next : &row->first) = t->next;
	*(t->next ? &t->next->previous : &row->last) = t->previous;
	row->count--;
}

/* It waits no longer. */
static void stop_waiting(struct talk *t)
{
	struct talks *all = t->all;

	ev_io_stop(all->loop, &t->io);
	part(&all->waiting, t);
	all->asked -= t->asked;
	t->guest->waiting--;
}

/* Closing is not enough for the epoll: a child that was just forked has the
 * connection open as well, and events would go on to come. */
static void stop_reading(struct talk *t)
{
	struct talks *all = t->all;

	epoll_ctl(all->reading.fd, EPOLL_CTL_DEL, t->io.fd, NULL);
	part(&all->answered, t);
}

static void end(struct talk *t)
{
	struct talks *all = t->all;

	if (t->held)
		stop_reading(t);
	else
		stop_waiting(t);
	guests_let_go(&all->guests, t->guest, t->held);
	guests_leave(&all->guests, t->guest);
	gifts_close(t->io.fd);
	free(t);
	all->ended(all->data);
}

static bool is_read(const struct talk *t)
{
	int left = 0;

	return ioctl(t->io.fd, SIOCOUTQ, &left) || left < NOTHING_LEFT;
}

static void see_it_read(struct talk *t, size_t held)
{
	struct talks *all = t->all;
	struct epoll_event e = {
		.events = EPOLLOUT | EPOLLET, /* whenever a message was read */
		.data.ptr = t,
	};

	stop_waiting(t);
	t->held = held + 1;
	join(&all->answered, t);
	guests_hold(&all->guests, t->guest, t->held);
	if (is_read(t) ||
		epoll_ctl(all->reading.fd, EPOLL_CTL_ADD, t->io.fd, &e))
		end(t);
}

static void set_asked(struct talk *t, bool asked)
{
	t->all->asked += asked - t->asked;
	t->asked = asked;
}

/* Another of its user's has to be read before, or it is served. */
static void attend(struct talk *t)
{
	struct talks *all = t->all;
	size_t held = 0;

	set_asked(t, !guests_have_room(&all->guests, t->guest, all->budget));
	if (t->asked) {
		ev_io_stop(all->loop, &t->io);
		return;
	}
	switch (all->serve(all->data, t->io.fd, &held)) {
	case SERVED_NOT_YET:
		ev_io_start(all->loop, &t->io);
		break;
	case SERVED:
		see_it_read(t, held);
		break;
	case SERVED_NOTHING:
		end(t);
		break;
	}
}

static void on_request(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	attend(w->data);
}

/* Somebody has read: whose turn is it? */
static void give_turns(struct talks *all)
{
	struct talk *next;

	for (struct talk *t = all->waiting.first; t && all->asked; t = next) {
		next = t->next;
		if (t->asked)
			attend(t);
	}
}

static void on_reading(struct ev_loop *loop, ev_io *w, int revents)
{
	struct talks *all = w->data;
	struct epoll_event e[EVENTS_AT_ONCE];
	int n = epoll_wait(w->fd, e, EVENTS_AT_ONCE, 0);

	(void)loop;
	(void)revents; /* where it could not be watched, the next talk asks */
	for (int i = 0; i < n; i++)
		if (is_read(e[i].data.ptr))
			end(e[i].data.ptr);
	give_turns(all);
}

static void watch_oldest(struct talks *all)
{
	double left = all->waiting.first->since + patience - ev_now(all->loop);

	ev_timer_set(&all->overdue, left > 0 ? left : 0, 0);
	ev_timer_start(all->loop, &all->overdue);
}

static void on_overdue(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct talks *all = w->data;

	(void)revents;
	while (all->waiting.first &&
		all->waiting.first->since + patience <= ev_now(loop))
		end(all->waiting.first);
	if (all->waiting.first)
		watch_oldest(all);
}

/* The oldest that says nothing; else the newest that waits for its turn. */
static struct talk *pick_victim(const struct talks *all)
{
	const struct guest *guest = guests_greediest(&all->guests);
	struct talk *t = all->waiting.first;

	if (all->asked == all->waiting.count)
		t = NULL;
	while (t && (t->guest != guest || t->asked))
		t = t->next;
	if (t)
		return t;
	for (t = all->waiting.last; t && t->guest != guest;)
		t = t->previous;
	return t;
}

bool talks_make_way(struct talks *talks)
{
	struct talk *victim = pick_victim(talks);

	if (victim)
		end(victim);
	return victim;
}

static struct talk *new_talk(struct talks *all, int fd)
{
	struct talk *t = calloc(1, sizeof(*t));
	struct ucred who;
	socklen_t len = sizeof(who);

	if (!t || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) ||
		!(t->guest = guests_enter(&all->guests, who.uid))) {
		free(t);
		return NULL;
	}
	t->all = all;
	t->since = ev_now(all->loop);
	ev_io_init(&t->io, on_request, fd, EV_READ);
	t->io.data = t;
	return t;
}

static void set_budget(struct talks *all, size_t answer_size)
{
	size_t need = ANSWERS_MIN * (answer_size + 1);

	all->budget = need > HELD_MAX ? need : HELD_MAX;
	if (all->budget > all->files / 2)
		all->budget = all->files / 2;
}

void talks_begin(struct talks *talks, int fd, size_t answer_size)
{
	struct talk *t = new_talk(talks, fd);

	if (!t) {
		gifts_close(fd);
		return;
	}
	set_budget(talks, answer_size);
	ev_io_start(talks->loop, &talks->reading);
	join(&talks->waiting, t);
	t->guest->waiting++;
	if (!ev_is_active(&talks->overdue))
		watch_oldest(talks);
	attend(t);
	if (talks->waiting.count > talks->most)
		talks_make_way(talks);
}

struct talks *talks_open(struct ev_loop *loop, talks_serve *serve,
	talks_ended *ended, void *data)
{
	struct talks *all = calloc(1, sizeof(*all));
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct rlimit files;

	if (!all || fd < 0) {
		if (fd >= 0)
			close(fd);
		free(all);
		return NULL;
	}
	all->loop = loop;
	all->serve = serve;
	all->ended = ended;
	all->data = data;
	all->files =
		getrlimit(RLIMIT_NOFILE, &files) ? WAITING_MAX : files.rlim_cur;
	all->most = all->files / 8 < WAITING_MAX ? all->files / 8 : WAITING_MAX;
	ev_init(&all->overdue, on_overdue);
	ev_io_init(&all->reading, on_reading, fd, EV_READ);
	all->overdue.data = all->reading.data = all;
	ev_io_start(loop, &all->reading);
	return all;
}

void talks_close(struct talks *talks)
{
	if (!talks)
		return;
	while (talks->waiting.first)
		end(talks->waiting.first);
	while (talks->answered.first)
		end(talks->answered.first);
	ev_timer_stop(talks->loop, &talks->overdue);
	ev_io_stop(talks->loop, &talks->reading);
	close(talks->reading.fd);
	free(talks);
}

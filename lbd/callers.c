/*
 * Attaching, lbd's side:
 *
 *	accept -> request -> who is it? -> judge every list -> descriptors
 *
 * A caller has one second and one request; nothing of it is kept. Most have
 * sent their request by the time they are accepted and are gone at once.
 */
#include "callers.h"
#include "acl.h"
#include "door.h"
#include "identify.h"
#include "intake.h"
#include "log.h"
#include "origin.h"
#include "shim/wire.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TALKS_MAX = 256, /* silent callers; further ones push the first out */
	ACCEPTS_AT_ONCE = 64, /* before probes get their turn */
	REQUEST_OLDER = offsetof(struct attach_request, netns), /* bytes */
};

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static const double patience = 1.0; /* seconds for the request to come */
static const double rest = 0.1;	    /* where there are no descriptors */

struct talk {
	struct callers *callers;
	struct talk *previous, *next;
	ev_io io;
	ev_timer timer;
};

struct callers {
	struct lbd *lbd;
	ev_io listener, back;	   /* the path; a door without one, or -1 */
	uint64_t door[2];	   /* its name */
	ev_timer rested;	   /* both are off until then */
	struct talk *first, *last; /* oldest first */
	size_t talks;
	struct identify *identify;
	uint64_t netns; /* where connections are counted; 0 = not known */
	uint64_t host_hash;
};

static void end(struct talk *t)
{
	struct callers *c = t->callers;

	ev_io_stop(c->lbd->loop, &t->io);
	ev_timer_stop(c->lbd->loop, &t->timer);
	*(t->previous ? &t->previous->next : &c->first) = t->next;
	*(t->next ? &t->next->previous : &c->last) = t->previous;
	c->talks--;
	close(t->io.fd);
	free(t);
}

struct parcel {
	struct attach_reply reply;
	size_t size; /* of that, as the caller takes it */
	int fd[ATTACH_FDS];
	size_t fds;
};

static bool send_parcel(int fd, const struct parcel *p)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * ATTACH_FDS)];
	} control;
	struct iovec iov = {(void *)&p->reply, p->size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (p->fds) {
		struct cmsghdr *c = &control.align;

		memset(&control, 0, sizeof(control));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(p->fds * sizeof(int));
		memcpy(CMSG_DATA(c), p->fd, p->fds * sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(p->fds * sizeof(int));
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) ==
		(ssize_t)p->size;
}

static void put_list(
	struct parcel *p, const struct list *list, const struct identity *who)
{
	uint32_t at = p->reply.count++;
	struct attach_list *entry = &p->reply.list[at];
	const struct rule *rule;

	*entry = (struct attach_list){0};
	if (!list)
		return;
	entry->id = list->id;
	p->reply.guarded |= (uint64_t)(list->rules->count > 0) << at;
	if (acl_judge(list->rules, who, &rule) != ACL_PERMIT)
		return;
	entry->permitted = 1;
	p->fd[p->fds++] = list->region->readers_fd;
}

/* All lists, ATTACH_LISTS a message; the first brings keys and counters. */
static void answer(const struct callers *c, int fd, const struct identity *who,
	bool foreign, size_t size)
{
	const struct lbd *lbd = c->lbd;
	const struct world *world = &lbd->world;
	struct parcel p = {
		.reply = {.magic = ATTACH_MAGIC,
			.major = TABLE_MAJOR,
			.minor = TABLE_MINOR,
			.status = ATTACH_OK,
			.lists = (uint32_t)world->lists,
			.host_hash = c->host_hash,
			.user_hash = origin_of_user(who->user),
			.door = {c->door[0], c->door[1]}},
		.size = size,
		.fd = {lbd->keys->readers_fd,
			intake_counters(lbd->intake, who->user, foreign)},
		.fds = 2,
	};

	if (p.fd[1] < 0)
		p.fd[1] =
			lbd->keys->readers_fd; /* not counters: done without */
	do {
		p.reply.count = 0;
		p.reply.guarded = 0;
		while (p.reply.count < ATTACH_LISTS &&
			p.reply.first + p.reply.count < world->lists)
			put_list(&p, world->list[p.reply.first + p.reply.count],
				who);
		if (!send_parcel(fd, &p))
			return;
		p.reply.first += p.reply.count;
		p.fds = 0;
	} while (p.reply.first < world->lists);
}

static void refuse(int fd, enum attach_status status)
{
	struct parcel p = {.reply = {.magic = ATTACH_MAGIC,
				   .major = TABLE_MAJOR,
				   .minor = TABLE_MINOR,
				   .status = status},
		.size = ATTACH_REPLY_OLDER};

	send_parcel(fd, &p);
}

/* The socket's network namespace: of one that was accepted, its peer's. */
static uint64_t netns_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len)
		? 0
		: cookie;
}

/* Are its connections made where ours are? What is not known is no reason to
 * think otherwise. */
static bool is_foreign(
	const struct callers *c, const struct attach_request *request, int fd)
{
	uint64_t netns = request->netns ? request->netns : netns_of(fd);

	return netns && c->netns && netns != c->netns;
}

/* False if the request is not there yet. */
static bool serve(struct callers *c, int fd)
{
	struct attach_request request = {0};
	struct identity who;
	ssize_t n = recv(fd, &request, sizeof(request), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if ((n != sizeof(request) && n != REQUEST_OLDER) ||
		request.magic != ATTACH_MAGIC)
		return true;
	if (request.major != TABLE_MAJOR) {
		refuse(fd, ATTACH_OTHER_MAJOR);
		log_event(LEVEL_WARNING, "caller-refused", NULL,
			"a program asked for table layout %u; this is %d",
			request.major, TABLE_MAJOR);
		return true;
	}
	if (identify_peer(c->identify, fd, c->lbd->world.needs_exe, &who))
		answer(c, fd, &who, is_foreign(c, &request, fd),
			request.minor & ATTACH_MORE
				? sizeof(struct attach_reply)
				: ATTACH_REPLY_OLDER);
	return true;
}

static void on_request(struct ev_loop *loop, ev_io *w, int revents)
{
	struct talk *t = w->data;

	(void)loop;
	(void)revents;
	if (serve(t->callers, w->fd))
		end(t);
}

static void on_silence(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	end(w->data);
}

static void wait_for_request(struct callers *c, int fd)
{
	struct talk *t = calloc(1, sizeof(*t));

	if (!t) {
		close(fd);
		return;
	}
	t->callers = c;
	t->previous = c->last;
	*(c->last ? &c->last->next : &c->first) = t;
	c->last = t;
	ev_io_init(&t->io, on_request, fd, EV_READ);
	ev_timer_init(&t->timer, on_silence, patience, 0);
	t->io.data = t->timer.data = t;
	ev_io_start(c->lbd->loop, &t->io);
	ev_timer_start(c->lbd->loop, &t->timer);
	if (++c->talks > TALKS_MAX)
		end(c->first);
}

static void open_doors(struct callers *c)
{
	ev_io_start(c->lbd->loop, &c->listener);
	if (c->back.fd >= 0)
		ev_io_start(c->lbd->loop, &c->back);
}

static void shut_doors(struct callers *c)
{
	ev_io_stop(c->lbd->loop, &c->listener);
	ev_io_stop(c->lbd->loop, &c->back);
}

static void on_rested(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	open_doors(w->data);
}

/* Out of descriptors: silent callers go first, then the door shuts a while;
 * a caller that waits in the queue meanwhile goes on without us. */
static void make_way(struct callers *c)
{
	if (c->first) {
		end(c->first);
		return;
	}
	shut_doors(c);
	ev_timer_set(&c->rested, rest, 0);
	ev_timer_start(c->lbd->loop, &c->rested);
}

static void on_knock(struct ev_loop *loop, ev_io *w, int revents)
{
	struct callers *c = w->data;

	(void)loop;
	(void)revents;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int fd = accept4(
			w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (errno != EAGAIN && errno != EINTR &&
				errno != ECONNABORTED)
				make_way(c);
			return;
		}
		if (serve(c, fd))
			close(fd);
		else
			wait_for_request(c, fd);
	}
}

/* An abstract socket has no mode: it is for everybody, or there is none. */
static int listen_at_the_back(const struct lbd *lbd, uint64_t door[2])
{
	const char *path = lbd->world.conf->socket;

	return door_is_open_to_all(path) ? door_listen_unnamed(path, door) : -1;
}

struct callers *callers_open(struct lbd *lbd, int fd)
{
	struct callers *c = calloc(1, sizeof(*c));

	if (!c || !(c->identify = identify_new())) {
		free(c);
		return NULL;
	}
	c->lbd = lbd;
	c->netns = netns_of(fd);
	c->host_hash = origin_of_host();
	ev_io_init(&c->listener, on_knock, fd, EV_READ);
	ev_io_init(
		&c->back, on_knock, listen_at_the_back(lbd, c->door), EV_READ);
	ev_init(&c->rested, on_rested);
	c->listener.data = c->back.data = c->rested.data = c;
	open_doors(c);
	return c;
}

void callers_close(struct callers *callers)
{
	if (!callers)
		return;
	while (callers->first)
		end(callers->first);
	ev_timer_stop(callers->lbd->loop, &callers->rested);
	shut_doors(callers);
	close(callers->listener.fd);
	if (callers->back.fd >= 0)
		close(callers->back.fd);
	identify_free(callers->identify);
	free(callers);
}

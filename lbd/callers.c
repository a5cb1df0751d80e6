/*
 * Attaching, lbd's side:
 *
 *	accept -> request -> who is it? -> judge every list -> descriptors
 *
 * A caller has one second and one request; nothing of it is kept. Most have
 * sent their request by the time they are accepted and are gone at once.
 */
#include "callers.h"
#include "audit.h"
#include "doubts.h"
#include "identify.h"
#include "intake.h"
#include "log.h"
#include "net.h"
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
	ev_io listener;
	ev_timer rested;	   /* the listener is off until then */
	struct talk *first, *last; /* oldest first */
	size_t talks;
	struct identify *identify;
	struct net *net;
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
	int fd[ATTACH_FDS];
	size_t fds;
	uint32_t minor; /* of the layout that the caller reads */
};

static bool send_parcel(int fd, const struct parcel *p)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * ATTACH_FDS)];
	} control;
	struct iovec iov = {(void *)&p->reply, sizeof(p->reply)};
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
		sizeof(p->reply);
}

static void put_list(struct parcel *p, struct list *list,
	const struct identity *who, struct audit *audit)
{
	struct attach_list *entry = &p->reply.list[p->reply.count++];
	const struct rule *rule;

	*entry = (struct attach_list){0};
	if (!list)
		return;
	entry->id = list->id;
	doubts_say(list, who);
	if (acl_judge(list->rules, who, &rule) != ACL_PERMIT) {
		if (p->minor)
			entry->id = list->refusal;
		audit_refused(audit, list, who, rule);
		return;
	}
	entry->permitted = 1;
	p->fd[p->fds++] = list->region->readers_fd;
}

/* All lists, ATTACH_LISTS a message; the first brings keys and counters. */
static void answer(const struct callers *c, int fd, const struct identity *who,
	bool foreign, uint32_t minor)
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
			.user_hash = origin_of_user(who->user)},
		.fd = {lbd->keys->readers_fd,
			intake_counters(lbd->intake, who->user, foreign)},
		.fds = 2,
		.minor = minor,
	};

	if (p.fd[1] < 0)
		p.fd[1] =
			lbd->keys->readers_fd; /* not counters: done without */
	holders_remember(&c->lbd->holders, who);
	do {
		p.reply.count = 0;
		while (p.reply.count < ATTACH_LISTS &&
			p.reply.first + p.reply.count < world->lists)
			put_list(&p, world->list[p.reply.first + p.reply.count],
				who, lbd->audit);
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
				   .status = status}};

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

void callers_tell_net(const struct callers *callers, struct identity *who)
{
	if (callers->lbd->world.needs & SUBJECT_NET)
		net_tell(callers->net, who);
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
	if (!identify_peer(c->identify, fd, c->lbd->world.needs, &who))
		return true;
	callers_tell_net(c, &who);
	answer(c, fd, &who, is_foreign(c, &request, fd), request.minor);
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

static void on_rested(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct callers *c = w->data;

	(void)revents;
	ev_io_start(loop, &c->listener);
}

/* Out of descriptors: silent callers go first, then the door shuts a while;
 * a caller that waits in the queue meanwhile goes on without us. */
static void make_way(struct callers *c)
{
	if (c->first) {
		end(c->first);
		return;
	}
	ev_io_stop(c->lbd->loop, &c->listener);
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

static void on_addresses(void *callers)
{
	const struct callers *c = callers;

	if (c->lbd->world.needs & SUBJECT_NET)
		log_event(LEVEL_INFO, "addresses-changed", NULL,
			"the addresses of this host have changed: rules with "
			"net may have other answers");
}

struct callers *callers_open(struct lbd *lbd, int fd)
{
	struct callers *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->identify = identify_new();
	c->net = net_open(lbd->loop, on_addresses, c);
	if (!c->identify || !c->net) {
		net_close(c->net);
		identify_free(c->identify);
		free(c);
		return NULL;
	}
	c->lbd = lbd;
	c->netns = netns_of(fd);
	c->host_hash = origin_of_host();
	ev_io_init(&c->listener, on_knock, fd, EV_READ);
	ev_init(&c->rested, on_rested);
	c->listener.data = c->rested.data = c;
	ev_io_start(lbd->loop, &c->listener);
	return c;
}

void callers_close(struct callers *callers)
{
	if (!callers)
		return;
	while (callers->first)
		end(callers->first);
	ev_timer_stop(callers->lbd->loop, &callers->rested);
	ev_io_stop(callers->lbd->loop, &callers->listener);
	close(callers->listener.fd);
	net_close(callers->net);
	identify_free(callers->identify);
	free(callers);
}

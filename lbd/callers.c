/*
 * Attaching, lbd's side:
 *
 *	accept -> request -> who is it? -> judge every list -> descriptors
 *
 * A caller has one request; when it gets its turn, and how long it may take, is
 * for talks.c to say. Nothing of it is kept.
 */
#include "callers.h"
#include "admin.h"
#include "answer.h"
#include "door.h"
#include "gifts.h"
#include "identify.h"
#include "log.h"
#include "misfits.h"
#include "net.h"
#include "origin.h"
#include "reload.h"
#include "request.h"
#include "talks.h"
#include "turned_away.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_AT_ONCE = 64 /* before probes get their turn */ };

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static const double rest = 0.1; /* seconds, without descriptors */

struct callers {
	struct lbd *lbd;
	ev_io listener, back; /* the path; a door without one, or -1 */
	ev_timer rested;      /* both are off until then */
	int spare;	      /* given up where descriptors run out, so that one
				 caller at a time is served; -1: in use */
	struct talks *talks;
	struct identify *identify;
	struct net *net;
	struct turned_away other_layout, unanswered;
	struct misfits misfits;
	uint64_t netns; /* where connections are counted; 0 = not known */
	struct answer_all all;
};

/* Whoever has left has no wish any more; the others hear no more than this. */
static void break_off(struct callers *c, int fd, int error)
{
	if (error != EPIPE && error != ECONNRESET)
		turned_away_note(
			c->lbd->loop, &c->unanswered, (uint32_t)error, 0);
	shutdown(fd, SHUT_WR);
}

static void refuse_layout(struct callers *c, int fd, uint32_t layout)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	pid_t pid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len)
		? 0
		: peer.pid;

	answer_refuse(fd, ATTACH_OTHER_MAJOR);
	turned_away_note(c->lbd->loop, &c->other_layout, layout, pid);
	misfits_note(&c->misfits, pid, layout, ev_now(c->lbd->loop));
}

const struct misfits *callers_misfits(struct callers *callers)
{
	static const struct misfits none;

	if (!callers)
		return &none;
	misfits_settle(&callers->misfits, ev_now(callers->lbd->loop));
	return &callers->misfits;
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

bool callers_know_user(const struct callers *callers, uid_t user)
{
	return !callers || identify_knows_user(callers->identify, user);
}

static enum served serve(void *data, int fd, size_t *held)
{
	struct callers *c = data;
	struct attach_request request;
	char bytes[sizeof(request)];
	struct identity who;
	bool foreign;
	int error;
	ssize_t n = gifts_recv(fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return SERVED_NOT_YET;
	switch (request_judge(bytes, n > 0 ? (size_t)n : 0, &request)) {
	case REQUEST_NONE:
		return SERVED_NOTHING;
	case REQUEST_OTHER_MAJOR:
		refuse_layout(c, fd, request.major);
		return SERVED_NOTHING;
	case REQUEST_ATTACH:
		break;
	}
	if (!identify_peer(c->identify, fd, c->lbd->world.needs, &who))
		return SERVED_NOTHING;
	callers_tell_net(c, &who);
	foreign = is_foreign(c, &request, fd);
	*held = answer_attach(
		c->lbd, &c->all, fd, &who, &request, foreign, &error);
	if (error)
		break_off(c, fd, error);
	return *held ? SERVED : SERVED_NOTHING;
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

static void shut_a_while(struct callers *c)
{
	shut_doors(c);
	ev_timer_stop(c->lbd->loop, &c->rested);
	ev_timer_set(&c->rested, rest, 0);
	ev_timer_start(c->lbd->loop, &c->rested);
}

/* Out of descriptors: those go first who are connected to the control API and
 * say nothing, then silent callers, then the door shuts a while; a caller that
 * waits in the queue meanwhile goes on without us. */
static bool make_way(struct callers *c)
{
	if (admin_make_way(c->lbd->admin) || talks_make_way(c->talks))
		return true;
	shut_a_while(c);
	return false;
}

static bool is_scarce(int error)
{
	return error != EAGAIN && error != EINTR && error != ECONNABORTED;
}

static int accept_caller(struct callers *c, int listener)
{
	const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd = accept4(listener, NULL, NULL, flags);

	if (fd >= 0 || (errno != EMFILE && errno != ENFILE) || c->spare < 0)
		return fd;
	close(c->spare);
	c->spare = -1;
	return accept4(listener, NULL, NULL, flags);
}

/* As soon as a talk has ended: a probe would have what became free. */
static void take_spare(void *callers)
{
	struct callers *c = callers;

	if (c->spare < 0)
		c->spare = fcntl(c->listener.fd, F_DUPFD_CLOEXEC, 0);
}

static void on_knock(struct ev_loop *loop, ev_io *w, int revents)
{
	struct callers *c = w->data;

	(void)loop;
	if (revents & EV_ERROR) { /* the kernel cannot watch it for now */
		shut_a_while(c);
		return;
	}
	take_spare(c);
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int fd = accept_caller(c, w->fd);

		/* at once: others would take what somebody made free */
		if (fd < 0 && is_scarce(errno) && make_way(c))
			fd = accept_caller(c, w->fd);
		if (fd < 0)
			return;
		talks_begin(c->talks, fd, c->lbd->world.lists + 2);
		if (c->spare < 0)
			return; /* it has a turn to ask before it makes way */
	}
}

static void on_addresses(void *callers)
{
	struct callers *c = callers;

	c->lbd->holders.moved = true;
	c->lbd->holders.late = true;
	if (c->lbd->world.needs & SUBJECT_NET)
		reload_rejudge(c->lbd);
}

static void listen_at(struct callers *c, ev_io *w, int fd)
{
	if (fd >= 0)
		gifts_refuse(fd);
	ev_io_init(w, on_knock, fd, EV_READ);
	w->data = c;
}

static bool make_parts(struct callers *c)
{
	c->identify = identify_new();
	c->talks = talks_open(c->lbd->loop, serve, take_spare, c);
	c->net = net_open(c->lbd->loop, on_addresses, c);
	c->lbd->holders.net = c->net;
	return c->identify && c->talks && c->net;
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

	if (!c)
		return NULL;
	c->lbd = lbd;
	if (!make_parts(c)) {
		lbd->holders.net = NULL;
		net_close(c->net);
		talks_close(c->talks);
		identify_free(c->identify);
		free(c);
		return NULL;
	}
	c->spare = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	c->netns = netns_of(fd);
	c->all.host_hash = origin_of_host();
	turned_away_for_layout(&c->other_layout);
	turned_away_by_error(&c->unanswered);
	ev_timer_init(&c->rested, on_rested, rest, 0);
	c->rested.data = c;
	listen_at(c, &c->listener, fd);
	listen_at(c, &c->back, listen_at_the_back(lbd, c->all.door));
	open_doors(c);
	return c;
}

void callers_close(struct callers *callers)
{
	struct ev_loop *loop;

	if (!callers)
		return;
	loop = callers->lbd->loop;
	talks_close(callers->talks);
	turned_away_end(loop, &callers->other_layout);
	turned_away_end(loop, &callers->unanswered);
	ev_timer_stop(loop, &callers->rested);
	shut_doors(callers);
	close(callers->listener.fd);
	if (callers->back.fd >= 0)
		close(callers->back.fd);
	callers->lbd->holders.net = NULL;
	net_close(callers->net);
	if (callers->spare >= 0)
		close(callers->spare);
	identify_free(callers->identify);
	free(callers);
}

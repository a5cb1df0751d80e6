/*
 * The control API: HTTP and JSON on a Unix socket, inside lbd's loop.
 * libmicrohttpd speaks HTTP; the loop watches the one descriptor that stands
 * for all of its connections. lbd accepts them itself, because libmicrohttpd
 * spins where a process has run out of descriptors. Nothing waits for a client.
 */
#include "admin.h"
#include "admin_request.h"
#include "visitors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 256, /* others wait in the listener's queue */
	SILENCE_MAX = 3,       /* seconds, where nobody needs the room */
	REQUEST_BYTES = 32 * 1024,
};

static const double pause_without_room = 0.1; /* seconds */

/*
 * Seconds after which somebody who is still silent makes way: for others here,
 * and for programs, which do not wait for us as long as lbctl does. Whoever is
 * on the way to ask has done so by then.
 */
static const double silence_in_a_crowd = 0.1, silence_at_need = 0.02;

struct admin {
	struct lbd *lbd;
	struct MHD_Daemon *daemon;
	struct visitors visitors;
	ev_io knock;	/* the listener; stopped while there is no room */
	ev_io traffic;	/* of all connections */
	ev_timer due;	/* a connection has been silent, or has more to do */
	ev_timer pause; /* after which the listener is looked at again */
	int spare;	/* kept to be given up when descriptors run out, so that
			   lbd can still be asked what is wrong; -1: in use */
};

static bool has_room(struct admin *a)
{
	return MHD_get_daemon_info(
		       a->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
		       ->num_connections < CONNECTIONS_MAX;
}

static void run(struct admin *a)
{
	struct ev_loop *loop = a->lbd->loop;
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(a->daemon);
	if (a->spare < 0)
		a->spare = fcntl(a->knock.fd, F_DUPFD_CLOEXEC, 0);
	ev_timer_stop(loop, &a->due);
	if (MHD_get_timeout(a->daemon, &ms) == MHD_YES) {
		ev_timer_set(&a->due, (double)ms / 1000, 0);
		ev_timer_start(loop, &a->due);
	}
	if (ev_is_active(&a->pause))
		return;
	ev_io_start(loop, &a->knock);
	ev_io_start(loop, &a->traffic);
}

static void on_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	run(w->data);
}

static void on_pause(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	run(w->data);
}

static int accept_peer(
	struct admin *a, struct sockaddr_un *peer, socklen_t *length)
{
	int fd = a->knock.fd, flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	int got = accept4(fd, (struct sockaddr *)peer, length, flags);

	if (got >= 0 || (errno != EMFILE && errno != ENFILE) || a->spare < 0)
		return got;
	close(a->spare);
	a->spare = -1;
	return accept4(fd, (struct sockaddr *)peer, length, flags);
}

void admin_stir(struct admin *admin)
{
	ev_timer_stop(admin->lbd->loop, &admin->due);
	ev_timer_set(&admin->due, 0, 0);
	ev_timer_start(admin->lbd->loop, &admin->due);
}

/* What has come is read first: a request that we are late to see is none that
 * is missing. */
static bool make_way(struct admin *a, double silence)
{
	MHD_run(a->daemon);
	admin_stir(a); /* what is freed is not for our spare one */
	if (!visitors_show_out(&a->visitors, silence))
		return false;
	MHD_run(a->daemon);
	return true;
}

bool admin_make_way(struct admin *admin)
{
	return admin && make_way(admin, silence_at_need);
}

static void wait_for_room(struct admin *a)
{
	ev_io_stop(a->lbd->loop, &a->knock);
	ev_timer_stop(a->lbd->loop, &a->pause);
	ev_timer_set(&a->pause, pause_without_room, 0);
	ev_timer_start(a->lbd->loop, &a->pause);
}

static void on_traffic(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	if (revents & EV_ERROR) /* the kernel cannot watch it for now */
		wait_for_room(w->data);
	else
		run(w->data);
}

/* One at a time: the loop comes back while more are waiting. */
static void on_knock(struct ev_loop *loop, ev_io *w, int revents)
{
	struct admin *a = w->data;
	struct sockaddr_un peer = {0};
	socklen_t length = sizeof(peer);
	int fd;

	(void)loop;
	if (revents & EV_ERROR ||
		(!has_room(a) && !make_way(a, silence_in_a_crowd))) {
		wait_for_room(a);
		return;
	}
	fd = accept_peer(a, &peer, &length);
	if (fd >= 0) {
		MHD_add_connection(
			a->daemon, fd, (struct sockaddr *)&peer, length);
		run(a);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED &&
		!make_way(a, silence_in_a_crowd)) {
		wait_for_room(a);
	}
}

/* Escapes stay: a name in a path may hold a slash until it is taken apart. */
static size_t keep_escapes(void *data, struct MHD_Connection *c, char *text)
{
	(void)data;
	(void)c;
	return strlen(text);
}

static struct MHD_Daemon *start_daemon(struct admin *a)
{
	struct visitors *all = &a->visitors;

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
			MHD_ALLOW_SUSPEND_RESUME,
		0, NULL, NULL, admin_on_request, a->lbd,
		MHD_OPTION_NOTIFY_COMPLETED, admin_on_end, a->lbd,
		MHD_OPTION_NOTIFY_CONNECTION, visitors_on_connection, all,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}

static void start_watchers(struct admin *a, int fd)
{
	int epoll_fd = MHD_get_daemon_info(a->daemon, MHD_DAEMON_INFO_EPOLL_FD)
			       ->epoll_fd;

	ev_io_init(&a->knock, on_knock, fd, EV_READ);
	ev_io_init(&a->traffic, on_traffic, epoll_fd, EV_READ);
	ev_timer_init(&a->due, on_due, 0, 0);
	ev_timer_init(&a->pause, on_pause, 0, 0);
	a->knock.data = a->traffic.data = a->due.data = a->pause.data = a;
	ev_io_start(a->lbd->loop, &a->knock);
	ev_io_start(a->lbd->loop, &a->traffic);
}

struct admin *admin_open(struct lbd *lbd, int fd)
{
	struct admin *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->lbd = lbd;
	a->visitors.loop = lbd->loop;
	a->spare = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	a->daemon = start_daemon(a);
	if (!a->daemon) {
		if (a->spare >= 0)
			close(a->spare);
		free(a);
		return NULL;
	}
	start_watchers(a, fd);
	return a;
}

void admin_close(struct admin *admin)
{
	struct ev_loop *loop;

	if (!admin)
		return;
	loop = admin->lbd->loop;
	ev_io_stop(loop, &admin->knock);
	ev_io_stop(loop, &admin->traffic);
	ev_timer_stop(loop, &admin->due);
	ev_timer_stop(loop, &admin->pause);
	MHD_stop_daemon(admin->daemon);
	close(admin->knock.fd);
	if (admin->spare >= 0)
		close(admin->spare);
	free(admin);
}

/*
 * The control API: HTTP and JSON on a Unix socket, inside lbd's loop.
 * libmicrohttpd speaks HTTP; the loop watches the one descriptor that stands
 * for all of its connections. lbd accepts them itself, because libmicrohttpd
 * spins where a process has run out of descriptors. Nothing waits for a client.
 */
#include "admin.h"
#include "admin_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 256, /* others wait in the listener's queue */
	SILENCE_MAX = 3,       /* seconds; a crowd of idlers blocks nobody */
	REQUEST_BYTES = 32 * 1024,
};

static const double pause_without_fds = 0.1;

struct admin {
	struct lbd *lbd;
	struct MHD_Daemon *daemon;
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
	if (!has_room(a))
		ev_io_stop(loop, &a->knock);
	else if (!ev_is_active(&a->pause))
		ev_io_start(loop, &a->knock);
}

static void on_traffic(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	run(w->data);
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

/* One at a time: the loop comes back while more are waiting. */
static void on_knock(struct ev_loop *loop, ev_io *w, int revents)
{
	struct admin *a = w->data;
	struct sockaddr_un peer = {0};
	socklen_t length = sizeof(peer);
	int fd = accept_peer(a, &peer, &length);

	(void)revents;
	if (fd >= 0) {
		MHD_add_connection(
			a->daemon, fd, (struct sockaddr *)&peer, length);
		run(a);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		ev_io_stop(loop, w);
		ev_timer_set(&a->pause, pause_without_fds, 0);
		ev_timer_start(loop, &a->pause);
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
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
			MHD_ALLOW_SUSPEND_RESUME,
		0, NULL, NULL, admin_on_request, a->lbd,
		MHD_OPTION_NOTIFY_COMPLETED, admin_on_end, a->lbd,
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

void admin_stir(struct admin *admin)
{
	ev_timer_stop(admin->lbd->loop, &admin->due);
	ev_timer_set(&admin->due, 0, 0);
	ev_timer_start(admin->lbd->loop, &admin->due);
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

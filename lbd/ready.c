/*
 * Readiness: the first round of probes is over. Programs that a service
 * manager starts after lbd then find a table that knows who is down.
 */
#include "ready.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const double look_again = 0.02;

static void notify(const char *message)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t length = path ? strlen(path) : 0;
	int fd;

	if (length < 2 || length >= sizeof(un.sun_path))
		return;
	memcpy(un.sun_path, path, length);
	if (path[0] == '@') /* abstract */
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, message, strlen(message), MSG_NOSIGNAL,
		(struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	close(fd);
}

/* Backends that are still to answer for the first time, and how long that may
 * take at most. */
static size_t count_waiting(const struct lbd *lbd, double *longest)
{
	size_t waiting = 0;

	*longest = 0;
	for (size_t i = 0; i < lbd->world.services; i++) {
		const struct service *s = &lbd->world.service[i];
		double timeout = s->conf->timeout_ms / 1000.0;

		for (size_t j = 0; j < s->backends; j++)
			waiting += s->backend[j]->probe &&
				!s->backend[j]->health.verdicts;
		if (timeout > *longest)
			*longest = timeout;
	}
	return waiting;
}

static void on_look(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct lbd *lbd = w->data;
	double longest;
	size_t waiting = count_waiting(lbd, &longest);

	(void)revents;
	if (waiting && ev_now(loop) < lbd->started + longest + 1)
		return;
	ev_timer_stop(loop, w);
	notify("READY=1");
	log_event(LEVEL_INFO, "ready", NULL, "ready");
}

void ready_watch(struct lbd *lbd)
{
	ev_timer_init(&lbd->ready, on_look, look_again, look_again);
	lbd->ready.data = lbd;
	ev_timer_start(lbd->loop, &lbd->ready);
}

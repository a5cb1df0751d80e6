/*
 * ask_libev IP PORT epoll|poll|select: prints the answer, and who gave it. An
 * ev_io waits for a socket that does not block, and SO_ERROR says how it went.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void fail(struct ev_loop *loop, ev_io *w, int err)
{
	fprintf(stderr, "%s\n", strerror(err));
	ev_io_stop(loop, w);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	char text[100];
	ssize_t n = recv(w->fd, text, sizeof(text), 0);

	(void)events;
	if (n < 0 || getpeername(w->fd, (void *)&peer, &len)) {
		fail(loop, w, errno);
		return;
	}
	printf("%.*speer %s:%d\n", (int)n, text, inet_ntoa(peer.sin_addr),
		ntohs(peer.sin_port));
	*(int *)w->data = 0;
	ev_io_stop(loop, w);
}

static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
	int err = 0;
	socklen_t len = sizeof(err);

	(void)events;
	getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err || send(w->fd, "who\n", 4, MSG_NOSIGNAL) != 4) {
		fail(loop, w, err ? err : errno);
		return;
	}
	ev_io_stop(loop, w);
	ev_io_init(w, on_readable, w->fd, EV_READ);
	ev_io_start(loop, w);
}

static unsigned way_of(const char *name)
{
	if (!strcmp(name, "select"))
		return EVBACKEND_SELECT;
	return strcmp(name, "poll") ? EVBACKEND_EPOLL : EVBACKEND_POLL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in there = {.sin_family = AF_INET};
	int status = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct ev_loop *loop;
	ev_io w;

	if (argc != 4)
		return 2;
	loop = ev_loop_new(way_of(argv[3]));
	inet_pton(AF_INET, argv[1], &there.sin_addr);
	there.sin_port = htons((uint16_t)atoi(argv[2]));
	ev_io_init(&w, on_writable, fd, EV_WRITE);
	w.data = &status;
	ev_io_start(loop, &w);
	if (connect(fd, (void *)&there, sizeof(there)) && errno != EINPROGRESS)
		fail(loop, &w, errno);
	ev_run(loop, 0);
	ev_loop_destroy(loop);
	return status;
}

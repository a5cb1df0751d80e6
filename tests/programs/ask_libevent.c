/*
 * ask_libevent IP PORT: prints the answer. bufferevent_socket_connect() makes
 * the socket, connects it and judges what came of that.
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int status = 1;

static void on_answer(struct bufferevent *b, void *base)
{
	char text[100];
	size_t n = bufferevent_read(b, text, sizeof(text));

	fwrite(text, 1, n, stdout);
	status = 0;
	event_base_loopbreak(base);
}

static void on_event(struct bufferevent *b, short what, void *base)
{
	if (what & BEV_EVENT_CONNECTED) {
		bufferevent_write(b, "who\n", 4);
		return;
	}
	fprintf(stderr, "event %#x: %s\n", (unsigned)what,
		evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	event_base_loopbreak(base);
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct bufferevent *b =
		bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	struct sockaddr_in there = {.sin_family = AF_INET};

	if (argc != 3 || !b)
		return 2;
	inet_pton(AF_INET, argv[1], &there.sin_addr);
	there.sin_port = htons((uint16_t)atoi(argv[2]));
	bufferevent_setcb(b, on_answer, NULL, on_event, base);
	bufferevent_enable(b, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(b, (void *)&there, sizeof(there)))
		fputs("not begun\n", stderr);
	else
		event_base_dispatch(base);
	bufferevent_free(b);
	event_base_free(base);
	return status;
}

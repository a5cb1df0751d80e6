/*
 * One request over HTTP to a backend, asked again and again: what http, https
 * and grpc probes have in common. Its connection is kept where that is to be
 * had.
 *
 *	exchange_open ... exchange_start -> line, piece ... -> judge
 */
#ifndef LBD_EXCHANGE_H
#define LBD_EXCHANGE_H

#include "probe.h"

#include <curl/curl.h>

struct exchange;

struct exchange_kind {
	bool http2;
	/* A line of its headers or trailers; NULL: not wanted. */
	void (*line)(struct exchange *x, const char *line, size_t size);
	/* Some of its body. */
	void (*piece)(struct exchange *x, const char *data, size_t size);
	/* It has answered; ends in probe_done(). */
	void (*judge)(struct exchange *x);
};

struct exchange {
	struct probe *probe;
	const struct exchange_kind *kind;
	struct hub *hub;
	struct exchange *previous, *next; /* that are asked there */
	CURL *easy;
	struct curl_slist *headers, *connect_to;
	bool single;		    /* a connection for every question */
	char text[CURL_ERROR_SIZE]; /* libcurl's words for what went wrong */

	/* Of the question being asked: */
	bool asked;
	int opened;	     /* its socket; -1: a connection was kept */
	bool under_way;	     /* connect() itself went well */
	bool enough;	     /* what is still to come does not matter */
	const char *flaw;    /* why this is no answer; ends it */
	int no_socket;	     /* errno, where there was none */
	size_t headers_size; /* trailers among them */
	size_t body_size;
};

/* False without memory; exchange_close() is for that too. What `x` holds must
 * be zeros. */
bool exchange_open(
	struct exchange *x, struct probe *p, const struct exchange_kind *kind);
bool exchange_header(struct exchange *x, const char *line);
void exchange_close(struct exchange *x);

void exchange_start(struct exchange *x);
void exchange_late(struct exchange *x);
void exchange_stop(struct exchange *x);

/* From the hub: libcurl is through with it. `starved`: it was refused memory. */
void exchange_over(struct exchange *x, CURLcode code, bool starved);

#endif

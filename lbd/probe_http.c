/*
 * The http and https probes: a request, and whether its status, and where the
 * conf says so its body, is what it should be. Redirects are answers.
 */
#include "exchange.h"
#include "http_text.h"
#include "lbd.h"
#include "pattern.h"
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 4096 };

struct http {
	struct exchange exchange; /* first */
	struct pattern *body;
	char *kept; /* of the answer's body; NULL: it does not matter */
	size_t kept_size;
};

static struct http *http_of(struct exchange *x)
{
	return (struct http *)x;
}

static void on_piece(struct exchange *x, const char *data, size_t size)
{
	struct http *h = http_of(x);
	size_t room = KEPT_MAX - h->kept_size;

	if (!h->kept)
		return;
	if (size > room)
		size = room;
	memcpy(h->kept + h->kept_size, data, size);
	h->kept_size += size;
}

/* The body may hold NULs. */
static bool body_fits(const struct http *h)
{
	return !h->kept || pattern_fits(h->body, h->kept, h->kept_size);
}

static void judge(struct exchange *x)
{
	const struct probe_conf *conf =
		&x->probe->backend->service->conf->probe;
	char why[REASON_MAX];
	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!http_status_fits(conf, status)) {
		snprintf(why, sizeof(why), "HTTP %ld", status);
		probe_done(x->probe, VERDICT_REFUSED, why);
	} else if (!body_fits(http_of(x))) {
		probe_done(x->probe, VERDICT_REFUSED, "body does not match");
	} else {
		probe_done(x->probe, VERDICT_OK, NULL);
	}
}

static bool set_method(struct exchange *x, const char *method)
{
	if (!strcmp(method, "GET"))
		return true;
	if (!strcmp(method, "HEAD"))
		return !curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
	if (http_method_has_body(method) &&
		!exchange_header(x, "Content-Length: 0"))
		return false;
	return !curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, method);
}

static bool set_headers(struct exchange *x, const struct service_conf *conf)
{
	struct addr to = probe_target(x->probe);
	char at[ADDR_TEXT_MAX], host[HTTP_TEXT_MAX];
	size_t i;

	addr_text(&to, true, at);
	if (!http_host_line(conf, at, host) || !exchange_header(x, host))
		return false;
	for (i = 0; i < conf->probe.headers; i++)
		if (!exchange_header(x, conf->probe.header[i].line))
			return false;
	return true;
}

static bool set_body(struct http *h, const char *body)
{
	if (!body)
		return true;
	h->kept = malloc(KEPT_MAX);
	h->body = pattern_make(body);
	return h->kept && h->body;
}

static bool set_up(struct http *h, struct probe *p)
{
	static const struct exchange_kind kind = {
		.piece = on_piece, .judge = judge};
	const struct service_conf *conf = p->backend->service->conf;
	struct exchange *x = &h->exchange;

	return exchange_open(x, p, &kind) &&
		!curl_easy_setopt(
			x->easy, CURLOPT_REQUEST_TARGET, conf->probe.path) &&
		set_headers(x, conf) && set_method(x, conf->probe.method) &&
		set_body(h, conf->probe.body);
}

static void forget(struct probe *p)
{
	struct http *h = p->state;

	if (!h)
		return;
	exchange_close(&h->exchange);
	pattern_free(h->body);
	free(h->kept);
	free(h);
	p->state = NULL;
}

static void start(struct probe *p)
{
	struct http *h = p->state;

	if (!h) {
		h = p->state = calloc(1, sizeof(*h));
		if (!h || !set_up(h, p)) {
			forget(p);
			probe_done(p, VERDICT_LOCAL, strerror(ENOMEM));
			return;
		}
	}
	h->kept_size = 0;
	exchange_start(&h->exchange);
}

static void late(struct probe *p)
{
	struct http *h = p->state;

	exchange_late(&h->exchange);
}

static void stop(struct probe *p)
{
	struct http *h = p->state;

	if (h)
		exchange_stop(&h->exchange);
}

const struct probe_kind_ops probe_http = {
	.start = start, .late = late, .stop = stop, .forget = forget};

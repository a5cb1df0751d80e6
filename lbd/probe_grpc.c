/*
 * The grpc probe: grpc.health.v1.Health/Check over HTTP/2, inside TLS or in the
 * clear by prior knowledge. There each question has a connection of its own:
 * libcurl 7.88 cannot ask on one that it has kept, yet keeps it.
 */
#include "exchange.h"
#include "grpc_answer.h"
#include "http_text.h"
#include "lbd.h"
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct grpc {
	struct exchange exchange; /* first */
	struct grpc_answer answer;
	unsigned char question[GRPC_QUESTION_MAX]; /* libcurl reads it here */
};

static struct grpc *grpc_of(struct exchange *x)
{
	return (struct grpc *)x;
}

static void on_line(struct exchange *x, const char *line, size_t size)
{
	grpc_answer_line(&grpc_of(x)->answer, line, size);
}

static void on_piece(struct exchange *x, const char *data, size_t size)
{
	if (!grpc_answer_piece(&grpc_of(x)->answer, data, size))
		x->enough = true;
}

static void judge(struct exchange *x)
{
	char why[REASON_MAX];
	long status = 0, version = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(x->easy, CURLINFO_HTTP_VERSION, &version);
	if (version != CURL_HTTP_VERSION_2_0) {
		probe_done(x->probe, VERDICT_REFUSED, "not HTTP/2");
	} else if (status != 200) {
		snprintf(why, sizeof(why), "HTTP %ld", status);
		probe_done(x->probe, VERDICT_REFUSED, why);
	} else if (!grpc_answer_is_good(&grpc_of(x)->answer, why)) {
		probe_done(x->probe, VERDICT_REFUSED, why);
	} else {
		probe_done(x->probe, VERDICT_OK, NULL);
	}
}

static bool set_headers(struct exchange *x, const struct service_conf *conf)
{
	struct addr to = probe_target(x->probe);
	char at[ADDR_TEXT_MAX], host[HTTP_TEXT_MAX];

	addr_text(&to, true, at);
	return http_host_line(conf, at, host) && exchange_header(x, host) &&
		exchange_header(x, "Content-Type: application/grpc") &&
		exchange_header(x, "TE: trailers");
}

static bool set_question(struct grpc *g, const char *service)
{
	CURL *e = g->exchange.easy;
	size_t size = grpc_question(service, g->question);

	return size && !curl_easy_setopt(e, CURLOPT_POST, 1L) &&
		!curl_easy_setopt(e, CURLOPT_POSTFIELDS, g->question) &&
		!curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)size) &&
		!curl_easy_setopt(e, CURLOPT_REQUEST_TARGET,
			"/grpc.health.v1.Health/Check") &&
		!curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
			CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
}

static void forget(struct probe *p)
{
	struct grpc *g = p->state;

	if (!g)
		return;
	exchange_close(&g->exchange);
	free(g);
	p->state = NULL;
}

static bool set_up(struct grpc *g, struct probe *p)
{
	static const struct exchange_kind kind = {
		.http2 = true,
		.line = on_line,
		.piece = on_piece,
		.judge = judge,
	};
	const struct service_conf *conf = p->backend->service->conf;
	struct exchange *x = &g->exchange;

	x->single = !conf->probe.tls;
	return exchange_open(x, p, &kind) && set_headers(x, conf) &&
		set_question(g, conf->probe.grpc_service);
}

static void start(struct probe *p)
{
	struct grpc *g = p->state;

	if (!g) {
		g = p->state = calloc(1, sizeof(*g));
		if (!g || !set_up(g, p)) {
			forget(p);
			probe_done(p, VERDICT_LOCAL, strerror(ENOMEM));
			return;
		}
	}
	grpc_answer_clear(&g->answer);
	exchange_start(&g->exchange);
}

static void late(struct probe *p)
{
	struct grpc *g = p->state;

	exchange_late(&g->exchange);
}

static void stop(struct probe *p)
{
	struct grpc *g = p->state;

	if (g)
		exchange_stop(&g->exchange);
}

const struct probe_kind_ops probe_grpc = {
	.start = start, .late = late, .stop = stop, .forget = forget};

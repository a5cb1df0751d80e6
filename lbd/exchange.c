/*
 * What is asked for with libcurl, and what it may not do: look names up, go
 * through proxies, follow redirects, read more than a small answer. An answer
 * that is not to its end within bounds is none; a body may go on after them.
 *
 * We close connections with a reset: no port stays in TIME_WAIT.
 */
#include "exchange.h"
#include "http_text.h"
#include "hub.h"
#include "lbd.h"
#include "mishap.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HEADERS_MAX = 64 << 10,
	BODY_MAX = 64 << 10, /* read on until there, for the connection */
	CA_SECONDS = 60,     /* how old the certificates in memory get */
};

static curl_socket_t on_open(
	void *data, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct exchange *x = data;
	int fd = socket(to->family, to->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
		to->protocol);

	(void)purpose;
	if (fd < 0) {
		x->no_socket = errno;
		return CURL_SOCKET_BAD;
	}
	own_add(fd);
	x->opened = fd;
	return fd;
}

/* The exchange that opened it may be gone. */
static int on_close(void *data, curl_socket_t fd)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	(void)data;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	own_drop(fd);
	return close(fd);
}

/* How much was taken in; another number ends the question. A connection with
 * more to come is of no further use. */
static size_t taken(struct exchange *x, size_t size)
{
	if (!x->flaw && !x->enough)
		return size;
	curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, 1L);
	return CURL_WRITEFUNC_ERROR;
}

static size_t on_line(char *line, size_t one, size_t size, void *data)
{
	struct exchange *x = data;

	(void)one;
	x->headers_size += size;
	if (x->headers_size > HEADERS_MAX)
		x->flaw = "headers too long";
	else if (x->kind->line)
		x->kind->line(x, line, size);
	return taken(x, size);
}

static size_t on_piece(char *data, size_t one, size_t size, void *user)
{
	struct exchange *x = user;

	(void)one;
	x->kind->piece(x, data, size);
	x->body_size += size;
	if (x->body_size > BODY_MAX)
		x->enough = true;
	return taken(x, size);
}

/* probe.c keeps the time: libcurl's own limit for connecting is moved out of
 * the way. */
static bool set_bounds(CURL *e, long timeout_ms)
{
	return !curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") &&
		!curl_easy_setopt(e, CURLOPT_PROXY, "") &&
		!curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) &&
		!curl_easy_setopt(
			e, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms + 1000) &&
		!curl_easy_setopt(
			e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
		!curl_easy_setopt(e, CURLOPT_USERAGENT, "lbd/" LBD_VERSION);
}

static bool set_callbacks(struct exchange *x)
{
	CURL *e = x->easy;

	return !curl_easy_setopt(e, CURLOPT_PRIVATE, x) &&
		!curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->text) &&
		!curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open) &&
		!curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, x) &&
		!curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_close) &&
		!curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_line) &&
		!curl_easy_setopt(e, CURLOPT_HEADERDATA, x) &&
		!curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_piece) &&
		!curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
}

/* One file, for libcurl keeps those in memory; it does not with a folder. No
 * session is resumed: the certificate would not be looked at again, and without
 * memory to keep one libcurl frees it twice (7.88). */
static bool set_trust(CURL *e, const struct probe_conf *conf)
{
	long verify = !conf->trusting;

	return !curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, verify) &&
		!curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2 * verify) &&
		!curl_easy_setopt(e, CURLOPT_CAPATH, NULL) &&
		!curl_easy_setopt(e, CURLOPT_SSL_SESSIONID_CACHE, 0L) &&
		!curl_easy_setopt(
			e, CURLOPT_CA_CACHE_TIMEOUT, (long)CA_SECONDS) &&
		(!conf->ca || !curl_easy_setopt(e, CURLOPT_CAINFO, conf->ca));
}

/* The name in the URL is the one TLS asks for; where to connect is another
 * matter, and never looked up. */
static bool set_target(struct exchange *x, const struct service_conf *conf)
{
	struct addr to = probe_target(x->probe);
	char at[ADDR_TEXT_MAX], name[HTTP_TEXT_MAX];
	char url[HTTP_TEXT_MAX + 32];

	addr_text(&to, true, at);
	if (conf->probe.tls && http_tls_name(conf, name)) {
		snprintf(url, sizeof(url), "::%s", at);
		x->connect_to = curl_slist_append(NULL, url);
		if (!x->connect_to ||
			curl_easy_setopt(
				x->easy, CURLOPT_CONNECT_TO, x->connect_to))
			return false;
		snprintf(url, sizeof(url), "https://%s:%u/", name, to.port);
	} else {
		snprintf(url, sizeof(url), "http%s://%s/",
			conf->probe.tls ? "s" : "", at);
	}
	return !curl_easy_setopt(x->easy, CURLOPT_URL, url);
}

bool exchange_open(
	struct exchange *x, struct probe *p, const struct exchange_kind *kind)
{
	const struct service_conf *conf = p->backend->service->conf;

	x->probe = p;
	x->kind = kind;
	x->hub = hub_join(p->lbd);
	x->easy = x->hub ? curl_easy_init() : NULL;
	return x->easy && set_callbacks(x) &&
		set_bounds(x->easy, (long)conf->timeout_ms) &&
		set_trust(x->easy, &conf->probe) && set_target(x, conf);
}

bool exchange_header(struct exchange *x, const char *line)
{
	struct curl_slist *longer = curl_slist_append(x->headers, line);

	if (!longer)
		return false;
	x->headers = longer;
	return !curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
}

void exchange_close(struct exchange *x)
{
	exchange_stop(x);
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->headers);
	curl_slist_free_all(x->connect_to);
	if (x->hub)
		hub_leave(x->hub);
}

void exchange_start(struct exchange *x)
{
	x->opened = -1;
	x->under_way = x->enough = false;
	x->flaw = NULL;
	x->no_socket = 0;
	x->headers_size = x->body_size = 0;
	x->text[0] = '\0';
	curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, x->single ? 1L : 0L);
	if (!hub_add(x->hub, x))
		probe_done(x->probe, VERDICT_LOCAL, strerror(ENOMEM));
}

/* A peer is there once the connection is. That one was kept says nothing of the
 * network as it is now. */
void exchange_late(struct exchange *x)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	bool connected = x->opened >= 0 &&
		!getpeername(x->opened, (struct sockaddr *)&peer, &len);

	if (connected)
		probe_done(x->probe, VERDICT_MUTE, "no answer in time");
	else
		probe_done(x->probe, VERDICT_TIMEOUT, strerror(ETIMEDOUT));
}

/* A connection that kept us waiting is not asked again. */
void exchange_stop(struct exchange *x)
{
	if (!x->asked)
		return;
	curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, 1L);
	hub_remove(x->hub, x);
}

static void report(struct exchange *x, CURLcode code, bool starved)
{
	struct mishap mishap = {
		.code = code,
		.starved = starved,
		.no_socket = x->no_socket,
		.under_way = x->under_way,
		.http2 = x->kind->http2,
		.answered = x->headers_size > 0,
		.text = x->text,
		.ca = x->probe->backend->service->conf->probe.ca,
	};
	char why[REASON_MAX];
	long err = 0, size = 0;

	curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &err);
	curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &size);
	mishap.err = (int)err;
	mishap.asked = size > 0;
	probe_done(x->probe, mishap_verdict(&mishap, why), why);
}

void exchange_over(struct exchange *x, CURLcode code, bool starved)
{
	if (x->flaw)
		probe_done(x->probe, VERDICT_REFUSED, x->flaw);
	else if (code == CURLE_OK || x->enough)
		x->kind->judge(x);
	else
		report(x, code, starved);
}

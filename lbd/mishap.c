/*
 * From an error of libcurl to a verdict and its reason. What is our side's
 * doing says nothing about a backend: no socket, no memory before an answer
 * began, no certificates to verify with.
 */
#include "mishap.h"
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The other side chose some of these bytes. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static enum verdict say(
	char why[REASON_MAX], enum verdict verdict, const char *text)
{
	snprintf(why, REASON_MAX, "%s", text);
	make_printable(why);
	return verdict;
}

static const char *after(const char *text, const char *start)
{
	size_t length = strlen(start);

	return strncmp(text, start, length) ? NULL : text + length;
}

static enum verdict judge_connect(const struct mishap *m, char why[REASON_MAX])
{
	if (m->no_socket)
		return say(why, VERDICT_LOCAL, strerror(m->no_socket));
	if (!m->err)
		return say(why, VERDICT_REFUSED, "cannot connect");
	return say(why,
		m->under_way ? probe_verdict(m->err)
			     : probe_verdict_at_once(m->err),
		strerror(m->err));
}

/* "error:0A00010B:SSL routines::wrong version number" and the like. */
static enum verdict judge_handshake(
	const struct mishap *m, char why[REASON_MAX])
{
	const char *text = m->text, *end = strstr(text, " in connection to");
	const char *rest;

	if (!*text || strstr(text, "SSL_ERROR_SYSCALL"))
		return say(why, VERDICT_REFUSED, "TLS: closed");
	if (strstr(text, "error:"))
		text = strrchr(text, ':') + 1;
	else if ((rest = after(text, "OpenSSL SSL_connect: ")) ||
		(rest = after(text, "Recv failure: ")) ||
		(rest = after(text, "Send failure: ")))
		text = rest;
	text += strspn(text, " ");
	snprintf(why, REASON_MAX, "TLS: %.*s",
		end > text ? (int)(end - text) : (int)strlen(text), text);
	make_printable(why);
	return VERDICT_REFUSED;
}

static enum verdict judge_certificate(
	const struct mishap *m, char why[REASON_MAX])
{
	const char *rest = after(m->text, "SSL certificate problem: ");
	const char *name = strstr(m->text, "target host name ");

	if (rest)
		snprintf(why, REASON_MAX, "certificate: %s", rest);
	else if (name)
		snprintf(why, REASON_MAX, "certificate: not for %s",
			name + strlen("target host name "));
	else
		snprintf(why, REASON_MAX, "certificate: does not verify");
	make_printable(why);
	return VERDICT_REFUSED;
}

/* The kernel's own memory; of the connection curl has no errno. */
static bool is_ours(const char *text)
{
	return !strcmp(text, strerror(ENOMEM)) ||
		!strcmp(text, strerror(ENOBUFS));
}

static enum verdict judge_transport(
	const struct mishap *m, char why[REASON_MAX])
{
	const char *rest = after(m->text, "Recv failure: ");

	if (!rest)
		rest = after(m->text, "Send failure: ");
	if (rest && is_ours(rest))
		return say(why, VERDICT_LOCAL, rest);
	return say(why, VERDICT_REFUSED, rest ? rest : "the answer broke off");
}

/* curl has no other words for a line that is too long for it. */
static enum verdict judge_memory(const struct mishap *m, char why[REASON_MAX])
{
	if (m->asked)
		return say(why, VERDICT_REFUSED, "headers too long");
	return say(why, VERDICT_LOCAL, strerror(ENOMEM));
}

static enum verdict judge_ca(const struct mishap *m, char why[REASON_MAX])
{
	snprintf(why, REASON_MAX, "no certificates to verify with in %s",
		m->ca ? m->ca : "/etc/ssl/certs");
	make_printable(why);
	return VERDICT_LOCAL;
}

enum verdict mishap_verdict(const struct mishap *m, char why[REASON_MAX])
{
	if (m->starved)
		return say(why, VERDICT_LOCAL, strerror(ENOMEM));
	switch (m->code) {
	case CURLE_COULDNT_CONNECT:
		return judge_connect(m, why);
	case CURLE_OPERATION_TIMEDOUT:
		return say(why, VERDICT_TIMEOUT, strerror(ETIMEDOUT));
	case CURLE_GOT_NOTHING:
		return say(why, VERDICT_REFUSED,
			m->http2 ? "not HTTP/2" : "closed without an answer");
	case CURLE_PARTIAL_FILE:
		return say(why, VERDICT_REFUSED,
			m->answered ? "answer cut short"
				    : "closed without an answer");
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return say(why, VERDICT_REFUSED, "not HTTP");
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return say(why, VERDICT_REFUSED, "HTTP/2 broke off");
	case CURLE_SSL_CONNECT_ERROR:
		return judge_handshake(m, why);
	case CURLE_PEER_FAILED_VERIFICATION:
		return judge_certificate(m, why);
	case CURLE_SSL_CACERT_BADFILE:
		return judge_ca(m, why);
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return judge_transport(m, why);
	case CURLE_OUT_OF_MEMORY:
		return judge_memory(m, why);
	default:
		return say(why, m->asked ? VERDICT_REFUSED : VERDICT_LOCAL,
			curl_easy_strerror(m->code));
	}
}

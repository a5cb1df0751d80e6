/*
 * A question to lbd, and its answer: HTTP over the admin socket, with a limit
 * on the time it may take as a whole. Where there is no answer, says so in
 * words that name the socket and what to try.
 */
#include "lbctl.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TRIES = 5,	     /* of a list that was cut short by a reload */
	HTTP_TOO_LONG = 414, /* lbd takes requests of 32 KiB */
};

/* What to try, by why the socket could not be reached. */
static const char *advice(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "only its owner may: try as root, or as lbd's user";
	case EPROTOTYPE:
		return "programs attach there; lbctl needs the admin socket";
	default:
		return "is it running? -s or LBD_ADMIN names another socket";
	}
}

static enum lbctl_exit explain(CURL *curl, CURLcode code, const char *socket,
	const struct lbctl_question *q)
{
	long error = 0;

	switch (code) {
	case CURLE_OK:
		return LBCTL_OK;
	case CURLE_OPERATION_TIMEDOUT:
		fprintf(stderr, "lbctl: lbd at %s did not answer within %g s\n",
			socket, (double)q->patience_ms / 1000);
		return LBCTL_TIMED_OUT;
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
		fprintf(stderr, "lbctl: cannot reach lbd at %s: %s (%s)\n",
			socket, strerror((int)error), advice((int)error));
		return LBCTL_UNREACHABLE;
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
		fprintf(stderr, "lbctl: lbd at %s ended without an answer\n",
			socket);
		return LBCTL_UNREACHABLE;
	case CURLE_OUT_OF_MEMORY:
	case CURLE_WRITE_ERROR:
		fputs("lbctl: out of memory\n", stderr);
		return LBCTL_FAILED;
	default:
		fprintf(stderr, "lbctl: no answer from lbd at %s: %s\n", socket,
			curl_easy_strerror(code));
		return LBCTL_UNREACHABLE;
	}
}

/* Words are escaped: one with a slash in it stays one. */
static bool put_path(FILE *to, const struct lbctl_question *q)
{
	for (size_t i = 0; i < LBCTL_WORDS && q->path[i]; i++) {
		char *word = curl_easy_escape(NULL, q->path[i], 0);

		if (!word)
			return false;
		fprintf(to, "/%s", word);
		curl_free(word);
	}
	return true;
}

static char *make_url(const struct lbctl_question *q)
{
	char *url = NULL;
	size_t size;
	FILE *to = open_memstream(&url, &size);
	bool whole;

	if (!to)
		return NULL;
	fputs("http://lbd/api/v1", to);
	whole = put_path(to, q);
	if (q->query)
		fprintf(to, "?%s", q->query);
	if (!fclose(to) && whole)
		return url;
	free(url);
	return NULL;
}

static void set_options(CURL *curl, const char *socket, const char *url,
	const struct lbctl_question *q)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* "." is a name */
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, q->patience_ms);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	if (!strcmp(q->method, "POST")) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L);
	}
}

static CURLcode fetch(CURL *curl, struct lbctl_answer *a)
{
	FILE *to = open_memstream(&a->text, &a->size);
	CURLcode code;

	if (!to)
		return CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, to);
	code = curl_easy_perform(curl);
	if (fclose(to) && !code)
		code = CURLE_OUT_OF_MEMORY;
	return code;
}

static CURLcode fetch_whole(CURL *curl, struct lbctl_answer *a)
{
	CURLcode code = fetch(curl, a);

	for (int i = 1; code == CURLE_PARTIAL_FILE && i < TRIES; i++) {
		lbctl_answer_free(a);
		code = fetch(curl, a);
	}
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a->status);
	return code;
}

static enum lbctl_exit understand(struct lbctl_answer *a, const char *socket)
{
	a->json = json_loadb(a->text, a->size, 0, NULL);
	if (json_is_object(a->json))
		return LBCTL_OK;
	if (a->status == HTTP_TOO_LONG) {
		fputs("lbctl: more groups, or a longer path or name, than one "
		      "request can hold\n",
			stderr);
		return LBCTL_FAILED;
	}
	fprintf(stderr, "lbctl: what answers at %s is not lbd\n", socket);
	return LBCTL_UNREACHABLE;
}

enum lbctl_exit lbctl_ask(const char *socket,
	const struct lbctl_question *question, struct lbctl_answer *answer)
{
	CURL *curl = curl_easy_init();
	char *url = make_url(question);
	CURLcode code = CURLE_OUT_OF_MEMORY;
	enum lbctl_exit rc;

	*answer = (struct lbctl_answer){0};
	if (curl && url) {
		set_options(curl, socket, url, question);
		code = fetch_whole(curl, answer);
	}
	rc = explain(curl, code, socket, question);
	if (rc == LBCTL_OK && !(question->raw && answer->status == 200))
		rc = understand(answer, socket);
	curl_easy_cleanup(curl);
	free(url);
	return rc;
}

void lbctl_answer_free(struct lbctl_answer *answer)
{
	json_decref(answer->json);
	free(answer->text);
	*answer = (struct lbctl_answer){0};
}

void lbctl_print_error(const struct lbctl_answer *a)
{
	const char *error =
		json_string_value(json_object_get(a->json, "error"));

	if (error)
		fprintf(stderr, "lbctl: %s\n", error);
	else
		fprintf(stderr, "lbctl: lbd answered with HTTP status %ld\n",
			a->status);
}

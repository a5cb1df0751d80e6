/*
 * Labels: what callers call a service and its backends in their log lines. One
 * text per service, in words like all of a region.
 */
#include "publish_labels.h"

#include <stdlib.h>
#include <string.h>

/* One room for the longest: publishing must not depend on malloc. */
static struct {
	uint64_t *text;
	uint64_t words;
} scratch;

/*
 * "api\0web1\0\0web3\0": names the file gave; others are their address. Asked of
 * the service's own conf: a backend has the old one until the reload is done.
 */
uint64_t publish_label_size(const struct service *s)
{
	uint64_t n = strlen(s->conf->name) + 1;

	for (size_t i = 0; i < s->backends; i++) {
		const struct backend_conf *b = &s->conf->backend[i];

		n += (b->named ? strlen(b->name) : 0) + 1;
	}
	return n;
}

uint64_t publish_label_words(const struct service *s)
{
	return (publish_label_size(s) + 7) / 8;
}

void publish_labels_end(void)
{
	free(scratch.text);
	memset(&scratch, 0, sizeof(scratch));
}

bool publish_labels_reserve(const struct world *world)
{
	uint64_t words = 1, *text;

	for (size_t i = 0; i < world->services; i++) {
		uint64_t more = publish_label_words(&world->service[i]);

		if (more > words)
			words = more;
	}
	if (words <= scratch.words)
		return true;
	text = realloc(scratch.text, words * sizeof(*text));
	if (!text) /* the old world goes on with what there was */
		return false;
	scratch.text = text;
	scratch.words = words;
	return true;
}

void publish_labels(_Atomic uint64_t *to, const struct service *s)
{
	uint64_t words = publish_label_words(s);
	char *at = (char *)scratch.text;

	memset(at, 0, words * 8);
	at = stpcpy(at, s->conf->name) + 1;
	for (size_t i = 0; i < s->backends; i++) {
		const struct backend_conf *b = &s->conf->backend[i];

		at = stpcpy(at, b->named ? b->name : "") + 1;
	}
	for (uint64_t i = 0; i < words; i++)
		table_store(to + i, scratch.text[i]);
}

/*
 * A file in steps, for a process that must not wait for what the names in its
 * rules may lead to: a directory service, a file system that is gone.
 *
 *	begin -> a child asks and answers -> what it says is heard -> end
 *
 * An answer is a struct and, for an exe, the path it leads to.
 */
#include "conf_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct draft draft;
	char *text;  /* of the file; sections point into it */
	char *heard; /* answers */
	size_t size, room;
	char *trouble; /* why there are none; NULL: none known */
};

struct answer {
	uint32_t number; /* of the lookup */
	int32_t err;
	uint32_t id;
	uint32_t size; /* of the path that follows, with its NUL; 0: none */
};

struct reading *reading_begin_in_pieces(const char *path,
	struct complaints *said, void (*between)(void *data), void *data)
{
	struct reading *r = calloc(1, sizeof(*r));
	size_t size;

	*said = (struct complaints){0};
	if (!r)
		return NULL;
	r->draft.file = path;
	r->draft.said = said;
	r->draft.between = between;
	r->draft.between_data = data;
	r->text = read_file(&r->draft, &size);
	if (r->text)
		draft_begin(&r->draft, r->text, size);
	return r;
}

struct reading *reading_begin(const char *path, struct complaints *said)
{
	return reading_begin_in_pieces(path, said, NULL, NULL);
}

bool reading_asks(const struct reading *r)
{
	return r->draft.scanned && r->draft.memory->lookups.count;
}

static bool put_answer(FILE *to, struct lookup *l, size_t number)
{
	char *path = lookup_ask(l);
	struct answer a = {
		.number = (uint32_t)number,
		.err = l->err,
		.id = l->id,
		.size = path ? (uint32_t)strlen(path) + 1 : 0,
	};
	bool ok = fwrite(&a, sizeof(a), 1, to) == 1 &&
		/* GCOVR_EXCL_BR_START: it fails when flushed */
		(!path || fwrite(path, 1, a.size, to) == a.size);
	/* GCOVR_EXCL_BR_STOP */

	free(path);
	return ok;
}

bool reading_answer(struct reading *r, int fd)
{
	struct lookup *l = r->draft.memory->lookups.item;
	FILE *to = fdopen(fd, "w");
	bool ok = to;

	for (size_t i = 0; ok && i < r->draft.memory->lookups.count; i++)
		if (l[i].first == i)
			ok = put_answer(to, &l[i], i);
	return to && !fclose(to) && ok;
}

void reading_hear(struct reading *r, const void *bytes, size_t size)
{
	char *more;

	if (!size)
		return;
	if (size > r->room - r->size) {
		r->room = 2 * r->room + size;
		more = realloc(r->heard, r->room);
		if (!more) {
			r->draft.exhausted = true;
			r->room = r->size;
			return;
		}
		r->heard = more;
	}
	memcpy(r->heard + r->size, bytes, size);
	r->size += size;
}

void reading_give_up(struct reading *r, const char *why)
{
	free(r->trouble);
	r->trouble = strdup(why);
	r->draft.exhausted |= !r->trouble;
}

/* The next answer, for the next lookup that asked; NULL: there is none. */
static const struct answer *next_answer(
	struct reading *r, size_t *at, struct answer *a)
{
	if (r->size - *at < sizeof(*a))
		return NULL;
	memcpy(a, r->heard + *at, sizeof(*a));
	*at += sizeof(*a);
	if (a->size > r->size - *at || a->size > PATH_MAX ||
		(a->size && r->heard[*at + a->size - 1]))
		return NULL;
	*at += a->size;
	return a;
}

/* Are all of them there? */
static bool take_answers(struct reading *r)
{
	struct list *lookups = &r->draft.memory->lookups;
	struct lookup *l = lookups->item;
	struct answer a;
	size_t at = 0;

	for (size_t i = 0; i < lookups->count; i++) {
		if (l[i].first != i)
			continue;
		if (!next_answer(r, &at, &a) || a.number != i)
			return false;
		l[i].err = a.err;
		l[i].id = a.id;
		lookup_lead(&r->draft, &l[i],
			a.size ? r->heard + at - a.size : NULL);
	}
	return at == r->size;
}

struct conf *reading_end(struct reading *r, const struct conf *before)
{
	struct draft *d = &r->draft;
	struct conf *conf;

	if (reading_asks(r) && (r->trouble || !take_answers(r))) {
		complain(d, 0, "what its rules name could not be looked up: %s",
			r->trouble ? r->trouble : "not all was answered");
		d->scanned = false;
	}
	conf = draft_end(d, before);
	free(r->text);
	free(r->heard);
	free(r->trouble);
	free(r);
	return conf;
}

/*
 * The frame of every dialogue, and those that go by lines and texts: what the
 * file says, Redis, SMTP. Bytes come in as they come, one at a time if need
 * be; a turn comes out. Nothing here knows of sockets or time.
 */
#include "dialogue.h"

#include <string.h>

enum turn dialogue_complain(
	struct talk *t, const char *intro, const void *said, size_t size)
{
	const unsigned char *from = said;
	size_t at = strnlen(intro, sizeof(t->why) - 1);

	memcpy(t->why, intro, at);
	while (size && at + 1 < sizeof(t->why) && *from != '\n') {
		if (*from != '\r' && *from != '\0')
			t->why[at++] =
				*from >= ' ' && *from <= '~' ? *from : '?';
		from++;
		size--;
	}
	t->why[at] = '\0';
	return TURN_BAD;
}

void dialogue_drop(struct talk *t, size_t size)
{
	t->held -= size;
	memmove(t->kept, t->kept + size, t->held);
}

enum turn dialogue_say(struct talk *t, const void *at, size_t size)
{
	t->say.at = at;
	t->say.size = size;
	return TURN_SAY;
}

bool dialogue_has(const void *bytes, size_t size, const struct bytes *expected)
{
	return !expected->size ||
		memmem(bytes, size, expected->at, expected->size);
}

static enum turn text_heard(struct talk *t)
{
	const struct bytes *expect = &t->conf->expect;

	if (dialogue_has(t->kept, t->held, expect))
		return TURN_GOOD;
	if (t->heard >= TALK_LONGEST)
		return dialogue_complain(
			t, "expected text not in the first 64 KiB", "", 0);
	/* What may be its beginning stays. */
	if (t->held >= expect->size)
		dialogue_drop(t, t->held - (expect->size - 1));
	return TURN_LISTEN;
}

static enum turn text_open(struct talk *t)
{
	const struct bytes *send = &t->conf->send;

	if (send->size)
		return dialogue_say(t, send->at, send->size);
	return text_heard(t);
}

/* The size of the first whole line with its end, 0 = none yet. */
static size_t line(const struct talk *t)
{
	const unsigned char *end = memchr(t->kept, '\n', t->held);

	return end ? end - t->kept + 1 : 0;
}

static bool begins(const struct talk *t, const char *with)
{
	size_t size = strlen(with);

	return t->held >= size && !memcmp(t->kept, with, size);
}

static enum turn redis_open(struct talk *t)
{
	static const char ping[] = "PING\r\n";

	return dialogue_say(t, ping, sizeof(ping) - 1);
}

/*
 * A server that wants a password answers all the same; whether it is the right
 * one is not asked. One that loads its data, has lost its master or is full
 * says so, and its callers would hear the same.
 */
static enum turn redis_heard(struct talk *t)
{
	size_t size = line(t);

	if (t->held && *t->kept != '+' && *t->kept != '-')
		return dialogue_complain(t, "not Redis: ", t->kept, t->held);
	if (!size)
		return TURN_LISTEN;
	if (begins(t, "+PONG\r\n") || begins(t, "-NOAUTH ") ||
		begins(t, "-NOPERM "))
		return TURN_GOOD;
	if (*t->kept == '-')
		return dialogue_complain(t, "", t->kept + 1, size - 1);
	return dialogue_complain(t, "unexpected: ", t->kept, size);
}

static enum turn smtp_open(struct talk *t)
{
	(void)t;
	return TURN_LISTEN; /* who talks before the greeting is taken for spam */
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* "220-text", "220 text", "220": the last ends a reply. */
static bool is_reply(const unsigned char *line, size_t size)
{
	return size > 3 && is_digit(line[0]) && is_digit(line[1]) &&
		is_digit(line[2]) && memchr(" -\r\n", line[3], 4);
}

/* A whole reply of the server: the greeting is answered by QUIT, the answer to
 * which is waited for, as a server may log who just goes away. */
static enum turn smtp_replied(struct talk *t, size_t size)
{
	static const char quit[] = "QUIT\r\n";

	if (t->over)
		return begins(t, "2") ? TURN_GOOD
				      : dialogue_complain(t, "", t->kept, size);
	if (!begins(t, "220"))
		return dialogue_complain(t, "", t->kept, size);
	t->over = true;
	dialogue_drop(t, size);
	return dialogue_say(t, quit, sizeof(quit) - 1);
}

static enum turn smtp_heard(struct talk *t)
{
	size_t size;

	while ((size = line(t))) {
		if (!is_reply(t->kept, size))
			return dialogue_complain(
				t, "not SMTP: ", t->kept, size);
		if (t->kept[3] != '-' || !begins(t, "220"))
			return smtp_replied(t, size);
		dialogue_drop(t, size);
	}
	return TURN_LISTEN;
}

static const struct {
	enum turn (*open)(struct talk *t);
	enum turn (*heard)(struct talk *t);
} dialogues[] = {
	[DIALOGUE_TEXT] = {text_open, text_heard},
	[DIALOGUE_REDIS] = {redis_open, redis_heard},
	[DIALOGUE_POSTGRES] = {postgres_open, postgres_heard},
	[DIALOGUE_MYSQL] = {mysql_open, mysql_heard},
	[DIALOGUE_SMTP] = {smtp_open, smtp_heard},
};

enum turn dialogue_open(struct talk *t, const struct probe_conf *conf)
{
	*t = (struct talk){.conf = conf};
	return dialogues[conf->dialogue].open(t);
}

size_t dialogue_room(const struct talk *t)
{
	size_t room = sizeof(t->kept) - t->held;
	size_t left = TALK_LONGEST - t->heard;

	return room < left ? room : left;
}

/* Judges what is kept. Who fills all the room and makes no sense of it, or
 * never ends, is no server of that kind. */
static enum turn judge(struct talk *t)
{
	enum turn turn = dialogues[t->conf->dialogue].heard(t);

	if (turn == TURN_LISTEN && !dialogue_room(t))
		return t->over
			? TURN_GOOD
			: dialogue_complain(t, "no end of: ", t->kept, t->held);
	return turn;
}

enum turn dialogue_sent(struct talk *t)
{
	return judge(t);
}

enum turn dialogue_heard(struct talk *t, size_t size)
{
	t->held += size;
	t->heard += size;
	return judge(t);
}

enum turn dialogue_ended(struct talk *t, const char *why)
{
	return t->over ? TURN_GOOD : dialogue_complain(t, why, "", 0);
}

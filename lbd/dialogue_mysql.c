/*
 * MySQL and MariaDB. The server greets, or says at once that it is full or
 * that it has blocked this host. The greeting tells all; yet who hears it and
 * leaves counts against max_connect_errors there, and is blocked after some
 * hundred: with every program on this host. (HAProxy's mysql-check without a
 * user is known for that.) So we log in, as "lbd" without a password, and
 * follow it to its end: a login that is refused does not count, as only broken
 * handshakes do, and one that succeeds ends with COM_QUIT and sets the count
 * to 0. A server that logs refused logins is quiet about a user "lbd" that has
 * no password and no rights.
 */
#include "dialogue.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { STEP_GREETING, STEP_LOGIN };

enum {
	LONG_PASSWORD = 0x1,
	PROTOCOL_41 = 0x200,
	SECURE_CONNECTION = 0x8000,
	PLUGIN_AUTH = 0x80000,
};

enum {
	HEADER = 4,
	REPLIES_MAX = 8, /* to one login; no method takes that many */
	ED25519_SIGNATURE = 64,
};

static unsigned le16(const unsigned char *at)
{
	return at[0] | at[1] << 8;
}

/* A packet of `size` bytes that stand in `reply` behind its header. */
static enum turn say(struct talk *t, size_t size, unsigned char number)
{
	const unsigned char header[HEADER] = {
		size & 0xff, size >> 8, 0, number};

	memcpy(t->reply, header, HEADER);
	return dialogue_say(t, t->reply, HEADER + size);
}

enum turn mysql_open(struct talk *t)
{
	(void)t;
	return TURN_LISTEN;
}

/* What a server can: two halves, between which there is more; the second is
 * not in the oldest greetings. */
static uint32_t abilities(const unsigned char *greeting, size_t size)
{
	const unsigned char *version = greeting + 1;
	const unsigned char *end = memchr(version, '\0', size - 1);
	size_t at = end ? (size_t)(end + 1 - greeting) + 4 + 8 + 1 : size;

	if (size < at + 2)
		return 0;
	if (size < at + 7)
		return le16(greeting + at);
	return le16(greeting + at) | (uint32_t)le16(greeting + at + 5) << 16;
}

/* No password, and the method that needs no word more for none. */
static enum turn login(struct talk *t, uint32_t can, unsigned char number)
{
	static const char user[] = "lbd", method[] = "mysql_native_password";
	enum { FIXED = 32, LARGEST = 64 * 1024, LATIN1 = 8 };
	uint32_t flags = can &
		(LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH);
	const unsigned char fixed[FIXED] = {flags & 0xff, flags >> 8 & 0xff,
		flags >> 16 & 0xff, 0, LARGEST & 0xff, LARGEST >> 8 & 0xff,
		LARGEST >> 16, 0, LATIN1};
	unsigned char *at = t->reply + HEADER;

	memcpy(at, fixed, FIXED);
	at += FIXED;
	memcpy(at, user, sizeof(user));
	at += sizeof(user);
	*at++ = 0; /* the length of what proves the password */
	if (flags & PLUGIN_AUTH) {
		memcpy(at, method, sizeof(method));
		at += sizeof(method);
	}
	t->step = STEP_LOGIN;
	return say(t, at - t->reply - HEADER, number);
}

/* The text of an error, behind its code and an SQLSTATE. */
static enum turn refused(struct talk *t, const unsigned char *body, size_t size)
{
	unsigned code = size >= 3 ? le16(body + 1) : 0;
	size_t skip = size >= 9 && body[3] == '#' ? 9 : size < 3 ? size : 3;
	char intro[16];

	snprintf(intro, sizeof(intro), "error %u ", code);
	return dialogue_complain(t, intro, body + skip, size - skip);
}

/* Of the errors that end a login: those by which nobody gets in. */
static bool is_servers_trouble(unsigned code)
{
	static const unsigned trouble[] = {
		1040, /* too many connections */
		1041, /* out of resources */
		1053, /* shutdown in progress */
		1129, /* host is blocked */
		1135, /* no thread can be made */
		3032, /* in offline mode */
	};
	size_t i;

	for (i = 0; i < sizeof(trouble) / sizeof(*trouble); i++)
		if (trouble[i] == code)
			return true;
	return false;
}

/* A method of the server's choice: no password, as this method puts it. */
static enum turn follow(struct talk *t, const unsigned char *body, size_t size,
	unsigned char number)
{
	static const char native[] = "mysql_native_password";
	static const char ed25519[] = "client_ed25519";
	size_t left = size - 1;
	size_t answer = 1;

	if (++t->replies > REPLIES_MAX)
		return TURN_GOOD;
	if (!left ||
		(left >= sizeof(native) &&
			!memcmp(body + 1, native, sizeof(native))))
		answer = 0;
	else if (left >= sizeof(ed25519) &&
		!memcmp(body + 1, ed25519, sizeof(ed25519)))
		answer = ED25519_SIGNATURE;
	memset(t->reply + HEADER, 0, answer);
	return say(t, answer, number);
}

static enum turn greeted(struct talk *t, const unsigned char *body, size_t size,
	unsigned char number)
{
	uint32_t can;

	if (*body == 0xff)
		return refused(t, body, size);
	if (*body != 10)
		return dialogue_complain(t, "not MySQL: ", body, size);
	can = abilities(body, size);
	if (!(can & PROTOCOL_41)) /* older than any that counts */
		return TURN_GOOD;
	return login(t, can, number);
}

static enum turn answered(struct talk *t, const unsigned char *body,
	size_t size, unsigned char number)
{
	static const char quit[] = {1, 0, 0, 0, 1};

	switch (*body) {
	case 0x00: /* let in */
		t->over = true;
		return dialogue_say(t, quit, sizeof(quit));
	case 0x01: /* more of the same method; 3: no more from us */
		if (size >= 2 && body[1] == 3)
			return TURN_LISTEN;
		return follow(t, (const unsigned char *)"\1?", 2, number);
	case 0xfe:
		return follow(t, body, size, number);
	case 0xff:
		if (size < 3 || is_servers_trouble(le16(body + 1)))
			return refused(t, body, size);
		return TURN_GOOD;
	default:
		return dialogue_complain(t, "not MySQL: ", body, size);
	}
}

enum turn mysql_heard(struct talk *t)
{
	enum turn turn = TURN_LISTEN;
	size_t size;

	if (t->over) {
		t->held = 0;
		return TURN_LISTEN;
	}
	while (turn == TURN_LISTEN && t->held >= HEADER) {
		size = le16(t->kept) | (size_t)t->kept[2] << 16;
		if (!size || HEADER + size > sizeof(t->kept))
			return dialogue_complain(
				t, "not MySQL: ", t->kept, t->held);
		if (t->held < HEADER + size)
			return TURN_LISTEN;
		turn = (t->step == STEP_GREETING ? greeted : answered)(
			t, t->kept + HEADER, size, t->kept[3] + 1);
		dialogue_drop(t, HEADER + size);
	}
	return turn;
}

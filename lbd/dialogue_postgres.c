/*
 * PostgreSQL, as psql begins: a StartupMessage. An SSLRequest would cost the
 * server less, but it is answered before the server knows whether it takes
 * anybody in; only the start of a session tells "the database system is
 * starting up" and "too many clients". Whoever is asked for a password, or
 * told that this is no user of theirs, knows that the server lives.
 *
 * A password that is asked for is not answered: the connection is closed, as
 * psql does to ask its user, and a server logs nothing for it. Where no
 * password is asked for (trust, or no line in pg_hba.conf), it logs a line per
 * probe, unless there is a user "lbd": then a session begins and ends.
 */
#include "dialogue.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { STEP_LOGIN, STEP_LET_IN };

/* Every server has the database postgres, at least at first. */
static const char startup[] = "\0\0\0\x3f"
			      "\0\3\0\0"
			      "user\0lbd\0"
			      "database\0postgres\0"
			      "application_name\0lbd probe\0";
static_assert(sizeof(startup) == 0x3f, "as it says of itself");

static const char terminate[] = {'X', 0, 0, 0, 4};

static uint32_t be32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

enum turn postgres_open(struct talk *t)
{
	return dialogue_say(t, startup, sizeof(startup));
}

/* One field of an ErrorResponse; NULL: not there. */
static const char *field(const unsigned char *at, size_t size, char code)
{
	const unsigned char *end;

	for (; size && *at; size -= end + 1 - at, at = end + 1) {
		end = memchr(at, '\0', size);
		if (!end)
			return NULL;
		if (*at == (unsigned char)code)
			return (const char *)at + 1;
	}
	return NULL;
}

/*
 * Classes of SQLSTATE in which it is the server that cannot: resources,
 * intervention (starting up, shutting down), system, configuration, internal.
 * Every other refusal is meant for us, and comes from a server that works; so
 * decides pg_isready too.
 */
static bool is_servers_trouble(const char *sqlstate)
{
	static const char *const class[] = {"53", "57", "58", "F0", "XX"};
	size_t i;

	for (i = 0; i < sizeof(class) / sizeof(*class); i++)
		if (!strncmp(sqlstate, class[i], 2))
			return true;
	return false;
}

static enum turn refused(struct talk *t, const unsigned char *body, size_t size)
{
	const char *sqlstate = field(body, size, 'C');
	const char *text = field(body, size, 'M');
	char intro[8] = "";

	if (!sqlstate)
		return dialogue_complain(t, "not PostgreSQL: ", body, size);
	if (!is_servers_trouble(sqlstate))
		return TURN_GOOD;
	memcpy(intro, sqlstate, strnlen(sqlstate, 5));
	intro[strlen(intro)] = ' ';
	return dialogue_complain(
		t, intro, text ? text : "", text ? strlen(text) : 0);
}

/* Let in at once: whether there is a session is in what follows. */
static enum turn asked(struct talk *t, const unsigned char *body, size_t size)
{
	if (size < 4)
		return dialogue_complain(t, "not PostgreSQL: ", body, size);
	if (be32(body)) {
		t->gently = true;
		return TURN_GOOD;
	}
	t->step = STEP_LET_IN;
	return TURN_LISTEN;
}

static enum turn message(
	struct talk *t, char type, const unsigned char *body, size_t size)
{
	switch (type) {
	case 'E':
		return refused(t, body, size);
	case 'R':
		return asked(t, body, size);
	case 'N': /* a notice */
	case 'v': /* a server that knows less than we might ask for */
		return TURN_LISTEN;
	default: /* of a session: said goodbye to */
		t->over = t->gently = true;
		return dialogue_say(t, terminate, sizeof(terminate));
	}
}

static bool is_possible(const struct talk *t, char type)
{
	return memchr(t->step == STEP_LET_IN ? "ERNvSKZ" : "ERNv", type,
		t->step == STEP_LET_IN ? 7 : 4);
}

enum turn postgres_heard(struct talk *t)
{
	enum turn turn = TURN_LISTEN;
	size_t size;

	if (t->over) {
		t->held = 0;
		return TURN_LISTEN;
	}
	while (turn == TURN_LISTEN && t->held) {
		if (!is_possible(t, *t->kept))
			return dialogue_complain(
				t, "not PostgreSQL: ", t->kept, t->held);
		if (t->held < 5)
			return TURN_LISTEN;
		size = be32(t->kept + 1);
		if (size < 4 || size >= sizeof(t->kept))
			return dialogue_complain(
				t, "not PostgreSQL: ", t->kept, t->held);
		if (t->held < 1 + size)
			return TURN_LISTEN;
		turn = message(t, *t->kept, t->kept + 5, size - 4);
		dialogue_drop(t, 1 + size);
	}
	return turn;
}

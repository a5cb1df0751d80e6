/*
 * A service on a line, a backend on a line: which columns they have, and the
 * words in them. Zeros that are good news are left out.
 */
#include "lbctl_rows.h"
#include "lbctl_number.h"

#include <assert.h>
#include <string.h>

enum service_column {
	SERVICE_NAME,
	SERVICE_ADDRESS,
	SERVICE_HOST,
	SERVICE_BALANCE,
	SERVICE_USABLE,
	SERVICE_STATE,
	SERVICE_ATTEMPTS,
	SERVICE_TROUBLES,
	SERVICE_COLUMNS
};

enum backend_column {
	BACKEND_NAME,
	BACKEND_ADDRESS,
	BACKEND_STATE,
	BACKEND_SINCE,
	BACKEND_ROLE,
	BACKEND_OPEN,
	BACKEND_MADE,
	BACKEND_FAILED,
	BACKEND_REASON,
	BACKEND_COLUMNS
};
static_assert((int)SERVICE_COLUMNS <= COLUMNS, "a row holds them");
static_assert((int)BACKEND_COLUMNS <= COLUMNS, "a row holds them");

const char *string_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "?";
}

json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static bool is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static bool is_by_hand(const json_t *backend)
{
	const json_t *will = json_object_get(backend, "will");

	return will && strcmp(string_of(backend, "will"), "ready") != 0;
}

static void put_state(
	struct cell *cell, const json_t *service, const json_t *backend)
{
	const char *state = string_of(backend, "state");

	if (!strcmp(state, "down"))
		cell_set(cell, TONE_BAD, "DOWN");
	else if (!strcmp(state, "ejected"))
		cell_set(cell, TONE_BAD, "EJECTED");
	else if (is_by_hand(backend))
		cell_set(cell, TONE_WARNING, "%s", state);
	else if (is_true(backend, "full"))
		cell_set(cell, TONE_WARNING, "%s, full", state);
	else if (!strcmp(state, "unknown") &&
		!strcmp(string_of(service, "probe"), "none"))
		cell_set(cell, TONE_PLAIN, "not probed");
	else
		cell_set(cell, TONE_PLAIN, "%s", state);
}

static void put_role(struct cell *cell, const json_t *backend)
{
	json_int_t weight = number_of(backend, "weight");

	if (is_true(backend, "weight_by_hand"))
		cell_add(cell, "weight %d by hand", (int)weight);
	else if (weight != 1)
		cell_add(cell, "weight %d", (int)weight);
	if (is_true(backend, "backup"))
		cell_add(cell, "backup");
}

bool are_counted(const json_t *object)
{
	return is_true(json_object_get(object, "counts"), "counted");
}

/* Live ones: as the kernel counts them, else what is known to be guessed. */
static void put_open(
	struct cell *cell, const json_t *service, const json_t *backend)
{
	json_int_t open = number_of(backend, "connections");
	bool counted = are_counted(service);

	cell->right = true;
	if (counted || open)
		cell_set(cell, TONE_PLAIN, "%s %s", text_of_number(open).bytes,
			counted ? "open" : "estimated");
}

/* Why it is not up; of one that is, the last failure is history. */
static void put_reason(struct cell *cell, const json_t *backend)
{
	const char *health = is_by_hand(backend) ? "health" : "state";

	if (json_object_get(backend, "reason") &&
		strcmp(string_of(backend, health), "up") != 0)
		cell_set(cell, TONE_PLAIN, "%s", string_of(backend, "reason"));
}

void fill_backend(struct row *row, const json_t *service, const json_t *backend)
{
	struct cell *cell = row->cell;
	const char *name = string_of(backend, "name");
	const char *address = string_of(backend, "address");
	json_int_t failed = number_of(backend, "failed");

	row_clear(row);
	cell_set(&cell[BACKEND_NAME], TONE_PLAIN, "%s", name);
	if (strcmp(name, address) != 0)
		cell_set(&cell[BACKEND_ADDRESS], TONE_PLAIN, "%s", address);
	put_state(&cell[BACKEND_STATE], service, backend);
	cell_set(&cell[BACKEND_SINCE], TONE_PLAIN, "%s",
		text_of_duration(number_of(backend, "since_s")).bytes);
	put_role(&cell[BACKEND_ROLE], backend);
	put_open(&cell[BACKEND_OPEN], service, backend);
	cell[BACKEND_MADE].right = true;
	cell_set(&cell[BACKEND_MADE], TONE_PLAIN, "%s made",
		text_of_number(number_of(backend, "picks") - failed).bytes);
	if (failed)
		cell_set(&cell[BACKEND_FAILED], TONE_PLAIN, "%s failed",
			text_of_number(failed).bytes);
	put_reason(&cell[BACKEND_REASON], backend);
}

static enum tone tone_of(const char *state)
{
	if (!strcmp(state, "ok"))
		return TONE_PLAIN;
	if (!strcmp(state, "degraded") || !strcmp(state, "backup"))
		return TONE_WARNING;
	return TONE_BAD;
}

void put_service_state(struct cell *cell, const json_t *service)
{
	const char *state = string_of(service, "state");
	enum tone tone = tone_of(state);

	cell_set(cell, tone, "%s", state);
	for (char *c = cell->text; tone == TONE_BAD && *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
}

/* The first of a list, and how many more there are. */
static void put_first(struct cell *cell, const json_t *list)
{
	size_t count = json_array_size(list);
	const char *first = json_string_value(json_array_get(list, 0));

	if (first && count > 1)
		cell_set(cell, TONE_PLAIN, "%s +%zu", first, count - 1);
	else if (first)
		cell_set(cell, TONE_PLAIN, "%s", first);
}

void put_usable(struct cell *cell, const json_t *service)
{
	if (number_of(service, "total"))
		cell_set(cell, TONE_PLAIN, "%d of %d usable",
			(int)number_of(service, "usable"),
			(int)number_of(service, "total"));
	else
		cell_set(cell, TONE_PLAIN, "no backend");
}

/* What did not go as it should; nothing if all did. */
static void put_troubles(struct cell *cell, const json_t *service)
{
	json_int_t denied = number_of(service, "denied");
	json_int_t failovers = number_of(service, "failovers");
	json_int_t none = number_of(service, "no_backend");

	if (denied)
		cell_add(cell, "%s denied", text_of_number(denied).bytes);
	if (failovers)
		cell_add(cell, "%s",
			text_of_count(failovers, "failovers").bytes);
	if (none)
		cell_add(cell, "%s without a backend",
			text_of_number(none).bytes);
}

void fill_service(struct row *row, const json_t *service)
{
	struct cell *cell = row->cell;

	row_clear(row);
	cell_set(&cell[SERVICE_NAME], TONE_NAME, "%s",
		string_of(service, "name"));
	put_first(
		&cell[SERVICE_ADDRESS], json_object_get(service, "addresses"));
	put_first(&cell[SERVICE_HOST], json_object_get(service, "names"));
	cell_set(&cell[SERVICE_BALANCE], TONE_PLAIN, "%s",
		string_of(service, "balance"));
	put_usable(&cell[SERVICE_USABLE], service);
	put_service_state(&cell[SERVICE_STATE], service);
	cell[SERVICE_ATTEMPTS].right = true;
	cell_set(&cell[SERVICE_ATTEMPTS], TONE_PLAIN, "%s",
		text_of_count(number_of(service, "attempts"), "attempts")
			.bytes);
	put_troubles(&cell[SERVICE_TROUBLES], service);
}

/*
 * HealthCheckRequest is one string (field 1), HealthCheckResponse one enum
 * (field 1); each travels behind five bytes: a flag and a length. What else a
 * response holds is stepped over, as protobuf wants it.
 */
#include "grpc_answer.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SERVING = 1 };

/* Of a field in protobuf: its number << 3 | one of these. */
enum wire { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_32 = 5 };

enum { FIELD_1 = 1 << 3 };

struct cursor {
	const unsigned char *at, *end;
};

size_t grpc_question(const char *service, unsigned char out[GRPC_QUESTION_MAX])
{
	size_t length = service ? strlen(service) : 0, message = 0;

	if (length > GRPC_SERVICE_MAX)
		return 0;
	if (length) {
		out[GRPC_PREFIX + message++] = FIELD_1 | WIRE_BYTES;
		if (length > 127)
			out[GRPC_PREFIX + message++] =
				(unsigned char)(length | 128);
		out[GRPC_PREFIX + message++] =
			(unsigned char)(length > 127 ? length >> 7 : length);
		memcpy(out + GRPC_PREFIX + message, service, length);
		message += length;
	}
	memset(out, 0, GRPC_PREFIX);
	out[3] = (unsigned char)(message >> 8);
	out[4] = (unsigned char)message;
	return GRPC_PREFIX + message;
}

void grpc_answer_clear(struct grpc_answer *a)
{
	a->is_grpc = a->too_long = false;
	a->status = -1;
	a->size = 0;
}

/* What stands after "NAME:", without blanks; its length is 0 where the line is
 * another. */
static size_t value_of(
	const char *name, const char *line, size_t size, const char **value)
{
	size_t length = strlen(name);

	*value = line;
	if (size <= length || strncasecmp(line, name, length) ||
		line[length] != ':')
		return 0;
	line += length + 1;
	size -= length + 1;
	for (; size && isspace((unsigned char)*line); size--)
		line++;
	while (size && isspace((unsigned char)line[size - 1]))
		size--;
	*value = line;
	return size;
}

static bool is_grpc(const char *type, size_t size)
{
	static const char grpc[] = "application/grpc";
	size_t length = sizeof(grpc) - 1;

	return size >= length && !strncasecmp(type, grpc, length) &&
		(size == length || strchr("+; ", type[length]));
}

/* Three digits are more than there are; anything else is none. */
static int status_of(const char *digits, size_t size)
{
	int status = 0;

	if (size > 3)
		return -1;
	for (; size; size--, digits++) {
		if (*digits < '0' || *digits > '9')
			return -1;
		status = status * 10 + *digits - '0';
	}
	return status;
}

void grpc_answer_line(struct grpc_answer *a, const char *line, size_t size)
{
	const char *value;
	size_t length = value_of("content-type", line, size, &value);

	if (length)
		a->is_grpc = is_grpc(value, length);
	length = value_of("grpc-status", line, size, &value);
	if (length)
		a->status = status_of(value, length);
}

bool grpc_answer_piece(struct grpc_answer *a, const void *data, size_t size)
{
	size_t room = sizeof(a->frame) - a->size;

	if (size > room) {
		a->too_long = true;
		size = room;
	}
	memcpy(a->frame + a->size, data, size);
	a->size += size;
	return !a->too_long;
}

/* Ten groups of seven bits at most; what does not fit falls off the end. */
static bool read_varint(struct cursor *c, uint64_t *value)
{
	unsigned shift;
	unsigned char byte;

	*value = 0;
	for (shift = 0; shift < 70 && c->at < c->end; shift += 7) {
		byte = *c->at++;
		if (shift < 64)
			*value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return true;
	}
	return false;
}

static bool step_over(struct cursor *c, uint64_t size)
{
	if (size > (uint64_t)(c->end - c->at))
		return false;
	c->at += size;
	return true;
}

static bool read_field(struct cursor *c, uint64_t *serving)
{
	uint64_t key, value;

	if (!read_varint(c, &key) || key >> 3 == 0)
		return false;
	switch (key & 7) {
	case WIRE_VARINT:
		if (!read_varint(c, &value))
			return false;
		if (key == (FIELD_1 | WIRE_VARINT))
			*serving = value;
		return true;
	case WIRE_64:
		return step_over(c, 8);
	case WIRE_BYTES:
		return read_varint(c, &value) && step_over(c, value);
	case WIRE_32:
		return step_over(c, 4);
	default:
		return false;
	}
}

static const char *flaw_of_message(struct cursor c)
{
	static const char *const word[] = {
		"UNKNOWN", NULL, "NOT_SERVING", "SERVICE_UNKNOWN"};
	uint64_t serving = 0; /* what is not there is 0 */

	while (c.at < c.end)
		if (!read_field(&c, &serving))
			return "not a health answer";
	return serving < sizeof(word) / sizeof(*word)
		? word[serving]
		: "a health status nobody knows";
}

static const char *flaw_of_frame(const struct grpc_answer *a)
{
	const unsigned char *f = a->frame;
	size_t length;

	if (!a->size)
		return "no answer in it";
	if (a->size < GRPC_PREFIX)
		return "answer cut short";
	if (f[0])
		return "compressed answer";
	length = (size_t)f[1] << 24 | (size_t)f[2] << 16 | (size_t)f[3] << 8 |
		f[4];
	if (length != a->size - GRPC_PREFIX)
		return "answer of another length than it says";
	return flaw_of_message(
		(struct cursor){f + GRPC_PREFIX, f + GRPC_PREFIX + length});
}

bool grpc_answer_is_good(const struct grpc_answer *a, char why[REASON_MAX])
{
	const char *flaw;

	if (a->status > 0) {
		snprintf(why, REASON_MAX, "grpc-status %d", a->status);
		return false;
	}
	if (!a->is_grpc)
		flaw = "not gRPC";
	else if (a->too_long)
		flaw = "answer too long";
	else if (a->status < 0)
		flaw = "no grpc-status";
	else
		flaw = flaw_of_frame(a);
	if (flaw)
		snprintf(why, REASON_MAX, "%s", flaw);
	return !flaw;
}

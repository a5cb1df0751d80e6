#include "hearing.h"

#include <check.h>
#include <string.h>

struct talk hearing;

enum turn hearing_steps(const void *bytes, size_t size, size_t step)
{
	enum turn turn = TURN_LISTEN;
	const char *from = bytes;
	size_t some;

	while (size && turn == TURN_LISTEN) {
		some = size < step ? size : step;
		if (some > dialogue_room(&hearing))
			some = dialogue_room(&hearing);
		ck_assert_uint_gt(some, 0);
		memcpy(hearing.kept + hearing.held, from, some);
		turn = dialogue_heard(&hearing, some);
		from += some;
		size -= some;
	}
	return turn;
}

enum turn hearing_text(const char *text)
{
	return hearing_steps(text, strlen(text), 4096);
}

enum turn hearing_whole(
	const struct probe_conf *conf, const void *bytes, size_t size)
{
	enum turn slow, turn;

	if (dialogue_open(&hearing, conf) == TURN_SAY)
		dialogue_sent(&hearing);
	slow = hearing_steps(bytes, size, 1);
	if (dialogue_open(&hearing, conf) == TURN_SAY)
		dialogue_sent(&hearing);
	turn = hearing_steps(bytes, size, 4096);
	ck_assert_int_eq(slow, turn);
	return turn;
}

void hearing_says(const void *bytes, size_t size)
{
	ck_assert_uint_eq(hearing.say.size, size);
	ck_assert_mem_eq(hearing.say.at, bytes, size);
}

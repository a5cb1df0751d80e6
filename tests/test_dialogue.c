#include "lbd/dialogue.h"
#include "suites.h"

#include <string.h>

#define TEXT(s)                                                                \
	{                                                                      \
		(char *)(s), sizeof(s) - 1                                     \
	}

static struct talk t;

static const struct probe_conf redis = {.dialogue = DIALOGUE_REDIS},
			       postgres = {.dialogue = DIALOGUE_POSTGRES},
			       mysql = {.dialogue = DIALOGUE_MYSQL},
			       smtp = {.dialogue = DIALOGUE_SMTP};

/* The server says that, `step` bytes at a time; the turn after the last of
 * them that was listened to. */
static enum turn hear_in_steps(const void *bytes, size_t size, size_t step)
{
	enum turn turn = TURN_LISTEN;
	const char *from = bytes;
	size_t some;

	while (size && turn == TURN_LISTEN) {
		some = size < step ? size : step;
		if (some > dialogue_room(&t))
			some = dialogue_room(&t);
		ck_assert_uint_gt(some, 0);
		memcpy(t.kept + t.held, from, some);
		turn = dialogue_heard(&t, some);
		from += some;
		size -= some;
	}
	return turn;
}

static enum turn hear(const char *text)
{
	return hear_in_steps(text, strlen(text), 4096);
}

/* Opens, sends what there is, hears the answer; at once and in single bytes,
 * which must come to the same. */
static enum turn answer_is(
	const struct probe_conf *conf, const void *bytes, size_t size)
{
	enum turn slow, turn;

	if (dialogue_open(&t, conf) == TURN_SAY)
		dialogue_sent(&t);
	slow = hear_in_steps(bytes, size, 1);
	if (dialogue_open(&t, conf) == TURN_SAY)
		dialogue_sent(&t);
	turn = hear_in_steps(bytes, size, 4096);
	ck_assert_int_eq(slow, turn);
	return turn;
}

#define ANSWER(conf, text) answer_is(conf, text, sizeof(text) - 1)

static void says(const void *bytes, size_t size)
{
	ck_assert_uint_eq(t.say.size, size);
	ck_assert_mem_eq(t.say.at, bytes, size);
}

START_TEST(an_expected_text_is_found_across_reads)
{
	const struct probe_conf conf = {.expect = TEXT("aab")};

	ck_assert_int_eq(dialogue_open(&t, &conf), TURN_LISTEN);
	ck_assert_int_eq(hear("xxaa"), TURN_LISTEN);
	ck_assert_int_eq(hear("a"), TURN_LISTEN);
	ck_assert_int_eq(hear("b and more"), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&conf, "....aaab"), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&conf, "....aa.b"), TURN_LISTEN);
}
END_TEST

START_TEST(nuls_and_garbage_are_bytes_like_others)
{
	const struct probe_conf conf = {.expect = TEXT("\0\xff\0!")};

	ck_assert_int_eq(ANSWER(&conf, "\xfe\0\0\xff\0\0\xff\0!"), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&conf, "\0\0\0\xff!"), TURN_LISTEN);
}
END_TEST

START_TEST(an_expected_text_has_64_kib_to_come_in)
{
	const struct probe_conf conf = {.expect = TEXT("needle")};
	static char hay[TALK_LONGEST];

	memset(hay, 'x', sizeof(hay));
	memcpy(hay + sizeof(hay) - 6, "needle", 6);
	dialogue_open(&t, &conf);
	ck_assert_int_eq(hear_in_steps(hay, sizeof(hay), 4000), TURN_GOOD);
	hay[sizeof(hay) - 1] = 'x';
	dialogue_open(&t, &conf);
	ck_assert_int_eq(hear_in_steps(hay, sizeof(hay), 4000), TURN_BAD);
	ck_assert_str_eq(t.why, "expected text not in the first 64 KiB");
}
END_TEST

START_TEST(a_text_is_sent_before_one_is_expected)
{
	const struct probe_conf both = {
		.send = TEXT("a\0b"), .expect = TEXT("ok")};
	const struct probe_conf send_only = {.send = TEXT("hello")};

	ck_assert_int_eq(dialogue_open(&t, &both), TURN_SAY);
	says("a\0b", 3);
	ck_assert_int_eq(dialogue_sent(&t), TURN_LISTEN);
	ck_assert_int_eq(hear("ok"), TURN_GOOD);
	ck_assert_int_eq(dialogue_open(&t, &send_only), TURN_SAY);
	ck_assert_int_eq(dialogue_sent(&t), TURN_GOOD);
}
END_TEST

START_TEST(who_closes_before_the_end_is_bad)
{
	const struct probe_conf conf = {.expect = TEXT("ok")};

	dialogue_open(&t, &conf);
	hear("o");
	ck_assert_int_eq(dialogue_ended(&t, "closed"), TURN_BAD);
	ck_assert_str_eq(t.why, "closed");
}
END_TEST

START_TEST(redis_is_good_if_it_answers)
{
	ck_assert_int_eq(dialogue_open(&t, &redis), TURN_SAY);
	says("PING\r\n", 6);
	ck_assert_int_eq(ANSWER(&redis, "+PONG\r\n"), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&redis, "-NOAUTH Authentication required.\r\n"),
		TURN_GOOD);
	ck_assert_int_eq(
		ANSWER(&redis, "-NOPERM no permissions\r\n"), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&redis, "+PONG"), TURN_LISTEN);
}
END_TEST

START_TEST(redis_in_trouble_says_why)
{
	ck_assert_int_eq(
		ANSWER(&redis, "-LOADING Redis is loading\r\n"), TURN_BAD);
	ck_assert_str_eq(t.why, "LOADING Redis is loading");
	ck_assert_int_eq(ANSWER(&redis, "-MASTERDOWN Link\r\n"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&redis, "-NOAUTHX\r\n"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&redis, "+PONGO\r\n"), TURN_BAD);
	ck_assert_str_eq(t.why, "unexpected: +PONGO");
}
END_TEST

START_TEST(another_server_is_not_waited_for)
{
	ck_assert_int_eq(ANSWER(&redis, "HTTP"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&postgres, "HTTP"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&mysql, "HTTP/1.1"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&smtp, "SSH-2.0\r\n"), TURN_BAD);
	ck_assert_str_eq(t.why, "not SMTP: SSH-2.0");
	ck_assert_int_eq(ANSWER(&smtp, "220\0hello\r\n"), TURN_BAD);
}
END_TEST

START_TEST(a_reason_is_printable_and_short)
{
	char line[200];

	memset(line, 'a', sizeof(line));
	memcpy(line, "-ERR \x1b[2J\xff", 10);
	line[198] = '\r';
	line[199] = '\n';
	ck_assert_int_eq(answer_is(&redis, line, 200), TURN_BAD);
	ck_assert_uint_eq(strlen(t.why), REASON_MAX - 1);
	ck_assert_int_eq(strncmp(t.why, "ERR ?[2J?aaa", 12), 0);
}
END_TEST

START_TEST(an_endless_line_is_bad)
{
	static char line[2 * TALK_ROOM];

	memset(line, 'x', sizeof(line));
	line[0] = '+';
	dialogue_open(&t, &redis);
	dialogue_sent(&t);
	ck_assert_int_eq(hear_in_steps(line, sizeof(line), 1000), TURN_BAD);
	memset(line, '2', sizeof(line));
	dialogue_open(&t, &smtp);
	ck_assert_int_eq(hear_in_steps(line, sizeof(line), 1000), TURN_BAD);
}
END_TEST

START_TEST(smtp_is_greeted_by_and_said_goodbye_to)
{
	ck_assert_int_eq(dialogue_open(&t, &smtp), TURN_LISTEN);
	ck_assert_int_eq(hear("220-mx ESMTP\r\n220-sec"), TURN_LISTEN);
	ck_assert_int_eq(hear("ond\r\n220 third\r\n"), TURN_SAY);
	says("QUIT\r\n", 6);
	ck_assert_int_eq(dialogue_sent(&t), TURN_LISTEN);
	ck_assert_int_eq(hear("221 Bye\r\n"), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&smtp, "220\r\n"), TURN_SAY);
	dialogue_sent(&t);
	ck_assert_int_eq(dialogue_ended(&t, "closed"), TURN_GOOD);
}
END_TEST

START_TEST(smtp_that_takes_nothing_says_why)
{
	ck_assert_int_eq(ANSWER(&smtp, "421 4.3.2 too busy\r\n"), TURN_BAD);
	ck_assert_str_eq(t.why, "421 4.3.2 too busy");
	ck_assert_int_eq(ANSWER(&smtp, "554-no\r\n554 mail\r\n"), TURN_BAD);
	ck_assert_str_eq(t.why, "554-no");
	ANSWER(&smtp, "220 mx\r\n");
	dialogue_sent(&t);
	ck_assert_int_eq(hear("421 closing\r\n"), TURN_BAD);
	dialogue_open(&t, &smtp);
	ck_assert_int_eq(dialogue_ended(&t, "closed"), TURN_BAD);
}
END_TEST

#define PG_ERROR(code)                                                         \
	"E\0\0\0\x2e"                                                          \
	"SFATAL\0VFATAL\0C" code "\0Mso says the server\0\0"

START_TEST(postgres_is_good_if_it_judges_us)
{
	ck_assert_int_eq(dialogue_open(&t, &postgres), TURN_SAY);
	ck_assert_uint_eq(t.say.size, 0x3f);
	ck_assert_int_eq(
		ANSWER(&postgres, "R\0\0\0\x0c\0\0\0\5salt"), TURN_GOOD);
	ck_assert(t.gently);
	ck_assert_int_eq(ANSWER(&postgres, PG_ERROR("28000")), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&postgres, PG_ERROR("3D000")), TURN_GOOD);
	ck_assert_int_eq(
		ANSWER(&postgres, "R\0\0\0\x0c\0\0\0\5sal"), TURN_LISTEN);
}
END_TEST

START_TEST(postgres_in_trouble_says_why)
{
	ck_assert_int_eq(ANSWER(&postgres, PG_ERROR("57P03")), TURN_BAD);
	ck_assert_str_eq(t.why, "57P03 so says the server");
	ck_assert_int_eq(ANSWER(&postgres, PG_ERROR("53300")), TURN_BAD);
	/* It asks for no password, and still has no room. */
	ck_assert_int_eq(
		ANSWER(&postgres, "R\0\0\0\x08\0\0\0\0" PG_ERROR("53300")),
		TURN_BAD);
}
END_TEST

START_TEST(postgres_is_said_goodbye_to)
{
	ck_assert_int_eq(ANSWER(&postgres, "R\0\0\0\x08\0\0\0\0"), TURN_LISTEN);
	ck_assert_int_eq(hear("Z"), TURN_LISTEN);
	ck_assert_int_eq(hear_in_steps("\0\0\0\5I", 5, 5), TURN_SAY);
	says("X\0\0\0\4", 5);
	ck_assert_int_eq(dialogue_sent(&t), TURN_LISTEN);
	ck_assert_int_eq(hear("whatever"), TURN_LISTEN);
	ck_assert_int_eq(dialogue_ended(&t, "closed"), TURN_GOOD);
}
END_TEST

START_TEST(postgres_that_breaks_its_protocol_is_bad)
{
	ck_assert_int_eq(ANSWER(&postgres, "R\0\0\0\3"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&postgres, "E\x7f\0\0\0"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&postgres, "R\0\0\0\4"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&postgres, "E\0\0\0\x08SABC"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&postgres, "Z\0\0\0\5I"), TURN_BAD);
}
END_TEST

/* MySQL 8: abilities 0xc207ffff. */
#define GREETING                                                               \
	"\x4a\0\0\0\x0a"                                                       \
	"8.0.36\0\x2a\0\0\0salt5678\0\xff\xff\xff\2\0\xff\xdf\x15\0\0\0\0"     \
	"\0\0\0\0\0\0"                                                         \
	"salt56789012\0caching_sha2_password\0"

static const unsigned char *packet(size_t size, unsigned number)
{
	const unsigned char *sent = t.say.at;

	ck_assert_uint_eq(t.say.size, size + 4);
	ck_assert_uint_eq(sent[0] | sent[1] << 8 | sent[2] << 16, size);
	ck_assert_uint_eq(sent[3], number);
	return sent + 4;
}

static void log_in(void)
{
	ck_assert_int_eq(ANSWER(&mysql, GREETING), TURN_SAY);
	ck_assert_int_eq(
		memcmp(packet(59, 1) + 32, "lbd\0\0mysql_native_password", 27),
		0);
	ck_assert_int_eq(dialogue_sent(&t), TURN_LISTEN);
}

START_TEST(mysql_that_refuses_our_login_is_good)
{
	log_in();
	ck_assert_int_eq(
		hear_in_steps("\x0f\0\0\2\xff\x15\4#28000Denied", 19, 3),
		TURN_GOOD);
}
END_TEST

START_TEST(mysql_that_lets_us_in_is_said_goodbye_to)
{
	log_in();
	ck_assert_int_eq(
		hear_in_steps("\7\0\0\2\0\0\0\2\0\0\0", 11, 1), TURN_SAY);
	says("\1\0\0\0\1", 5);
	ck_assert_int_eq(dialogue_sent(&t), TURN_LISTEN);
	ck_assert_int_eq(dialogue_ended(&t, "closed"), TURN_GOOD);
}
END_TEST

START_TEST(mysql_login_is_followed_to_its_end)
{
	static const unsigned char zero[64];

	log_in();
	ck_assert_int_eq(hear_in_steps("\x20\0\0\2\xfe"
				       "mysql_native_password\0salt12345",
				 36, 5),
		TURN_SAY);
	packet(0, 3);
	ck_assert_int_eq(dialogue_sent(&t), TURN_LISTEN);
	ck_assert_int_eq(hear_in_steps("\x10\0\0\4\xfe"
				       "client_ed25519\0",
				 20, 5),
		TURN_SAY);
	ck_assert_mem_eq(packet(64, 5), zero, 64);
	dialogue_sent(&t);
	ck_assert_int_eq(hear_in_steps("\x0b\0\0\6\xfe"
				       "any other\0",
				 15, 5),
		TURN_SAY);
	ck_assert_mem_eq(packet(1, 7), zero, 1);
	dialogue_sent(&t);
	ck_assert_int_eq(hear_in_steps("\2\0\0\x08\1\3", 6, 6), TURN_LISTEN);
	ck_assert_int_eq(hear_in_steps("\2\0\0\x08\1\4", 6, 6), TURN_SAY);
	packet(1, 9);
}
END_TEST

START_TEST(mysql_login_without_end_is_left)
{
	int i;

	log_in();
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(hear_in_steps("\2\0\0\2\1\4", 6, 6), TURN_SAY);
		dialogue_sent(&t);
	}
	ck_assert_int_eq(hear_in_steps("\2\0\0\2\1\4", 6, 6), TURN_GOOD);
}
END_TEST

START_TEST(mysql_in_trouble_says_why)
{
	ck_assert_int_eq(
		ANSWER(&mysql, "\x10\0\0\0\xff\x10\4#08004no room"), TURN_BAD);
	ck_assert_str_eq(t.why, "error 1040 no room");
	/* Blocked: before there is an SQLSTATE. */
	ck_assert_int_eq(
		ANSWER(&mysql, "\x0f\0\0\0\xff\x69\4Host blocked"), TURN_BAD);
	ck_assert_str_eq(t.why, "error 1129 Host blocked");
	log_in();
	ck_assert_int_eq(
		hear_in_steps("\x10\0\0\2\xff\x10\4#08004no room", 20, 4),
		TURN_BAD);
	log_in();
	ck_assert_int_eq(dialogue_ended(&t, "closed"), TURN_BAD);
}
END_TEST

START_TEST(mysql_that_breaks_its_protocol_is_bad)
{
	ck_assert_int_eq(ANSWER(&mysql, "\0\0\0\0"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&mysql, "\xff\xff\xff\0"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&mysql, "\1\0\0\0\xff"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&mysql, "\2\0\0\0\x09x"), TURN_BAD);
	/* A greeting without an end of its version: nothing to log in to. */
	ck_assert_int_eq(ANSWER(&mysql,
				 "\4\0\0\0\x0a"
				 "5.7"),
		TURN_GOOD);
}
END_TEST

Suite *dialogue_suite(void)
{
	Suite *s = suite_create("dialogue");
	TCase *tc = tcase_create("dialogue");

	tcase_add_test(tc, an_expected_text_is_found_across_reads);
	tcase_add_test(tc, nuls_and_garbage_are_bytes_like_others);
	tcase_add_test(tc, an_expected_text_has_64_kib_to_come_in);
	tcase_add_test(tc, a_text_is_sent_before_one_is_expected);
	tcase_add_test(tc, who_closes_before_the_end_is_bad);
	tcase_add_test(tc, redis_is_good_if_it_answers);
	tcase_add_test(tc, redis_in_trouble_says_why);
	tcase_add_test(tc, another_server_is_not_waited_for);
	tcase_add_test(tc, a_reason_is_printable_and_short);
	tcase_add_test(tc, an_endless_line_is_bad);
	tcase_add_test(tc, smtp_is_greeted_by_and_said_goodbye_to);
	tcase_add_test(tc, smtp_that_takes_nothing_says_why);
	tcase_add_test(tc, postgres_is_good_if_it_judges_us);
	tcase_add_test(tc, postgres_in_trouble_says_why);
	tcase_add_test(tc, postgres_is_said_goodbye_to);
	tcase_add_test(tc, postgres_that_breaks_its_protocol_is_bad);
	tcase_add_test(tc, mysql_that_refuses_our_login_is_good);
	tcase_add_test(tc, mysql_that_lets_us_in_is_said_goodbye_to);
	tcase_add_test(tc, mysql_login_is_followed_to_its_end);
	tcase_add_test(tc, mysql_login_without_end_is_left);
	tcase_add_test(tc, mysql_in_trouble_says_why);
	tcase_add_test(tc, mysql_that_breaks_its_protocol_is_bad);
	suite_add_tcase(s, tc);
	return s;
}

/* Dialogues of text, and of servers that speak in lines. */
#include "test_dialogue.h"
#include "hearing.h"
#include "suites.h"

#include <string.h>

#define TEXT(s)                                                                \
	{                                                                      \
		(char *)(s), sizeof(s) - 1                                     \
	}

static const struct probe_conf redis = {.dialogue = DIALOGUE_REDIS},
			       postgres = {.dialogue = DIALOGUE_POSTGRES},
			       mysql = {.dialogue = DIALOGUE_MYSQL},
			       smtp = {.dialogue = DIALOGUE_SMTP};

START_TEST(an_expected_text_is_found_across_reads)
{
	const struct probe_conf conf = {.expect = TEXT("aab")};

	ck_assert_int_eq(dialogue_open(&hearing, &conf), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("xxaa"), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("a"), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("b and more"), TURN_GOOD);
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
	dialogue_open(&hearing, &conf);
	ck_assert_int_eq(hearing_steps(hay, sizeof(hay), 4000), TURN_GOOD);
	hay[sizeof(hay) - 1] = 'x';
	dialogue_open(&hearing, &conf);
	ck_assert_int_eq(hearing_steps(hay, sizeof(hay), 4000), TURN_BAD);
	ck_assert_str_eq(hearing.why, "expected text not in the first 64 KiB");
}
END_TEST

START_TEST(a_text_is_sent_before_one_is_expected)
{
	const struct probe_conf both = {
		.send = TEXT("a\0b"), .expect = TEXT("ok")};
	const struct probe_conf send_only = {.send = TEXT("hello")};

	ck_assert_int_eq(dialogue_open(&hearing, &both), TURN_SAY);
	hearing_says("a\0b", 3);
	ck_assert_int_eq(dialogue_sent(&hearing), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("ok"), TURN_GOOD);
	ck_assert_int_eq(dialogue_open(&hearing, &send_only), TURN_SAY);
	ck_assert_int_eq(dialogue_sent(&hearing), TURN_GOOD);
}
END_TEST

START_TEST(who_closes_before_the_end_is_bad)
{
	const struct probe_conf conf = {.expect = TEXT("ok")};

	dialogue_open(&hearing, &conf);
	hearing_text("o");
	ck_assert_int_eq(dialogue_ended(&hearing, "closed"), TURN_BAD);
	ck_assert_str_eq(hearing.why, "closed");
}
END_TEST

START_TEST(redis_is_good_if_it_answers)
{
	ck_assert_int_eq(dialogue_open(&hearing, &redis), TURN_SAY);
	hearing_says("PING\r\n", 6);
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
	ck_assert_str_eq(hearing.why, "LOADING Redis is loading");
	ck_assert_int_eq(ANSWER(&redis, "-MASTERDOWN Link\r\n"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&redis, "-NOAUTHX\r\n"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&redis, "+PONGO\r\n"), TURN_BAD);
	ck_assert_str_eq(hearing.why, "unexpected: +PONGO");
}
END_TEST

START_TEST(another_server_is_not_waited_for)
{
	ck_assert_int_eq(ANSWER(&redis, "HTTP"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&postgres, "HTTP"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&mysql, "HTTP/1.1"), TURN_BAD);
	ck_assert_int_eq(ANSWER(&smtp, "SSH-2.0\r\n"), TURN_BAD);
	ck_assert_str_eq(hearing.why, "not SMTP: SSH-2.0");
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
	ck_assert_int_eq(hearing_whole(&redis, line, 200), TURN_BAD);
	ck_assert_uint_eq(strlen(hearing.why), REASON_MAX - 1);
	ck_assert_int_eq(strncmp(hearing.why, "ERR ?[2J?aaa", 12), 0);
}
END_TEST

START_TEST(an_endless_line_is_bad)
{
	static char line[2 * TALK_ROOM];

	memset(line, 'x', sizeof(line));
	line[0] = '+';
	dialogue_open(&hearing, &redis);
	dialogue_sent(&hearing);
	ck_assert_int_eq(hearing_steps(line, sizeof(line), 1000), TURN_BAD);
	memset(line, '2', sizeof(line));
	dialogue_open(&hearing, &smtp);
	ck_assert_int_eq(hearing_steps(line, sizeof(line), 1000), TURN_BAD);
}
END_TEST

START_TEST(smtp_is_greeted_by_and_said_goodbye_to)
{
	ck_assert_int_eq(dialogue_open(&hearing, &smtp), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("220-mx ESMTP\r\n220-sec"), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("ond\r\n220 third\r\n"), TURN_SAY);
	hearing_says("QUIT\r\n", 6);
	ck_assert_int_eq(dialogue_sent(&hearing), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("221 Bye\r\n"), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&smtp, "220\r\n"), TURN_SAY);
	dialogue_sent(&hearing);
	ck_assert_int_eq(dialogue_ended(&hearing, "closed"), TURN_GOOD);
}
END_TEST

START_TEST(smtp_that_takes_nothing_says_why)
{
	ck_assert_int_eq(ANSWER(&smtp, "421 4.3.2 too busy\r\n"), TURN_BAD);
	ck_assert_str_eq(hearing.why, "421 4.3.2 too busy");
	ck_assert_int_eq(ANSWER(&smtp, "554-no\r\n554 mail\r\n"), TURN_BAD);
	ck_assert_str_eq(hearing.why, "554-no");
	ANSWER(&smtp, "220 mx\r\n");
	dialogue_sent(&hearing);
	ck_assert_int_eq(hearing_text("421 closing\r\n"), TURN_BAD);
	dialogue_open(&hearing, &smtp);
	ck_assert_int_eq(dialogue_ended(&hearing, "closed"), TURN_BAD);
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
	suite_add_tcase(s, tc);
	suite_add_tcase(s, dialogue_databases_case());
	return s;
}

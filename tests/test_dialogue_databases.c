/* PostgreSQL and MySQL: packets, and a login that is to be refused. */
#include "hearing.h"
#include "test_dialogue.h"

#include <string.h>

static const struct probe_conf postgres = {.dialogue = DIALOGUE_POSTGRES},
			       mysql = {.dialogue = DIALOGUE_MYSQL};

#define PG_ERROR(code)                                                         \
	"E\0\0\0\x2e"                                                          \
	"SFATAL\0VFATAL\0C" code "\0Mso says the server\0\0"

START_TEST(postgres_is_good_if_it_judges_us)
{
	ck_assert_int_eq(dialogue_open(&hearing, &postgres), TURN_SAY);
	ck_assert_uint_eq(hearing.say.size, 0x3f);
	ck_assert_int_eq(
		ANSWER(&postgres, "R\0\0\0\x0c\0\0\0\5salt"), TURN_GOOD);
	ck_assert(hearing.gently);
	ck_assert_int_eq(ANSWER(&postgres, PG_ERROR("28000")), TURN_GOOD);
	ck_assert_int_eq(ANSWER(&postgres, PG_ERROR("3D000")), TURN_GOOD);
	ck_assert_int_eq(
		ANSWER(&postgres, "R\0\0\0\x0c\0\0\0\5sal"), TURN_LISTEN);
}
END_TEST

START_TEST(postgres_in_trouble_says_why)
{
	ck_assert_int_eq(ANSWER(&postgres, PG_ERROR("57P03")), TURN_BAD);
	ck_assert_str_eq(hearing.why, "57P03 so says the server");
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
	ck_assert_int_eq(hearing_text("Z"), TURN_LISTEN);
	ck_assert_int_eq(hearing_steps("\0\0\0\5I", 5, 5), TURN_SAY);
	hearing_says("X\0\0\0\4", 5);
	ck_assert_int_eq(dialogue_sent(&hearing), TURN_LISTEN);
	ck_assert_int_eq(hearing_text("whatever"), TURN_LISTEN);
	ck_assert_int_eq(dialogue_ended(&hearing, "closed"), TURN_GOOD);
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
	const unsigned char *sent = hearing.say.at;

	ck_assert_uint_eq(hearing.say.size, size + 4);
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
	ck_assert_int_eq(dialogue_sent(&hearing), TURN_LISTEN);
}

START_TEST(mysql_that_refuses_our_login_is_good)
{
	log_in();
	ck_assert_int_eq(
		hearing_steps("\x0f\0\0\2\xff\x15\4#28000Denied", 19, 3),
		TURN_GOOD);
}
END_TEST

START_TEST(mysql_that_lets_us_in_is_said_goodbye_to)
{
	log_in();
	ck_assert_int_eq(
		hearing_steps("\7\0\0\2\0\0\0\2\0\0\0", 11, 1), TURN_SAY);
	hearing_says("\1\0\0\0\1", 5);
	ck_assert_int_eq(dialogue_sent(&hearing), TURN_LISTEN);
	ck_assert_int_eq(dialogue_ended(&hearing, "closed"), TURN_GOOD);
}
END_TEST

START_TEST(mysql_login_is_followed_to_its_end)
{
	static const unsigned char zero[64];

	log_in();
	ck_assert_int_eq(hearing_steps("\x20\0\0\2\xfe"
				       "mysql_native_password\0salt12345",
				 36, 5),
		TURN_SAY);
	packet(0, 3);
	ck_assert_int_eq(dialogue_sent(&hearing), TURN_LISTEN);
	ck_assert_int_eq(hearing_steps("\x10\0\0\4\xfe"
				       "client_ed25519\0",
				 20, 5),
		TURN_SAY);
	ck_assert_mem_eq(packet(64, 5), zero, 64);
	dialogue_sent(&hearing);
	ck_assert_int_eq(hearing_steps("\x0b\0\0\6\xfe"
				       "any other\0",
				 15, 5),
		TURN_SAY);
	ck_assert_mem_eq(packet(1, 7), zero, 1);
	dialogue_sent(&hearing);
	ck_assert_int_eq(hearing_steps("\2\0\0\x08\1\3", 6, 6), TURN_LISTEN);
	ck_assert_int_eq(hearing_steps("\2\0\0\x08\1\4", 6, 6), TURN_SAY);
	packet(1, 9);
}
END_TEST

START_TEST(mysql_login_without_end_is_left)
{
	int i;

	log_in();
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(hearing_steps("\2\0\0\2\1\4", 6, 6), TURN_SAY);
		dialogue_sent(&hearing);
	}
	ck_assert_int_eq(hearing_steps("\2\0\0\2\1\4", 6, 6), TURN_GOOD);
}
END_TEST

START_TEST(mysql_in_trouble_says_why)
{
	ck_assert_int_eq(
		ANSWER(&mysql, "\x10\0\0\0\xff\x10\4#08004no room"), TURN_BAD);
	ck_assert_str_eq(hearing.why, "error 1040 no room");
	/* Blocked: before there is an SQLSTATE. */
	ck_assert_int_eq(
		ANSWER(&mysql, "\x0f\0\0\0\xff\x69\4Host blocked"), TURN_BAD);
	ck_assert_str_eq(hearing.why, "error 1129 Host blocked");
	log_in();
	ck_assert_int_eq(
		hearing_steps("\x10\0\0\2\xff\x10\4#08004no room", 20, 4),
		TURN_BAD);
	log_in();
	ck_assert_int_eq(dialogue_ended(&hearing, "closed"), TURN_BAD);
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

TCase *dialogue_databases_case(void)
{
	TCase *tc = tcase_create("databases");

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
	return tc;
}

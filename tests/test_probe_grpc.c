#include "lbd/grpc_answer.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

/* A byte string with its length, NULs and all. */
#define BYTES(s) s, sizeof(s) - 1

static struct grpc_answer answer;
static char why[REASON_MAX];

static void line(const char *text)
{
	grpc_answer_line(&answer, text, strlen(text));
}

/* What becomes of a body between the headers and trailers of a good answer:
 * "" where it is good. */
static const char *said_of(const char *frame, size_t size)
{
	grpc_answer_clear(&answer);
	line("content-type: application/grpc\r\n");
	grpc_answer_piece(&answer, frame, size);
	line("grpc-status: 0\r\n");
	return grpc_answer_is_good(&answer, why) ? "" : why;
}

START_TEST(a_question_is_a_frame_with_the_services_name)
{
	unsigned char out[GRPC_QUESTION_MAX];
	char name[GRPC_SERVICE_MAX + 2];

	ck_assert_uint_eq(grpc_question(NULL, out), 5);
	ck_assert_mem_eq(out, "\0\0\0\0\0", 5);
	ck_assert_uint_eq(grpc_question("abc", out), 10);
	ck_assert_mem_eq(out, "\0\0\0\0\5\x0a\3abc", 10);

	memset(name, 'x', sizeof(name));
	name[200] = '\0';
	ck_assert_uint_eq(grpc_question(name, out), 5 + 3 + 200);
	ck_assert_mem_eq(out, "\0\0\0\0\xcb\x0a\xc8\1xx", 10);
	memset(name, 'x', sizeof(name));
	name[GRPC_SERVICE_MAX] = '\0';
	ck_assert_uint_eq(grpc_question(name, out), GRPC_QUESTION_MAX);
	ck_assert_mem_eq(out, "\0\0\0\0\xfd\x0a\xfa\1xx", 10);
	name[GRPC_SERVICE_MAX] = 'x';
	name[GRPC_SERVICE_MAX + 1] = '\0';
	ck_assert_uint_eq(grpc_question(name, out), 0);
}
END_TEST

static const struct {
	const char *frame;
	size_t size;
	const char *why;
} said[] = {
	{BYTES("\0\0\0\0\2\x08\1"), ""},
	{BYTES("\0\0\0\0\0"), "UNKNOWN"},
	{BYTES("\0\0\0\0\2\x08\0"), "UNKNOWN"},
	{BYTES("\0\0\0\0\2\x08\2"), "NOT_SERVING"},
	{BYTES("\0\0\0\0\2\x08\3"), "SERVICE_UNKNOWN"},
	{BYTES("\0\0\0\0\2\x08\4"), "a health status nobody knows"},
	{BYTES("\0\0\0\0\4\x08\2\x08\1"), ""}, /* the last one counts */
	{BYTES("\0\0\0\0\3\x08\x81\0"), ""},   /* 1 in two bytes */
	/* other fields, of each kind, are stepped over */
	{BYTES("\0\0\0\0\x16\x10\7\x08\1\x1a\2hi\x25"
	       "1234\x29"
	       "12345678"),
		""},
	{BYTES(""), "no answer in it"},
	{BYTES("\0\0\0\0"), "answer cut short"},
	{BYTES("\1\0\0\0\2\x08\1"), "compressed answer"},
	{BYTES("\0\0\0\0\3\x08\1"), "answer of another length than it says"},
	{BYTES("\0\0\0\0\2\x08\1\0\0\0\0\2\x08\1"),
		"answer of another length than it says"},
	{BYTES("\0\xff\xff\xff\xff\x08\1"),
		"answer of another length than it says"},
	{BYTES("\0\0\0\0\1\x08"), "not a health answer"},
	{BYTES("\0\0\0\0\2\x1a\5"), "not a health answer"},
	{BYTES("\0\0\0\0\2\0\1"), "not a health answer"},   /* field 0 */
	{BYTES("\0\0\0\0\2\x0b\1"), "not a health answer"}, /* wire type 3 */
	{BYTES("\0\0\0\0\x0c\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"),
		"not a health answer"},
	{BYTES("\0\0\0\0\x0c\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\1"),
		"not a health answer"},
};

START_TEST(only_serving_is_good)
{
	ck_assert_str_eq(said_of(said[_i].frame, said[_i].size), said[_i].why);
}
END_TEST

START_TEST(an_answer_may_come_in_pieces)
{
	const char *frame = "\0\0\0\0\2\x08\1";
	int i;

	grpc_answer_clear(&answer);
	line("Content-Type: application/grpc+proto\r\n");
	for (i = 0; i < 7; i++)
		grpc_answer_piece(&answer, frame + i, 1);
	line("grpc-status: 0\r\n");
	ck_assert(grpc_answer_is_good(&answer, why));
}
END_TEST

START_TEST(an_answer_is_bounded)
{
	static char much[GRPC_PREFIX + GRPC_MESSAGE_MAX + 1];
	int i;

	ck_assert_str_eq(said_of(much, sizeof(much)), "answer too long");
	for (i = 0; i < 100; i++)
		ck_assert(!grpc_answer_piece(&answer, much, sizeof(much)));
	ck_assert_uint_eq(answer.size, sizeof(much) - 1);
}
END_TEST

static const struct {
	const char *lines[3];
	const char *why;
} headed[] = {
	{{"content-type: application/grpc", "grpc-status: 12"},
		"grpc-status 12"},
	{{"content-type: application/grpc"}, "no grpc-status"},
	{{"content-type: application/grpc", "grpc-status: x"},
		"no grpc-status"},
	{{"content-type: application/grpc", "grpc-status: 4294967296"},
		"no grpc-status"},
	{{"content-type: application/grpc", "grpc-status: "}, "no grpc-status"},
	{{"content-type: application/grpc", "grpc-status:"}, "no grpc-status"},
	{{"content-type: application/grpc", "grpc-status"}, "no grpc-status"},
	{{"content-type: text/html", "grpc-status: 0"}, "not gRPC"},
	{{"content-type: application/grpc-web", "grpc-status: 0"}, "not gRPC"},
	{{"grpc-status: 0"}, "not gRPC"},
	{{"content-type: application/grpc", "grpc-status: 0", "grpc-status: 5"},
		"grpc-status 5"},
	{{"content-type: application/grpc;charset=x", "GRPC-Status:0"}, ""},
};

START_TEST(headers_and_trailers_count)
{
	int i;

	grpc_answer_clear(&answer);
	grpc_answer_piece(&answer, "\0\0\0\0\2\x08\1", 7);
	for (i = 0; i < 3 && headed[_i].lines[i]; i++)
		line(headed[_i].lines[i]);
	ck_assert_str_eq(
		grpc_answer_is_good(&answer, why) ? "" : why, headed[_i].why);
}
END_TEST

START_TEST(no_bytes_confuse_it)
{
	unsigned char junk[64];
	unsigned seed = 1;
	size_t i, j, size;

	for (i = 0; i < 20000; i++) {
		size = (size_t)rand_r(&seed) % sizeof(junk);
		for (j = 0; j < size; j++)
			junk[j] = (unsigned char)rand_r(&seed);
		if (size >= GRPC_PREFIX) {
			memset(junk, 0, 4);
			junk[4] = (unsigned char)(size - GRPC_PREFIX);
		}
		said_of((char *)junk, size);
		ck_assert_uint_lt(strlen(why), REASON_MAX);
	}
}
END_TEST

Suite *probe_grpc_suite(void)
{
	Suite *s = suite_create("probe_grpc");
	TCase *t = tcase_create("probe_grpc");

	tcase_add_test(t, a_question_is_a_frame_with_the_services_name);
	tcase_add_loop_test(
		t, only_serving_is_good, 0, sizeof(said) / sizeof(*said));
	tcase_add_test(t, an_answer_may_come_in_pieces);
	tcase_add_test(t, an_answer_is_bounded);
	tcase_add_loop_test(t, headers_and_trailers_count, 0,
		sizeof(headed) / sizeof(*headed));
	tcase_add_test(t, no_bytes_confuse_it);
	suite_add_tcase(s, t);
	return s;
}

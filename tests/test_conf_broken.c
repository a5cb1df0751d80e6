/*
 * Broken files, and exactly the lines that are said about each: those of
 * tests/broken, and a good one that is damaged by chance in ways whose
 * messages are known.
 */
#include "lbd/conf.h"
#include "test_conf.h"

#include <glob.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* All of a file as a string, to be freed. */
static char *load(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	ck_assert_msg(f != NULL, "no %s", path);
	ck_assert_int_gt(getdelim(&text, &room, '\0', f), 0);
	fclose(f);
	return text;
}

/* The record at `at`, "== TITLE", text, "--", messages; returns the next. */
static char *try_record(char *at, const char *path)
{
	char *title = at + strlen("== "), *text, *said, *next, *got;
	struct complaints complaints;
	struct conf *conf;

	ck_assert_msg(!strncmp(at, "== ", 3), "%s: no record: %.40s", path, at);
	text = strchr(title, '\n') + 1;
	said = strstr(text - 1, "\n--\n");
	ck_assert_msg(said != NULL, "%s: no --: %.40s", path, title);
	text[-1] = said[3] = '\0';
	next = strstr(said += 4, "\n== ");
	if (next)
		*next++ = '\0';
	conf = conf_parse("F", text, (size_t)(said - 3 - text), &complaints);
	got = conf_said(&complaints);
	ck_assert_msg(!conf, "%s: %s: is taken", path, title);
	if (next) /* its newline is gone */
		got[strlen(got) - 1] = '\0';
	ck_assert_msg(!strcmp(got, said), "%s: %s: said\n%s\nnot\n%s", path,
		title, got, said);
	free(got);
	complaints_free(&complaints);
	return next;
}

START_TEST(broken_files_are_told_all_that_is_wrong)
{
	glob_t files;
	int records = 0;

	ck_assert_int_eq(glob("tests/broken/*.txt", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i];
		char *text = load(path);

		for (char *at = text; at; records++)
			at = try_record(at, path);
		free(text);
	}
	globfree(&files);
	ck_assert_int_ge(records, 100);
}
END_TEST

/* ---- a good file, line by line ---- */

static const struct good_line {
	const char *section, *key, *value; /* without a key: [section] */
} good_lines[] = {
	{"lbd", NULL, NULL},
	{"lbd", "socket", "/run/x/lbd.sock"},
	{"lbd", "socket-mode", "0600"},
	{"lbd", "log", "syslog"},
	{"lbd", "log-level", "debug"},
	{"defaults", NULL, NULL},
	{"defaults", "interval", "5s"},
	{"defaults", "rise", "3"},
	{"defaults", "permit", "user 7"},
	{"defaults", "deny", "any"},
	{"defaults", "panic", "10%"},
	{"defaults", "connect-timeout", "250ms"},
	{"service api", NULL, NULL},
	{"service api", "address", "10.96.0.10:80"},
	{"service api", "address", "10.96.0.10:443"},
	{"service api", "name", "api.internal"},
	{"service api", "backend", "10.0.0.4:8080 weight=2 name=web1"},
	{"service api", "backend", "10.0.0.5:8080 backup"},
	{"service api", "balance", "first"},
	{"service api", "probe", "http GET /healthz 200-299"},
	{"service db", NULL, NULL},
	{"service db", "address", "[fd00::10]:*"},
	{"service db", "backend", "[fd00::4]:5432"},
	{"service db", "protocol", "udp"},
	{"service db", "timeout", "1s"},
	{"service db", "retries", "0"},
	{"service db", "no-backend", "unreachable"},
};

enum { GOOD_LINES = sizeof(good_lines) / sizeof(*good_lines) };

/* What is done to a line. */
enum damage {
	BEHIND, /* a comment that is none */
	EMPTY,
	JUNK, /* a line above */
	OPEN, /* a section without its ] */
	TWICE,
	MISSPELT,
	COLON,
	LONG,
	CONTROL,
	DAMAGES,
};

static bool is_list(const char *key)
{
	return !strcmp(key, "address") || !strcmp(key, "name") ||
		!strcmp(key, "backend") || !strcmp(key, "permit") ||
		!strcmp(key, "deny");
}

/* Would its message be the only one? A service without an address is another
 * mistake, if nobody sees that one was meant. */
static bool suits(enum damage damage, const struct good_line *l)
{
	if (!l->key)
		return damage == JUNK || damage == OPEN;
	if (damage == TWICE && is_list(l->key))
		return false;
	if (!strcmp(l->key, "address") || !strcmp(l->key, "backend"))
		return damage <= JUNK;
	return damage != OPEN;
}

struct file {
	char text[16384], said[16384];
	size_t size, words;
	int line;
};

static void put(struct file *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void expect(struct file *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct file *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	f->size += (size_t)vsnprintf(
		f->text + f->size, sizeof(f->text) - f->size, format, args);
	va_end(args);
	f->text[f->size++] = '\n';
	f->line++;
}

/* Of the line that was put last. */
static void expect(struct file *f, const char *format, ...)
{
	size_t room = sizeof(f->said) - 1;
	va_list args;

	f->words += (size_t)snprintf(
		f->said + f->words, room - f->words, "F:%d: ", f->line);
	va_start(args, format);
	f->words += (size_t)vsnprintf(
		f->said + f->words, room - f->words, format, args);
	va_end(args);
	f->said[f->words++] = '\n';
}

static const char shape[] = "expected [section], key = value or a comment:";

static void put_good(struct file *f, const struct good_line *l)
{
	if (l->key)
		put(f, "%s = %s", l->key, l->value);
	else
		put(f, "[%s]", l->section);
}

static void put_damaged(
	struct file *f, const struct good_line *l, enum damage damage)
{
	const char *s = l->section, *key = l->key, *value = l->value;

	switch (damage) {
	case BEHIND:
		put(f, "%s = %s # or so", key, value);
		expect(f,
			"[%s] %s: # begins no comment after a value, but ; "
			"does: \"%s # or so\"",
			s, key, value);
		break;
	case EMPTY:
		put(f, "  %s =\t; %s", key, value);
		expect(f, "[%s] %s: empty value", s, key);
		break;
	case JUNK:
		put(f, " so what ; nothing");
		expect(f, "%s \"so what\"", shape);
		put_good(f, l);
		break;
	case OPEN:
		put(f, "[%s", s);
		expect(f, "%s \"[%s\"", shape, s);
		break;
	case TWICE:
		put_good(f, l);
		put_good(f, l);
		expect(f, "[%s] %s: set on line %d already", s, key,
			f->line - 1);
		break;
	case MISSPELT:
		put(f, "%sx = %s", key, value);
		expect(f, "[%s] %sx: unknown key (%s?)", s, key, key);
		break;
	case COLON:
		put(f, "%s: %s", key, value);
		expect(f, "%s \"%s: %s\" (= separates, not :)", shape, key,
			value);
		break;
	case LONG:
		put(f, "%-*s;", 199, key);
		expect(f, "line has 200 bytes: at most 199");
		break;
	default:
		put(f, "%s\x01 = %s", key, value);
		expect(f, "control byte: \"%s\\x01 = %s\"", key, value);
	}
}

static unsigned draw(unsigned *seed, unsigned below)
{
	return (unsigned)rand_r(seed) / 7 % below;
}

START_TEST(damage_by_chance_is_told_line_by_line)
{
	static struct file f;
	unsigned seed = (unsigned)_i + 1;

	for (size_t i = 0; i < GOOD_LINES; i++) {
		enum damage damage = (enum damage)draw(&seed, DAMAGES);

		if (draw(&seed, 3) || !suits(damage, &good_lines[i]))
			put_good(&f, &good_lines[i]);
		else
			put_damaged(&f, &good_lines[i], damage);
	}
	f.text[f.size] = f.said[f.words] = '\0';
	conf_expect(f.text, f.said);
}
END_TEST

TCase *conf_broken_case(void)
{
	TCase *tc = tcase_create("broken");

	tcase_add_test(tc, broken_files_are_told_all_that_is_wrong);
	tcase_add_loop_test(tc, damage_by_chance_is_told_line_by_line, 0, 200);
	return tc;
}

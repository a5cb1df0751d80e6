/*
 * What lbd says of a connect() that was only thought of, in the order in which
 * it would happen: who, the rules one by one, the verdict, the backends, and on
 * the last line what the program gets.
 */
#include "lbctl_explain.h"
#include "lbctl_rows.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_SHOWN = 16, CHOICE_SHARE = 6 /* column */ };

static bool is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* Through a cell, which lets nothing through that disturbs a terminal. */
static void print_text(const char *text)
{
	struct cell cell;

	cell_set(&cell, TONE_PLAIN, "%s", text);
	fputs(cell.text, stdout);
}

/* "unknown (it has ended)" */
static void print_unknown(const json_t *who, const char *subject)
{
	const json_t *why = json_object_get(who, "unknown_because");

	fputs("unknown", stdout);
	if (json_object_get(why, subject))
		printf(" (%s)", string_of(why, subject));
}

static void print_groups(const json_t *who)
{
	const json_t *groups = json_object_get(who, "groups");
	size_t count = json_array_size(groups);

	fputs(", groups", stdout);
	if (!json_is_array(groups)) {
		putchar(' ');
		print_unknown(who, "group");
	}
	for (size_t i = 0; i < count && i < GROUPS_SHOWN; i++)
		printf(" %u",
			(unsigned)json_integer_value(
				json_array_get(groups, i)));
	if (count > GROUPS_SHOWN)
		printf(" and %zu more", count - GROUPS_SHOWN);
}

/* "exe /usr/bin/curl", "exe unknown (it has ended)" */
static void print_path(const json_t *who, const char *subject)
{
	printf(", %s ", subject);
	if (json_is_string(json_object_get(who, subject)))
		print_text(string_of(who, subject));
	else
		print_unknown(who, subject);
}

static void print_identity(const json_t *who)
{
	const json_t *uid = json_object_get(who, "uid");
	uid_t user = (uid_t)json_integer_value(uid);
	const struct passwd *pw = json_is_integer(uid) ? getpwuid(user) : NULL;

	if (json_object_get(who, "pid"))
		printf("process %d, ", (int)number_of(who, "pid"));
	fputs("user ", stdout);
	if (json_is_integer(uid))
		printf("%u", user);
	else
		print_unknown(who, "user");
	if (pw)
		printf(" (%s)", pw->pw_name);
	print_groups(who);
	print_path(who, "exe");
	if (json_is_string(json_object_get(who, "cgroup")))
		print_path(who, "cgroup");
	putchar('\n');
}

/* "no: user", "unknown: exe", "yes" */
static void put_match(struct cell *cell, const json_t *rule)
{
	const char *match = string_of(rule, "match");
	const json_t *subjects = json_object_get(rule, match);
	size_t used;

	cell_set(cell, is_true(rule, "decides") ? TONE_NAME : TONE_PLAIN, "%s",
		match);
	for (size_t i = 0; i < json_array_size(subjects); i++) {
		used = strlen(cell->text);
		snprintf(cell->text + used, CELL_BYTES - used, "%s%s",
			i ? ", " : ": ",
			json_string_value(json_array_get(subjects, i)));
	}
}

static void fill_rule(struct row *row, const json_t *rule)
{
	row_clear(row);
	cell_set(&row->cell[0], TONE_PLAIN, "line %d%s",
		(int)number_of(rule, "line"),
		is_true(rule, "by_default") ? " [defaults]" : "");
	cell_set(&row->cell[1], TONE_PLAIN, "%s = %s", string_of(rule, "key"),
		string_of(rule, "value"));
	put_match(&row->cell[2], rule);
}

static const char *reason_of(const json_t *b)
{
	const char *why = string_of(b, "not_chosen");
	bool failed = !strcmp(why, "down") || !strcmp(why, "ejected");

	return failed && json_object_get(b, "reason") ? string_of(b, "reason")
						      : why;
}

/* Name, address, state, since when, role and open connections as in status;
 * then what part of the connects it gets, or why none. */
static void fill_choice(struct row *row, const json_t *found, const json_t *b)
{
	struct row status = {0};
	double share = json_number_value(json_object_get(b, "share"));

	fill_backend(&status, found, b);
	row_clear(row);
	memcpy(row->cell, status.cell, CHOICE_SHARE * sizeof(row->cell[0]));
	row->cell[CHOICE_SHARE].right = true;
	cell_set(&row->cell[CHOICE_SHARE], TONE_PLAIN, "%.3g %%", share);
	if (!is_true(b, "chosen"))
		cell_set(&row->cell[CHOICE_SHARE + 1], TONE_WARNING, "%s",
			reason_of(b));
}

static void print_rows(const json_t *found, const json_t *list,
	void (*fill)(struct row *row, const json_t *found, const json_t *item))
{
	struct widths widths = {0};
	struct row row;

	for (size_t i = 0; i < json_array_size(list); i++) {
		fill(&row, found, json_array_get(list, i));
		row_measure(&row, &widths);
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		fill(&row, found, json_array_get(list, i));
		row_print(&row, &widths, 2);
	}
}

static void fill_rule_of(struct row *row, const json_t *found, const json_t *r)
{
	(void)found;
	fill_rule(row, r);
}

static void print_verdict(const json_t *found)
{
	const json_t *rules = json_object_get(found, "rules");
	bool permitted = is_true(found, "permitted");
	const char *why = string_of(found, "why");

	tone_print(permitted ? TONE_NAME : TONE_BAD,
		permitted ? "permitted" : "denied");
	if (strcmp(why, "rule") != 0) {
		printf(": %s\n", why);
		return;
	}
	for (size_t i = 0; i < json_array_size(rules); i++) {
		const json_t *rule = json_array_get(rules, i);

		if (is_true(rule, "decides"))
			printf(" by line %d\n", (int)number_of(rule, "line"));
	}
}

static const char *tier_sentence(const char *tier)
{
	static const struct {
		const char *tier, *sentence;
	} said[] = {
		{"panic", "PANIC: too few are usable, health is ignored"},
		{"backups", "no other is usable: backups carry it"},
		{"all are full, and backups",
			"all others are full: backups carry it"},
		{"none", "no backend takes connections"},
	};

	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
		if (!strcmp(said[i].tier, tier))
			return said[i].sentence;
	return NULL;
}

static void print_choice(const json_t *found)
{
	const char *sentence = tier_sentence(string_of(found, "tier"));

	printf("backends by %s", string_of(found, "balance"));
	if (sentence)
		printf(", %s", sentence);
	putchar('\n');
	print_rows(found, json_object_get(found, "backends"), fill_choice);
}

static void print_goal(const json_t *found)
{
	const json_t *backends = json_object_get(found, "backends");
	const char *before = "";

	fputs("connect() goes to", stdout);
	for (size_t i = 0; i < json_array_size(backends); i++) {
		const json_t *b = json_array_get(backends, i);

		if (!is_true(b, "chosen"))
			continue;
		printf("%s %s", before, string_of(b, "name"));
		before = " or";
	}
	putchar('\n');
}

static void print_found(const json_t *found)
{
	const json_t *error = json_object_get(found, "error");

	putchar('\n');
	tone_print(TONE_NAME, string_of(found, "service"));
	printf("  %s %s\n", string_of(found, "address"),
		string_of(found, "protocol"));
	print_rows(found, json_object_get(found, "rules"), fill_rule_of);
	print_verdict(found);
	if (is_true(found, "permitted"))
		print_choice(found);
	if (json_is_string(error))
		printf("connect() fails with %s\n", json_string_value(error));
	else
		print_goal(found);
}

void lbctl_print_explained(const json_t *answer)
{
	const json_t *found = json_object_get(answer, "found");

	print_identity(json_object_get(answer, "identity"));
	for (size_t i = 0; i < json_array_size(found); i++)
		print_found(json_array_get(found, i));
}

/*
 * Any bytes as lbd.ini: either there is an error, or a model whose text is read
 * as the same model. Users and groups are these two here, whoever the host has.
 */
#include "fuzz.h"
#include "lbd/conf.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int getpwnam_r(const char *name, struct passwd *pw, char *buffer, size_t size,
	struct passwd **found)
{
	(void)buffer;
	(void)size;
	pw->pw_uid = 1000;
	*found = strcmp(name, "alice") ? NULL : pw;
	return 0;
}

int getgrnam_r(const char *name, struct group *gr, char *buffer, size_t size,
	struct group **found)
{
	(void)buffer;
	(void)size;
	gr->gr_gid = 2000;
	*found = strcmp(name, "deploy") ? NULL : gr;
	return 0;
}

static void want(int true_or, const char *broken, const struct complaints *said)
{
	if (true_or)
		return;
	fprintf(stderr, "%s\n", broken);
	complaints_print(said, stderr);
	abort();
}

/* The model's text, which the caller frees; the model is freed. */
static char *dump(struct conf *conf, size_t *size)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	if (!f)
		abort();
	conf_dump(conf, f);
	fclose(f);
	conf_free(conf);
	return text;
}

/* In line order, those of no line first or last, and no byte that a terminal
 * would obey. */
static void check_complaints(const struct complaints *said)
{
	int line = 0;

	for (size_t i = 0; i < said->count; i++) {
		const struct complaint *c = &said->item[i];

		want(!c->line || c->line >= line, "not in line order", said);
		line = c->line ? c->line : line;
		want(!strpbrk(c->text, "\n\r\x1b") &&
				!strstr(c->text, "\xc2\x9b"),
			"control bytes", said);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaints said, again;
	struct conf *conf = conf_parse("F", (const char *)data, size, &said);
	char *first, *second;
	size_t bytes, more;

	check_complaints(&said);
	want(!conf == !!said.errors, "errors and a model, or neither", &said);
	complaints_free(&said);
	if (!conf)
		return 0;
	first = dump(conf, &bytes);
	conf = conf_parse("DUMP", first, bytes, &again);
	want(!!conf, first, &again);
	second = dump(conf, &more);
	want(bytes == more && !memcmp(first, second, bytes), first, &again);
	complaints_free(&again);
	free(first);
	free(second);
	return 0;
}

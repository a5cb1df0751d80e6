/*
 * How the value of probe becomes a struct probe_conf. Between the conf_probe*.c
 * files only.
 *
 *	value -> tokens (quotes, escapes) -> kind -> its words, options -> conf
 */
#ifndef LBD_CONF_PROBE_H
#define LBD_CONF_PROBE_H

#include "conf_parts.h"

enum {
	TOKENS_MOST = LINE_BYTES / 2 + 1,
	STATUSES_MOST = LINE_BYTES / 4 + 1,
};

/* WORD, "text" or WORD"text". */
struct token {
	const char *word;    /* up to the quote */
	struct span text;    /* in quotes, escapes resolved; NULL: no quotes */
	struct span written; /* all of it */
};

struct tokens {
	struct token item[TOKENS_MOST];
	size_t count;
	char room[2 * LINE_BYTES + 2]; /* what words and texts stand in */
};

/* ---- conf_quote.c; pure ---- */

enum cut { CUT_OK, CUT_OPEN, CUT_ESCAPE, CUT_GLUED };

/* Cuts a value apart; else `where` is what to quote: a text that does not end,
 * an escape that is none, a text with something behind it. */
enum cut tokens_cut(const char *value, struct tokens *to, struct span *where);

/* ---- conf_regex.c; pure ---- */

/* Can it be compiled, and used, in little time and memory? Else `why` says
 * what is wrong with it. */
bool regex_is_sound(const char *pattern, char *why, size_t room);

/* ---- the draft of a probe ---- */

enum option_id {
	OPTION_PORT,
	OPTION_HOST,
	OPTION_HEADER,
	OPTION_BODY,
	OPTION_SNI,
	OPTION_CA,
	OPTION_VERIFY,
	OPTION_SERVICE,
};

struct question {
	struct draft *d;
	const struct kind *kind;
	struct tokens tokens;
	size_t next;	/* token to read */
	unsigned given; /* 1 << OPTION_* */
	unsigned shape; /* of the last word of http that was read */
	const struct token *tls_only; /* the first that needs TLS */
	struct probe_conf probe;
	struct header_conf header[TOKENS_MOST];
	struct status_range status[STATUSES_MOST];
	struct word_conf word[TOKENS_MOST];
	char why[160];
};

struct kind {
	const char *word; /* that a probe begins with */
	enum probe_kind kind;
	enum dialogue dialogue;
	bool tls;
	unsigned options; /* 1 << OPTION_* */
	/* Takes a word that is no option of the kind; false: it is unknown. */
	bool (*take)(struct question *q, const struct token *t);
	void (*finish)(struct question *q);
};

/* NULL when all are read. */
const struct token *next_token(struct question *q);

bool token_is(const struct token *t, const char *word);

/* ---- conf_probe_option.c ---- */

/* Is it an option, WORD=value, of this kind? Then it is taken. */
bool take_option(struct question *q, const struct token *t);

/* Of a word where a text in quotes must be. */
const char *hint_of_quotes(const struct token *t);

/* Complains of a word that nothing knows. */
void refuse_token(struct question *q, const struct token *t);

/* ---- conf_probe_http.c ---- */

bool take_http(struct question *q, const struct token *t);
void finish_http(struct question *q);
bool take_grpc(struct question *q, const struct token *t);

/* ---- conf_probe_talk.c ---- */

bool take_talk(struct question *q, const struct token *t);
bool take_script(struct question *q, const struct token *t);
void finish_script(struct question *q);

/* A file that is not there now may be by the time it is asked for. */
void warn_of_file(
	struct question *q, const char *option, const char *path, bool program);

#endif

/*
 * How lbd.ini becomes a model. Between the conf*.c files only; everybody else
 * includes conf.h.
 *
 *	file -> scan (shape of a line) -> inih -> key -> setting, list, rule
 *	     -> section, check -> conf
 */
#ifndef LBD_CONF_PARTS_H
#define LBD_CONF_PARTS_H

#include "conf_text.h"

enum {
	LINE_BYTES = 199, /* inih cuts longer ones, and says nothing */
	NAME_BYTES = 40,
	HOST_BYTES = 253,	 /* of a DNS name */
	SOCKET_PATH_BYTES = 107, /* sun_path and its NUL */
	RULES_MOST = 256,
	MAGLEV_MOST = 65521, /* stops of the largest table, a prime */
	EJECT_MOST_MS = 300 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000,
};

#define CONF_BYTES_MOST ((size_t)64 << 20)

/* ---- the draft: what is known while the file is read ---- */

enum section_kind {
	SECTION_UNKNOWN = 0, /* its keys are not judged */
	SECTION_LBD = 1,
	SECTION_DEFAULTS = 2,
	SECTION_SERVICE = 4,
};

/* Those before KEY_ADDRESS stand once in a section. */
enum key_id {
	KEY_SOCKET,
	KEY_SOCKET_MODE,
	KEY_ADMIN,
	KEY_LOG,
	KEY_LOG_LEVEL,
	KEY_ZONE,
	KEY_PROTOCOL,
	KEY_BALANCE,
	KEY_HASH_ON,
	KEY_PROBE,
	KEY_INTERVAL,
	KEY_TIMEOUT,
	KEY_INTERVAL_DOWN,
	KEY_INTERVAL_CHANGE,
	KEY_INTERVAL_IDLE,
	KEY_PROBE_WHEN_BUSY,
	KEY_RISE,
	KEY_FALL,
	KEY_RETRIES,
	KEY_CONNECT_TIMEOUT,
	KEY_EJECT_AFTER,
	KEY_EJECT_TIME,
	KEY_PANIC,
	KEY_SLOW_START,
	KEY_NO_BACKEND,
	KEY_PEERNAME,
	KEY_ON_DOWN,
	KEY_ADDRESS,
	KEY_NAME,
	KEY_BACKEND,
	KEY_PERMIT,
	KEY_DENY,
	KEYS, /* how many there are */
};

static inline uint64_t key_bit(enum key_id key)
{
	return (uint64_t)1 << key;
}

/* A run of items in one of the lists of conf_memory. */
struct run {
	size_t first, count;
};

struct section {
	enum section_kind kind;
	bool stray;	   /* unknown, or a second one: judged, not applied */
	struct span title; /* what stands between the brackets */
	int line;
	uint64_t bad;	      /* key_bit() of those that had an error */
	int set[KEY_ADDRESS]; /* the key's line, 0 = not set */
	int value[KEY_ADDRESS];
	struct run addresses, names, backends, rules;
};

struct list {
	void *item;
	size_t count, room;
};

/* What a model stands in; strings in chunks, the rest in one list a kind. */
struct conf_memory {
	struct chunk *chunk;
	struct list addresses;		 /* struct address_conf */
	struct list names;		 /* struct name_conf */
	struct list backends;		 /* struct backend_conf */
	struct list rules;		 /* struct rule */
	struct list lookups;		 /* struct lookup */
	int lbd_line[KEY_LOG_LEVEL + 1]; /* where [lbd] sets it, or 0 */
};

struct draft {
	const char *file;
	struct span rest;  /* of the text */
	struct span whole; /* the last line read, and its number */
	int line;
	struct complaints *said;
	size_t unsaid;	/* errors beyond those worth printing */
	bool exhausted; /* no memory: nothing of the draft will be used */
	bool scanned;	/* there is a text, and all of it was */
	struct conf_memory *memory;
	struct list sections; /* struct section, in file order */
	struct section *open; /* whose keys are read; NULL above the first */
	struct list probes;   /* struct probe_conf; value[KEY_PROBE] counts
				 from 1 */
	struct section *lbd;  /* these two once all is read; may be NULL */
	struct section *defaults;
	char *socket, *admin, *zone; /* NULL = not set */
	void (*between)(void *data); /* called often; NULL: by nobody */
	void *between_data;
};

/* Between two pieces of what may be long. */
static inline void come_between(const struct draft *d)
{
	if (d->between)
		d->between(d->between_data);
}

/* ---- conf_memory.c ---- */

/* One more item, zeroed; the others may move. NULL: `exhausted` is noted. */
void *list_add(struct draft *d, struct list *l, size_t item_size);

/* The first item of a run; NULL if it has none. */
void *list_at(const struct list *l, struct run run, size_t item_size);

/* With a NUL behind it. NULL: `exhausted` is noted. */
char *keep_text(struct draft *d, const char *text, size_t size);

/* A copy of an array; NULL of none. NULL: `exhausted` is noted. */
void *keep_items(struct draft *d, const void *items, size_t size);

/* NULL is fine. */
void memory_free(struct conf_memory *m);

/* ---- conf_complain.c ---- */

/* Of a character of so many bytes: does a terminal show nothing, or worse? */
bool is_hidden(const char *at, unsigned length);

struct quoted {
	char text[4 * LINE_BYTES + 3];
};

/* With \xHH for what is hidden. */
struct quoted visible(struct span s);

/* The same in double quotes, escaped; of more than a line's bytes, the first. */
struct quoted quote(const char *text);
struct quoted quote_span(struct span s);

/* "F:7: ..."; line 0: "F: ...". */
void complain(struct draft *d, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "F:7: [section] key: ..."; without a key: "F:7: [section]: ...". */
void complain_of(struct draft *d, const struct section *s, const char *key,
	int line, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The same, "F:7: warning: ..."; `s` NULL: of the file. */
void warn_of(struct draft *d, const struct section *s, const char *key,
	int line, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Last: puts all that was said in order. */
void complaints_close(struct draft *d);

/* ---- conf_index.c: finds what stands twice ---- */

struct index {
	const void **slot;
	size_t room; /* a power of two */
	size_t held; /* slots there is memory for */
	bool (*same)(const void *a, const void *b);
};

/* Makes it empty, with room for so many; false without memory. */
bool index_clear(struct draft *d, struct index *ix, size_t items);

/* The earlier item that is the same; NULL: `item` is in it from now on. */
const void *index_add(struct index *ix, uint64_t hash, const void *item);
const void *index_find(const struct index *ix, uint64_t hash, const void *like);
void index_free(struct index *ix);

uint64_t hash_text(struct span text);
uint64_t hash_address(const struct addr *a, unsigned seed);

/* ---- conf_scan.c ---- */

bool text_is_utf16(const char *text, size_t size);

/* Reads the whole text into the draft. */
void scan_text(struct draft *d);

/* Does the last line end in a comment? */
bool line_was_cut(const struct draft *d);

/* ---- conf_section.c ---- */

/* A line began a section; `sound` false if that was already complained of. */
void section_open(struct draft *d, struct span title, bool sound);

/* The NAME of a [service NAME]. */
struct span section_name(const struct section *s);

/* All is read: second ones become stray, lbd and defaults are known. */
void sections_settle(struct draft *d);

/* ---- conf_key.c ---- */

struct word {
	const char *text; /* NULL ends a list of them */
	int value;
};

struct key {
	const char *name;
	unsigned sections; /* SECTION_* it may stand in */
	void (*read)(struct draft *d, const struct key *k, const char *value);
	int standard;
	int low, high;		  /* of numbers */
	const struct word *words; /* those allowed */
};

extern const struct key conf_keys[];

/* inih's handler. */
int on_key(
	void *draft, const char *section, const char *name, const char *value);

/* ---- conf_unknown.c ---- */

/* Of one that may not stand in the open section; NULL: nor anywhere. */
void complain_of_key(struct draft *d, const char *name, const struct key *k);

/* ---- readers of one value each, into d->open; they complain themselves ---- */

/* conf_setting.c */
void read_number(struct draft *d, const struct key *k, const char *value);
void read_percent(struct draft *d, const struct key *k, const char *value);
void read_duration(struct draft *d, const struct key *k, const char *value);
void read_word(struct draft *d, const struct key *k, const char *value);
void read_mode(struct draft *d, const struct key *k, const char *value);
void read_path(struct draft *d, const struct key *k, const char *value);
void read_zone(struct draft *d, const struct key *k, const char *value);

/* conf_probe.c */
void read_probe(struct draft *d, const struct key *k, const char *value);

/* conf_list.c */
void read_address(struct draft *d, const struct key *k, const char *value);
void read_host(struct draft *d, const struct key *k, const char *value);
void read_backend(struct draft *d, const struct key *k, const char *value);

/* conf_rule.c */
void read_rule(struct draft *d, const struct key *k, const char *value);

/* Warns of rules that match nobody. */
void check_rules(struct draft *d, const struct section *s);

/* ---- conf_subject.c: who a rule is about ---- */

/* All the words of a line but any. */
void read_subjects(
	struct draft *d, const struct key *k, struct rule *rule, char *rest);

/* ---- conf_lookup.c: the words that stand for users, groups, programs ---- */

struct lookup {
	enum subject subject;
	char *word;
	size_t rule, section; /* numbers in their lists */
	size_t first;	      /* number of the first that asks the same */
	int err;	      /* errno; ENOENT: there is none of that name */
	uint32_t id;	      /* of the user or group */
	char *target;	      /* where a path leads, if elsewhere */
};

/* Which ask the same: only the first of them will be asked. */
void lookups_sort_out(struct draft *d);

/* Asks one, or all of them, and waits for the answers. The path that an exe
 * leads to, or NULL; the caller frees it. */
char *lookup_ask(struct lookup *l);
void lookups_ask(struct draft *d);

/* An exe leads to that path, or nowhere if it is NULL. */
void lookup_lead(struct draft *d, struct lookup *l, const char *path);

/* All are answered: completes the rules. Warns of names that have changed
 * since `before`, if there is such a model. */
void lookups_settle(struct draft *d, const struct conf_memory *before);

/* ---- conf.c: a draft is begun, looks its names up, and ends ---- */

void draft_begin(struct draft *d, const char *text, size_t size);

/* NULL if there is anything wrong; all of the draft is freed. */
struct conf *draft_end(struct draft *d, const struct conf *before);

/* ---- conf_file.c ---- */

/* The caller frees it; NULL: it was complained of. */
char *read_file(struct draft *d, size_t *size);

/* ---- conf_service.c ---- */

/* A section with its defaults filled in; lists point into the memory. */
void service_fill(const struct draft *d, const struct section *s,
	struct service_conf *to);

/* The section that a service's key comes from: its own, [defaults] or NULL. */
const struct section *setting_from(
	const struct draft *d, const struct section *s, enum key_id key);

/* Had the key, wherever it comes from, an error? Then none follows from it. */
bool setting_is_bad(
	const struct draft *d, const struct section *s, enum key_id key);

/* ---- conf_check.c, conf_vain.c, conf_cross.c: what no line shows alone ---- */

struct checked {
	const struct section *section;
	struct service_conf conf;
};

void check_service(struct draft *d, const struct checked *c);

/* Warn of what counts for nothing where it stands. */
void check_vain_section(struct draft *d, const struct section *s);
void check_vain(struct draft *d, const struct checked *c);

void check_twice(struct draft *d, const struct checked *c, size_t count);
void check_addresses(struct draft *d, const struct checked *c, size_t count);
void check_names(struct draft *d, const struct checked *c, size_t count);

#endif

/*
 * lbd.ini as a model: what a file says, checked, with every default filled in.
 * Nothing here changes after conf_read(); what runs is in lbd.h.
 */
#ifndef LBD_CONF_H
#define LBD_CONF_H

#include "shim/addr.h"
#include "shim/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum protocol { PROTOCOL_TCP, PROTOCOL_UDP };

enum probe_kind {
	PROBE_TCP,
	PROBE_NONE,
	PROBE_HTTP,
	PROBE_GRPC,
	PROBE_TALK, /* something is sent, something is expected */
	PROBE_SCRIPT,
};

/* What is said in a talk; DIALOGUE_TEXT: what the file says. */
enum dialogue {
	DIALOGUE_TEXT,
	DIALOGUE_REDIS,
	DIALOGUE_POSTGRES,
	DIALOGUE_MYSQL,
	DIALOGUE_SMTP,
};

struct bytes {
	char *at; /* may hold NULs; NULL: none given */
	size_t size;
};

struct status_range {
	uint16_t low, high; /* 100..599, both included */
};

struct header_conf {
	char *line; /* "Name: value" */
};

struct word_conf {
	char *text;
};

/* What is asked of every backend of a service. */
struct probe_conf {
	enum probe_kind kind;
	char *written; /* as in the file; NULL: the default */
	uint16_t port; /* 0 = the backend's own */
	bool tls;      /* https, grpc tls */
	bool trusting; /* verify=none */
	char *method, *path, *host, *sni, *ca; /* NULL: not given */
	char *body;			       /* POSIX extended regex */
	struct header_conf *header;
	size_t headers;
	struct status_range *status;
	size_t statuses;
	char *grpc_service; /* NULL: the server as a whole */
	enum dialogue dialogue;
	struct bytes send, expect;
	struct word_conf *word; /* of a script: its path, then arguments */
	size_t words;
};
enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };
enum log_target { LOG_STDERR, LOG_SYSLOG };

enum { PANIC_OFF = -1, TRIES_MAX = 16 /* 1 + retries */ };

/* What a rule names; each at most once on a line. */
enum subject {
	SUBJECT_USER = 1,
	SUBJECT_GROUP = 2,
	SUBJECT_EXE = 4,
	SUBJECT_CGROUP = 8,
	SUBJECT_NET = 16,
};

enum { SUBJECT_KINDS = 5 };

/* A range of addresses, 10.0.0.0/8 say. */
struct range {
	struct addr first; /* port 0 */
	unsigned bits;	   /* that are fixed, of 128: IPv4 is kept mapped */
};

struct rule {
	bool permit;
	unsigned subjects; /* SUBJECT_* that must all match; 0 = any */
	uid_t user;
	gid_t group;
	char *exe, *cgroup; /* as written: whole paths */
	struct range net;
	char *written; /* all of the rule, as in the file */
	int line;
	bool by_default; /* it stands in [defaults] */
};

struct rules {
	struct rule *rule;
	size_t count;
};

struct backend_conf {
	char *name;	    /* as given, else IP:PORT */
	bool named;	    /* by the file */
	struct addr addr;   /* port 0: the port that was asked for */
	unsigned weight;    /* 1..256 */
	unsigned max_conns; /* 0 = no limit */
	char *zone;	    /* NULL: none */
	bool backup;
	int line;
};

struct address_conf {
	struct addr addr; /* port 0: every port */
	int line;
};

struct name_conf {
	char *name; /* lower case, no dot at the end */
	int line;
};

struct service_conf {
	char *name;
	int line;
	struct address_conf *address;
	size_t addresses;
	struct name_conf *names;
	size_t name_count;
	struct backend_conf *backend;
	size_t backends;
	struct rules rules;
	enum protocol protocol;
	enum table_balance balance;
	enum hash_on hash_on; /* for maglev */
	struct probe_conf probe;
	unsigned interval_ms, timeout_ms;
	unsigned interval_down_ms, interval_change_ms, interval_idle_ms;
	bool probe_full_when_busy;
	unsigned rise, fall;
	unsigned retries;
	unsigned connect_timeout_ms; /* 0 = off */
	unsigned eject_after, eject_time_ms;
	unsigned slow_start_ms; /* 0 = off */
	bool reset_on_down;
	bool peer_is_real; /* getpeername() shows the backend */
	int panic;	   /* percent, or PANIC_OFF */
	int no_backend;	   /* errno */
};

struct conf {
	struct conf_memory *memory; /* what all of this stands in */
	char *socket, *admin;
	char *zone; /* this host's; NULL: none */
	mode_t socket_mode;
	enum log_target log;
	enum log_level log_level;
	struct service_conf *service; /* in file order */
	size_t services;
};

/* What there is to say about a file; kept in line order. */
struct complaint {
	int line;	/* 0 = the file as a whole */
	unsigned order; /* among those of one line */
	bool warning;
	char *text; /* "F:7: [service api] weight: must be ...", no newline */
};

struct complaints {
	struct complaint *item;
	size_t count, errors;
};

/*
 * Reads a whole file, once, and checks it. NULL if it has any error; `said`
 * then holds every one of them, and warnings in any case. `path` is quoted in
 * front of each. The caller frees both.
 */
struct conf *conf_read(const char *path, struct complaints *said);

/* The same from memory: `text` is not changed and need not end in a NUL. */
struct conf *conf_parse(const char *name, const char *text, size_t size,
	struct complaints *said);

void conf_free(struct conf *conf);

/* As text that is read as the same model: every key, comments, no [defaults].
 * What cannot be written is for ferror() to tell. */
void conf_dump(const struct conf *conf, FILE *to);

/*
 * The same in steps, for a process that must not wait for whoever knows the
 * names in the rules. A reading that asks is answered by another process, a
 * child say, into `fd`, which is closed; what comes out of the other end is
 * heard, all of it, in pieces of any size. Or it is given up, and has that as
 * an error. `path` and `said` are used until the end.
 */
struct reading *reading_begin(const char *path, struct complaints *said);

/* The same, and calls `between` with `data`, now and then, while it works, as
 * reading_end() does too. */
struct reading *reading_begin_in_pieces(const char *path,
	struct complaints *said, void (*between)(void *data), void *data);
bool reading_asks(const struct reading *r);
bool reading_answer(struct reading *r, int fd);
void reading_hear(struct reading *r, const void *bytes, size_t size);
void reading_give_up(struct reading *r, const char *why);

/* As conf_read(). `before`, which may be NULL, is an earlier reading: names that
 * stand for others since are warned of. */
struct conf *reading_end(struct reading *r, const struct conf *before);

/*
 * May a process that runs with one go over to the other? False where a key of
 * [lbd] differs that takes effect at start only; each is added to `said`.
 */
bool conf_same_process(const struct conf *running, const struct conf *next,
	const char *path, struct complaints *said);

/* Does whoever matches `rule` match `wider` as well? Whether they permit does
 * not count. */
bool rule_covers(const struct rule *wider, const struct rule *rule);

const char *subject_word(enum subject subject); /* as in the file */
bool range_holds(const struct range *range, const struct addr *a);

/* Is `path` that group, or one below it? */
bool cgroup_holds(const char *cgroup, const char *path);

/* Numbers, durations and IP:PORT of the file's grammar, from elsewhere. */
bool conf_number(const char *text, unsigned low, unsigned high, unsigned *to);
bool conf_duration(const char *text, unsigned *ms);
bool conf_address(const char *text, struct addr *to);

/* Of `known`, the name that `written` may have been meant for, if it is nearer
 * than `best` was; `best` begins as NULL. */
const char *conf_nearer(
	const char *written, const char *known, const char *best);

/* One line each; to a person, or into a log. */
void complaints_print(const struct complaints *said, FILE *to);
void complaints_free(struct complaints *said);

#endif

/*
 * A denial as a line of the log. Which program it was is known exactly where
 * there is one suspect alone; else the newest is told first, then the others.
 */
#include "denial.h"
#include "log.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

enum {
	PASSWD_LINES = 10000, /* a file that is larger is not read on */
	NUMBER_BYTES = 24,
};

/*
 * Of this host's own users alone: a directory on the network may take longer
 * than lbd's loop can wait.
 */
static void find_name(struct denial *d)
{
	FILE *file =
		d->is_named || !d->is_known ? NULL : fopen("/etc/passwd", "re");
	const struct passwd *pw;
	int lines = 0;

	d->is_named = true;
	if (!file)
		return;
	do
		pw = fgetpwent(file);
	while (pw && pw->pw_uid != d->user && lines++ < PASSWD_LINES);
	if (pw && pw->pw_uid == d->user)
		snprintf(d->user_name, sizeof(d->user_name), "%s", pw->pw_name);
	fclose(file);
}

struct words {
	char line[NUMBER_BYTES], uid[NUMBER_BYTES], connects[NUMBER_BYTES];
	char pid[NUMBER_BYTES], address[ADDR_TEXT_MAX], reason[256];
	char others[(SUSPECTS_MOST + 1) * (SUSPECT_EXE_BYTES + NUMBER_BYTES)];
};

/* Lists have the rules of several services in common, each on lines of its
 * own. */
static void put_rule(struct words *w, const struct denial *d, int rule)
{
	const struct rules *rules = &d->service->conf->rules;
	const struct rule *r;

	snprintf(w->reason, sizeof(w->reason), "no permit rule matched");
	if (rule < 0 || (size_t)rule >= rules->count)
		return;
	r = &rules->rule[rule];
	snprintf(w->reason, sizeof(w->reason), "%s = %s",
		r->permit ? "permit" : "deny", r->written);
	snprintf(w->line, sizeof(w->line), "%d", r->line);
}

static void put_pid(char *to, size_t size, const struct suspect *s)
{
	if (s->pid)
		snprintf(to, size, "%d", (int)s->pid);
	else
		snprintf(to, size, "unknown");
}

static const char *exe_of(const struct suspect *s)
{
	return s->exe[0] ? s->exe : "unknown";
}

static void put_address(struct words *w, const struct addr *address)
{
	unsigned length = addr_text(address, true, w->address);

	if (!address->port)
		w->address[length - 1] = '*';
}

/* "4712 /usr/bin/wget, 4711 /usr/bin/curl and 3 more": those without a pid,
 * of whom nothing is known, are among the latter. */
static void put_others(struct words *w, const struct suspects *s)
{
	unsigned more = s->forgotten;
	size_t room = sizeof(w->others);
	char *to = w->others;
	int used;

	for (unsigned i = 1; i < s->count; i++) {
		if (!s->one[i].pid) {
			more++;
			continue;
		}
		used = snprintf(to, room, "%s%d %s", to > w->others ? ", " : "",
			(int)s->one[i].pid, exe_of(&s->one[i]));
		to += used;
		room -= (size_t)used;
	}
	if (more)
		snprintf(to, room, "%sand %u more", to > w->others ? " " : "",
			more);
}

static const char *or_none(const char *text)
{
	return *text ? text : NULL;
}

void denial_say(struct denial *d, const struct suspects *s)
{
	const struct suspect *newest = s && s->count ? &s->one[0] : NULL;
	struct words w = {0};
	const char *name = d->user_name;

	find_name(d);
	if (newest) {
		put_rule(&w, d, newest->rule);
		put_pid(w.pid, sizeof(w.pid), newest);
		put_others(&w, s);
	}
	put_address(&w, &d->service->conf->address[0].addr);
	if (d->is_known)
		snprintf(w.uid, sizeof(w.uid), "%u", d->user);
	else
		snprintf(w.uid, sizeof(w.uid), "unknown");
	snprintf(w.connects, sizeof(w.connects), "%" PRIu64, d->connects);
	log_event(LEVEL_WARNING, "denied",
		&(struct log_about){
			.service = d->service->conf->name,
			.reason = or_none(w.reason),
			.more = {{"line", or_none(w.line)}, {"uid", w.uid},
				{"user", or_none(name)},
				{"pid", or_none(w.pid)},
				{"exe", newest ? exe_of(newest) : NULL},
				{"others", or_none(w.others)},
				{"address", w.address},
				{"connects", w.connects}},
		},
		"user %s%s%s%s%s was denied service %s: %" PRIu64
		" connect%s reported",
		w.uid, *name ? " (" : "", name, *name ? ")" : "",
		d->shared ? " or another" : "", d->service->conf->name,
		d->connects, d->connects == 1 ? "" : "s");
}

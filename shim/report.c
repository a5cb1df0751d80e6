/*
 * Outcomes go into the caller's counters: plain additions, no lock, no system
 * call. Without counters the program is balanced all the same.
 */
#include "report.h"
#include "real.h"
#include "say.h"
#include "shim.h"

#include <errno.h>

static _Atomic uint64_t own_cursor; /* where there are no counters */

static void add(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static struct counters_service *of_service(
	const struct attachment *a, const struct route *route)
{
	if (!a->counters || route->counter >= a->services)
		return NULL;
	return counters_service(a->counters, route->counter);
}

static struct counters_line *of_backend(
	const struct attachment *a, const struct route *route)
{
	struct counters_line *line;
	uint64_t tag = (uint64_t)route->line + 1, seen;

	if (!a->counters)
		return NULL;
	line = counters_line(a->counters, a->services, route->line);
	seen = atomic_load_explicit(&line->tag, memory_order_relaxed);
	if (UNLIKELY(!seen)) {
		atomic_store_explicit(&line->tag, tag, memory_order_relaxed);
		seen = tag;
	}
	return seen == tag ? line : NULL;
}

/* A hint that something moved: losing one of two at once does no harm. */
static void note_activity(const struct attachment *a)
{
	_Atomic uint64_t *word = &a->counters->activity;
	uint64_t n = atomic_load_explicit(word, memory_order_relaxed);

	atomic_store_explicit(word, n + 1, memory_order_relaxed);
}

uint64_t report_draw(const struct attachment *a, const struct route *route)
{
	struct counters_service *s = of_service(a, route);

	return atomic_fetch_add_explicit(
		s ? &s->cursor : &own_cursor, 1, memory_order_relaxed);
}

void report_redraw(const struct attachment *a, const struct route *route)
{
	struct counters_service *s = of_service(a, route);

	if (s)
		add(&s->redraws);
}

void report_failover(const struct attachment *a, const struct route *route)
{
	struct counters_service *s = of_service(a, route);

	if (s)
		add(&s->failovers);
}

static const char *refusal(const struct attachment *a, enum found outcome)
{
	switch (outcome) {
	case FOUND_DENIED:
		return ": denied to this program";
	case FOUND_STRANGE:
		return attach_is_stale(a)
			? ": who asks is new, and lbd does not answer"
			: ": its rules are new, and lbd does not answer";
	default:
		return ": no usable backend";
	}
}

static void log_refused(const struct attachment *a, const struct route *route,
	enum found outcome)
{
	struct line line;

	say_start(&line);
	say_addr(&line, &route->vip);
	say_text(&line, refusal(a, outcome));
	say_end(&line);
}

void report_refused(const struct attachment *a, const struct route *route,
	enum found outcome)
{
	struct counters_service *s = of_service(a, route);

	if (UNLIKELY(real_settings.log_failures))
		log_refused(a, route, outcome);
	if (!s)
		return;
	add(outcome == FOUND_EMPTY ? &s->no_backend : &s->denied);
	note_activity(a);
}

void report_unread(const struct attachment *a)
{
	if (!a->counters)
		return;
	add(&a->counters->unread);
	note_activity(a);
}

static void log_try(const struct attachment *a, const struct route *route,
	int fd, unsigned try, int err)
{
	struct line line;
	char labels[84];

	lookup_labels(a, route, labels);
	say_start(&line);
	say_text(&line, "fd ");
	say_number(&line, (uint64_t)fd);
	say_text(&line, " ");
	say_addr(&line, &route->vip);
	say_text(&line, " -> ");
	say_addr(&line, &route->to);
	say_text(&line, " (");
	say_text(&line, labels);
	say_text(&line, ") try ");
	say_number(&line, try);
	say_text(&line, ": ");
	say_errno(&line, err);
	say_end(&line);
}

bool report_is_refusal(int err)
{
	switch (err) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
		return true;
	default:
		return false;
	}
}

HOT void report_pick(const struct attachment *a, const struct route *route)
{
	struct counters_line *line = of_backend(a, route);

	if (!line)
		return;
	add(&line->picks);
	note_activity(a);
}

HOT void report_try(const struct attachment *a, const struct route *route,
	int fd, unsigned try, int err)
{
	struct counters_line *line = of_backend(a, route);

	if (line) {
		if (!err)
			add(&line->ok);
		else if (report_is_refusal(err))
			add(&line->failed);
		note_activity(a);
	}
	if (UNLIKELY(real_settings.log_all ||
		    (real_settings.log_failures && report_is_refusal(err))))
		log_try(a, route, fd, try, err);
}

void report_stands(const struct attachment *a, uint32_t number)
{
	struct route route = {.line = number};
	struct counters_line *line = of_backend(a, &route);

	if (!line)
		return;
	add(&line->ok);
	note_activity(a);
}

/*
 * select(2), pselect(2): as poll(), but that the sets are the kernel's to fill,
 * and must be asked for anew each turn. Sets of more than 1,024 descriptors go
 * to the kernel as they are.
 */
#include "addr.h"
#include "pending.h"
#include "real.h"
#include "shim.h"
#include "spare.h"
#include "tell.h"
#include "wait.h"

#include <errno.h>
#include <signal.h>
#include <sys/select.h>

enum { SETS = 3, WORDS = FD_SETSIZE / 64 };

struct sets {
	int n;
	uint64_t *host[SETS]; /* NULL where it gave none */
	uint64_t asked[SETS][WORDS];
	uint64_t under_way[WORDS]; /* when the turn began */
	bool is_last;		   /* it has had a turn more than its time */
};

static int words_of(int n)
{
	return (n + 63) / 64;
}

/* Nothing that the kernel would refuse: that is the kernel's to do. */
static bool take(struct sets *s, int n, fd_set *r, fd_set *w, fd_set *e)
{
	fd_set *set[SETS] = {r, w, e};

	if (n < 0 || n > FD_SETSIZE)
		return false;
	s->n = n;
	s->is_last = false;
	for (int i = 0; i < SETS; i++) {
		s->host[i] = (uint64_t *)set[i];
		if (!set[i])
			continue;
		if (!addr_is_plausible(set[i]))
			return false;
		for (int word = 0; word < words_of(n); word++)
			s->asked[i][word] = s->host[i][word];
	}
	return true;
}

static void ask_again(const struct sets *s)
{
	for (int i = 0; i < SETS; i++)
		for (int word = 0; s->host[i] && word < words_of(s->n); word++)
			s->host[i][word] = s->asked[i][word];
}

static bool is_ready(const struct sets *s, int fd)
{
	for (int i = 0; i < SETS; i++)
		if (s->host[i] && s->host[i][fd / 64] >> fd % 64 & 1)
			return true;
	return false;
}

/* The bits that it had set. */
static int drop(const struct sets *s, int fd)
{
	uint64_t bit = 1ULL << fd % 64;
	int n = 0;

	for (int i = 0; i < SETS; i++) {
		if (!s->host[i] || !(s->host[i][fd / 64] & bit))
			continue;
		s->host[i][fd / 64] &= ~bit;
		n++;
	}
	return n;
}

static void mark_under_way(struct sets *s)
{
	for (int word = 0; word < words_of(s->n); word++)
		s->under_way[word] = 0;
	for (int fd = pending_next(0); fd >= 0 && fd < s->n;
		fd = pending_next(fd + 1))
		if (pending_is_under_way(fd))
			s->under_way[fd / 64] |= 1ULL << fd % 64;
}

/*
 * Another thread may have seen to it since: what the kernel said is of a failure
 * that is past, and what it says now is another turn's.
 */
static bool may_have_failed(const struct sets *s, int fd)
{
	return s->under_way[fd / 64] >> fd % 64 & 1 || pending_is_under_way(fd);
}

static bool is_any_ready(const struct sets *s)
{
	for (int i = 0; i < SETS; i++)
		for (int word = 0; s->host[i] && word < words_of(s->n); word++)
			if (s->host[i][word])
				return true;
	return false;
}

/* The host was told that it stands, and has not asked yet. */
static bool is_reset_since(int fd)
{
	return pending_kind_of(fd) == PENDING_STOOD && tell_is_wrong(fd);
}

static bool is_any_reset_since(const struct sets *s)
{
	for (int fd = 0; fd < s->n; fd++)
		if (is_ready(s, fd) && is_reset_since(fd))
			return true;
	return false;
}

/* The kernel counts bits; a host may have given one set for two. */
static int spare_failed(const struct sets *s, int n, uint64_t *ran)
{
	int left = n;

	for (int fd = 0; fd < s->n && left; fd++) {
		if (!is_ready(s, fd) ||
			(!may_have_failed(s, fd) && !is_reset_since(fd)))
			continue;
		if (spare_is_spared(spare_event(fd, true, ran)))
			left -= drop(s, fd);
	}
	return left == n || is_any_ready(s) ? left : 0;
}

/*
 * Where nothing is left of a turn, what the host asked for is asked again: one
 * that was spared because it stands by now must show, be the time over or not.
 */
static bool is_another_turn(struct wait *w, struct sets *s, int rc, int told)
{
	bool again = !wait_is_over(w) && !rc;

	if (!rc && !again && told > 0 && !s->is_last)
		again = s->is_last = true;
	if (again)
		ask_again(s);
	return again;
}

static fd_set *host_set(const struct sets *s, int i)
{
	return (fd_set *)s->host[i];
}

static int turn(struct wait *w, struct sets *s)
{
	struct timespec left;

	mark_under_way(s);
	return real.pselect(s->n, host_set(s, 0), host_set(s, 1),
		host_set(s, 2), wait_turn_timespec(w, &left), w->mask);
}

/* `told` is what a first turn has brought, that nobody knew would be one. */
static int go_on(struct wait *w, struct sets *s, int told)
{
	for (;;) {
		int rc = told > 0 ? spare_failed(s, told, &w->ran) : told;

		if (!is_another_turn(w, s, rc, told))
			return rc;
		if (wait_is_interrupted(w))
			return -1;
		told = turn(w, s);
	}
}

/*
 * Nothing was under way, but one that the host was told stands has been reset
 * since. What is left of a pselect() is measured from now, which can double it.
 */
static int look_again(struct wait *w, struct sets *s, int told)
{
	mark_under_way(s);
	return go_on(w, s, told);
}

/* Apart, as poll_open() is, and for the same. */
__attribute__((noinline)) static int pselect_open(int n, fd_set *r, fd_set *w,
	fd_set *e, const struct timespec *timeout, const sigset_t *mask)
{
	struct sets sets;
	struct wait wait;
	int rc;

	if (!wait_is_timeout(timeout) || !take(&sets, n, r, w, e))
		return real.pselect(n, r, w, e, timeout, mask);
	if (pending_is_any_under_way()) {
		wait_begin(&wait, wait_ns_of(timeout), mask);
		return go_on(&wait, &sets, turn(&wait, &sets));
	}
	rc = real.pselect(n, r, w, e, timeout, mask);
	if (rc < 1 || !is_any_reset_since(&sets))
		return rc;
	wait_begin(&wait, wait_ns_of(timeout), mask);
	return look_again(&wait, &sets, rc);
}

EXPORT int pselect(int n, fd_set *r, fd_set *w, fd_set *e,
	const struct timespec *timeout, const sigset_t *mask)
{
	return UNLIKELY(pending_open())
		? pselect_open(n, r, w, e, timeout, mask)
		: real.pselect(n, r, w, e, timeout, mask);
}

static uint64_t ns_of(const struct timeval *timeout)
{
	return timeout ? (uint64_t)timeout->tv_sec * 1000000000 +
			(uint64_t)timeout->tv_usec * 1000
		       : WAIT_FOREVER;
}

/* The host is told what is left of its time, as Linux does. */
static int with_rest(int rc, const struct wait *w, struct timeval *timeout)
{
	uint64_t ns = w->until > w->now ? w->until - w->now : 0;

	if (timeout) {
		timeout->tv_sec = (time_t)(ns / 1000000000);
		timeout->tv_usec = (suseconds_t)(ns % 1000000000 / 1000);
	}
	return rc;
}

static bool is_timeval(const struct timeval *t)
{
	return !t ||
		(addr_is_plausible(t) && t->tv_sec >= 0 &&
			t->tv_sec < INT32_MAX && t->tv_usec >= 0);
}

__attribute__((noinline)) static int select_open(
	int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout)
{
	struct sets sets;
	struct wait wait;
	int rc;

	if (!is_timeval(timeout) || !take(&sets, n, r, w, e))
		return real.select(n, r, w, e, timeout);
	if (pending_is_any_under_way()) {
		wait_begin(&wait, ns_of(timeout), NULL);
		rc = go_on(&wait, &sets, turn(&wait, &sets));
		return with_rest(rc, &wait, timeout);
	}
	rc = real.select(n, r, w, e, timeout);
	if (rc < 1 || !is_any_reset_since(&sets))
		return rc;
	wait_begin(&wait, ns_of(timeout), NULL); /* what is left by now */
	rc = look_again(&wait, &sets, rc);
	return with_rest(rc, &wait, timeout);
}

EXPORT int select(
	int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout)
{
	return UNLIKELY(pending_open()) ? select_open(n, r, w, e, timeout)
					: real.select(n, r, w, e, timeout);
}

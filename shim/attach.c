/*
 * Attaching: one request to lbd, answered with descriptors, which are mapped
 * and closed again. Nothing is kept open, nothing waits longer than 200 ms (the
 * first time, or where rules are new) or 5 ms, and any failure leaves things as
 * they were.
 */
#include "attach.h"
#include "handshake.h"
#include "kept.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "retry.h"
#include "sandbox.h"
#include "say.h"
#include "shim.h"

enum {
	FIRST_WAIT_MS = 200,
	LATER_WAIT_MS = 5,
	STALE_MS = 3000,  /* a heartbeat that stands still that long */
	ADRIFT_MS = 1000, /* is one not to count on any more */
	CHANGES_MAX = 3,  /* of identity, while lbd is asked */
};

static struct {
	_Atomic bool tried; /* the first attach has ended, one way or other */
	_Atomic uint64_t missed; /* an epoch that nothing was got for, + 1 */
} state;

_Atomic(struct attachment *) attach_newest;
_Atomic uint64_t attach_looked_ms;
atomic_bool attach_adrift;

static void log_attach(const struct attachment *got, const char *reason)
{
	struct line line;

	if (got ? !real_settings.log_all : !real_settings.log_failures)
		return;
	say_start(&line);
	say_text(&line, got ? "attached " : "not attached ");
	say_text(&line, real_settings.socket);
	say_text(&line, ": ");
	if (got) {
		say_number(&line, handshake_services(got));
		say_text(&line, " services");
	} else {
		say_text(&line, reason);
	}
	say_end(&line);
}

/*
 * From here on readers use it. Returns what they used before; that goes, if it
 * is not kept for an identity.
 */
static struct attachment *use(struct attachment *a)
{
	struct attachment *old;

	atomic_store(&attach_adrift, false);
	old = atomic_exchange(&attach_newest, a);
	if (old && old != a && !kept_has(old))
		kept_let_go(old);
	return old;
}

static void install(struct attachment *got, uint64_t now)
{
	struct attachment *displaced;

	got->process_key = pending_process_key();
	if (pending_owner())
		atomic_store(
			pending_owner(), (uint64_t)raw3(SYS_getpid, 0, 0, 0));
	atomic_store(
		&got->beat, table_load(&table_control(&got->keys)->heartbeat));
	atomic_store(&got->beat_ms, now);
	displaced = kept_put(got);
	if (use(got) != displaced && displaced)
		kept_let_go(displaced);
}

/* Another thread has just been given the same. */
static bool is_there_already(
	const struct attachment *got, const struct attachment *before)
{
	const struct attachment *newest = atomic_load(&attach_newest);

	return newest && newest != before && !attach_is_stale(newest) &&
		identity_same(&newest->who, &got->who);
}

/*
 * lbd judges whoever connects: what it gave is only good for an identity that
 * the process had all the while.
 */
static struct attachment *ask(unsigned wait_ms, const char **reason)
{
	for (int tries = 0; tries < CHANGES_MAX; tries++) {
		struct identity_moment since;
		struct attachment *got;

		identity_note(&since);
		got = handshake(
			real_settings.socket, attach_latest(), wait_ms, reason);
		if (!got)
			return NULL;
		if (identity_lasted(&since)) {
			got->who = since.who;
			atomic_store(&got->epoch, since.epoch);
			return got;
		}
		handshake_discard(got);
	}
	*reason = "the program becomes somebody else all the time";
	return NULL;
}

/* One of `many` threads that were in need at the same time takes what another
 * got: else each would blank the table of the one before. */
static bool attach(unsigned wait_ms, uint64_t now, bool many)
{
	const struct attachment *before = attach_latest();
	const uint64_t late_ms = real_precise_ms() + wait_ms;
	const char *reason = NULL;
	struct attachment *got;

	if (identity_is_borrowed())
		return false;
	got = ask(wait_ms, &reason);
	log_attach(got, reason);
	if (got && many && is_there_already(got, before))
		handshake_discard(got);
	else if (got)
		install(got, now);
	if (got && attach_is_stale(attach_latest()))
		kept_forget(); /* a drop that came between found nothing */
	retry_note(got, real_precise_ms() >= late_ms);
	atomic_store(&state.tried, true);
	return got;
}

/*
 * Until the first attach has ended every thread makes its own: one that went
 * on without would send the host to an address that nobody owns.
 */
static const struct attachment *attach_slowly(uint64_t now)
{
	if (!atomic_load(&state.tried))
		attach(FIRST_WAIT_MS, now, true);
	else if (retry_my_turn(now))
		attach(LATER_WAIT_MS, now, false);
	return atomic_load(&attach_newest);
}

/* Does lbd still keep it, as far as can be seen? */
static bool is_kept_up(const struct attachment *a, uint64_t now)
{
	const struct table_control *control = table_control(&a->keys);

	return !(table_load(&control->flags) & TABLE_SUPERSEDED) &&
		(table_load(&control->heartbeat) != table_load(&a->beat) ||
			now <= table_load(&a->beat_ms) + STALE_MS);
}

/*
 * What it had as that, if it ever was, and lbd is still the same; else what lbd
 * says, if it may be asked: after a failure not at once.
 */
static void become(const struct identity_moment *moment, uint64_t now)
{
	struct attachment *a = kept_find(&moment->who);

	if (!a || !is_kept_up(a, now)) {
		unsigned wait_ms = a ? LATER_WAIT_MS : FIRST_WAIT_MS;
		bool may = !retry_is_paused() || retry_my_turn(now);

		if (may && attach(wait_ms, now, true))
			return;
		if (may)
			retry_hold();
	}
	if (!a)
		return;
	atomic_store(&a->epoch, moment->epoch);
	use(a);
	if (!kept_has(a)) /* forgotten just now */
		atomic_store(&a->epoch, moment->epoch - 1);
}

/*
 * The process may have become somebody else. Where lbd does not say what that
 * one may do, what has rules is closed and the rest goes on as it was.
 */
__attribute__((noinline)) static struct attachment *follow(
	struct attachment *stale)
{
	uint64_t epoch = atomic_load(&identity_epoch), now = real_coarse_ms();
	struct identity_moment moment;

	if ((atomic_load(&state.missed) == epoch + 1 &&
		    now < retry_next_ms()) ||
		identity_is_borrowed())
		return stale;
	identity_note(&moment);
	become(&moment, now);
	kept_forget();
	stale = atomic_load(&attach_newest);
	if (attach_is_stale(stale))
		atomic_store(&state.missed, moment.epoch + 1);
	return stale;
}

const struct attachment *attach_again(const struct attachment *known)
{
	const struct attachment *newest = atomic_load(&attach_newest);
	uint64_t now;

	if (newest != known || sandbox_is_closed())
		return newest;
	now = real_coarse_ms();
	if (retry_is_held(now))
		return known;
	if (!attach(FIRST_WAIT_MS, now, false))
		retry_hold();
	return atomic_load(&attach_newest);
}

/* What its heartbeat says. */
__attribute__((always_inline)) static inline const struct attachment *look(
	struct attachment *a)
{
	const struct table_control *control;
	uint64_t beat, now, since;

	control = table_control(&a->keys);
	beat = atomic_load_explicit(&control->heartbeat, memory_order_relaxed);
	now = real_coarse_ms();
	if (now !=
		atomic_load_explicit(&attach_looked_ms, memory_order_relaxed))
		atomic_store_explicit(
			&attach_looked_ms, now, memory_order_relaxed);
	since = atomic_load_explicit(&a->beat_ms, memory_order_relaxed);
	if (beat != atomic_load_explicit(&a->beat, memory_order_relaxed)) {
		since = now;
		atomic_store_explicit(&a->beat, beat, memory_order_relaxed);
		atomic_store_explicit(&a->beat_ms, now, memory_order_relaxed);
		atomic_store_explicit(
			&attach_adrift, false, memory_order_relaxed);
	}
	if (UNLIKELY(now > since + ADRIFT_MS))
		atomic_store_explicit(
			&attach_adrift, true, memory_order_relaxed);
	if (UNLIKELY(now > since + STALE_MS ||
		    table_load(&control->flags) & TABLE_SUPERSEDED))
		return attach_slowly(now);
	return a;
}

/* Apart, so that others pay for no frame. */
__attribute__((noinline)) static const struct attachment *look_anew(
	struct attachment *stale)
{
	return look(follow(stale));
}

HOT const struct attachment *attach_current(void)
{
	struct attachment *a =
		atomic_load_explicit(&attach_newest, memory_order_acquire);

	if (UNLIKELY(sandbox_is_closed()))
		return a;
	if (UNLIKELY(!a))
		return real_settings.inert ? NULL
					   : attach_slowly(real_coarse_ms());
	return UNLIKELY(attach_is_stale(a)) ? look_anew(a) : look(a);
}

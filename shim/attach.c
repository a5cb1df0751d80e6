/*
 * Attaching: one request to lbd, answered with descriptors, which are mapped
 * and closed again. Nothing is kept open, nothing waits longer than 200 ms (the
 * first time, or where rules are new) or 5 ms, and any failure leaves things as
 * they were.
 */
#include "attach.h"
#include "handshake.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "sandbox.h"
#include "say.h"
#include "shim.h"

#include <sys/mman.h>

enum {
	FIRST_WAIT_MS = 200,
	LATER_WAIT_MS = 5,
	STALE_MS = 3000,  /* a heartbeat that stands still that long */
	ADRIFT_MS = 1000, /* is one not to count on any more */
	RETRY_MIN_MS = 1000,
	RETRY_MAX_MS = 64000,
};

static struct {
	_Atomic bool tried; /* the first attach has ended, one way or other */
	_Atomic uint64_t beat, beat_ms; /* last heartbeat seen, and when */
	_Atomic uint64_t next_ms;	/* no attach before that */
	_Atomic uint64_t pause_ms;	/* doubles with every failure */
	_Atomic uint64_t again_ms;	/* no attach_again() before that */
} state;

_Atomic(struct attachment *) attach_newest;
_Atomic uint64_t attach_looked_ms;
atomic_bool attach_adrift;

/* Zeros in place: a reader that is still in there finds generation 0. */
static void blank(const void *at, uint64_t size)
{
	raw6(SYS_mmap, (long)at, (long)size, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

static void blank_map(const struct table_map *map)
{
	if (map->base)
		blank(map->base, map->capacity);
}

static void let_go(struct attachment *old)
{
	blank_map(&old->keys);
	for (uint64_t i = 0; i < old->lists; i++)
		blank_map(&old->list[i].map);
	if (old->counters)
		raw6(SYS_mmap, (long)old->counters,
			(long)counters_size(old->services),
			PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
			-1, 0);
}

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

static void install(struct attachment *got, uint64_t now)
{
	struct attachment *old;

	pending_prepare();
	got->process_key = pending_process_key();
	atomic_store(&attach_adrift, false);
	atomic_store(
		&state.beat, table_load(&table_control(&got->keys)->heartbeat));
	atomic_store(&state.beat_ms, now);
	old = atomic_exchange(&attach_newest, got);
	if (old)
		let_go(old);
}

/* Up to a quarter off, so that a host's programs do not knock together. */
static uint64_t jittered(uint64_t ms, uint64_t now)
{
	uint64_t pid = (uint64_t)raw3(SYS_getpid, 0, 0, 0);

	return ms - table_mix(now ^ pid << 20) % (ms / 4 + 1);
}

static bool attach(unsigned wait_ms, uint64_t now)
{
	const char *reason = NULL;
	struct attachment *got =
		handshake(real_settings.socket, wait_ms, &reason);
	uint64_t pause = RETRY_MIN_MS;

	log_attach(got, reason);
	if (got) {
		install(got, now);
	} else {
		pause = atomic_load(&state.pause_ms) * 2;
		if (pause < RETRY_MIN_MS)
			pause = RETRY_MIN_MS;
		if (pause > RETRY_MAX_MS)
			pause = RETRY_MAX_MS;
	}
	atomic_store(&state.pause_ms, got ? 0 : pause);
	atomic_store(&state.next_ms, now + jittered(pause, now));
	atomic_store(&state.tried, true);
	return got;
}

/* One thread at a time, and not before the pause is over. */
static bool my_turn(uint64_t now)
{
	uint64_t next = atomic_load(&state.next_ms);

	return now >= next &&
		atomic_compare_exchange_strong(
			&state.next_ms, &next, now + RETRY_MIN_MS);
}

/*
 * Until the first attach has ended every thread makes its own: one that went
 * on without would send the host to an address that nobody owns.
 */
static const struct attachment *attach_slowly(uint64_t now)
{
	if (!atomic_load(&state.tried))
		attach(FIRST_WAIT_MS, now);
	else if (my_turn(now))
		attach(LATER_WAIT_MS, now);
	return atomic_load(&attach_newest);
}

const struct attachment *attach_again(const struct attachment *known)
{
	const struct attachment *newest = atomic_load(&attach_newest);
	uint64_t now;

	if (newest != known || sandbox_is_closed())
		return newest;
	now = real_coarse_ms();
	if (now < atomic_load(&state.again_ms))
		return known;
	if (!attach(FIRST_WAIT_MS, now))
		atomic_store(&state.again_ms, now + RETRY_MIN_MS);
	return atomic_load(&attach_newest);
}

const struct attachment *attach_current(void)
{
	const struct attachment *a =
		atomic_load_explicit(&attach_newest, memory_order_acquire);
	const struct table_control *control;
	uint64_t beat, now, since;

	if (UNLIKELY(sandbox_is_closed()))
		return a;
	if (UNLIKELY(!a))
		return real_settings.inert ? NULL
					   : attach_slowly(real_coarse_ms());
	control = table_control(&a->keys);
	beat = atomic_load_explicit(&control->heartbeat, memory_order_relaxed);
	now = real_coarse_ms();
	if (now !=
		atomic_load_explicit(&attach_looked_ms, memory_order_relaxed))
		atomic_store_explicit(
			&attach_looked_ms, now, memory_order_relaxed);
	since = atomic_load_explicit(&state.beat_ms, memory_order_relaxed);
	if (beat != atomic_load_explicit(&state.beat, memory_order_relaxed)) {
		since = now;
		atomic_store_explicit(&state.beat, beat, memory_order_relaxed);
		atomic_store_explicit(
			&state.beat_ms, now, memory_order_relaxed);
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

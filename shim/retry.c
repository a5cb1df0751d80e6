/*
 * Pauses double with every failure, and begin short where lbd was there and
 * merely late: its machine is busy, and the next answer may be in time.
 */
#include "retry.h"
#include "raw.h"
#include "real.h"
#include "table.h"

enum {
	PAUSE_LATE_MS = 100,
	PAUSE_MIN_MS = 1000, /* also between two that got an answer */
	PAUSE_MAX_MS = 64000,
};

static struct {
	_Atomic uint64_t pause_ms; /* 0: the last time went well */
	_Atomic uint64_t next_ms, held_ms;
} state;

/* Up to a quarter off, so that a host's programs do not knock together. */
static uint64_t jittered(uint64_t ms, uint64_t now)
{
	uint64_t pid = (uint64_t)raw3(SYS_getpid, 0, 0, 0);

	return ms - table_mix(now ^ pid << 20) % (ms / 4 + 1);
}

static uint64_t pause_after_failure(bool late)
{
	uint64_t least = late ? PAUSE_LATE_MS : PAUSE_MIN_MS;
	uint64_t pause = atomic_load(&state.pause_ms) * 2;

	if (pause < least)
		return least;
	return pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause;
}

void retry_note(bool got, bool late)
{
	uint64_t now = real_coarse_ms();
	uint64_t pause = got ? PAUSE_MIN_MS : pause_after_failure(late);

	atomic_store(&state.pause_ms, got ? 0 : pause);
	atomic_store(&state.next_ms, now + jittered(pause, now));
}

bool retry_is_paused(void)
{
	return atomic_load(&state.pause_ms);
}

uint64_t retry_next_ms(void)
{
	return atomic_load(&state.next_ms);
}

bool retry_my_turn(uint64_t now)
{
	uint64_t next = atomic_load(&state.next_ms);

	return now >= next &&
		atomic_compare_exchange_strong(
			&state.next_ms, &next, now + PAUSE_MIN_MS);
}

void retry_hold(void)
{
	uint64_t pause = atomic_load(&state.pause_ms);

	if (!pause || pause > PAUSE_MIN_MS)
		pause = PAUSE_MIN_MS;
	atomic_store(&state.held_ms, real_coarse_ms() + pause);
}

bool retry_is_held(uint64_t now)
{
	return now < atomic_load(&state.held_ms);
}

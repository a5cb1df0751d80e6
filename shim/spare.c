/*
 * claim -> judge -> release: the connect() of a descriptor that something was
 * said of.
 *
 * No signal in between: a handler that waited for the same socket would wait
 * for ever.
 */
#include "spare.h"
#include "attach.h"
#include "move.h"
#include "pending.h"
#include "raw.h"
#include "report.h"
#include "sandbox.h"
#include "signals.h"
#include "tell.h"
#include "traces.h"
#include "wait.h"

/* A move takes another thread microseconds; but it may have died in it. */
enum { YIELDS = 1000, PAUSES = 1000, PAUSE_NS = 1000000 };

/*
 * Those that are about to run a handler; but for 32 and 33, with which glibc
 * talks to its own threads.
 */
static uint64_t about_to_run(uint64_t blocked_before)
{
	uint64_t pending = 0, handled = 0;
	unsigned long flags;

	raw3(SYS_rt_sigpending, (long)&pending, sizeof(pending), 0);
	pending &= ~blocked_before & ~(1ULL << 31 | 1ULL << 32);
	for (; pending; pending &= pending - 1)
		if (signals_handled(__builtin_ctzll(pending) + 1, &flags))
			handled |= pending & -pending;
	return handled;
}

/* The handlers of what came since run now; adds to `ran` which those are. */
static void restore_signals(uint64_t old, uint64_t *ran)
{
	if (ran)
		*ran |= about_to_run(old);
	signals_restore(old);
}

/*
 * What another thread is moving is judged when that has ended: the event may
 * be about the backend that it is moving to, and would not come again.
 */
static enum claim claim_in_turn(int fd, struct pending *p)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	enum claim claimed = pending_claim(fd, p);

	for (int i = 0; claimed == CLAIM_BUSY && i < YIELDS + PAUSES; i++) {
		if (i < YIELDS)
			raw3(SYS_sched_yield, 0, 0, 0);
		else
			raw3(SYS_nanosleep, (long)&pause, 0, 0);
		claimed = pending_claim(fd, p);
	}
	if (claimed == CLAIM_BUSY)
		pending_forget(fd);
	return claimed;
}

/* Another thread has judged it since. */
static enum spare look_again(int fd)
{
	switch (pending_kind_of(fd)) {
	case PENDING_PEER:
		return tell_is_wrong(fd) ? SPARE_NOT : SPARE_WELL;
	case PENDING_SPENT:
		return SPARE_NOT;
	default:
		return SPARE_STRANGE;
	}
}

/* Apart, as all that know addresses: what they leave behind is cleared after. */
__attribute__((noinline)) static enum spare look(
	int fd, enum tell_why why, int err)
{
	struct pending p;

	if (claim_in_turn(fd, &p) != CLAIM_GOT)
		return look_again(fd);
	switch (tell_what(fd, &p, why, err)) {
	case TELL_LATER:
		return SPARE_MOVED;
	case TELL_NOT:
		return SPARE_WELL;
	default:
		return SPARE_NOT;
	}
}

static enum spare look_undisturbed(
	int fd, enum tell_why why, int err, uint64_t *ran)
{
	uint64_t signals;
	enum spare spare;

	if (sandbox_is_closed())
		return SPARE_STRANGE;
	signals = signals_block();
	spare = look(fd, why, err);
	traces_clear_move();
	restore_signals(signals, ran);
	return spare;
}

/*
 * Between two backends a socket has hung up, without an error. Who was told
 * that, and finds an error now, is told again.
 */
enum spare spare_event(int fd, bool is_error, uint64_t *ran)
{
	enum spare spare = look_undisturbed(fd, TELL_EVENT, 0, ran);

	return spare == SPARE_NOT && !is_error && tell_has_error(fd)
		? SPARE_WELL
		: spare;
}

bool spare_refusal(int fd, int err)
{
	return look_undisturbed(fd, TELL_REPEATED, err, NULL) == SPARE_MOVED;
}

/* The host was told that it stands; it was reset since, and sent on. */
static bool is_under_way_again(int fd, enum pending_kind again)
{
	return again == PENDING_STOOD && tell_is_wrong(fd) &&
		spare_is_spared(spare_event(fd, true, NULL));
}

bool spare_repeated(int fd, enum pending_kind again)
{
	return again == PENDING_MOVING || wait_has_late() ||
		is_under_way_again(fd, again);
}

__attribute__((noinline)) static void leave_late(uint64_t now_ms)
{
	struct pending p;

	for (int slot = pending_next(0); slot >= 0;
		slot = pending_next(slot + 1))
		if (pending_claim_late(slot, now_ms, &p))
			tell_late(slot, &p);
}

void spare_late(uint64_t now_ms, uint64_t *ran)
{
	uint64_t signals;

	if (sandbox_is_closed()) {
		atomic_store(&pending_deadline, PENDING_NEVER);
		return;
	}
	signals = signals_block();
	leave_late(now_ms);
	pending_find_deadline(now_ms);
	traces_clear_move();
	restore_signals(signals, ran);
}

static void settle(int fd, enum pending_kind kind)
{
	const struct attachment *a = attach_latest();
	uint32_t line;

	if (pending_settle(fd, kind, &line) && a)
		report_stands(a, line);
}

void spare_stood(int fd)
{
	settle(fd, PENDING_STOOD);
}

void spare_stands(int fd)
{
	settle(fd, PENDING_PEER);
}

/*
 * The error has been asked for and taken from the kernel. Sent on, the host is
 * told of none; if that fails at once as well, on to the next.
 */
static int spare_error(int fd, int err)
{
	if (look_undisturbed(fd, TELL_ASKED, err, NULL) != SPARE_MOVED)
		return err;
	while (tell_is_wrong(fd))
		if (spare_event(fd, true, NULL) == SPARE_NOT)
			return spare_asked(fd, move_take_error(fd));
	return 0;
}

/* The last failure, where it is the host's to know: false if it is not. */
__attribute__((noinline)) static bool is_told(int fd, int *err)
{
	struct pending p;

	if (!pending_told(fd, &p))
		return false;
	*err = *err ? *err : p.owed;
	move_report(fd, &p, *err);
	return true;
}

int spare_asked(int fd, int err)
{
	if (sandbox_is_closed())
		return err;
	if (is_told(fd, &err)) {
		traces_clear_move();
		return err;
	}
	if (err &&
		(pending_kind_of(fd) == PENDING_STOOD ||
			pending_is_any_under_way()))
		return spare_error(fd, err);
	if (!err && !wait_has_late() && pending_kind_of(fd) > PENDING_PEER &&
		tell_stands(fd))
		spare_stands(fd);
	return err;
}

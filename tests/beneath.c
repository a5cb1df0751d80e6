#include "beneath.h"
#include "shim/move.h"
#include "shim/real.h"
#include "shim/route.h"
#include "shim/sandbox.h"
#include "shim/spare.h"

uint64_t beneath_ns;
enum pending_kind beneath_next;
uint64_t beneath_ran;
unsigned beneath_moves, beneath_lates, beneath_reports;
int beneath_moved_for;

static int tell_time(clockid_t clock, struct timespec *at)
{
	(void)clock;
	at->tv_sec = (time_t)(beneath_ns / 1000000000);
	at->tv_nsec = (long)(beneath_ns % 1000000000);
	return 0;
}

struct real real = {.clock_gettime = tell_time};
atomic_bool sandbox_closed;

void beneath_lock_in(void)
{
	atomic_store(&sandbox_closed, true);
}

uint64_t route_began(void)
{
	return real_coarse_ms();
}

enum pending_kind move_on(int fd, struct pending *p, int err)
{
	(void)fd;
	(void)p;
	beneath_moves++;
	beneath_moved_for = err;
	return beneath_next;
}

void move_report(int fd, const struct pending *p, int err)
{
	(void)fd;
	(void)p;
	(void)err;
	beneath_reports++;
}

/* Those that are late are seen to: the next is due in a second. */
void spare_late(uint64_t now_ms, uint64_t *ran)
{
	if (ran)
		*ran |= beneath_ran;
	beneath_lates++;
	atomic_store(&pending_deadline, now_ms + 1000);
}

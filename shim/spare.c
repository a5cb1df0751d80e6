/*
 * What has become of a connect() that was under way, and need the host know?
 *
 *	claim -> ask the kernel -> move, or let the host be told -> release
 *
 * No signal in between: a handler that waited for the same socket would wait
 * for ever. Never moved is what has stood and carried a byte.
 */
#include "spare.h"
#include "attach.h"
#include "move.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "report.h"
#include "sandbox.h"
#include "wait.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>

/* States of TCP, as the kernel counts them. */
enum { SYN_SENT = 2, CLOSED = 7 };

/* Where the kernel gives up by itself after that long, the host may know. */
enum { QUICK_MS = 3000 };

static uint64_t block_signals(void)
{
	uint64_t all = UINT64_MAX, old = 0;

	raw6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&old,
		sizeof(old), 0, 0);
	return old;
}

static void restore_signals(uint64_t old)
{
	raw6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, sizeof(old), 0, 0);
}

static bool ask_kernel(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	*info = (struct tcp_info){0};
	return !raw5(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)info,
		(long)&len);
}

/* How often the kernel repeats a SYN. */
static unsigned patience_of(int fd)
{
	unsigned times = 0;
	socklen_t len = sizeof(times);

	raw5(SYS_getsockopt, fd, IPPROTO_TCP, TCP_SYNCNT, (long)&times,
		(long)&len);
	return times;
}

static bool is_blocking(int fd)
{
	long flags = raw3(SYS_fcntl, fd, F_GETFL, 0);

	return flags < 0 || !(flags & O_NONBLOCK);
}

/*
 * The kernel's own patience has run out, not the network's: as many repetitions
 * as it makes. The error itself would tell, but only once.
 */
static bool has_timed_out(
	int fd, const struct pending *p, const struct tcp_info *info, int err)
{
	if (p->is_timed || (uint32_t)real_coarse_ms() - p->begun < QUICK_MS)
		return false;
	return err ? err == ETIMEDOUT
		   : info->tcpi_total_retrans >= patience_of(fd);
}

/*
 * A listener that closes resets what it has not accepted: that stood, but if
 * nothing went either way but SYN and ACK, nobody can tell another from it.
 */
static bool is_untouched(const struct tcp_info *info)
{
	return !info->tcpi_bytes_received &&
		info->tcpi_segs_out <= 2 + info->tcpi_total_retrans;
}

/*
 * Closed; or a router has said that there is no way while the kernel was busy
 * with the socket. It would try on, but programs are told.
 */
static bool has_failed(int fd, const struct tcp_info *info)
{
	struct pollfd p = {.fd = fd};
	const struct timespec none = {0};

	if (info->tcpi_state != SYN_SENT)
		return info->tcpi_state == CLOSED;
	return raw5(SYS_ppoll, (long)&p, 1, (long)&none, 0, 0) == 1 &&
		p.revents & POLLERR;
}

/* A failed connect() that another backend may spare the host. */
static bool is_worth_a_move(
	int fd, const struct pending *p, const struct tcp_info *info, int err)
{
	return is_untouched(info) && !has_timed_out(fd, p, info, err) &&
		!is_blocking(fd);
}

/*
 * What is to be told of a connection that was claimed; true = nothing. With
 * `err` the host has asked, and the kernel has told.
 */
static bool judge(int fd, struct pending *p, int err)
{
	enum pending_kind kind = PENDING_NOT;
	struct tcp_info info;
	bool spared = false;

	p->owed = 0;
	if (!ask_kernel(fd, &info)) {
		kind = PENDING_NOT; /* not TCP */
	} else if (info.tcpi_state != SYN_SENT && info.tcpi_state != CLOSED) {
		kind = PENDING_PEER;
		move_report(fd, p, 0);
	} else if (!err && !has_failed(fd, &info)) {
		kind = PENDING_CONNECT; /* another thread has just moved it */
		spared = true;
	} else {
		if (is_worth_a_move(fd, p, &info, err))
			kind = move_on(fd, p, err);
		spared = kind == PENDING_CONNECT || kind == PENDING_PEER;
		if (!spared)
			kind = err ? PENDING_TOLD : PENDING_SPENT;
		if (!spared && err)
			move_report(fd, p, err);
	}
	pending_release(p, kind);
	return spared;
}

static bool spare(int fd, int err, bool *is_held)
{
	struct pending p;
	enum claim claimed = pending_claim(fd, &p);

	*is_held = claimed == CLAIM_BUSY;
	return claimed == CLAIM_GOT ? judge(fd, &p, err) : *is_held;
}

bool spare_event(int fd, bool *is_held)
{
	uint64_t signals;
	bool spared;

	*is_held = false;
	if (sandbox_is_closed())
		return false;
	signals = block_signals();
	spared = spare(fd, 0, is_held);
	restore_signals(signals);
	return spared;
}

bool spare_refusal(int fd, int err)
{
	uint64_t signals;
	bool spared, is_held;

	if (sandbox_is_closed())
		return false;
	signals = block_signals();
	spared = spare(fd, err, &is_held);
	restore_signals(signals);
	return spared;
}

/* Claimed as late: another backend, or as long as the kernel takes. */
static void leave(int fd, struct pending *p)
{
	enum pending_kind kind = PENDING_CONNECT;
	struct tcp_info info;

	p->owed = 0;
	if (ask_kernel(fd, &info) && info.tcpi_state == SYN_SENT &&
		!is_blocking(fd))
		kind = move_on(fd, p, ETIMEDOUT);
	else
		p->is_timed = false;
	if (kind == PENDING_NOT) {
		kind = PENDING_CONNECT;
		p->is_timed = false;
	}
	pending_release(p, kind);
}

void spare_late(uint64_t now_ms)
{
	uint64_t signals;
	struct pending p;

	if (sandbox_is_closed()) {
		atomic_store(&pending_deadline, PENDING_NEVER);
		return;
	}
	signals = block_signals();
	for (int slot = 0; slot <= pending_top(); slot++)
		if (pending_claim_late(slot, now_ms, &p))
			leave(slot, &p);
	pending_find_deadline(now_ms);
	restore_signals(signals);
}

void spare_stands(int fd)
{
	const struct attachment *a = attach_latest();
	uint32_t line;

	if (pending_settle(fd, &line) && a)
		report_stands(a, line);
}

/*
 * The error has been asked for and taken from the kernel. Sent on, the host is
 * told of none; if that fails at once as well, on to the next.
 */
static int spare_error(int fd, int err)
{
	struct tcp_info info;
	bool is_held;

	if (!spare_refusal(fd, err))
		return err;
	while (ask_kernel(fd, &info) && has_failed(fd, &info))
		if (!spare_event(fd, &is_held))
			return spare_asked(fd, move_take_error(fd));
	return 0;
}

int spare_asked(int fd, int err)
{
	struct tcp_info info;
	struct pending p;

	if (sandbox_is_closed())
		return err;
	if (pending_told(fd, &p)) {
		err = err ? err : p.owed;
		move_report(fd, &p, err);
		return err;
	}
	if (!pending_is_any_under_way())
		return err;
	if (err)
		return spare_error(fd, err);
	if (!wait_has_late() && pending_is_under_way(fd) &&
		ask_kernel(fd, &info) && info.tcpi_state != SYN_SENT &&
		info.tcpi_state != CLOSED)
		spare_stands(fd);
	return 0;
}

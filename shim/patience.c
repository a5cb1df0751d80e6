/*
 * A blocking connect() that ends in time, by the kernel's own means:
 * SO_SNDTIMEO, saved, shortened, put back. The host's own limit still holds
 * for the whole call. A non-blocking socket is left alone.
 */
#include "patience.h"
#include "raw.h"
#include "real.h"
#include "sandbox.h"
#include "signals.h"
#include "withdraw.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>

#define NEVER UINT64_MAX

void patience_begin(struct patience *p, int fd, unsigned each_ms)
{
	socklen_t len = sizeof(p->host);
	long flags;

	p->limited = false;
	p->maxseg = 0;
	if (!each_ms || sandbox_is_closed())
		return;
	p->maxseg = withdraw_maxseg(fd);
	flags = raw3(SYS_fcntl, fd, F_GETFL, 0);
	if (flags < 0 || flags & O_NONBLOCK ||
		raw5(SYS_getsockopt, fd, SOL_SOCKET, SO_SNDTIMEO,
			(long)&p->host, (long)&len))
		return;
	p->limited = true;
	p->each_ms = each_ms;
	p->host_deadline = NEVER;
	if (p->host.tv_sec || p->host.tv_usec)
		p->host_deadline = real_precise_ms() +
			(uint64_t)p->host.tv_sec * 1000 +
			(uint64_t)p->host.tv_usec / 1000;
}

static void limit(int fd, const struct timeval *tv)
{
	raw5(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, (long)tv,
		sizeof(*tv));
}

/* 0 would mean for ever. */
static void limit_until(int fd, uint64_t deadline, uint64_t now)
{
	uint64_t ms = deadline > now ? deadline - now : 1;
	struct timeval tv = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	limit(fd, &tv);
}

/* What a program does to itself, and not while it waits. */
static bool is_crash(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGILL ||
		sig == SIGFPE || sig == SIGTRAP || sig == SIGABRT;
}

/*
 * A limited connect() answers EINTR where an unlimited one would have gone on
 * after a handler with SA_RESTART. Which of them ran cannot be told: only if
 * all that are installed have it may the call go on.
 */
static bool would_restart(void)
{
	unsigned long flags;

	for (int sig = 1; sig <= SIGNALS_MOST; sig++)
		if (!is_crash(sig) && signals_handled(sig, &flags) &&
			!(flags & SA_RESTART))
			return false;
	return true;
}

uint64_t patience_start(const struct patience *p, int fd)
{
	uint64_t now, deadline, until;

	if (!p->limited)
		return NEVER;
	now = real_precise_ms();
	deadline = now + p->each_ms;
	until = deadline < p->host_deadline ? deadline : p->host_deadline;
	limit_until(fd, until, now);
	return until;
}

bool patience_goes_on(const struct patience *p, int fd, uint64_t until)
{
	uint64_t now;

	if (!p->limited)
		return false;
	now = real_precise_ms();
	if (errno == EINTR && now < until && would_restart()) {
		limit_until(fd, until, now);
		return true;
	}
	if ((errno == EINPROGRESS || errno == EALREADY) &&
		until < p->host_deadline)
		errno = withdraw(fd, p->maxseg) ? ETIMEDOUT : EINPROGRESS;
	return false;
}

int patience_connect(
	struct patience *p, int fd, const struct sockaddr *to, socklen_t len)
{
	uint64_t until = patience_start(p, fd);
	int rc;

	do
		rc = real.connect(fd, to, len);
	while (rc && patience_goes_on(p, fd, until));
	return rc;
}

void patience_end(const struct patience *p, int fd)
{
	if (p->limited)
		limit(fd, &p->host);
}

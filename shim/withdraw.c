/*
 * AF_UNSPEC takes a socket back, and with it what the kernel keeps nowhere
 * else: an address bound without a port, TCP_MAXSEG, TCP_WINDOW_CLAMP. All are
 * asked for before and given again after.
 */
#include "withdraw.h"
#include "addr.h"
#include "raw.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* TCP_MAXSEG of a socket that has none, before it has connected. */
enum { MAXSEG_UNSET = 536 };

static unsigned option(int fd, int name)
{
	unsigned value = 0;
	socklen_t len = sizeof(value);

	if (raw5(SYS_getsockopt, fd, IPPROTO_TCP, name, (long)&value,
		    (long)&len))
		return 0;
	return value;
}

static void set_option(int fd, int name, unsigned value)
{
	raw5(SYS_setsockopt, fd, IPPROTO_TCP, name, (long)&value,
		sizeof(value));
}

unsigned withdraw_maxseg(int fd)
{
	unsigned value = option(fd, TCP_MAXSEG);

	return value == MAXSEG_UNSET ? 0 : value;
}

/*
 * Where nobody has set TCP_WINDOW_CLAMP, a connect() makes it all that the
 * scale it has chosen can express.
 */
static bool is_own_clamp(unsigned clamp)
{
	for (unsigned scale = 1; scale <= 14; scale++)
		if (clamp == (unsigned)UINT16_MAX << scale)
			return true;
	return clamp == 0;
}

/* What bind() gave stays after a disconnect, what routing gave does not. */
static bool has_address(const struct sockaddr_storage *a)
{
	struct addr addr;

	return addr_read((const void *)a, sizeof(*a), &addr) &&
		(addr.lo & (addr_is_v4(&addr) ? UINT32_MAX : UINT64_MAX) ||
			addr.hi);
}

/*
 * A port that the kernel chose at bind() is gone, though getsockname() still
 * shows it: it is asked for again, or else another. EINVAL says that the socket
 * is bound as it was.
 */
static bool bind_again(int fd)
{
	struct sockaddr_storage bound = {0};
	socklen_t len = sizeof(bound);
	long rc;

	if (raw3(SYS_getsockname, fd, (long)&bound, (long)&len))
		return false;
	if (!has_address(&bound))
		return true;
	rc = raw3(SYS_bind, fd, (long)&bound, len);
	if (rc == -EADDRINUSE) {
		((struct sockaddr_in *)&bound)->sin_port = 0; /* IPv6: too */
		rc = raw3(SYS_bind, fd, (long)&bound, len);
	}
	return !rc || rc == -EINVAL;
}

bool withdraw_clean(int fd)
{
	struct msghdr message = {0};
	const int flags = MSG_ERRQUEUE | MSG_DONTWAIT;

	while (raw3(SYS_recvmsg, fd, (long)&message, flags) >= 0)
		message = (struct msghdr){0};
	return true;
}

bool withdraw(int fd, unsigned maxseg)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	unsigned clamp = option(fd, TCP_WINDOW_CLAMP);
	unsigned before = option(fd, TCP_MAXSEG);

	if (raw3(SYS_connect, fd, (long)&none, sizeof(none)) || !bind_again(fd))
		return false;
	withdraw_clean(fd);
	/* Failed, it tells what was set; withdrawn, what the path gave. */
	if (!maxseg && before != option(fd, TCP_MAXSEG))
		maxseg = before;
	if (maxseg)
		set_option(fd, TCP_MAXSEG, maxseg);
	if (!is_own_clamp(clamp))
		set_option(fd, TCP_WINDOW_CLAMP, clamp);
	return true;
}

/* What a call that connects leaves behind, by how it has ended. */
#ifndef SHIM_REMEMBER_H
#define SHIM_REMEMBER_H

#include "pending.h"
#include "tell.h"

#include <errno.h>
#include <sys/socket.h>

static inline void remember(int fd, const struct sockaddr *asked,
	const struct route *route, const struct tried *tried, int err,
	unsigned maxseg)
{
	switch (err) {
	case 0:
		pending_peer(fd, route);
		break;
	case EALREADY: /* an earlier one is, unless this one has waited */
		if (!tell_is_blocking(fd))
			break;
		__attribute__((fallthrough));
	case EINPROGRESS:
	case EINTR:
		pending_begin(
			fd, route, tried, asked->sa_family == AF_INET6, maxseg);
		break;
	case EISCONN: /* and whatever we know of that is still true */
		break;
	default:
		pending_forget(fd);
	}
}

#endif

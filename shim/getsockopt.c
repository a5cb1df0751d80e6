/*
 * getsockopt(2): SO_ERROR is how most programs ask what has become of a
 * connect(), and the last moment to send it to another backend: told of no
 * error, they take it for connected, and find that out when they write.
 */
#include "pending.h"
#include "real.h"
#include "shim.h"
#include "spare.h"

#include <sys/socket.h>

__attribute__((noinline)) static int ask_error(
	int fd, void *value, socklen_t *len)
{
	int rc = real.getsockopt(fd, SOL_SOCKET, SO_ERROR, value, len);
	socklen_t room;
	int err = 0;

	if (rc || !*len)
		return rc;
	/* A host may have room for less of it; the rest is zeros. */
	room = *len < sizeof(err) ? *len : sizeof(err);
	__builtin_memcpy(&err, value, room);
	err = spare_asked(fd, err);
	__builtin_memcpy(value, &err, room);
	return 0;
}

EXPORT int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	if (UNLIKELY(level == SOL_SOCKET && name == SO_ERROR &&
		    atomic_load_explicit(&pending_any, memory_order_relaxed)))
		return ask_error(fd, value, len);
	return real.getsockopt(fd, level, name, value, len);
}

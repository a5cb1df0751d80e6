/*
 * getpeername(2): a program that asked for a virtual address is shown that one.
 * The kernel is asked first; only where its answer is the backend that we sent
 * the descriptor to does anything else come out. It also does the writing, so
 * that bad pointers and lengths end as they always did.
 */
#include "addr.h"
#include "pending.h"
#include "raw.h"
#include "real.h"
#include "shim.h"
#include "traces.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

union name {
	struct sockaddr any;
	struct sockaddr_storage room;
	unsigned char byte[sizeof(struct sockaddr_storage)];
};

/*
 * How much of an answer the host has room for. It stands in *len, until the
 * kernel writes there: so the kernel is made to answer into a field of bytes
 * that all differ from the answer.
 */
static int room_of(int fd, const union name *answer, socklen_t full,
	socklen_t *len, socklen_t *room)
{
	union name field;
	long rc;

	for (socklen_t i = 0; i < sizeof(field); i++)
		field.byte[i] = (unsigned char)~answer->byte[i];
	rc = raw3(SYS_getpeername, fd, (long)&field, (long)len);
	for (*room = 0; *room < full; ++*room)
		if (field.byte[*room] != answer->byte[*room])
			break;
	return (int)-rc;
}

/* The virtual address, in the form of the kernel's answer. */
static bool find_vip(int fd, union name *answer, socklen_t *full,
	struct sockaddr_storage *shown)
{
	struct addr peer, vip;

	*full = sizeof(*answer);
	if (raw3(SYS_getpeername, fd, (long)answer, (long)full) ||
		!addr_read(&answer->any, *full, &peer) ||
		!pending_vip(fd, &peer, &vip))
		return false;
	addr_rewrite(&answer->any, *full, &vip, shown);
	return true;
}

__attribute__((noinline)) static int show_vip(
	int fd, struct sockaddr *name, socklen_t *len)
{
	union name answer;
	struct sockaddr_storage shown;
	socklen_t full, room, written;
	long rc;

	if (!find_vip(fd, &answer, &full, &shown))
		return real.getpeername(fd, name, len);
	rc = -room_of(fd, &answer, full, len, &room);
	written = room;
	if (!rc)
		rc = raw3(SYS_getpeername, fd, (long)name, (long)&written);
	traces_clear();
	traces_clear_own(&answer, sizeof(struct sockaddr_in6));
	if (rc) {
		errno = (int)-rc;
		return -1;
	}
	__builtin_memcpy(name, &shown, room);
	return 0;
}

EXPORT int getpeername(int fd, struct sockaddr *name, socklen_t *len)
{
	return atomic_load_explicit(&pending_any, memory_order_relaxed)
		? show_vip(fd, name, len)
		: real.getpeername(fd, name, len);
}

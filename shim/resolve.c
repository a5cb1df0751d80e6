/*
 * getaddrinfo(3) and gethostbyname(3): where a program asks for a service.
 *
 *	name -> the service's addresses -> libc's answer for each -> one answer
 *
 * The answers of getaddrinfo() come from libc, asked for each address as a
 * number: ports, socket types, flags, errors and memory are its own, and its
 * own freeaddrinfo() takes them back. A name that is no service's goes to libc
 * untouched, and so does everything while there is no table.
 */
#include "attach.h"
#include "hostent.h"
#include "names.h"
#include "real.h"
#include "shim.h"

#include <errno.h>

static bool find_name(const char *asked, struct name *name)
{
	const struct attachment *a = asked ? attach_current() : NULL;

	return a && names_find(&a->keys, asked, name);
}

/* False where there is no libc to be found. */
static bool libc_is_known(void)
{
	if (UNLIKELY(!real.getaddrinfo))
		real_find_names();
	return real.getaddrinfo && real.freeaddrinfo && real.gethostbyname &&
		real.gethostbyname2 && real.gethostbyname_r &&
		real.gethostbyname2_r && real.h_errno_location;
}

/*
 * musl keeps the nodes of one answer in one block, and counts on freeing only
 * such: a chain of several answers goes back node by node. Written by whoever
 * made the first such chain; never under glibc, where each node is its own.
 */
static _Atomic bool chains_of_blocks;

static void free_chain(struct addrinfo *p)
{
	struct addrinfo *next;

	if (!atomic_load(&chains_of_blocks)) {
		real.freeaddrinfo(p);
		return;
	}
	do {
		next = p ? p->ai_next : NULL;
		if (next)
			p->ai_next = NULL;
		real.freeaddrinfo(p);
	} while ((p = next));
}

/* Mapped IPv4 stands in where there is no IPv6, unless all was asked for. */
static bool leaves_v4_out(const struct name *name, const struct addrinfo *hints)
{
	if (!hints || hints->ai_family != AF_INET6 ||
		(hints->ai_flags & (AI_V4MAPPED | AI_ALL)) != AI_V4MAPPED)
		return false;
	for (unsigned i = 0; i < name->count; i++)
		if (!addr_is_v4(&name->addr[i]))
			return true;
	return false;
}

/* Of one address, and no reason to keep the others from the host. */
static bool is_about_family(int error)
{
	return error == EAI_ADDRFAMILY || error == EAI_NONAME ||
		error == EAI_NODATA;
}

/*
 * The canonical name must be libc's memory: freed with free() under glibc,
 * part of the block under musl. libc gives it as many bytes as the number it
 * was asked for has, so that the number is asked for in as many as the name
 * has, and the name written over it. Where libc had no such room, the number
 * stays.
 */
static void put_canonname(const struct name *name, char *at)
{
	unsigned room = 0;

	while (at && room < name->length && at[room])
		room++;
	if (room == name->length)
		__builtin_memcpy(at, name->text, name->length + 1);
}

/* The first answer carries the canonical name, if it was asked for. */
static int ask_first(const struct name *name, const struct addr *a,
	const char *service, const struct addrinfo *hints,
	struct addrinfo **block)
{
	bool canonical = hints && hints->ai_flags & AI_CANONNAME;
	char literal[sizeof(name->text)];
	int rc;

	names_literal(a, canonical ? name->length : 0, literal);
	rc = real.getaddrinfo(literal, service, hints, block);
	if (!rc && canonical)
		put_canonname(name, (*block)->ai_canonname);
	return rc;
}

static int ask_further(const struct addr *a, const char *service,
	const struct addrinfo *hints, struct addrinfo **block)
{
	struct addrinfo plain;
	char literal[ADDR_TEXT_MAX];

	addr_text(a, false, literal);
	if (hints && hints->ai_flags & AI_CANONNAME) {
		plain = *hints;
		plain.ai_flags &= ~(AI_CANONNAME | AI_CANONIDN);
		hints = &plain;
	}
	return real.getaddrinfo(literal, service, hints, block);
}

static int resolve(const struct name *name, const char *service,
	const struct addrinfo *hints, struct addrinfo **result)
{
	struct addrinfo *chain = NULL, **end = &chain;
	bool v6_only = leaves_v4_out(name, hints);
	int rc = EAI_NODATA;

	for (unsigned i = 0; i < name->count; i++) {
		const struct addr *a = &name->addr[i];
		struct addrinfo *block = NULL;

		if (v6_only && addr_is_v4(a))
			continue;
		if (chain && !real.gnu_get_libc_version)
			atomic_store(&chains_of_blocks, true);
		rc = chain ? ask_further(a, service, hints, &block)
			   : ask_first(name, a, service, hints, &block);
		if (rc && !is_about_family(rc)) {
			if (chain)
				free_chain(chain);
			return rc;
		}
		for (*end = block; *end;)
			end = &(*end)->ai_next;
	}
	if (!chain)
		return rc == EAI_ADDRFAMILY ? EAI_NODATA : rc;
	*result = chain;
	return 0;
}

EXPORT int getaddrinfo(const char *restrict node, const char *restrict service,
	const struct addrinfo *restrict hints,
	struct addrinfo **restrict result)
{
	struct name name;
	int rc, saved = errno;

	if (!libc_is_known())
		return EAI_FAIL;
	if ((hints && hints->ai_flags & AI_NUMERICHOST) ||
		!find_name(node, &name))
		return real.getaddrinfo(node, service, hints, result);
	rc = resolve(&name, service, hints, result);
	if (rc != EAI_SYSTEM)
		errno = saved;
	return rc;
}

EXPORT void freeaddrinfo(struct addrinfo *p)
{
	if (libc_is_known())
		free_chain(p);
}

/* Of the calls that have one answer for all; the host's to serialize. */
static struct {
	struct hostent entry;
	char room[HOSTENT_ROOM];
} answer;

/* What the _r forms return, as both libcs do: not found is no error. */
static int answer_into(const struct name *name, int family,
	struct hostent *entry, char *room, size_t size, struct hostent **result,
	int *h_errnop)
{
	*result = NULL;
	switch (hostent_fill(name, family, entry, room, size)) {
	case HOSTENT_FILLED:
		*result = entry;
		return 0;
	case HOSTENT_NO_ADDRESS:
		*h_errnop = NO_DATA;
		return 0;
	default:
		*h_errnop = NETDB_INTERNAL;
		errno = ERANGE;
		return ERANGE;
	}
}

static struct hostent *answer_plainly(const struct name *name, int family)
{
	struct hostent *result;
	int error = 0;

	answer_into(name, family, &answer.entry, answer.room,
		sizeof(answer.room), &result, &error);
	if (!result)
		*real.h_errno_location() = error;
	return result;
}

static int fail_r(struct hostent **result, int *h_errnop)
{
	*result = NULL;
	*h_errnop = NO_RECOVERY;
	return ENOSYS;
}

EXPORT struct hostent *gethostbyname(const char *asked)
{
	struct name name;

	if (!libc_is_known())
		return NULL;
	if (!find_name(asked, &name))
		return real.gethostbyname(asked);
	return answer_plainly(&name, AF_INET);
}

EXPORT struct hostent *gethostbyname2(const char *asked, int family)
{
	struct name name;

	if (!libc_is_known())
		return NULL;
	if ((family != AF_INET && family != AF_INET6) ||
		!find_name(asked, &name))
		return real.gethostbyname2(asked, family);
	return answer_plainly(&name, family);
}

EXPORT int gethostbyname_r(const char *restrict asked,
	struct hostent *restrict entry, char *restrict room, size_t size,
	struct hostent **restrict result, int *restrict h_errnop)
{
	struct name name;

	if (!libc_is_known())
		return fail_r(result, h_errnop);
	if (!find_name(asked, &name))
		return real.gethostbyname_r(
			asked, entry, room, size, result, h_errnop);
	return answer_into(&name, AF_INET, entry, room, size, result, h_errnop);
}

EXPORT int gethostbyname2_r(const char *restrict asked, int family,
	struct hostent *restrict entry, char *restrict room, size_t size,
	struct hostent **restrict result, int *restrict h_errnop)
{
	struct name name;

	if (!libc_is_known())
		return fail_r(result, h_errnop);
	if ((family != AF_INET && family != AF_INET6) ||
		!find_name(asked, &name))
		return real.gethostbyname2_r(
			asked, family, entry, room, size, result, h_errnop);
	return answer_into(&name, family, entry, room, size, result, h_errnop);
}

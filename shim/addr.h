/* Addresses as the product compares them: 128 bits and a port. */
#ifndef SHIM_ADDR_H
#define SHIM_ADDR_H

#include <endian.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* IPv4 is kept mapped (::ffff:a.b.c.d). Everything in host byte order. */
struct addr {
	uint64_t hi, lo;
	uint16_t port;
};

enum { ADDR_TEXT_MAX = 56 }; /* "[" 8 groups "]:65535" and the NUL */

#define ADDR_V4_PREFIX 0xffff00000000ULL

static inline bool addr_is_v4(const struct addr *a)
{
	return a->hi == 0 && a->lo >> 32 == 0xffff;
}

static inline bool addr_same(const struct addr *a, const struct addr *b)
{
	return a->lo == b->lo && a->port == b->port && a->hi == b->hi;
}

/* The kernel takes an IPv6 address without its scope, as RFC 2133 had it. */
enum { ADDR_SIN6_SHORTEST = 24 };

static inline uint64_t addr_load64(const unsigned char *at)
{
	uint64_t v;

	__builtin_memcpy(&v, at, sizeof(v));
	return be64toh(v);
}

static inline uint32_t addr_load32(const unsigned char *at)
{
	uint32_t v;

	__builtin_memcpy(&v, at, sizeof(v));
	return be32toh(v);
}

static inline uint16_t addr_load16(const unsigned char *at)
{
	uint16_t v;

	__builtin_memcpy(&v, at, sizeof(v));
	return be16toh(v);
}

/* NULL, the first page and the upper half are the kernel's to refuse. */
static inline bool addr_is_plausible(const void *p)
{
	return (intptr_t)p >= 4096;
}

/*
 * Reads what a program handed to a socket call. False for anything the kernel
 * should judge alone: a pointer that cannot be right, a length out of 16..128
 * (IPv6: 24..128), a family that is not AF_INET or AF_INET6.
 */
static inline bool addr_read(
	const struct sockaddr *sa, socklen_t len, struct addr *to)
{
	const unsigned char *raw = (const unsigned char *)sa;
	sa_family_t family;

	if (!addr_is_plausible(sa) || len < sizeof(struct sockaddr_in) ||
		len > sizeof(struct sockaddr_storage))
		return false;
	__builtin_memcpy(&family, raw, sizeof(family));
	to->port = addr_load16(raw + offsetof(struct sockaddr_in, sin_port));
	if (family == AF_INET) {
		raw += offsetof(struct sockaddr_in, sin_addr);
		to->hi = 0;
		to->lo = ADDR_V4_PREFIX | addr_load32(raw);
		return true;
	}
	if (family == AF_INET6 && len >= ADDR_SIN6_SHORTEST) {
		raw += offsetof(struct sockaddr_in6, sin6_addr);
		to->hi = addr_load64(raw);
		to->lo = addr_load64(raw + 8);
		return true;
	}
	return false;
}

/*
 * What the kernel is handed instead of `asked`, with the same length: another
 * address and port, every other byte as it was. `asked` must have passed
 * addr_read(), and `to` be of a family it can hold.
 */
void addr_rewrite(const struct sockaddr *asked, socklen_t len,
	const struct addr *to, struct sockaddr_storage *out);

/* A sockaddr for `a`: AF_INET where it is IPv4, else AF_INET6. */
socklen_t addr_sockaddr(const struct addr *a, struct sockaddr_storage *out);

/*
 * "10.0.0.4:80", "[fd00::1]:80"; `port` false leaves port and brackets out.
 * Writes at most ADDR_TEXT_MAX bytes with the NUL, returns the length.
 */
unsigned addr_text(const struct addr *a, bool port, char *out);

#endif

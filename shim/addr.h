/* Addresses as the product compares them: 128 bits and a port. */
#ifndef SHIM_ADDR_H
#define SHIM_ADDR_H

#include <stdbool.h>
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

/*
 * Reads what a program handed to a socket call. False for anything the kernel
 * should judge alone: a pointer that cannot be right, a length out of 16..128
 * (IPv6: 24..128), a family that is not AF_INET or AF_INET6.
 */
bool addr_read(const struct sockaddr *sa, socklen_t len, struct addr *to);

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

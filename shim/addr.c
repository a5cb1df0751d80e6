/*
 * Addresses: from the bytes a program hands to the kernel, to what we compare,
 * and back. Pure: no call leaves this file, so it serves shim and lbd alike.
 */
#include "addr.h"
#include "shim.h"

#include <endian.h>
#include <netinet/in.h>

static void put_v4(const struct addr *a, struct sockaddr_in *in)
{
	in->sin_family = AF_INET;
	in->sin_port = htobe16(a->port);
	in->sin_addr.s_addr = htobe32((uint32_t)a->lo);
}

static void put_v6(const struct addr *a, struct sockaddr_in6 *in6)
{
	uint64_t word[2] = {htobe64(a->hi), htobe64(a->lo)};

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htobe16(a->port);
	__builtin_memcpy(&in6->sin6_addr, word, sizeof(word));
}

/* The usual lengths in one move each; a call would cost more. */
static void copy(struct sockaddr_storage *out, const void *asked, socklen_t len)
{
	switch (len) {
	case sizeof(struct sockaddr_in):
		__builtin_memcpy(out, asked, sizeof(struct sockaddr_in));
		break;
	case sizeof(struct sockaddr_in6):
		__builtin_memcpy(out, asked, sizeof(struct sockaddr_in6));
		break;
	default:
		__builtin_memcpy(out, asked, len);
	}
}

HOT void addr_rewrite(const struct sockaddr *asked, socklen_t len,
	const struct addr *to, struct sockaddr_storage *out)
{
	copy(out, asked, len);
	if (out->ss_family == AF_INET6)
		put_v6(to, (struct sockaddr_in6 *)out);
	else
		put_v4(to, (struct sockaddr_in *)out);
}

socklen_t addr_sockaddr(const struct addr *a, struct sockaddr_storage *out)
{
	__builtin_memset(out, 0, sizeof(*out));
	if (addr_is_v4(a)) {
		put_v4(a, (struct sockaddr_in *)out);
		return sizeof(struct sockaddr_in);
	}
	put_v6(a, (struct sockaddr_in6 *)out);
	return sizeof(struct sockaddr_in6);
}

static char *put_number(char *at, unsigned v, unsigned base)
{
	char digit[10];
	int n = 0;

	do
		digit[n++] = "0123456789abcdef"[v % base];
	while ((v /= base));
	while (n)
		*at++ = digit[--n];
	return at;
}

static char *put_dotted(char *at, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		at = put_number(at, v >> shift & 0xff, 10);
		if (shift)
			*at++ = '.';
	}
	return at;
}

static unsigned group(const struct addr *a, int i)
{
	return (i < 4 ? a->hi : a->lo) >> (48 - 16 * (i & 3)) & 0xffff;
}

/* RFC 5952: the first longest run of two or more zero groups becomes "::". */
static char *put_groups(char *at, const struct addr *a)
{
	int from = -1, run = 1;

	for (int i = 0, n = 0; i < 8; i++) {
		n = group(a, i) ? 0 : n + 1;
		if (n > run) {
			run = n;
			from = i - n + 1;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == from) {
			*at++ = ':';
			*at++ = ':';
			i += run - 1;
			continue;
		}
		if (i && i != from + (from < 0 ? 0 : run))
			*at++ = ':';
		at = put_number(at, group(a, i), 16);
	}
	return at;
}

unsigned addr_text(const struct addr *a, bool port, char *out)
{
	bool v4 = addr_is_v4(a);
	char *at = out;

	if (port && !v4)
		*at++ = '[';
	at = v4 ? put_dotted(at, (uint32_t)a->lo) : put_groups(at, a);
	if (port && !v4)
		*at++ = ']';
	if (port) {
		*at++ = ':';
		at = put_number(at, a->port, 10);
	}
	*at = '\0';
	return (unsigned)(at - out);
}

/*
 * Ranges of addresses: 10.0.0.0/8, fd00::/8. Strict: what inet_pton() takes, a
 * prefix without a sign or a leading zero, and no bit set behind it, for
 * whoever wrote 10.0.0.1/8 had something else in mind. Pure.
 */
#include "conf_parts.h"

#include <arpa/inet.h>
#include <string.h>

enum { ADDRESS_BITS = 128, V4_BITS = 32 };

static const char no_range[] = "must be IP/PREFIX (10.0.0.0/8, fd00::/8)";

/* The first `bits` of 128 are ones. */
static struct addr mask_of(unsigned bits)
{
	struct addr mask = {0};

	if (bits)
		mask.hi = bits < 64 ? UINT64_MAX << (64 - bits) : UINT64_MAX;
	if (bits > 64)
		mask.lo = UINT64_MAX << (ADDRESS_BITS - bits);
	return mask;
}

static struct addr cut(const struct addr *a, unsigned bits)
{
	struct addr mask = mask_of(bits);

	return (struct addr){.hi = a->hi & mask.hi, .lo = a->lo & mask.lo};
}

/* Each family apart: ::/0 has no IPv4 address. */
bool range_holds(const struct range *range, const struct addr *a)
{
	struct addr first = cut(a, range->bits);

	return addr_is_v4(a) == addr_is_v4(&range->first) &&
		addr_same(&first, &range->first);
}

/* How many bits an address of that text has; 0: it is none. */
static unsigned read_bare(const char *text, struct addr *to)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1) {
		to->lo = ADDR_V4_PREFIX | ntohl(four.s_addr);
		return V4_BITS;
	}
	if (inet_pton(AF_INET6, text, &six) != 1)
		return 0;
	to->hi = addr_load64(six.s6_addr);
	to->lo = addr_load64(six.s6_addr + 8);
	return ADDRESS_BITS;
}

const char *value_range(const char *text, struct range *to, struct range *meant)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN];
	unsigned most, prefix;
	size_t size;

	*to = *meant = (struct range){0};
	if (!slash || (size = (size_t)(slash - text)) >= sizeof(address))
		return no_range;
	memcpy(address, text, size);
	address[size] = '\0';
	most = read_bare(address, &to->first);
	if (!most)
		return strchr(address, '%') ? "must be written without a zone"
					    : no_range;
	if (most == ADDRESS_BITS && addr_is_v4(&to->first))
		return "must be written as IPv4";
	if (!value_number(slash + 1, 0, most, &prefix))
		return most == V4_BITS ? "must have a prefix 0..32"
				       : "must have a prefix 0..128";
	to->bits = ADDRESS_BITS - most + prefix;
	meant->bits = to->bits;
	meant->first = cut(&to->first, to->bits);
	if (addr_same(&meant->first, &to->first))
		return NULL;
	return "must have no bit set behind the prefix";
}

struct shown show_range(const struct range *range)
{
	bool v4 = addr_is_v4(&range->first);
	struct shown s = {0};
	unsigned length = addr_text(&range->first, false, s.text);

	snprintf(s.text + length, sizeof(s.text) - length, "/%u",
		range->bits - (v4 ? ADDRESS_BITS - V4_BITS : 0));
	return s;
}

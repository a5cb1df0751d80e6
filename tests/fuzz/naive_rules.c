#include "naive_rules.h"

#include <arpa/inet.h>
#include <string.h>

static const unsigned ids[] = {0, 1, 2, 1000, 65534, 4294967294};
static const char *const exes[] = {
	"/a", "/a/b", "/a/bb", "/usr/bin/none", "/usr/bin/none2"};
static const char *const cgroups[] = {
	"/", "/a", "/a/b", "/ab", "/a/b/c", "/a/bc", "/b"};
static const char *const nets[] = {"10.0.0.0", "10.96.0.1", "127.0.0.1",
	"255.255.255.255", "0.0.0.0", "fd00::", "fd00::1", "fe80::1",
	"::", "::1", "64:ff9b::a00:1", "ffff::"};

#define OF(choices, at)                                                        \
	((choices)[(at) % (sizeof(choices) / sizeof(*(choices)))])

unsigned naive_id(uint8_t at)
{
	return OF(ids, at);
}

const char *naive_exe(uint8_t at)
{
	return OF(exes, at);
}

const char *naive_cgroup(uint8_t at)
{
	return OF(cgroups, at);
}

unsigned naive_groups(const struct naive_caller *c)
{
	return c->counts % (NAIVE_GROUPS + 1);
}

unsigned naive_addresses(const struct naive_caller *c)
{
	return c->counts / 4 % (NAIVE_ADDRESSES + 1);
}

struct bits naive_bits(uint8_t net, uint8_t flip)
{
	struct bits b = {.count = 32};

	if (inet_pton(AF_INET, OF(nets, net), b.byte) != 1) {
		b.count = 128;
		inet_pton(AF_INET6, OF(nets, net), b.byte);
	}
	if (flip) {
		unsigned at = flip % b.count;

		b.byte[at / 8] ^= (unsigned char)(128 >> at % 8);
	}
	return b;
}

unsigned naive_prefix(const struct naive_rule *r)
{
	return r->bits % (naive_bits(r->net, 0).count + 1);
}

struct bits naive_net(const struct naive_rule *r)
{
	struct bits b = naive_bits(r->net, r->flip);

	for (unsigned i = naive_prefix(r); i < b.count; i++)
		b.byte[i / 8] &= (unsigned char)~(128 >> i % 8);
	return b;
}

static bool is_in(const struct bits *address, const struct naive_rule *r)
{
	struct bits net = naive_net(r);

	if (address->count != net.count)
		return false;
	for (unsigned i = 0; i < naive_prefix(r); i++)
		if ((address->byte[i / 8] ^ net.byte[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* Part by part: all parts of the group are the first ones of the path. */
static bool is_below(const char *group, const char *path)
{
	while (*group == '/' && group[1]) {
		size_t size = strcspn(++group, "/");

		if (*path++ != '/' || strcspn(path, "/") != size ||
			memcmp(group, path, size))
			return false;
		group += size;
		path += size;
	}
	return true;
}

static enum naive_answer ask(const struct naive_caller *c,
	const struct naive_rule *r, enum subject subject)
{
	unsigned groups = naive_groups(c);
	unsigned addresses = naive_addresses(c);

	if (subject == SUBJECT_GROUP)
		for (unsigned i = 0; i < groups; i++)
			if (naive_id(c->group[i]) == naive_id(r->group))
				return YES;
	if (!(c->known & subject))
		return UNKNOWN;
	switch (subject) {
	case SUBJECT_USER:
		return naive_id(c->user) == naive_id(r->user) ? YES : NO;
	case SUBJECT_EXE:
		return naive_exe(c->exe) == naive_exe(r->exe) ? YES : NO;
	case SUBJECT_CGROUP:
		return is_below(
			       naive_cgroup(r->cgroup), naive_cgroup(c->cgroup))
			? YES
			: NO;
	case SUBJECT_NET:
		for (unsigned i = 0; i < addresses; i++) {
			struct bits b = naive_bits(c->address[i], c->flip[i]);

			if (is_in(&b, r))
				return YES;
		}
		return NO;
	default:
		return NO;
	}
}

enum naive_answer naive_ask(const struct naive_caller *c,
	const struct naive_rule *r, struct acl_answers *answers)
{
	*answers = (struct acl_answers){0};
	for (int i = 0; i < SUBJECT_KINDS; i++) {
		enum subject s = 1U << i;
		enum naive_answer one = r->subjects & s ? ask(c, r, s) : YES;

		answers->no |= one == NO ? s : 0;
		answers->unknown |= one == UNKNOWN ? s : 0;
	}
	return answers->no ? NO : answers->unknown ? UNKNOWN : YES;
}

bool naive_permits(const struct naive_rule *r)
{
	return r->subjects & 128;
}

size_t naive_decision(
	const struct naive_caller *c, const struct naive_rule *r, size_t rules)
{
	struct acl_answers answers;
	size_t i = 0;

	for (; i < rules; i++) {
		enum naive_answer match = naive_ask(c, &r[i], &answers);

		if (match == YES || (match == UNKNOWN && !naive_permits(&r[i])))
			break;
	}
	return i;
}

bool naive_may_call(
	const struct naive_caller *c, const struct naive_rule *r, size_t rules)
{
	size_t decides = naive_decision(c, r, rules);

	if (decides < rules)
		return naive_permits(&r[decides]);
	for (size_t i = 0; i < rules; i++)
		if (naive_permits(&r[i]))
			return false;
	return true;
}

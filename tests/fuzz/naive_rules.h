/*
 * What rules come to, one subject after the other and bit by bit: for what lbd
 * made of them instead.
 */
#ifndef TESTS_NAIVE_RULES_H
#define TESTS_NAIVE_RULES_H

#include "lbd/acl.h"

enum { NAIVE_GROUPS = 3, NAIVE_ADDRESSES = 3 };

/* Who calls, as bytes of an input say. */
struct naive_caller {
	uint8_t known; /* a bit each: SUBJECT_* */
	uint8_t user, group[NAIVE_GROUPS], exe, cgroup;
	uint8_t counts; /* groups, 2 bits; addresses, 2 bits */
	uint8_t address[NAIVE_ADDRESSES], flip[NAIVE_ADDRESSES];
	uint8_t spare[2];
} __attribute__((packed));

/* A rule, in the same way. */
struct naive_rule {
	uint8_t subjects; /* and 128: permit */
	uint8_t user, group, exe, cgroup, net, flip, bits;
} __attribute__((packed));

enum naive_answer { NO, YES, UNKNOWN };

/* 4 bytes or 16, in network order. */
struct bits {
	unsigned char byte[16];
	unsigned count; /* 32, 128 */
};

/* What the bytes stand for. */
unsigned naive_id(uint8_t at);
const char *naive_exe(uint8_t at);
const char *naive_cgroup(uint8_t at);
struct bits naive_bits(uint8_t net, uint8_t flip);
struct bits naive_net(const struct naive_rule *r);
unsigned naive_prefix(const struct naive_rule *r);
unsigned naive_groups(const struct naive_caller *c);
unsigned naive_addresses(const struct naive_caller *c);
bool naive_permits(const struct naive_rule *r);

/* What a rule says of a caller, and what each of its subjects does. */
enum naive_answer naive_ask(const struct naive_caller *c,
	const struct naive_rule *r, struct acl_answers *answers);

/* Which rule decides; `rules` where none does. */
size_t naive_decision(
	const struct naive_caller *c, const struct naive_rule *r, size_t rules);

bool naive_may_call(
	const struct naive_caller *c, const struct naive_rule *r, size_t rules);

#endif

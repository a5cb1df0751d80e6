/*
 * Any rules and any caller: the text that says them, read by lbd, comes to what
 * they come to one subject after the other, bit by bit. And who is known less of
 * is never permitted more.
 *
 *	caller, 16: see struct naive_caller | rules, 8 each: see struct naive_rule
 */
#include "fuzz.h"
#include "naive_rules.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES = 12, KINDS = SUBJECT_KINDS };

static char *put_line(char *at, const struct naive_rule *l)
{
	char text[INET6_ADDRSTRLEN];
	struct bits net = naive_net(l);

	at += sprintf(at, "%s =", naive_permits(l) ? "permit" : "deny");
	if (!(l->subjects % (1 << KINDS)))
		at += sprintf(at, " any");
	if (l->subjects & SUBJECT_NET)
		at += sprintf(at, " net %s/%u",
			inet_ntop(net.count == 32 ? AF_INET : AF_INET6,
				net.byte, text, sizeof(text)),
			naive_prefix(l));
	if (l->subjects & SUBJECT_USER)
		at += sprintf(at, " user %u", naive_id(l->user));
	if (l->subjects & SUBJECT_CGROUP)
		at += sprintf(at, " cgroup %s", naive_cgroup(l->cgroup));
	if (l->subjects & SUBJECT_EXE)
		at += sprintf(at, " exe %s", naive_exe(l->exe));
	if (l->subjects & SUBJECT_GROUP)
		at += sprintf(at, " group %u", naive_id(l->group));
	return stpcpy(at, "\n");
}

/* The file that has these rules, in which there is nothing to refuse. */
static struct conf *read_rules(const struct naive_rule *l, size_t lines)
{
	char text[RULES * 256 + 128], *at = text;
	struct complaints said;
	struct conf *conf;

	at = stpcpy(at, "[service s]\naddress = 127.96.0.1:80\nprobe = none\n");
	for (size_t i = 0; i < lines; i++)
		at = put_line(at, &l[i]);
	conf = conf_parse("F", text, (size_t)(at - text), &said);
	if (!conf) {
		complaints_print(&said, stderr);
		abort();
	}
	complaints_free(&said);
	return conf;
}

static struct identity put_caller(const struct naive_caller *in,
	gid_t group[NAIVE_GROUPS], struct addr address[NAIVE_ADDRESSES])
{
	struct identity who = {
		.user_known = in->known & SUBJECT_USER,
		.groups_known = in->known & SUBJECT_GROUP,
		.addresses_known = in->known & SUBJECT_NET,
		.user = naive_id(in->user),
		.group = group,
		.groups = naive_groups(in),
		.exe = in->known & SUBJECT_EXE ? naive_exe(in->exe) : NULL,
		.cgroup = in->known & SUBJECT_CGROUP ? naive_cgroup(in->cgroup)
						     : NULL,
		.address = address,
		.addresses = naive_addresses(in),
	};

	for (size_t i = 0; i < NAIVE_GROUPS; i++)
		group[i] = naive_id(in->group[i]);
	for (size_t i = 0; i < NAIVE_ADDRESSES; i++) {
		struct bits b = naive_bits(in->address[i], in->flip[i]);

		address[i] = (struct addr){0};
		if (b.count == 32) {
			address[i].lo = ADDR_V4_PREFIX | addr_load32(b.byte);
			continue;
		}
		address[i].hi = addr_load64(b.byte);
		address[i].lo = addr_load64(b.byte + 8);
	}
	return who;
}

static void want(bool true_or, const char *broken)
{
	if (true_or)
		return;
	fprintf(stderr, "%s\n", broken);
	abort();
}

static void check_doubts(const struct rules *rules, const struct identity *who,
	const struct naive_caller *in, const struct naive_rule *l)
{
	size_t end = naive_decision(in, l, rules->count);

	for (int i = 0; i < KINDS; i++) {
		const struct rule *first = NULL;
		struct acl_answers a;

		for (size_t j = 0; j < rules->count && j <= end && !first; j++)
			if (naive_ask(in, &l[j], &a) == UNKNOWN &&
				a.unknown & 1U << i)
				first = &rules->rule[j];
		want(acl_doubt(rules, who, 1U << i) == first, "a doubt");
	}
}

/* Whoever matches a rule matches those that cover it. */
static void check_covers(const struct rules *rules,
	const struct naive_caller *in, const struct naive_rule *l)
{
	struct acl_answers a;

	for (size_t i = 0; i < rules->count; i++)
		for (size_t j = 0; j < rules->count; j++) {
			enum naive_answer wide = naive_ask(in, &l[i], &a);
			enum naive_answer narrow = naive_ask(in, &l[j], &a);

			if (i == j)
				want(rule_covers(
					     &rules->rule[i], &rules->rule[i]),
					"a rule does not cover itself");
			else if (rule_covers(&rules->rule[i], &rules->rule[j]))
				want((narrow != YES || wide == YES) &&
						(wide != NO || narrow == NO),
					"a rule covers what it does not");
		}
}

static enum acl judge(const struct rules *rules, const struct naive_caller *in,
	const struct naive_rule *l)
{
	struct addr address[NAIVE_ADDRESSES];
	gid_t group[NAIVE_GROUPS];
	struct identity who = put_caller(in, group, address);
	const struct rule *rule;
	enum acl acl = acl_judge(rules, &who, &rule);
	size_t decides = naive_decision(in, l, rules->count);

	want(acl ==
			(naive_may_call(in, l, rules->count) ? ACL_PERMIT
							     : ACL_DENY),
		"another judgement");
	want(rule == (decides < rules->count ? &rules->rule[decides] : NULL),
		"another rule decides");
	for (size_t i = 0; i < rules->count; i++) {
		struct acl_answers wanted, a = acl_ask(&rules->rule[i], &who);

		naive_ask(in, &l[i], &wanted);
		want(a.no == wanted.no && a.unknown == wanted.unknown,
			"another answer of a subject");
	}
	check_doubts(rules, &who, in, l);
	return acl;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct naive_rule line[RULES];
	const struct rules *rules;
	struct naive_caller in, less;
	struct conf *conf;
	enum acl acl;
	size_t lines;

	if (size < sizeof(in))
		return 0;
	memcpy(&in, data, sizeof(in));
	lines = (size - sizeof(in)) / sizeof(*line);
	lines = lines < RULES ? lines : RULES;
	memcpy(line, data + sizeof(in), lines * sizeof(*line));
	conf = read_rules(line, lines);
	rules = &conf->service[0].rules;
	want(rules->count == lines, "another number of rules");
	acl = judge(rules, &in, line);
	check_covers(rules, &in, line);
	for (int i = 0; i < KINDS; i++) {
		less = in;
		less.known &= ~(1U << i);
		if (1 << i == SUBJECT_GROUP)
			less.counts &= 0xfc;
		want(judge(rules, &less, line) == ACL_DENY || acl == ACL_PERMIT,
			"who is not known may do more");
	}
	conf_free(conf);
	return 0;
}

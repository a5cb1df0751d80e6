/*
 * The key region: which addresses are virtual, where each leads, and the names
 * that callers may look up. Two hash tables, filled anew with every publish.
 */
#include "publish.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 16, ADDRS_MAX = 64 };

/* What has to go in, counted before there is a slot. */
struct amount {
	uint64_t keys, names, text_words;
};

static uint64_t name_words(const char *name)
{
	return (strlen(name) + 7) / 8;
}

static struct amount count_all(const struct world *world)
{
	struct amount n = {0};

	for (size_t i = 0; i < world->services; i++) {
		const struct service_conf *s = world->service[i].conf;

		n.keys += s->addresses;
		n.names += s->name_count;
		for (size_t j = 0; j < s->name_count; j++)
			n.text_words +=
				name_words(s->names[j].name) + 2 * s->addresses;
	}
	return n;
}

/* At most half full, so that chains stay short. */
static uint64_t buckets_for(uint64_t entries)
{
	uint64_t n = 8;

	while (n < entries * 2)
		n *= 2;
	return n;
}

uint64_t publish_keys_need(const struct world *world)
{
	struct amount n = count_all(world);

	return sizeof(struct table_slot) +
		buckets_for(n.keys) * sizeof(struct table_key) +
		buckets_for(n.names) * sizeof(struct table_name) +
		n.text_words * 8;
}

struct keys {
	struct table_slot *slot;
	struct table_key *key;
	struct table_name *name;
	_Atomic uint64_t *text;
	uint64_t key_buckets, name_buckets, text_used, seed;
};

static void lay_out(struct keys *k, const struct world *world)
{
	struct amount n = count_all(world);
	uint64_t at = sizeof(*k->slot);

	k->key_buckets = buckets_for(n.keys);
	k->name_buckets = buckets_for(n.names);
	k->key = (void *)((char *)k->slot + at);
	table_store(&k->slot->part[PART_KEYS], at << 32 | k->key_buckets);
	at += k->key_buckets * sizeof(*k->key);
	k->name = (void *)((char *)k->slot + at);
	table_store(&k->slot->part[PART_NAMES], at << 32 | k->name_buckets);
	at += k->name_buckets * sizeof(*k->name);
	k->text = (void *)((char *)k->slot + at);
	table_store(&k->slot->part[PART_TEXT], at << 32 | n.text_words);
	table_store(&k->slot->part[PART_TOTALS], world->services);
}

static void empty(struct keys *k, uint64_t seed)
{
	table_clear((void *)k->key, k->key_buckets * sizeof(*k->key) / 8);
	table_clear((void *)k->name, k->name_buckets * sizeof(*k->name) / 8);
	k->text_used = 0;
	k->seed = seed;
	table_store(&k->slot->seed, seed);
	table_store(&k->slot->flags, 0);
	table_store(&k->slot->networks, 0);
}

static bool same_place(const struct table_key *at, const struct addr *a)
{
	return table_load(&at->addr_lo) == a->lo &&
		table_load(&at->addr_hi) == a->hi &&
		table_load(&at->where) >> 48 == a->port;
}

/* None where there are rules: it would tell the denied how many backends. */
static uint64_t hint_of(const struct service *s, const struct addr *a)
{
	if (s->list->rules->count)
		return 0;
	return s->placement.wheel[addr_is_v4(a) ? FAMILY_V4 : FAMILY_V6];
}

static void write_key(struct table_key *at, const struct service *s,
	const struct addr *a, uint64_t flags)
{
	uint64_t protocol =
		s->conf->protocol == PROTOCOL_UDP ? IPPROTO_UDP : IPPROTO_TCP;

	if (s->list->rules->count)
		flags |= KEY_GUARDED;
	table_store(&at->addr_hi, a->hi);
	table_store(&at->addr_lo, a->lo);
	table_store(&at->list, (uint64_t)s->list->id << 32 | s->list->index);
	table_store(&at->service, (uint64_t)s->tag << 32 | s->placement.index);
	table_store(&at->counter, s->counter);
	table_store(&at->refusal, s->list->refusal);
	table_store(&at->wheel, hint_of(s, a));
	table_store(&at->where,
		(uint64_t)a->port << 48 | protocol << 8 | KEY_USED | flags);
}

/* A tcp and a udp service at one address: both entries say so. */
static bool add_key(
	struct keys *k, const struct service *s, const struct addr *a)
{
	uint64_t at = table_hash(a->hi, a->lo, a->port, k->seed);
	uint64_t flags = 0;

	table_store(&k->slot->networks,
		table_load(&k->slot->networks) | table_network(a->hi, a->lo));
	if (!a->port)
		table_store(&k->slot->flags, SLOT_WILDCARDS);
	for (int probe = 0; probe < TABLE_PROBES; probe++, at++) {
		struct table_key *key = &k->key[at & (k->key_buckets - 1)];
		uint64_t where = table_load(&key->where);

		if (!where) {
			write_key(key, s, a, flags);
			return true;
		}
		if (same_place(key, a)) {
			table_store(&key->where, where | KEY_SHARED);
			flags = KEY_SHARED;
		}
	}
	return false;
}

/* Distinct IPs of a service, in file order. */
static size_t distinct(
	const struct service_conf *s, const struct addr *to[ADDRS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s->addresses && n < ADDRS_MAX; i++) {
		const struct addr *a = &s->address[i].addr;
		size_t j = 0;

		while (j < n && (to[j]->hi != a->hi || to[j]->lo != a->lo))
			j++;
		if (j == n)
			to[n++] = a;
	}
	return n;
}

static bool has_text(const struct keys *k, const struct table_name *at,
	const uint64_t *padded, uint64_t length)
{
	uint64_t word = table_load(&at->text);

	/* GCOVR_EXCL_BR_START: two names of one hash of 64 bits */
	if ((word >> 16 & 0xffff) != length)
		return false;
	for (uint64_t i = 0; i < (length + 7) / 8; i++)
		if (table_load(&k->text[(word >> 32) + i]) != padded[i])
			return false;
	/* GCOVR_EXCL_BR_STOP */
	return true;
}

static void write_name(struct keys *k, struct table_name *at, uint64_t hash,
	const uint64_t *padded, uint64_t length, const struct service_conf *s)
{
	const struct addr *addr[ADDRS_MAX];
	size_t addrs = distinct(s, addr);

	table_store(&at->text, k->text_used << 32 | length << 16 | addrs);
	for (uint64_t i = 0; i < (length + 7) / 8; i++)
		table_store(&k->text[k->text_used++], padded[i]);
	for (size_t i = 0; i < addrs; i++) {
		table_store(&k->text[k->text_used++], addr[i]->hi);
		table_store(&k->text[k->text_used++], addr[i]->lo);
	}
	table_store(&at->hash, hash);
}

/* A name that several services share leads to the same addresses: once. */
static bool add_name(
	struct keys *k, const struct service_conf *s, const char *name)
{
	uint64_t padded[32] = {0}, hash, at, length = strlen(name);

	memcpy(padded, name, length);
	hash = at = table_sum(padded, name_words(name), k->seed);
	for (int probe = 0; probe < TABLE_PROBES; probe++, at++) {
		struct table_name *to = &k->name[at & (k->name_buckets - 1)];
		uint64_t taken = table_load(&to->hash);

		if (!taken) {
			write_name(k, to, hash, padded, length, s);
			return true;
		}
		/* GCOVR_EXCL_BR_START: as above */
		if (taken == hash && has_text(k, to, padded, length))
			return true;
		/* GCOVR_EXCL_BR_STOP */
	}
	return false;
}

static bool add_service(struct keys *k, const struct service *s)
{
	for (size_t i = 0; i < s->conf->addresses; i++)
		if (!add_key(k, s, &s->conf->address[i].addr))
			return false;
	for (size_t i = 0; i < s->conf->name_count; i++)
		if (!add_name(k, s->conf, s->conf->names[i].name))
			return false;
	return true;
}

static bool fill(struct keys *k, const struct world *world, uint64_t seed)
{
	empty(k, seed);
	for (size_t i = 0; i < world->services; i++)
		if (!add_service(k, &world->service[i]))
			return false;
	return true;
}

/* A chain that is too long for readers takes another seed apart. */
bool publish_keys_fill(struct region *region, const struct world *world)
{
	struct keys k = {.slot = region_fill(region)};

	lay_out(&k, world);
	/* GCOVR_EXCL_BR_START: nobody knows addresses that none takes apart */
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		if (fill(&k, world, table_mix(seed)))
			return true;
	/* GCOVR_EXCL_BR_STOP */
	region->filled = NULL;
	return false;
}

bool publish_keys(struct region *region, const struct world *world)
{
	bool laid_out = publish_keys_fill(region, world);

	if (laid_out) /* GCOVR_EXCL_BR_LINE: nor here */
		publish_commit(region);
	return laid_out;
}

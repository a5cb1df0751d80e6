/*
 * The hashes of the table, part of what its two sides agree on: another hash is
 * another layout.
 */
#ifndef SHIM_TABLE_HASH_H
#define SHIM_TABLE_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t table_mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ULL;
	h ^= h >> 32;
	return h;
}

/*
 * Where the search for a virtual address begins. Such addresses, and ports of
 * one, are often a row or a grid: what tells them apart is spread first.
 */
static inline uint64_t table_hash(
	uint64_t hi, uint64_t lo, uint16_t port, uint64_t seed)
{
	return table_mix((lo ^ seed) * 0xff51afd7ed558ccdULL +
		hi * 0x9e3779b97f4a7c15ULL + port * 0xc4ceb9fe1a85ec53ULL);
}

/*
 * One bit for the network of an address, /16 or /48: virtual addresses are
 * mostly neighbours, others mostly not, and a look at one word tells.
 */
static inline uint64_t table_network(uint64_t hi, uint64_t lo)
{
	uint64_t network = (hi ? hi : lo) >> 16;

	return 1ULL << (network * 0x9e3779b97f4a7c15ULL >> 58);
}

/* Tells a few addresses apart, for less than a hash. */
static inline uint64_t table_mark(uint64_t hi, uint64_t lo, uint16_t port)
{
	return table_mix(
		lo + hi * 0x9e3779b97f4a7c15ULL + ((uint64_t)port << 40));
}

/* A state word of another address than the entry's is not believed. */
static inline uint16_t table_tag(uint64_t hi, uint64_t lo, uint16_t port)
{
	return table_mark(hi, lo, port) >> 48;
}

/* Of whole words, one after the other; never 0, which marks a free entry. */
static inline uint64_t table_sum(const uint64_t *word, size_t n, uint64_t h)
{
	for (size_t i = 0; i < n; i++)
		h = table_mix((h ^ word[i]) * 0x100000001b3ULL);
	return h ? h : 1;
}

#endif

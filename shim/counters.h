/*
 * Counters: what callers tell lbd. One memfd per uid, mapped read-write by
 * every program of that uid and by lbd, which takes differences and believes
 * nothing: a number from here is never an index, a length or an address.
 */
#ifndef SHIM_COUNTERS_H
#define SHIM_COUNTERS_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTERS_MAGIC 0x73726574756f6362ULL

enum { COUNTERS_LINES = 8192, COUNTERS_FIRST = 64 };

struct counters {
	uint64_t magic;
	uint64_t layout;	   /* as the table's */
	uint64_t services;	   /* how many counters_service follow */
	_Atomic uint64_t activity; /* moves when anything below did */
	_Atomic uint64_t unread;   /* connect()s that found no whole table */
	uint64_t spare[3];
};
static_assert(sizeof(struct counters) == COUNTERS_FIRST, "layout is ABI");

/* Attempts are not counted: they are cursor - redraws + denied. */
struct counters_service {
	_Atomic uint64_t cursor;  /* every draw takes the next */
	_Atomic uint64_t redraws; /* draws that were not a connect()'s first */
	_Atomic uint64_t denied, failovers, no_backend;
	_Atomic uint64_t spare[3];
};
static_assert(sizeof(struct counters_service) == 64, "one cache line");

/* A backend's line is its number % COUNTERS_LINES. */
struct counters_line {
	_Atomic uint64_t tag; /* the number + 1 of the first to count here */
	_Atomic uint64_t picks;
	_Atomic uint64_t seen; /* lbd's: picks that are in the load */
	_Atomic uint64_t ok, failed;
	_Atomic uint64_t spare[3];
};
static_assert(sizeof(struct counters_line) == 64, "one cache line");

static inline uint64_t counters_size(uint64_t services)
{
	return COUNTERS_FIRST + services * sizeof(struct counters_service) +
		COUNTERS_LINES * sizeof(struct counters_line);
}

static inline struct counters_service *counters_service(
	struct counters *base, uint64_t i)
{
	return (void *)((char *)base + COUNTERS_FIRST +
		i * sizeof(struct counters_service));
}

static inline struct counters_line *counters_line(
	struct counters *base, uint64_t services, uint64_t number)
{
	struct counters_line *line = (void *)counters_service(base, services);

	return line + number % COUNTERS_LINES;
}

#endif

/*
 * lbd's health without a network or a clock: real probes' schedule, real
 * regions, simulated answers. Backends are known by the last ten bits of their
 * IPv4 address, so no two may share these.
 */
#ifndef TESTS_SIMULATION_H
#define TESTS_SIMULATION_H

#include "fixture.h"

enum { SIM_BACKENDS = 1024 };

struct sim_backend {
	struct probe *probe;
	double at; /* when its wait or its question ends */
	bool waiting, asking;
	enum verdict answer; /* what a probe is told from now on */
	enum verdict told;   /* to the question under way */
	double delay;	     /* of the answer */
	unsigned asked;	     /* questions so far */
	unsigned answered;   /* of these */
	double first_asked, last_asked;
};

struct sim {
	struct fixture f;
	double now;
	double round; /* callers are heard that often */
	double next_round;
	struct sim_backend backend[SIM_BACKENDS];
	size_t used; /* of these */
	void (*on_round)(struct sim *sim);
	void (*on_event)(struct sim *sim, struct backend *b);
};

/* One at a time. All backends answer their probes well. */
void sim_open(struct sim *sim, const char *text);
void sim_reload(struct sim *sim, const char *text);
void sim_close(struct sim *sim);

/* Service web of so many backends, 10.0.0.1:80 and on, and of those lines; the
 * text is the caller's to free. */
char *sim_web_text(size_t backends, const char *lines);
void sim_open_web(struct sim *sim, size_t backends, const char *lines);

/* Lets that much time go by; in one step: the loop stands still. */
void sim_run(struct sim *sim, double seconds);
void sim_stall(struct sim *sim, double seconds);

/* What the file says of a service, to be changed. */
struct service_conf *sim_conf(struct sim *sim, const char *service);

/* Backend `n` by file order; what the world outside knows of it. */
struct backend *sim_backend(struct sim *sim, const char *service, size_t n);
struct sim_backend *sim_of(struct sim *sim, const struct backend *b);

/* A reading of the callers' counters. */
void sim_outcomes(struct sim *sim, struct backend *b, unsigned user,
	uint64_t ok, uint64_t failed);

/* A reading in which that user failed so often, or was well served; it takes
 * 0.15 s. */
void sim_fails(
	struct sim *sim, struct backend *b, unsigned user, uint64_t failed);
void sim_works(struct sim *sim, struct backend *b, unsigned user);

#endif

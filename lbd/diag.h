/*
 * A walk over this host's sockets that are connected or about to be, as the
 * kernel lists them through NETLINK_SOCK_DIAG: in slices, so that whoever else
 * uses the loop waits a millisecond at most.
 */
#ifndef LBD_DIAG_H
#define LBD_DIAG_H

#include "conf.h"

#include <ev.h>
#include <linux/inet_diag.h>
#include <sys/types.h>

struct diag_socket {
	struct addr to; /* IPv4 in IPv6 is IPv4 here */
	enum protocol protocol;
	uint64_t cookie;
	bool established;
	bool stuck; /* its SYN had to be sent again */
	uid_t user;
	const struct inet_diag_msg *message; /* the kernel's own words */
};

struct diag {
	struct ev_loop *loop;
	ev_io io; /* fd -1: not open */
	unsigned step, steps;
	uint32_t sequence;
	bool walking;
	bool apart;  /* the kernel tells of one family at a time only */
	bool torn;   /* sockets may have been missed */
	double cost; /* seconds of our processor's time, done() apart */
	double began;
	void (*visit)(struct diag *d, const struct diag_socket *s);
	/* Once per walk; errno, 0 = all were visited. A next one may begin. */
	void (*done)(struct diag *d, int error);
	void *data;
};

void diag_init(struct diag *d, struct ev_loop *loop);

/* Begins a walk; `udp`: over udp sockets too. An error is told by done(), from
 * here or later. */
void diag_walk(struct diag *d, bool udp);

/* Ends a walk that is under way, without done(). */
void diag_stop(struct diag *d);

double diag_processor_time(void); /* of this thread, seconds */

/* Opens a socket to ask; -1 and errno. Not blocking. */
int diag_open(void);

/* What the kernel said of a socket, from `size` bytes; false if too short. */
bool diag_read(const struct inet_diag_msg *m, size_t size, enum protocol p,
	struct diag_socket *to);

#endif

/*
 * What the program in the kernel and its loader agree on. Addresses and ports
 * are in network order. A service is found by address, port and protocol; slot 0
 * says how many backends it has, slots 1 to that many say which.
 */
#ifndef BENCH_BALANCE4_H
#define BENCH_BALANCE4_H

#include <linux/types.h>

struct service_key {
	__be32 address;
	__be16 port;
	__u16 slot;
	__u8 protocol;
	__u8 pad[3];
};

struct service {
	__u32 backend; /* its id; of slot 0: none */
	__u16 count;
	__u16 id; /* what a reply belongs to */
};

struct backend {
	__be32 address;
	__be16 port;
	__u16 flags;
};

/* Which service a socket's peer stands for, for whoever asks afterwards. */
struct reverse_key {
	__u64 cookie;
	__be32 address;
	__be16 port;
	__u16 pad;
};

struct reverse {
	__be32 address;
	__be16 port;
	__u16 id;
};

#endif

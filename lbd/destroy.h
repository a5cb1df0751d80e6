/* Ending other programs' sockets. */
#ifndef LBD_DESTROY_H
#define LBD_DESTROY_H

#include <linux/inet_diag.h>
#include <stdint.h>

/*
 * Ends one socket, known by its ports, addresses and cookie: `fd` is of
 * diag_open(). Returns 0 or an errno; ENOENT and ESTALE: it was gone.
 */
int destroy_socket(int fd, uint8_t family, uint8_t protocol,
	const struct inet_diag_sockid *id);

/* Why this process cannot do that: a word for people, NULL if it can. */
const char *destroy_obstacle(void);

#endif

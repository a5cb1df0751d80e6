/* connect-timeout: how long one backend may take before the next is tried. */
#ifndef SHIM_PATIENCE_H
#define SHIM_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

struct patience {
	bool limited; /* a blocking socket, and a connect-timeout */
	unsigned each_ms;
	unsigned maxseg;	/* that the host has set; 0 = none */
	uint64_t host_deadline; /* from the host's own SO_SNDTIMEO; or never */
	struct timeval host;	/* which is put back at the end */
};

/* `each_ms` 0: no limit, and nothing is asked of the kernel. */
void patience_begin(struct patience *p, int fd, unsigned each_ms);

/* Before a call that connects: how long it may take, by real_precise_ms(). */
uint64_t patience_start(const struct patience *p, int fd);

/*
 * After it has failed: is it to be made again, for the time that is left? Else
 * errno is as it was; or ETIMEDOUT where the backend took too long, and the
 * socket is as it was before; EINPROGRESS where that cannot be had, and the
 * connection stays under way.
 */
bool patience_goes_on(const struct patience *p, int fd, uint64_t until);

/* connect() between the two. */
int patience_connect(
	struct patience *p, int fd, const struct sockaddr *to, socklen_t len);

void patience_end(const struct patience *p, int fd);

#endif

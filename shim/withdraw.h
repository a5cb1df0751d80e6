/* Taking a socket back from a backend, so that it can be given another. */
#ifndef SHIM_WITHDRAW_H
#define SHIM_WITHDRAW_H

#include <stdbool.h>

/*
 * The TCP_MAXSEG that the host has set on a socket before it connects; 0 where
 * it has set none. Once it is connecting, the kernel does not tell.
 */
unsigned withdraw_maxseg(int fd);

/*
 * Ends what `fd` has under way; it is then as it was before its connect(), but
 * for the port where bind() asked for any. `maxseg` is from before, 0 where
 * nobody looked: a socket whose connect() has failed still tells. False where
 * that cannot be had: it is without its address, and must not go on.
 */
bool withdraw(int fd, unsigned maxseg);

/*
 * Takes what routers have said of it from a socket whose connect() has failed:
 * it would be ready with an error for ever, connected or not. True.
 */
bool withdraw_clean(int fd);

#endif

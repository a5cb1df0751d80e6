/* Descriptors that strangers send along, which lbd never asked for. */
#ifndef LBD_GIFTS_H
#define LBD_GIFTS_H

#include <sys/types.h>

/* Has the kernel refuse them, at a listener and what it accepts, if it can. */
void gifts_refuse(int listener);

/* recv(2) that does not wait; what came along is closed. */
ssize_t gifts_recv(int fd, void *to, size_t size);

/* close(2) of a stranger's connection, with whatever is still in its queue. */
void gifts_close(int fd);

#endif

/* Connects that were denied to one user at one service, and their line. */
#ifndef LBD_DENIAL_H
#define LBD_DENIAL_H

#include "lbd.h"
#include "refrain.h"
#include "suspects.h"

enum { DENIAL_USER_BYTES = 33 };

struct denial {
	uid_t user;
	uint32_t tag; /* the service's; 0: nobody's yet */
	struct service *service;
	bool shared, is_named;
	bool is_known;			   /* the number means one user alone */
	char user_name[DENIAL_USER_BYTES]; /* "": /etc/passwd has none */
	uint64_t connects;		   /* not told yet */
	struct refrain refrain;
};

/* `s`: who it may have been; NULL: nobody knows. */
void denial_say(struct denial *d, const struct suspects *s);

#endif

/* What a service has to offer: from its backends to a word for it. */
#ifndef LBD_OFFER_H
#define LBD_OFFER_H

#include "lbd.h"

/* What callers of one address family find; from best to worst. */
enum offer {
	OFFER_NOTHING_MEANT, /* no backend of the family */
	OFFER_OK,
	OFFER_DEGRADED, /* some take no more connections */
	OFFER_BACKUP,	/* only backups carry it */
	OFFER_PANIC,	/* too few are usable: health is ignored */
	OFFER_DOWN,	/* callers are told no-backend */
};

/* As published: what is still to be does not show. */
enum offer offer_judge(const struct service *s, enum table_family family);

/* "ok", ...: a service is as well as the worse of its families. */
const char *offer_word(const struct service *s);

#endif

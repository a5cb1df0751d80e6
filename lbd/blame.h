/* Whose fault stuck connections are, as outcomes of backends. */
#ifndef LBD_BLAME_H
#define LBD_BLAME_H

#include "evidence.h"
#include "targets.h"

/* A round is over: reports what it proved, for or against backends. */
void blame_round(
	struct lbd *lbd, struct evidence *e, const struct targets *targets);

#endif

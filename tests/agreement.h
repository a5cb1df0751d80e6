/* What is published is what lbd thinks: a service's words in its region, and its
 * wheels, against what lbd has in mind. */
#ifndef TESTS_AGREEMENT_H
#define TESTS_AGREEMENT_H

#include "outside.h"

void agreement_check(const struct outside *o, const struct service *s);

#endif

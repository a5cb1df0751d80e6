/* Between the lbctl_explain*.c files. */
#ifndef LBD_LBCTL_EXPLAIN_H
#define LBD_LBCTL_EXPLAIN_H

#include "lbctl.h"

/* To stdout, for people. */
void lbctl_print_explained(const json_t *answer);

#endif

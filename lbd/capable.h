/* What this process may do beyond what its user may. */
#ifndef LBD_CAPABLE_H
#define LBD_CAPABLE_H

#include <stdbool.h>

/* Is CAP_* among its effective capabilities? */
bool is_capable(unsigned capability);

#endif

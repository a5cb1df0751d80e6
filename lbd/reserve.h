/* Memory for the loop itself, which libev cannot do without. */
#ifndef LBD_RESERVE_H
#define LBD_RESERVE_H

#include <ev.h>
#include <stdbool.h>

/* Before the first loop is made. */
void reserve_for_loop(void);

/* Before anything else is started in it. */
bool reserve_lets_signals_in(struct ev_loop *loop);

#endif

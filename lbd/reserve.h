/* Memory for the loop itself, which libev cannot do without. */
#ifndef LBD_RESERVE_H
#define LBD_RESERVE_H

/* Before the first loop is made. */
void reserve_for_loop(void);

#endif

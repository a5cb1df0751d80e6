/* Programs that knock: who are they, and which regions may they read? */
#ifndef LBD_CALLERS_H
#define LBD_CALLERS_H

#include "lbd.h"

/* Answers whoever connects to the listening `fd`; NULL if memory is short. */
struct callers *callers_open(struct lbd *lbd, int fd);

/* Ends all conversations and closes the listener. NULL is fine. */
void callers_close(struct callers *callers);

#endif

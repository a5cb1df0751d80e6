/* Programs that knock: who are they, and which regions may they read? */
#ifndef LBD_CALLERS_H
#define LBD_CALLERS_H

#include "acl.h"
#include "lbd.h"

/* Answers whoever connects to the listening `fd`; NULL if memory is short. */
struct callers *callers_open(struct lbd *lbd, int fd);

/* Completes `who` with the addresses of this host, if rules ask for them; good
 * until the next caller comes. */
void callers_tell_net(const struct callers *callers, struct identity *who);

/* Does the number of a caller mean one user, where lbd runs? */
bool callers_know_user(const struct callers *callers, uid_t user);

/* Who was refused for the layout that it reads, as of now; NULL is fine. */
const struct misfits *callers_misfits(struct callers *callers);

/* Ends all conversations and closes the listener. NULL is fine. */
void callers_close(struct callers *callers);

#endif

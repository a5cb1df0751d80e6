/* Telling a service manager that lbd is ready to be relied upon. */
#ifndef LBD_READY_H
#define LBD_READY_H

#include "lbd.h"

/*
 * Says READY=1 to $NOTIFY_SOCKET once every backend that is probed has had its
 * first verdict, at the latest after the longest timeout and a second.
 */
void ready_watch(struct lbd *lbd);

#endif

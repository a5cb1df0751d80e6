/* A backend as an operand, and as lbd's answer about it. */
#ifndef LBD_LBCTL_BACKEND_H
#define LBD_LBCTL_BACKEND_H

#include "lbctl.h"
#include "lbctl_number.h"

/* SERVICE/BACKEND, taken apart. */
struct lbctl_target {
	const char *whole;
	char service[LBCTL_NAME_BYTES], backend[LBCTL_NAME_BYTES];
};

/* False where it is none, having said so. */
bool lbctl_read_target(const char *text, struct lbctl_target *to);

/* "3 connections left", or that nobody counts them. */
struct text lbctl_left(const json_t *backend);

#endif

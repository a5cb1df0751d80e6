/* Services and backends, as lbd's JSON has them, as rows of text. */
#ifndef LBD_LBCTL_ROWS_H
#define LBD_LBCTL_ROWS_H

#include "lbctl_table.h"

#include <jansson.h>

/* What is not there is "?", or 0: an lbd of another version is no reason to
 * say nothing. */
const char *string_of(const json_t *object, const char *key);
json_int_t number_of(const json_t *object, const char *key);

/* Has lbd, in "counts", that the kernel counts the live connections? */
bool are_counted(const json_t *object);

/* A service's state: in capitals where callers suffer, or may. */
void put_service_state(struct cell *cell, const json_t *service);

/* "2 of 3 usable" */
void put_usable(struct cell *cell, const json_t *service);

void fill_service(struct row *row, const json_t *service);
void fill_backend(
	struct row *row, const json_t *service, const json_t *backend);

#endif

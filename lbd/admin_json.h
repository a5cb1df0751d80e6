/* What lbd knows, as JSON. New references; NULL if memory is short. */
#ifndef LBD_ADMIN_JSON_H
#define LBD_ADMIN_JSON_H

#include "lbd.h"

#include <jansson.h>

/* Of bytes that need not be UTF-8: a path, say. Others become '?'. */
json_t *admin_json_string(const char *text);

/* Takes `item`; false if memory is short. */
bool admin_json_add(json_t *array, json_t *item);

/* The value; NULL, and it is gone, where it is not whole: half of an answer
 * would be another one. */
json_t *admin_json_whole(json_t *value, bool whole);

/* {"error": "..."} */
json_t *admin_json_error(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* As callers meet it: what is still to be published does not show. */
json_t *admin_json_service(const struct lbd *lbd, const struct service *s);

/* As in its service's, and which service that is, and "counts". */
json_t *admin_json_backend(const struct lbd *lbd, const struct backend *b);

/* "p2c", ... */
const char *admin_json_balance(enum table_balance balance);

/* Are connections the kernel's count, and how often did it count? */
json_t *admin_json_counts(const struct lbd *lbd);

/* As written, or what it is by default. */
json_t *admin_json_probe(const struct service_conf *conf);

/* What came of a reload, and what there was to say. */
json_t *admin_json_reload(bool reloaded, const struct complaints *said);

/* Compact, with a newline at the end; malloc()ed. Lets go of `value`. */
char *admin_json_text(json_t *value, size_t *size);

/*
 * All services, made as it is read: a million backends are never in memory at
 * once, and the loop is never kept for long. One that fits in the first block
 * is of one moment. NULL if memory is short.
 */
struct admin_list *admin_list_open(const struct lbd *lbd);
void admin_list_close(void *list);

/* Is the first block all? Then its size, else 0. */
size_t admin_list_size(const struct admin_list *list);

/*
 * Bytes written to `to`; 0 at the end; -1 where it cannot go on, because a
 * reload changed what it is a list of, or memory is short.
 */
ssize_t admin_list_read(struct admin_list *list, char *to, size_t most);

#endif

/*
 * The memory that libcurl gets, so that it is known when it gets none: of its
 * errors the one for that is another's too, a header line that is too long, and
 * inside HTTP/2 it is said to have been the other side.
 */
#ifndef LBD_CURL_MEMORY_H
#define LBD_CURL_MEMORY_H

#include <stdbool.h>

/* Starts libcurl, once for the process; false without memory. */
bool curl_memory_begin(void);

/* Was some refused since this was last asked? */
bool curl_memory_lacked(void);

#endif

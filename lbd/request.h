/* Is it a request to attach? Pure: bytes in, a word out. */
#ifndef LBD_REQUEST_H
#define LBD_REQUEST_H

#include "shim/wire.h"

#include <stddef.h>

enum request {
	REQUEST_NONE,	     /* something else */
	REQUEST_OTHER_MAJOR, /* of a library that reads another layout */
	REQUEST_ATTACH,
};

/*
 * Judges a message of `size` bytes, of which a later library may send more
 * than this lbd knows and an older one less; `request` is filled unless it is
 * none, what was not said with zeros.
 */
enum request request_judge(
	const void *bytes, size_t size, struct attach_request *request);

#endif

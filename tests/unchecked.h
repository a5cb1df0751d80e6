#ifndef TESTS_UNCHECKED_H
#define TESTS_UNCHECKED_H

#include "shim/lookup.h"

enum found unchecked_service(const struct attachment *a, const struct addr *vip,
	int protocol, struct route *route);
enum found unchecked_backend(const struct attachment *a, uint64_t draw,
	const struct tried *tried, struct route *route);
bool unchecked_superseded(
	const struct attachment *a, const struct route *route);
bool unchecked_revoked(const struct attachment *a, const struct route *route);
void unchecked_labels(
	const struct attachment *a, const struct route *route, char *out);

#endif

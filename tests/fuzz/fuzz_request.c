/*
 * What a stranger says to lbd: whatever the bytes, the judgement is the one
 * that reading them field by field gives, and nothing beyond them is read.
 */
#include "lbd/request.h"
#include "shim/table.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum request expected(const uint8_t *data, size_t size)
{
	uint64_t magic;
	uint32_t major;

	if (size != 16 && size < 24)
		return REQUEST_NONE;
	memcpy(&magic, data, sizeof(magic));
	memcpy(&major, data + sizeof(magic), sizeof(major));
	if (magic != ATTACH_MAGIC)
		return REQUEST_NONE;
	return major == TABLE_MAJOR ? REQUEST_ATTACH : REQUEST_OTHER_MAJOR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attach_request request;
	uint8_t *copy = calloc(1, size); /* no more: a sanitizer sees to it */

	if (size && !copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (request_judge(copy, size, &request) != expected(data, size))
		abort();
	if (size < 24 && request.netns)
		abort();
	free(copy);
	return 0;
}

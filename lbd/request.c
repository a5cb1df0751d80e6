/*
 * The one thing that a stranger can say to lbd: from the bytes of a message to
 * what it asks for. Nothing but the length is believed before the magic word.
 */
#include "request.h"
#include "before.h"
#include "shim/table.h"

#include <string.h>

enum { OLDER = offsetof(struct attach_request, netns) /* bytes */ };

enum request request_judge(
	const void *bytes, size_t size, struct attach_request *request)
{
	*request = (struct attach_request){0};
	if (size < sizeof(*request) && size != OLDER)
		return REQUEST_NONE;
	memcpy(request, bytes,
		size < sizeof(*request) ? OLDER : sizeof(*request));
	if (request->magic != ATTACH_MAGIC)
		return REQUEST_NONE;
	return request->major == TABLE_MAJOR || before_is(request->major)
		? REQUEST_ATTACH
		: REQUEST_OTHER_MAJOR;
}

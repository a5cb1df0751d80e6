/*
 * libc's memory, under libcurl's own names for it. What OpenSSL and nghttp2 ask
 * for does not come by here.
 */
#include "curl_memory.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool lacked; /* it looks names up in a thread of its own */

static void *noted(void *got)
{
	if (!got)
		atomic_store(&lacked, true);
	return got;
}

static void *get(size_t size)
{
	return noted(malloc(size));
}

static void *get_more(void *at, size_t size)
{
	return noted(realloc(at, size));
}

static char *copy(const char *text)
{
	return noted(strdup(text));
}

static void *get_zeros(size_t count, size_t size)
{
	return noted(calloc(count, size));
}

bool curl_memory_begin(void)
{
	static bool ready; /* and never undone */

	if (!ready)
		ready = !curl_global_init_mem(CURL_GLOBAL_DEFAULT, get, free,
			get_more, copy, get_zeros);
	return ready;
}

bool curl_memory_lacked(void)
{
	return atomic_exchange(&lacked, false);
}

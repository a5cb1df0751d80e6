/*
 * From a URL's path to the names in it. It is taken apart at its slashes
 * before escapes are undone: one that stands for a slash belongs to a name.
 * Pure.
 */
#include "admin_path.h"

#include <stddef.h>
#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that an escape stands for; 0: it is none, and stays as it is. */
static char unescape(const char *at)
{
	int high, low;

	if (*at != '%')
		return 0;
	high = digit(at[1]);
	low = high < 0 ? -1 : digit(at[2]);
	return low < 0 ? 0 : (char)(high << 4 | low);
}

/* One word, up to a slash or the end; returns what follows. */
static const char *take_word(const char *url, char word[PATH_NAME_BYTES])
{
	size_t used = 0;

	while (*url && *url != '/') {
		char byte = unescape(url);

		if (used < PATH_NAME_BYTES - 1)
			word[used++] = byte ? byte : *url;
		url += byte ? 3 : 1;
	}
	word[used] = '\0';
	return url;
}

static bool is_name(const char *path)
{
	return *path >= 'A' && *path <= 'Z';
}

bool path_fits(const char *path, const char *url, struct path_names *names)
{
	char word[PATH_NAME_BYTES];
	int count = 0;

	while (*path == '/' && *url == '/') {
		size_t length = strcspn(++path, "/");

		url = take_word(url + 1, word);
		if (is_name(path))
			memcpy(names->text[count++], word, sizeof(word));
		else if (strlen(word) != length || memcmp(word, path, length))
			return false;
		path += length;
	}
	return !*path && !*url;
}

void path_unescape(const char *text, char *to)
{
	while (*text) {
		char byte = unescape(text);

		*to++ = byte ? byte : *text;
		text += byte ? 3 : 1;
	}
	*to = '\0';
}

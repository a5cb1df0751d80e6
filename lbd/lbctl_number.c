/* Numbers and durations as text, in the same form in every locale. Pure. */
#include "lbctl_number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct text text_of_duration(int64_t n)
{
	struct text t;

	if (n < 60)
		snprintf(t.bytes, sizeof(t.bytes), "%" PRId64 "s", n);
	else if (n < 3600)
		snprintf(t.bytes, sizeof(t.bytes), "%" PRId64 "m%02ds", n / 60,
			(int)(n % 60));
	else if (n < 86400)
		snprintf(t.bytes, sizeof(t.bytes), "%" PRId64 "h%02dm",
			n / 3600, (int)(n / 60 % 60));
	else
		snprintf(t.bytes, sizeof(t.bytes), "%" PRId64 "d%02dh",
			n / 86400, (int)(n / 3600 % 24));
	return t;
}

struct text text_of_number(int64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRId64, number);
	struct text t = {0};
	char *to = t.bytes;

	for (int i = 0; i < length; i++) {
		*to++ = digits[i];
		if (i < length - 1 && (length - 1 - i) % 3 == 0 &&
			digits[i] != '-')
			*to++ = ',';
	}
	return t;
}

struct text text_of_count(int64_t number, const char *noun)
{
	struct text t = text_of_number(number);
	size_t used = strlen(t.bytes);

	snprintf(t.bytes + used, sizeof(t.bytes) - used, " %s", noun);
	if (number == 1)
		t.bytes[strlen(t.bytes) - 1] = '\0';
	return t;
}

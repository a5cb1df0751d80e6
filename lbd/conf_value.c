/* Texts as values: numbers, durations, names, addresses, and back. Pure. */
#include "conf_parts.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3629 */
unsigned utf8_length(const char *at, size_t left)
{
	const unsigned char *b = (const unsigned char *)at;
	unsigned length = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;

	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xc2 || b[0] > 0xf4 || left < length)
		return 0;
	for (unsigned i = 1; i < length; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	/* no longer than needed, no surrogates, nothing above U+10FFFF */
	if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
		(b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return length;
}

bool span_is(struct span s, const char *text)
{
	return strlen(text) == s.size && !memcmp(s.at, text, s.size);
}

char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");

	if (!*word)
		return NULL;
	*rest = word + strcspn(word, " \t");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

const char *after(const char *text, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(text, prefix, size) ? NULL : text + size;
}

/* Decimal, no leading zero; *end is what follows. */
static bool digits(
	const char *text, unsigned high, unsigned *to, const char **end)
{
	uint64_t v = 0;

	if (!is_digit(*text) || (*text == '0' && is_digit(text[1])))
		return false;
	for (; is_digit(*text); text++) {
		v = 10 * v + (uint64_t)(*text - '0');
		if (v > high)
			return false;
	}
	*to = (unsigned)v;
	*end = text;
	return true;
}

bool value_number(const char *text, unsigned low, unsigned high, unsigned *to)
{
	const char *end;

	return digits(text, high, to, &end) && !*end && *to >= low;
}

static const struct unit {
	const char *text;
	unsigned ms;
} units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

bool value_duration(const char *text, unsigned *ms)
{
	const char *unit;
	unsigned n;

	if (!digits(text, DAY_MS, &n, &unit) || n == 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(unit, units[i].text))
			continue;
		*ms = n * units[i].ms;
		return n <= DAY_MS / units[i].ms;
	}
	return false;
}

/* In the largest unit that leaves no rest. */
struct shown show_duration(unsigned ms)
{
	const struct unit *u = units;
	struct shown s;

	while (ms % u->ms)
		u++;
	snprintf(s.text, sizeof(s.text), "%u%s", ms / u->ms, u->text);
	return s;
}

bool value_name(struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		char c = text.at[i];

		if (!is_letter(c) && !is_digit(c) && (!c || !strchr("._-", c)))
			return false;
	}
	return text.size >= 1 && text.size <= NAME_BYTES;
}

/*
 * Labels of 1-63 letters, digits, - and _, no - at either end (RFC 952, 1123,
 * and _ as services use it). One that ends in a number is an address: nobody
 * would look it up.
 */
bool value_host(const char *text)
{
	size_t size = strlen(text), label = 0;
	bool number = true;

	if (size && text[size - 1] == '.')
		size--;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '.') {
			if (!label || text[i - 1] == '-')
				return false;
			label = 0;
			number = true;
			continue;
		}
		if (!is_digit(text[i]))
			number = false;
		if (!is_digit(text[i]) && !is_letter(text[i]) &&
			text[i] != '_' && (text[i] != '-' || !label))
			return false;
		if (++label > 63)
			return false;
	}
	return label && !number && size <= HOST_BYTES && text[size - 1] != '-';
}

static const char no_address[] = "must be IP:PORT or IP:* (IPv6 in brackets)";

static bool is_one_host(const struct addr *a)
{
	uint32_t v4 = (uint32_t)a->lo;

	if (addr_is_v4(a))
		return v4 && v4 >> 28 != 0xe && v4 != UINT32_MAX;
	return (a->hi || a->lo) && a->hi >> 56 != 0xff;
}

/* `host` is "10.0.0.4" or "[fd00::4]"; it is changed. */
static const char *read_ip(char *host, struct addr *to)
{
	size_t size = strlen(host);
	struct in6_addr six;
	struct in_addr four;
	uint64_t word[2];

	if (inet_pton(AF_INET, host, &four) == 1) {
		to->hi = 0;
		to->lo = ADDR_V4_PREFIX | ntohl(four.s_addr);
		return NULL;
	}
	if (strchr(host, '%'))
		return "must be written without a zone";
	if (*host != '[' || host[size - 1] != ']')
		return no_address;
	host[size - 1] = '\0';
	if (inet_pton(AF_INET6, host + 1, &six) != 1)
		return no_address;
	memcpy(word, &six, sizeof(word));
	to->hi = be64toh(word[0]);
	to->lo = be64toh(word[1]);
	return addr_is_v4(to) ? "must be written as IPv4" : NULL;
}

const char *value_address(const char *text, struct addr *to)
{
	const char *colon = strrchr(text, ':'), *fault;
	unsigned port = 0;
	char host[64];
	size_t size;

	*to = (struct addr){0};
	if (!colon || (size = (size_t)(colon - text)) >= sizeof(host))
		return no_address;
	memcpy(host, text, size);
	host[size] = '\0';
	fault = size ? read_ip(host, to) : no_address;
	if (fault)
		return fault;
	if (!is_one_host(to))
		return "must be a unicast address";
	if (strcmp(colon + 1, "*") && !value_number(colon + 1, 1, 65535, &port))
		return "must have a port 1..65535 or *";
	to->port = (uint16_t)port;
	return NULL;
}

/* The kernel refuses a link-local address without its zone. */
const char *value_backend(const char *text, struct addr *to)
{
	const char *fault = value_address(text, to);

	if (!fault && to->hi >> 54 == 0xfe80 >> 6)
		return "must be reachable without a zone";
	return fault;
}

struct shown show_address(const struct addr *a)
{
	struct shown s = {0};
	unsigned length = addr_text(a, true, s.text);

	if (!a->port)
		s.text[length - 1] = '*';
	return s;
}

/*
 * From what a program would be told to connect to, an address or a name, to
 * the services that stand behind it; where there is none, what is near it.
 */
#include "admin_answer.h"
#include "admin_explain.h"
#include "admin_json.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HINTS_MOST = 1000 }; /* services whose names are compared */

static void add(struct places *to, const struct service *s,
	const struct addr *address, uint16_t port)
{
	if (to->count < PLACES_MOST)
		to->at[to->count++] = (struct place){s, address, port};
}

static bool same_ip(const struct addr *a, const struct addr *b)
{
	return a->hi == b->hi && a->lo == b->lo;
}

/* Port 0 is every port, on both sides. */
static bool same_port(uint16_t a, uint16_t b)
{
	return !a || !b || a == b;
}

static void find_address(
	const struct world *w, const struct addr *a, struct places *to)
{
	for (size_t i = 0; i < w->services; i++) {
		const struct service_conf *s = w->service[i].conf;

		for (size_t j = 0; j < s->addresses; j++) {
			const struct addr *at = &s->address[j].addr;

			if (same_ip(at, a) && same_port(at->port, a->port))
				add(to, &w->service[i], at, a->port);
		}
	}
}

/* Does `b` hold the port exactly, where `a` only holds all of them? */
static bool is_nearer(const struct place *b, const struct place *a)
{
	return a->port && !a->address->port && b->address->port &&
		same_ip(a->address, b->address) &&
		a->service->conf->protocol == b->service->conf->protocol;
}

/* An exact port beats the star. */
static void drop_beaten(struct places *p)
{
	size_t left = 0;

	for (size_t i = 0; i < p->count; i++) {
		bool beaten = false;

		for (size_t j = 0; j < p->count; j++)
			beaten |= is_nearer(&p->at[j], &p->at[i]);
		if (!beaten)
			p->at[left++] = p->at[i];
	}
	p->count = left;
}

static bool has_name(const struct service_conf *s, const char *name)
{
	for (size_t i = 0; i < s->name_count; i++)
		if (!strcasecmp(s->names[i].name, name))
			return true;
	return false;
}

static void find_name(const struct world *w, const char *name, uint16_t port,
	struct places *to)
{
	for (size_t i = 0; i < w->services; i++) {
		const struct service_conf *s = w->service[i].conf;

		if (strcmp(s->name, name) && !has_name(s, name))
			continue;
		for (size_t j = 0; j < s->addresses; j++)
			if (same_port(s->address[j].addr.port, port))
				add(to, &w->service[i], &s->address[j].addr,
					port);
	}
}

/* "[::ffff:10.0.0.1]:80" is what a program may ask for, and means IPv4. */
static void unmap(const char *text, char to[PATH_NAME_BYTES])
{
	bool brackets = *text == '[';
	const char *end = strchrnul(text, ']');
	char host[INET6_ADDRSTRLEN];
	struct in6_addr ip;
	struct in_addr v4;

	snprintf(to, PATH_NAME_BYTES, "%s", text);
	snprintf(host, sizeof(host), "%.*s", (int)(end - text) - brackets,
		text + brackets);
	if (brackets != (*end == ']') || inet_pton(AF_INET6, host, &ip) != 1 ||
		!IN6_IS_ADDR_V4MAPPED(&ip))
		return;
	memcpy(&v4, &ip.s6_addr[12], sizeof(v4));
	inet_ntop(AF_INET, &v4, to, PATH_NAME_BYTES);
	strncat(to, end + brackets, PATH_NAME_BYTES - strlen(to) - 1);
}

/* "10.0.0.1", "fd00::1" and "[fd00::1]" are addresses without a port. */
static bool read_address(const char *asked, struct addr *to)
{
	char text[PATH_NAME_BYTES], whole[PATH_NAME_BYTES + 4];

	unmap(asked, text);
	if (conf_address(text, to))
		return true;
	snprintf(whole, sizeof(whole), "%s:*", text);
	if (conf_address(whole, to))
		return true;
	snprintf(whole, sizeof(whole), "[%s]:*", text);
	return conf_address(whole, to);
}

/* Cuts the port off a name; false where what follows the colon is none. */
static bool read_name(char *text, uint16_t *port)
{
	char *colon = strrchr(text, ':');
	unsigned number = 0;
	size_t length;

	if (colon && !conf_number(colon + 1, 1, 65535, &number))
		return false;
	if (colon)
		*colon = '\0';
	*port = (uint16_t)number;
	length = strlen(text);
	if (length > 1 && text[length - 1] == '.')
		text[length - 1] = '\0';
	return true;
}

static json_t *not_virtual(
	const struct world *w, const char *text, const struct addr *asked)
{
	struct addr ip = {asked->hi, asked->lo, 0};
	struct places near = {.count = 0};
	char address[ADDR_TEXT_MAX];

	find_address(w, &ip, &near);
	if (!near.count)
		return admin_json_error(
			"%.*s is not virtual: connect() goes there as "
			"without the library",
			NAME_SHOWN, text);
	addr_text(near.at[0].address, true, address);
	return admin_json_error("%.*s is not virtual: connect() goes there as "
				"without the library (%s is service %s)",
		NAME_SHOWN, text, address, near.at[0].service->conf->name);
}

static json_t *no_name(const struct world *w, const char *name, uint16_t port)
{
	struct places near = {.count = 0};
	const char *best = NULL;
	char address[ADDR_TEXT_MAX];

	find_name(w, name, 0, &near);
	if (near.count) {
		addr_text(near.at[0].address, true, address);
		return admin_json_error("%.*s has no port %d (%s is virtual)",
			NAME_SHOWN, name, port, address);
	}
	for (size_t i = 0; i < w->services && i < HINTS_MOST; i++) {
		const struct service_conf *s = w->service[i].conf;

		best = conf_nearer(name, s->name, best);
		for (size_t j = 0; j < s->name_count; j++)
			best = conf_nearer(name, s->names[j].name, best);
	}
	return admin_json_error("no service has the name or address \"%.*s\""
				"%s%s%s",
		NAME_SHOWN, name, best ? " (" : "", best ? best : "",
		best ? "?)" : "");
}

json_t *explain_find(
	const struct world *world, const char *text, struct places *places)
{
	char name[PATH_NAME_BYTES];
	struct addr address;
	uint16_t port;

	places->count = 0;
	if (read_address(text, &address)) {
		find_address(world, &address, places);
		drop_beaten(places);
		return places->count ? NULL
				     : not_virtual(world, text, &address);
	}
	snprintf(name, sizeof(name), "%s", text);
	if (*text == '[' || !read_name(name, &port))
		return admin_json_error("expected IP:PORT, IP, NAME:PORT, a "
					"name or a service, not \"%.*s\"",
			NAME_SHOWN, text);
	find_name(world, name, port, places);
	return places->count ? NULL : no_name(world, name, port);
}

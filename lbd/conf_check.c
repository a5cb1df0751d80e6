/*
 * What no line of a service shows alone. Each mistake is told once, at the
 * line to change, and nothing follows from a key that was complained of.
 */
#include "conf_parts.h"

#include <errno.h>
#include <string.h>

static bool is_bad(const struct checked *c, enum key_id key)
{
	return c->section->bad & key_bit(key);
}

static void check_presence(struct draft *d, const struct checked *c)
{
	const struct section *s = c->section;

	if (!c->conf.addresses && !is_bad(c, KEY_ADDRESS))
		complain_of(d, s, "no address", s->line,
			"callers have nothing to connect to");
	if (!c->conf.backends && !is_bad(c, KEY_BACKEND))
		warn_of(d, s, "no backend", s->line, "callers get %s",
			c->conf.no_backend == ECONNREFUSED ? "ECONNREFUSED"
							   : "EHOSTUNREACH");
}

static const struct address_conf *find_address(
	const struct service_conf *c, bool v4)
{
	for (size_t i = 0; i < c->addresses; i++)
		if (addr_is_v4(&c->address[i].addr) == v4)
			return &c->address[i];
	return NULL;
}

static const struct backend_conf *find_backend(
	const struct service_conf *c, bool v4)
{
	for (size_t i = 0; i < c->backends; i++)
		if (addr_is_v4(&c->backend[i].addr) == v4)
			return &c->backend[i];
	return NULL;
}

static void check_family(struct draft *d, const struct checked *c, bool v4)
{
	const struct address_conf *a = find_address(&c->conf, v4);
	const struct backend_conf *b = find_backend(&c->conf, v4);
	const char *family = v4 ? "IPv4" : "IPv6";

	if (a && !b)
		complain_of(d, c->section, "address", a->line,
			"%s is %s, but no backend is",
			show_address(&a->addr).text, family);
	if (b && !a)
		complain_of(d, c->section, "backend", b->line,
			"%s is %s, but no address is",
			show_address(&b->addr).text, family);
}

static void check_families(struct draft *d, const struct checked *c)
{
	if (!c->conf.addresses || !c->conf.backends || is_bad(c, KEY_ADDRESS) ||
		is_bad(c, KEY_BACKEND))
		return;
	check_family(d, c, true);
	check_family(d, c, false);
}

static const struct backend_conf *find_any_port(const struct service_conf *c)
{
	for (size_t i = 0; i < c->backends; i++)
		if (!c->backend[i].addr.port)
			return &c->backend[i];
	return NULL;
}

static const struct address_conf *find_one_port(const struct service_conf *c)
{
	for (size_t i = 0; i < c->addresses; i++)
		if (c->address[i].addr.port)
			return &c->address[i];
	return NULL;
}

/* A script as well: which one would it be told of? */
static bool needs_port(const struct probe_conf *p)
{
	return p->kind != PROBE_NONE && !p->port;
}

/* A backend that keeps the port asked for needs one to keep. */
static void check_any_port(struct draft *d, const struct checked *c)
{
	const struct backend_conf *b = find_any_port(&c->conf);
	const struct address_conf *a = find_one_port(&c->conf);

	if (!b)
		return;
	if (a)
		complain_of(d, c->section, "backend", b->line,
			"%s needs every address to be IP:*, but line %d is %s",
			show_address(&b->addr).text, a->line,
			show_address(&a->addr).text);
	if (needs_port(&c->conf.probe) &&
		!setting_is_bad(d, c->section, KEY_PROBE) &&
		!setting_is_bad(d, c->section, KEY_PROTOCOL))
		complain_of(d, c->section, "backend", b->line,
			"%s has no port to probe: set probe = %s port=N or "
			"probe = none",
			show_address(&b->addr).text,
			c->conf.probe.written ? c->conf.probe.written : "tcp");
}

static void check_timeout(struct draft *d, const struct checked *c)
{
	const struct section *s = c->section, *from;
	struct shown timeout = show_duration(c->conf.timeout_ms);
	struct shown interval = show_duration(c->conf.interval_ms);

	from = setting_from(d, s, KEY_TIMEOUT);
	if (!from || c->conf.timeout_ms <= c->conf.interval_ms ||
		setting_is_bad(d, s, KEY_TIMEOUT) ||
		setting_is_bad(d, s, KEY_INTERVAL))
		return;
	if (from != s && s->set[KEY_INTERVAL]) {
		complain_of(d, s, "interval", s->set[KEY_INTERVAL],
			"must be at least the timeout on line %d, %s, not "
			"\"%s\"",
			from->set[KEY_TIMEOUT], timeout.text, interval.text);
		return;
	}
	complain_of(d, from, "timeout", from->set[KEY_TIMEOUT],
		"must be at most the interval, %s, not \"%s\"", interval.text,
		timeout.text);
	if (from != s) /* said for all that inherit it */
		d->defaults->bad |= key_bit(KEY_TIMEOUT);
}

/* Nobody answers a datagram that was not sent. */
static bool suits_udp(const struct probe_conf *p)
{
	return p->kind == PROBE_NONE || p->kind == PROBE_SCRIPT ||
		(p->kind == PROBE_TALK && p->send.at);
}

static void check_udp_probe(struct draft *d, const struct checked *c)
{
	const struct section *s = c->section, *from, *at;

	from = setting_from(d, s, KEY_PROBE);
	if (!from || suits_udp(&c->conf.probe) ||
		c->conf.protocol != PROTOCOL_UDP ||
		setting_is_bad(d, s, KEY_PROBE))
		return;
	at = s->set[KEY_PROTOCOL] ? s : from;
	complain_of(d, at, "probe",
		at == from ? from->set[KEY_PROBE] : s->set[KEY_PROTOCOL],
		"must be none, send \"text\" ... or script for udp, not %s%s",
		quote(c->conf.probe.written).text,
		at == from ? "" : " as in [defaults]");
	if (at != s)
		d->defaults->bad |= key_bit(KEY_PROBE);
}

/* The table of a family has a stop for each backend at least. */
static void check_maglev(struct draft *d, const struct checked *c)
{
	const struct section *s = c->section;
	size_t count[2] = {0};

	if (c->conf.balance != BALANCE_MAGLEV ||
		setting_is_bad(d, s, KEY_BALANCE))
		return;
	for (size_t i = 0; i < c->conf.backends; i++)
		count[addr_is_v4(&c->conf.backend[i].addr)]++;
	for (int v4 = 0; v4 < 2; v4++)
		if (count[v4] > MAGLEV_MOST)
			complain_of(d, s, "balance",
				s->set[KEY_BALANCE] ? s->set[KEY_BALANCE]
						    : s->line,
				"must be another than \"maglev\" for %zu %s "
				"backends: it takes at most %d",
				count[v4], v4 ? "IPv4" : "IPv6", MAGLEV_MOST);
}

void check_service(struct draft *d, const struct checked *c)
{
	check_presence(d, c);
	check_families(d, c);
	check_any_port(d, c);
	check_timeout(d, c);
	check_udp_probe(d, c);
	check_maglev(d, c);
	check_vain(d, c);
	check_rules(d, c->section);
}

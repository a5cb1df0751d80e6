/* Pure: from a probe's conf to the words that are sent, and back. */
#include "http_text.h"

#include <stdio.h>
#include <string.h>

bool http_status_fits(const struct probe_conf *conf, long status)
{
	size_t i;

	for (i = 0; i < conf->statuses; i++)
		if (status >= conf->status[i].low &&
			status <= conf->status[i].high)
			return true;
	return false;
}

static bool fits(int length)
{
	return length >= 0 && length < HTTP_TEXT_MAX;
}

bool http_host_line(const struct service_conf *conf, const char *at,
	char out[HTTP_TEXT_MAX])
{
	const char *host = conf->probe.host;

	if (!host)
		host = conf->name_count ? conf->names[0].name : at;
	return fits(snprintf(out, HTTP_TEXT_MAX, "Host: %s", host));
}

/* "name:port" -> name; "[::1]:port" -> [::1]. */
static size_t length_without_port(const char *host)
{
	const char *colon = strrchr(host, ':');
	const char *bracket = strrchr(host, ']');

	if (!colon || (bracket && bracket > colon))
		return strlen(host);
	return (size_t)(colon - host);
}

bool http_tls_name(const struct service_conf *conf, char out[HTTP_TEXT_MAX])
{
	const char *name = conf->probe.sni;
	size_t length;

	if (!name && !conf->probe.host && conf->name_count)
		name = conf->names[0].name;
	length = name ? strlen(name) : 0;
	if (!name && conf->probe.host) {
		name = conf->probe.host;
		length = length_without_port(name);
	}
	return name &&
		fits(snprintf(out, HTTP_TEXT_MAX, "%.*s", (int)length, name));
}

bool http_method_has_body(const char *method)
{
	return !strcmp(method, "POST") || !strcmp(method, "PUT") ||
		!strcmp(method, "PATCH");
}

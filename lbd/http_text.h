/* The words of an HTTP question and what of its answer counts. */
#ifndef LBD_HTTP_TEXT_H
#define LBD_HTTP_TEXT_H

#include "conf.h"

enum { HTTP_TEXT_MAX = 512 };

/* Is a status one that the probe wants? */
bool http_status_fits(const struct probe_conf *conf, long status);

/* "Host: NAME": host=, else the service's first name, else `at`, "IP:PORT".
 * False where there is no room. */
bool http_host_line(const struct service_conf *conf, const char *at,
	char out[HTTP_TEXT_MAX]);

/* Whom a certificate must be for: sni=, else host= without its port, else the
 * service's first name. False: it has no name, only an address. */
bool http_tls_name(const struct service_conf *conf, char out[HTTP_TEXT_MAX]);

/* Does a request by that method have a body, though of no bytes? */
bool http_method_has_body(const char *method);

#endif

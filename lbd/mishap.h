/* What libcurl says of a question that was not answered, for people. */
#ifndef LBD_MISHAP_H
#define LBD_MISHAP_H

#include "health.h"

#include <curl/curl.h>

struct mishap {
	CURLcode code;
	int no_socket;	  /* errno of socket(); 0 = there was one */
	int err;	  /* what connect() brought */
	bool under_way;	  /* connect() itself went well */
	bool asked;	  /* the request was on its way */
	bool answered;	  /* a line of the answer had come */
	bool http2;	  /* nothing else was asked for */
	bool starved;	  /* libcurl was refused memory */
	const char *text; /* libcurl's own words, "" = none */
	const char *ca;	  /* the file; NULL: the system's */
};

/* `why` is printable ASCII, whatever the other side sent. */
enum verdict mishap_verdict(const struct mishap *m, char why[REASON_MAX]);

#endif

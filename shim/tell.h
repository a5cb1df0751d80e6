/* What a host is to be told of a connect() that was under way. */
#ifndef SHIM_TELL_H
#define SHIM_TELL_H

#include "pending.h"

enum tell {
	TELL,	    /* as the kernel does */
	TELL_LATER, /* it has failed, and is on its way to another backend */
	TELL_NOT, /* nothing is wrong with it: what was said is not true now */
};

/* How it came to be looked at. */
enum tell_why {
	TELL_EVENT,   /* something is wrong, says the kernel, and not what */
	TELL_ASKED,   /* it has told an error to SO_ERROR */
	TELL_REPEATED /* or to a connect(), and has undone the first */
};

/* Judges a connection that was claimed, moves it if that helps, releases it. */
enum tell tell_what(int fd, struct pending *p, enum tell_why why, int err);

/* Leaves a backend that has had its time, for another if there is one. */
void tell_late(int fd, struct pending *p);

/* Does the kernel say, now, that something is wrong with `fd`? And has it an
 * error to tell? */
bool tell_is_wrong(int fd);
bool tell_has_error(int fd);

/* Would a call wait? What is no descriptor would not tell. */
bool tell_is_blocking(int fd);

/* Has connect() told `err` of an earlier one, wherever that went? */
bool tell_is_of_an_earlier(int fd, int err);

/* Is it still connecting, or does it stand? False for what is not TCP. */
bool tell_is_connecting(int fd);
bool tell_stands(int fd);

#endif

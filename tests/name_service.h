/*
 * A name service of the tests' own, before libc's: it knows users somebody,
 * trouble and wide as it is told to. Who asks for hang or die, does.
 */
#ifndef TESTS_NAME_SERVICE_H
#define TESTS_NAME_SERVICE_H

#include <sys/types.h>

extern struct name_service {
	uid_t somebody; /* the number of that user; 0: there is none */
	int trouble;	/* what is said to who asks for that user */
	size_t wide;	/* so many bytes a user of that name takes */
} name_service;

#endif

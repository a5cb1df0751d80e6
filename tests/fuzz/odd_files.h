/* Descriptors that somebody may send: of what they should be, and of others. */
#ifndef TESTS_ODD_FILES_H
#define TESTS_ODD_FILES_H

enum kind {
	KEYS,
	LIST,
	COUNTERS,
	NOT_SEALED,
	SEALED_BY_HALF,
	SHORT,
	EMPTY,
	DAMAGED,
	HUGE,
	FOR_WRITING,
	COUNTERS_SHORT,
	COUNTERS_OF_MANY,
	COUNTERS_FOR_READING,
	A_PIPE,
	A_FOLDER,
	A_DEVICE,
	A_SOCKET,
	KINDS
};

/* By kind; for as long as the process lives. */
extern int odd_file[KINDS];

void odd_files_make(void);

#endif

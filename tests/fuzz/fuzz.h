/*
 * A fuzz target, fuzz_NAME.c, has this one function; NAME/ holds the inputs it
 * begins with. Linked to clang's fuzzer it gets ever others; linked to replay.c,
 * those of the folder.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Ends the process if anything is wrong; else 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif

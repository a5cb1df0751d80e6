/*
 * fuzz_NAME FILE...: each file as an input, without a fuzzer. From memory of
 * exactly its size: one byte further is found by ASan.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static int replay(const char *path)
{
	FILE *f = fopen(path, "r");
	long size = -1;
	uint8_t *data;

	if (f && !fseek(f, 0, SEEK_END))
		size = ftell(f);
	data = malloc(size > 0 ? (size_t)size : 1);
	if (size < 0 || !data) {
		perror(path);
		return 1;
	}
	rewind(f);
	if (fread(data, 1, (size_t)size, f) != (size_t)size) {
		perror(path);
		return 1;
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	printf("%s: %d inputs\n", argv[0], argc - 1);
	return failed;
}

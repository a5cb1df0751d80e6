/*
 * fuzz_NAME FILE...: each file as an input, without a fuzzer. From memory of
 * exactly its size: one byte further is found by ASan.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

/* All of an open file, which the caller frees; NULL and errno. */
static uint8_t *load(FILE *f, size_t *size)
{
	uint8_t *data;
	long end = fseek(f, 0, SEEK_END) ? -1 : ftell(f);

	if (end < 0)
		return NULL;
	rewind(f);
	*size = (size_t)end;
	data = malloc(*size ? *size : 1);
	if (data && fread(data, 1, *size, f) != *size) {
		free(data);
		return NULL;
	}
	return data;
}

static int replay(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t size = 0;
	uint8_t *data = f ? load(f, &size) : NULL;

	if (!data)
		perror(path);
	else
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	if (f)
		fclose(f);
	return !data;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	printf("%s: %d inputs\n", argv[0], argc - 1);
	return failed;
}

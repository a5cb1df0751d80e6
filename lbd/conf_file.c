/*
 * lbd.ini, from disk to memory: opened without waiting for anybody, read once,
 * and refused if it is no plain file, or one that everybody may write.
 */
#include "conf_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_AT_ONCE = 1 << 20 }; /* before others have their turn */

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	default: /* nothing else can be opened */
		return "a device";
	}
}

/* Who may change the file decides where everybody's connections go. */
static bool file_is_sound(struct draft *d, int fd, struct stat *st)
{
	if (fstat(fd, st))
		complain(d, 0, "%s", strerror(errno));
	else if (!S_ISREG(st->st_mode))
		complain(d, 0, "is %s, not a file", kind_of(st->st_mode));
	else if (st->st_mode & S_IWOTH)
		complain(d, 0, "everybody may write it (mode %04o): chmod o-w",
			st->st_mode & 07777);
	else if (st->st_size > (off_t)CONF_BYTES_MOST)
		complain(d, 0, "%lld bytes: at most %zu",
			(long long)st->st_size, CONF_BYTES_MOST);
	else
		return true;
	return false;
}

/* Up to `room` bytes; less at the end of the file, -1 with errno. */
static ssize_t read_up_to(const struct draft *d, int fd, char *to, size_t room)
{
	size_t size = 0;

	while (size < room) {
		size_t left = room - size;
		ssize_t n = read(fd, to + size,
			left < BYTES_AT_ONCE ? left : BYTES_AT_ONCE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		come_between(d);
		size += (size_t)n;
	}
	return (ssize_t)size;
}

static bool has_changed(int fd, const struct stat *before)
{
	struct stat now;

	return fstat(fd, &now) || now.st_size != before->st_size ||
		now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
		now.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

/* The caller frees it; NULL: it was complained of. */
static char *read_text(struct draft *d, int fd, size_t *size)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (!file_is_sound(d, fd, &st))
		return NULL;
	text = malloc((size_t)st.st_size + 1); /* one more: has it grown? */
	if (!text) {
		d->exhausted = true;
		return NULL;
	}
	n = read_up_to(d, fd, text, (size_t)st.st_size + 1);
	if (n < 0)
		complain(d, 0, "%s", strerror(errno));
	else if (n != st.st_size || has_changed(fd, &st))
		complain(d, 0, "changed while it was read");
	else {
		*size = (size_t)n;
		return text;
	}
	free(text);
	return NULL;
}

/* After open(), which says ENXIO of one; errno is kept. */
static bool is_socket(const char *path)
{
	int saved = errno;
	struct stat st;
	bool socket =
		/* GCOVR_EXCL_BR_START: it went, or is a device that did */
		errno == ENXIO && !stat(path, &st) && S_ISSOCK(st.st_mode);
	/* GCOVR_EXCL_BR_STOP */

	errno = saved;
	return socket;
}

char *read_file(struct draft *d, size_t *size)
{
	int fd = open(d->file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *text = NULL;

	if (fd < 0) {
		complain(d, 0, "%s",
			is_socket(d->file) ? "is a socket, not a file"
					   : strerror(errno));
	} else {
		text = read_text(d, fd, size);
		close(fd);
	}
	return text;
}

struct conf *conf_read(const char *path, struct complaints *said)
{
	struct draft d = {.file = path, .said = said};
	struct conf *conf;
	char *text;
	size_t size;

	*said = (struct complaints){0};
	text = read_file(&d, &size);
	if (text)
		draft_begin(&d, text, size);
	if (d.scanned)
		lookups_ask(&d);
	conf = draft_end(&d, NULL);
	free(text);
	return conf;
}

/*
 * Log lines for LBSHIM_LOG. Silent unless asked for, and silent for good once
 * fd 2 is another file than at load: it may be the host's database by then.
 */
#include "say.h"
#include "raw.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

static struct {
	dev_t dev;
	ino_t ino;
} stderr_file; /* written at load only */

static bool stat_stderr(struct stat *st)
{
	return raw3(SYS_fstat, 2, (long)st, 0) == 0;
}

void say_remember_stderr(void)
{
	struct stat st;

	if (stat_stderr(&st)) {
		stderr_file.dev = st.st_dev;
		stderr_file.ino = st.st_ino;
	}
}

void say_text(struct line *line, const char *text)
{
	while (*text && line->used < sizeof(line->text) - 1)
		line->text[line->used++] = *text++;
}

void say_number(struct line *line, uint64_t n)
{
	char digit[21];
	int at = sizeof(digit) - 1;

	digit[at] = '\0';
	do
		digit[--at] = (char)('0' + n % 10);
	while ((n /= 10));
	say_text(line, digit + at);
}

void say_addr(struct line *line, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	addr_text(a, true, text);
	say_text(line, text);
}

/* strerror() is libc's, and not safe in a signal handler. */
static const char *errno_text(int err)
{
	switch (err) {
	case 0:
		return "connected";
	case EINPROGRESS:
		return "in progress";
	case ECONNREFUSED:
		return "Connection refused";
	case ECONNRESET:
		return "Connection reset by peer";
	case ETIMEDOUT:
		return "Connection timed out";
	case EHOSTUNREACH:
		return "No route to host";
	case ENETUNREACH:
		return "Network is unreachable";
	case EADDRNOTAVAIL:
		return "Cannot assign requested address";
	case EACCES:
		return "Permission denied";
	case ENOENT:
		return "No such file or directory";
	case EMFILE:
		return "Too many open files";
	case EAGAIN:
		return "Resource temporarily unavailable";
	default:
		return NULL;
	}
}

void say_errno(struct line *line, int err)
{
	const char *text = errno_text(err);

	if (text) {
		say_text(line, text);
		return;
	}
	say_text(line, "errno ");
	say_number(line, (uint64_t)err);
}

void say_start(struct line *line)
{
	line->used = 0;
	say_text(line, "lbshim[");
	say_number(line, (uint64_t)raw3(SYS_getpid, 0, 0, 0));
	say_text(line, "]: ");
}

void say_end(struct line *line)
{
	struct stat st;

	if (!stderr_file.ino || !stat_stderr(&st) ||
		st.st_ino != stderr_file.ino || st.st_dev != stderr_file.dev)
		return;
	line->text[line->used++] = '\n';
	raw3(SYS_write, 2, (long)line->text, line->used);
}

/*
 * Log lines to stderr or syslog. The loop must never wait for whoever reads
 * them: a pipe is asked first whether it has room, /dev/log is non-blocking,
 * and what does not fit is counted.
 */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 }; /* below PIPE_BUF: written whole or not */

static struct {
	enum log_target target;
	enum log_level level;
	int syslog_fd; /* -1: not connected */
	unsigned long dropped;
} state = {.level = LEVEL_INFO, .syslog_fd = -1};

static const char *const level_word[] = {
	[LEVEL_ERROR] = "error",
	[LEVEL_WARNING] = "warning",
	[LEVEL_INFO] = "info",
	[LEVEL_DEBUG] = "debug",
};

static const int level_priority[] = {
	[LEVEL_ERROR] = LOG_ERR,
	[LEVEL_WARNING] = LOG_WARNING,
	[LEVEL_INFO] = LOG_INFO,
	[LEVEL_DEBUG] = LOG_DEBUG,
};

void log_open(enum log_target target, enum log_level level)
{
	state.target = target;
	state.level = level;
}

void log_set_level(enum log_level level)
{
	state.level = level;
}

struct text {
	char bytes[LINE_MAX_BYTES];
	size_t used;
};

static void put(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *format, ...)
{
	size_t room = sizeof(t->bytes) - 1 - t->used; /* 1 for the newline */
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->bytes + t->used, room, format, args);
	va_end(args);
	if (n > 0)
		t->used += (size_t)n < room ? (size_t)n : room - 1;
}

static bool needs_quotes(const char *value)
{
	return !*value || strpbrk(value, " \t\"=\\");
}

static void put_pair(struct text *t, const char *key, const char *value)
{
	if (!value)
		return;
	if (!needs_quotes(value)) {
		put(t, " %s=%s", key, value);
		return;
	}
	put(t, " %s=\"", key);
	for (; *value; value++)
		put(t, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	put(t, "\"");
}

/* journald stamps its lines itself. */
static void put_time(struct text *t)
{
	struct timespec now;
	struct tm tm;

	if (state.target != LOG_STDERR || getenv("JOURNAL_STREAM"))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	put(t, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		now.tv_nsec / 1000000);
}

static bool write_stderr(const struct text *t)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return false;
	return write(STDERR_FILENO, t->bytes, t->used) == (ssize_t)t->used;
}

static bool connect_syslog(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

	if (state.syslog_fd >= 0)
		return true;
	state.syslog_fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (state.syslog_fd < 0)
		return false;
	if (!connect(state.syslog_fd, (struct sockaddr *)&un, sizeof(un)))
		return true;
	close(state.syslog_fd);
	state.syslog_fd = -1;
	return false;
}

static bool write_syslog(enum log_level level, const struct text *t)
{
	char message[LINE_MAX_BYTES + 64];
	int n = snprintf(message, sizeof(message), "<%d>lbd[%d]: %.*s",
		LOG_DAEMON | level_priority[level], getpid(), (int)t->used - 1,
		t->bytes);

	if (!connect_syslog())
		return false;
	if (send(state.syslog_fd, message, (size_t)n, MSG_NOSIGNAL) == n)
		return true;
	if (errno != EAGAIN && errno != ENOBUFS) { /* syslogd went away */
		close(state.syslog_fd);
		state.syslog_fd = -1;
	}
	return false;
}

static bool emit(enum log_level level, struct text *t)
{
	t->bytes[t->used++] = '\n';
	return state.target == LOG_SYSLOG ? write_syslog(level, t)
					  : write_stderr(t);
}

static void say_dropped(void)
{
	struct text t = {.used = 0};

	put_time(&t);
	put(&t, "%lu log lines were dropped level=warning event=log-dropped",
		state.dropped);
	if (emit(LEVEL_WARNING, &t))
		state.dropped = 0;
}

void log_event(enum log_level level, const char *event,
	const struct log_about *about, const char *sentence, ...)
{
	struct text t = {.used = 0};
	char said[512];
	va_list args;

	if (level > state.level)
		return;
	va_start(args, sentence);
	vsnprintf(said, sizeof(said), sentence, args);
	va_end(args);
	put_time(&t);
	put(&t, "%s level=%s event=%s", said, level_word[level], event);
	if (about) {
		put_pair(&t, "service", about->service);
		put_pair(&t, "backend", about->backend);
		put_pair(&t, "reason", about->reason);
		for (int i = 0; i < LOG_MORE; i++)
			put_pair(&t, about->more[i].key, about->more[i].value);
	}
	if (state.dropped)
		say_dropped();
	if (state.dropped || !emit(level, &t))
		state.dropped++;
}

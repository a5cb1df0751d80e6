/*
 * Names are looked up in a child, because a directory service can take a minute
 * to say nothing. It is a copy of lbd, which is of one thread, so libc can be
 * used in it; another program would have to find itself again where lbd was
 * replaced or is locked in. What it says comes through a pipe; it keeps no
 * other descriptor, so that lbd can end and start again meanwhile, and it dies
 * with lbd.
 */
#include "errand.h"
#include "children.h"
#include "fork.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct errand {
	struct ev_loop *loop;
	struct reading *reading;
	ev_io pipe;
	struct child child;
	ev_timer late;
	double limit;
	errand_done *done;
	void *data;
};

/* Standard error stays, for what a name service may have to say there. */
static _Noreturn void answer(struct reading *reading, pid_t lbd, int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != lbd) /* it died before that call */
		_exit(EXIT_FAILURE);
	fork_keep_only(fd);
	fork_plain_signals();
	_exit(reading_answer(reading, FORK_KEPT) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* All that is in the pipe. */
static void listen_to(struct errand *e)
{
	char said[16384];
	ssize_t n;

	while ((n = read(e->pipe.fd, said, sizeof(said))) > 0 ||
		(n < 0 && errno == EINTR))
		if (n > 0)
			reading_hear(e->reading, said, (size_t)n);
	if (!n)
		ev_io_stop(e->loop, &e->pipe);
}

static void end(struct errand *e)
{
	ev_io_stop(e->loop, &e->pipe);
	children_forget(&e->child);
	ev_timer_stop(e->loop, &e->late);
	close(e->pipe.fd);
	free(e);
}

static void finish(struct errand *e, const char *why)
{
	errand_done *done = e->done;
	void *data = e->data;

	if (why)
		reading_give_up(e->reading, why);
	end(e);
	done(data);
}

static void on_pipe(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	listen_to(w->data);
}

static void on_child(struct child *child)
{
	struct errand *e = child->data;
	char why[64];

	listen_to(e);
	if (WIFSIGNALED(child->status)) {
		snprintf(why, sizeof(why), "signal %d ended who looked",
			WTERMSIG(child->status));
		finish(e, why);
		return;
	}
	finish(e, child->status ? "no memory, or a broken pipe" : NULL);
}

static void on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct errand *e = w->data;
	char why[64];

	(void)loop;
	(void)revents;
	kill(e->child.pid, SIGKILL);
	snprintf(why, sizeof(why), "no answer within %g s", e->limit);
	finish(e, why);
}

/* Starts a child that answers into the pipe; its pid, or -1 with errno. */
static pid_t start(struct reading *reading, int *from)
{
	int fd[2], err;
	pid_t pid, lbd = getpid();

	if (pipe2(fd, O_CLOEXEC))
		return -1;
	pid = fork_quietly();
	if (!pid)
		answer(reading, lbd, fd[1]);
	err = errno;
	close(fd[1]);
	if (pid < 0)
		close(fd[0]);
	else
		fcntl(fd[0], F_SETFL, O_NONBLOCK);
	*from = fd[0];
	errno = err;
	return pid;
}

struct errand *errand_send(struct ev_loop *loop, struct reading *reading,
	double limit, errand_done *done, void *data)
{
	struct errand *e = calloc(1, sizeof(*e));
	pid_t pid;
	int fd;

	if (!e)
		return NULL;
	pid = start(reading, &fd);
	if (pid < 0) {
		free(e);
		return NULL;
	}
	e->loop = loop;
	e->reading = reading;
	e->limit = limit;
	e->done = done;
	e->data = data;
	ev_io_init(&e->pipe, on_pipe, fd, EV_READ);
	e->child = (struct child){.pid = pid, .ended = on_child, .data = e};
	ev_timer_init(&e->late, on_late, limit, 0);
	e->pipe.data = e->late.data = e;
	ev_io_start(loop, &e->pipe);
	children_watch(&e->child);
	ev_timer_start(loop, &e->late);
	return e;
}

void errand_cancel(struct errand *errand)
{
	if (!errand)
		return;
	kill(errand->child.pid, SIGKILL);
	end(errand);
}

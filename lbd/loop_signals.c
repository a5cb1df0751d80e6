/*
 * Signals come by a descriptor. libev has a way of its own, by a pipe that it
 * watches and nobody else can see: where the kernel has no room to watch that
 * one, as when libev takes a new epoll, lbd would be deaf, or libev would abort.
 * This one is looked at again in a moment.
 */
#include "loop_signals.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const double unwatched_s = 0.1;

static struct {
	struct ev_loop *loop; /* NULL: closed */
	ev_io io;
	ev_timer again;
	sigset_t named;
	struct {
		loop_signals_heard *heard;
		void *data;
	} on[NSIG];
} all;

static void take(void)
{
	const struct timespec none = {0};
	bool came[NSIG] = {false};
	int sig;

	while ((sig = sigtimedwait(&all.named, NULL, &none)) > 0)
		came[sig] = true;
	for (int i = 0; i < NSIG; i++)
		if (came[i] && all.on[i].heard)
			all.on[i].heard(all.on[i].data);
}

static void on_signal(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)w;
	if (revents & EV_ERROR) /* the kernel cannot watch it for now */
		ev_timer_start(loop, &all.again);
	take();
}

static void on_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	ev_timer_set(&all.again, unwatched_s, 0);
	ev_io_start(loop, &all.io);
	take();
}

bool loop_signals_open(struct ev_loop *loop)
{
	int fd;

	sigemptyset(&all.named);
	fd = signalfd(-1, &all.named, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return false;
	memset(all.on, 0, sizeof(all.on));
	ev_io_init(&all.io, on_signal, fd, EV_READ);
	ev_timer_init(&all.again, on_again, unwatched_s, 0);
	/* A child's end before the end of its time. */
	ev_set_priority(&all.io, EV_MAXPRI);
	ev_set_priority(&all.again, EV_MAXPRI);
	ev_io_start(loop, &all.io);
	all.loop = loop;
	return true;
}

struct ev_loop *loop_signals_of(void)
{
	return all.loop;
}

/* What was ignored where lbd was started is heard of, too. */
void loop_signals_on(int sig, loop_signals_heard *heard, void *data)
{
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t this;

	all.on[sig].heard = heard;
	all.on[sig].data = data;
	sigemptyset(&this);
	sigaddset(&this, sig);
	sigaddset(&all.named, sig);
	sigprocmask(SIG_BLOCK, &this, NULL);
	sigaction(sig, &plain, NULL);
	signalfd(all.io.fd, &all.named, 0);
}

void loop_signals_close(void)
{
	if (!all.loop)
		return;
	ev_io_stop(all.loop, &all.io);
	ev_timer_stop(all.loop, &all.again);
	close(all.io.fd);
	all.loop = NULL;
}

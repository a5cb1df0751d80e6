/*
 * The queue of scripts, and those that run. A script waits, runs, and is told
 * of when it ends; or it is killed, and only counted until the kernel has
 * ended it. Its end is SIGCHLD's to tell, never a pipe's: a grandchild may
 * hold that open.
 */
#include "script.h"
#include "children.h"
#include "lbd.h"
#include "script_child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct script {
	struct scripts *all;
	struct script *next, *prev; /* in the list of its state */
	struct script_order order;  /* ended NULL: killed, nobody listens */
	struct child child;
	ev_io said;
	int trouble;
	pid_t pid; /* 0: it waits */
	size_t size;
	bool line_over;
	struct script_end end;
};

struct script_list {
	struct script *first, *last;
	unsigned count;
};

struct scripts {
	struct ev_loop *loop;
	struct script_list waiting, running, killed;
	ev_timer turn; /* the next one's; a stop may be followed by many */
};

static void append(struct script_list *list, struct script *s)
{
	s->next = NULL;
	s->prev = list->last;
	if (list->last)
		list->last->next = s;
	else
		list->first = s;
	list->last = s;
	list->count++;
}

static void take_out(struct script_list *list, struct script *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		list->first = s->next;
	if (s->next)
		s->next->prev = s->prev;
	else
		list->last = s->prev;
	list->count--;
}

/* The first line that says something; the rest is read and thrown away, so
 * that the script is not held up. */
static void note(struct script *s, const char *text, size_t size)
{
	for (; size && !s->line_over; text++, size--) {
		if (*text == '\n') {
			s->line_over = s->size;
			continue;
		}
		s->end.said[s->size++] =
			*text >= ' ' && *text <= '~' ? *text : '?';
		s->line_over = s->size == sizeof(s->end.said) - 1;
	}
}

static void listen_to(struct script *s)
{
	char text[4096];
	ssize_t got = read(s->said.fd, text, sizeof(text));

	if (got > 0)
		note(s, text, got);
	else if (!got || (errno != EAGAIN && errno != EINTR))
		ev_io_stop(s->all->loop, &s->said);
}

static void on_said(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	listen_to(w->data);
}

static void let_go(struct script *s)
{
	ev_io_stop(s->all->loop, &s->said);
	close(s->said.fd);
	close(s->trouble);
}

static void finish(struct script *s)
{
	struct script_end end = s->end;
	struct script_order order = s->order;

	free(s);
	order.ended(order.owner, &end);
}

static void take_turn(struct scripts *all)
{
	if (all->waiting.first && !ev_is_active(&all->turn))
		ev_timer_start(all->loop, &all->turn);
}

/* The pid is free again, but not as the name of a group while anybody is in
 * it: who was left behind there is killed too. */
static void on_exit_of(struct child *child)
{
	struct script *s = child->data;
	struct scripts *all = s->all;

	kill(-s->pid, SIGKILL);
	if (s->order.ended) {
		take_out(&all->running, s);
		listen_to(s);
		/* Without a word, unless another child still has it open. */
		if (read(s->trouble, &s->end.err, sizeof(s->end.err)) < 0)
			s->end.err = errno == EAGAIN ? 0 : errno;
		s->end.status = child->status;
		let_go(s);
		finish(s);
	} else {
		take_out(&all->killed, s);
		free(s);
	}
	take_turn(all);
}

static void launch(struct script *s)
{
	struct ev_loop *loop = s->all->loop;
	struct script_pipes pipes;

	errno = EAGAIN;
	if (s->all->killed.count < SCRIPTS_UNENDED)
		s->pid = script_fork(s->order.argv, s->order.env, &pipes);
	if (s->pid <= 0) {
		s->end.err = errno;
		finish(s);
		return;
	}
	append(&s->all->running, s);
	s->trouble = pipes.trouble;
	ev_io_init(&s->said, on_said, pipes.said, EV_READ);
	s->child =
		(struct child){.pid = s->pid, .ended = on_exit_of, .data = s};
	s->said.data = s;
	ev_io_start(loop, &s->said);
	children_watch(&s->child);
	s->order.started(s->order.owner);
}

static void on_turn(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct scripts *all = w->data;
	struct script *s;

	(void)loop;
	(void)revents;
	while (all->running.count < SCRIPTS_AT_ONCE) {
		s = all->waiting.first;
		if (!s)
			return;
		take_out(&all->waiting, s);
		launch(s);
	}
}

static struct scripts *open_scripts(struct lbd *lbd)
{
	struct scripts *all = lbd->scripts;

	if (all || !children_end_in(lbd->loop))
		return all;
	all = calloc(1, sizeof(*all));
	if (!all)
		return NULL;
	all->loop = lbd->loop;
	ev_timer_init(&all->turn, on_turn, 0, 0);
	all->turn.data = all;
	lbd->scripts = all;
	return all;
}

struct script *script_run(struct lbd *lbd, const struct script_order *order)
{
	struct scripts *all = open_scripts(lbd);
	struct script *s = all ? calloc(1, sizeof(*s)) : NULL;

	if (!s)
		return NULL;
	s->all = all;
	s->order = *order;
	append(&all->waiting, s);
	take_turn(all);
	return s;
}

void script_kill(struct script *s)
{
	struct scripts *all = s->all;

	if (!s->pid) {
		take_out(&all->waiting, s);
		free(s);
		return;
	}
	kill(-s->pid, SIGKILL);
	/* It may have been killed before it had a group of its own. */
	kill(s->pid, SIGKILL);
	let_go(s);
	s->order.ended = NULL;
	take_out(&all->running, s);
	append(&all->killed, s);
	take_turn(all);
}

void scripts_close(struct scripts *all)
{
	struct script *s;

	if (!all)
		return;
	while ((s = all->waiting.first) || (s = all->running.first))
		script_kill(s);
	while ((s = all->killed.first)) {
		children_forget(&s->child);
		take_out(&all->killed, s);
		free(s);
	}
	ev_timer_stop(all->loop, &all->turn);
	free(all);
}

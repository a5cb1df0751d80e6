/*
 * This host's addresses: those of lbd's network namespace, on any interface,
 * that are neither loopback nor link-local. The kernel tells when one comes or
 * goes; what it has told is heard before each judgement, so that none is made
 * by addresses that were others before the caller asked.
 */
#include "net.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const double pause_s = 0.1;   /* changes in that time are one */
static const double ask_again_s = 1; /* where the kernel does not tell */

struct net {
	struct ev_loop *loop;
	void (*changed)(void *data);
	void *data;
	ev_io news;	/* a netlink socket; inactive: there is none */
	ev_timer soon;	/* then whoever was judged hears of it */
	ev_tstamp read; /* when the addresses were; 0: never */
	bool stale;
	struct addr *address;
	size_t count;
	const char *why; /* they are not known; NULL: they are */
};

static bool is_loopback(const struct addr *a)
{
	return addr_is_v4(a) ? (a->lo & 0xff000000) == 127u << 24
			     : !a->hi && a->lo == 1;
}

static bool is_link_local(const struct addr *a)
{
	return addr_is_v4(a) ? (a->lo & 0xffff0000) == (169u << 24 | 254u << 16)
			     : a->hi >> 54 == 0xfe80 >> 6;
}

bool net_counts(const struct addr *a)
{
	return !is_loopback(a) && !is_link_local(a);
}

/* Has the kernel told of a change, or of more than we could hear? */
static bool hear(struct net *n)
{
	char news[8192];
	bool any = false;

	for (;;) {
		ssize_t got =
			recv(n->news.fd, news, sizeof(news), MSG_DONTWAIT);

		if (got > 0 || (got < 0 && errno == ENOBUFS))
			any = true;
		else if (!got || errno != EINTR)
			return any;
	}
}

static bool is_stale(struct net *n)
{
	if (ev_is_active(&n->news))
		return hear(n) || n->stale;
	return ev_now(n->loop) - n->read >= ask_again_s;
}

static size_t pick_out(const struct ifaddrs *all, struct addr *to)
{
	size_t count = 0;

	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct addr a = {0};

		if (i->ifa_addr &&
			addr_read(
				i->ifa_addr, sizeof(struct sockaddr_in6), &a) &&
			net_counts(&a)) {
			a.port = 0;
			to[count++] = a;
		}
	}
	return count;
}

static bool are_same(const struct net *n, const struct addr *a, size_t count)
{
	if (n->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!addr_same(&n->address[i], &a[i]))
			return false;
	return true;
}

/* On failure nothing is known, rather than what was. */
static void take(struct net *n, const struct ifaddrs *all)
{
	struct addr *address;
	size_t room = 0, count;

	for (const struct ifaddrs *i = all; i; i = i->ifa_next)
		room++;
	address = calloc(room + 1, sizeof(*address));
	n->why = address ? NULL : strerror(ENOMEM);
	n->stale = !address;
	if (!address)
		return;
	count = pick_out(all, address);
	if (n->read && !are_same(n, address, count)) {
		ev_timer_set(&n->soon, pause_s, 0);
		ev_timer_start(n->loop, &n->soon);
	}
	free(n->address);
	n->address = address;
	n->count = count;
}

static void read_addresses(struct net *n)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all)) {
		n->why = strerror(errno);
		n->stale = true;
	} else {
		take(n, all);
		freeifaddrs(all);
	}
	n->read = ev_now(n->loop);
}

static void on_news(struct ev_loop *loop, ev_io *w, int revents)
{
	struct net *n = w->data;

	(void)loop;
	if (revents & EV_ERROR) { /* not watched: the next judgement asks */
		close(w->fd);
		return;
	}
	if (hear(n))
		read_addresses(n);
}

static void on_soon(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct net *n = w->data;

	(void)loop;
	(void)revents;
	n->changed(n->data);
}

static void subscribe(struct net *n)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		NETLINK_ROUTE);

	if (fd < 0)
		return;
	if (bind(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return;
	}
	ev_io_set(&n->news, fd, EV_READ);
	ev_io_start(n->loop, &n->news);
	n->stale = true; /* what was read before it began to tell */
}

void net_tell(struct net *net, struct identity *who)
{
	if (!ev_is_active(&net->news) && is_stale(net))
		subscribe(net);
	if (is_stale(net))
		read_addresses(net);
	who->addresses_known = !net->why;
	who->address = net->address;
	who->addresses = net->count;
	who->why[subject_index(SUBJECT_NET)] = net->why;
}

struct net *net_open(
	struct ev_loop *loop, void (*changed)(void *data), void *data)
{
	struct net *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->loop = loop;
	n->changed = changed;
	n->data = data;
	ev_init(&n->news, on_news);
	ev_init(&n->soon, on_soon);
	n->news.data = n->soon.data = n;
	return n;
}

void net_close(struct net *net)
{
	if (!net)
		return;
	if (ev_is_active(&net->news)) {
		ev_io_stop(net->loop, &net->news);
		close(net->news.fd);
	}
	ev_timer_stop(net->loop, &net->soon);
	free(net->address);
	free(net);
}

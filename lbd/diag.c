/*
 * Asking for sockets: one dump after the other, per protocol and, where they
 * must be told apart, per family: a dump walks the whole of the kernel's table,
 * however few sockets there are. Every
 * recv() has the kernel fill the next batch, so that a bounded number of them
 * per loop iteration bounds the kernel's work as well as ours.
 *
 * A dump is no snapshot: sockets come and go while it lasts.
 */
#include "diag.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 32768,	      /* bytes; the kernel makes no larger ones */
	BATCHES_AT_ONCE = 4,  /* about a thousand sockets */
	TIMER_RETRANSMIT = 1, /* idiag_timer of a socket with data unacked */
	TCP_APART = 1,	      /* the step to go on with if the first fails */
	TCP_STEPS = 3,
	STEPS = 5,
};

static const struct step {
	uint8_t family, protocol;
} steps[STEPS] = {
	{AF_UNSPEC, IPPROTO_TCP}, /* both families: the request of before 3.3 */
	{AF_INET, IPPROTO_TCP},
	{AF_INET6, IPPROTO_TCP},
	{AF_INET, IPPROTO_UDP},
	{AF_INET6, IPPROTO_UDP},
};

/* Answers go here before they are looked at; one loop, one thread. */
static union {
	struct nlmsghdr header;
	char byte[BATCH];
} batch;

double diag_processor_time(void)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int diag_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		NETLINK_SOCK_DIAG);
}

bool diag_read(const struct inet_diag_msg *m, size_t size, enum protocol p,
	struct diag_socket *to)
{
	const unsigned char *at = (const unsigned char *)m->id.idiag_dst;

	if (size < sizeof(*m))
		return false;
	*to = (struct diag_socket){
		.protocol = p,
		.cookie = (uint64_t)m->id.idiag_cookie[1] << 32 |
			m->id.idiag_cookie[0],
		.established = m->idiag_state == TCP_ESTABLISHED,
		.stuck = m->idiag_state == TCP_SYN_SENT &&
			m->idiag_timer == TIMER_RETRANSMIT &&
			m->idiag_retrans > 0,
		.user = m->idiag_uid,
		.message = m,
	};
	to->to.port = be16toh(m->id.idiag_dport);
	if (m->idiag_family == AF_INET6) {
		to->to.hi = addr_load64(at);
		to->to.lo = addr_load64(at + 8);
	} else {
		to->to.lo = ADDR_V4_PREFIX | addr_load32(at);
	}
	return true;
}

/* All families of TCP have a request of their own, with the same answers. */
static bool ask(struct diag *d)
{
	const struct step *step = &steps[d->step];
	const uint32_t states = 1 << TCP_ESTABLISHED | 1 << TCP_SYN_SENT;
	struct {
		struct nlmsghdr header;
		union {
			struct inet_diag_req both;
			struct inet_diag_req_v2 one;
		};
	} m = {
		.header = {.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = ++d->sequence},
	};

	if (step->family == AF_UNSPEC) {
		m.header.nlmsg_type = TCPDIAG_GETSOCK;
		m.header.nlmsg_len = NLMSG_LENGTH(sizeof(m.both));
		m.both.idiag_states = states;
	} else {
		m.header.nlmsg_len = NLMSG_LENGTH(sizeof(m.one));
		m.one.sdiag_family = step->family;
		m.one.sdiag_protocol = step->protocol;
		m.one.idiag_states = states;
	}
	return send(d->io.fd, &m, m.header.nlmsg_len, MSG_DONTWAIT) ==
		(ssize_t)m.header.nlmsg_len;
}

static void finish(struct diag *d, int error)
{
	d->cost += diag_processor_time() - d->began;
	ev_io_stop(d->loop, &d->io);
	d->walking = false;
	if (error) /* whatever else it was about to say is of no use */
		diag_stop(d);
	d->done(d, error);
}

/* The kernel may know of one protocol or family only; not of any is an error */
static void next_step(struct diag *d, int error)
{
	bool both = steps[d->step].family == AF_UNSPEC;

	if (both && error && error != ENOBUFS)
		d->apart = true;
	else if (error && (error != ENOENT || d->step <= TCP_APART)) {
		finish(d, error);
		return;
	}
	d->step = both && !d->apart ? TCP_STEPS : d->step + 1;
	if (d->step == d->steps)
		finish(d, 0);
	else if (!ask(d))
		finish(d, errno);
}

static int error_in(const struct nlmsghdr *h)
{
	int error = 0;

	if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, NLMSG_DATA(h), sizeof(error));
	return error < 0 ? -error : 0;
}

static void take_message(struct diag *d, const struct nlmsghdr *h)
{
	struct diag_socket s;
	enum protocol p = steps[d->step].protocol == IPPROTO_UDP ? PROTOCOL_UDP
								 : PROTOCOL_TCP;

	if (h->nlmsg_seq != d->sequence)
		return;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		d->torn = true;
	if (h->nlmsg_type == NLMSG_DONE)
		next_step(d, error_in(h));
	else if (h->nlmsg_type == NLMSG_ERROR)
		next_step(d, error_in(h) ? error_in(h) : EPROTO);
	else if ((h->nlmsg_type == SOCK_DIAG_BY_FAMILY ||
			 h->nlmsg_type == TCPDIAG_GETSOCK) &&
		diag_read(NLMSG_DATA(h), h->nlmsg_len - NLMSG_HDRLEN, p, &s))
		d->visit(d, &s);
}

/* Of whole messages: the kernel pads what it sends. */
static void take_messages(struct diag *d, unsigned left)
{
	struct nlmsghdr *h = &batch.header;

	while (d->walking && NLMSG_OK(h, left)) {
		unsigned size = NLMSG_ALIGN(h->nlmsg_len);

		take_message(d, h);
		if (size >= left)
			return;
		left -= size;
		h = (struct nlmsghdr *)((char *)h + size);
	}
}

/* False when there is no more for now. */
static bool take_batch(struct diag *d)
{
	struct sockaddr_nl from = {0};
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(d->io.fd, &batch, sizeof(batch), MSG_DONTWAIT,
		(struct sockaddr *)&from, &len);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			finish(d, errno);
		return false;
	}
	if (!from.nl_pid) /* the kernel's word, nobody else's */
		take_messages(d, (unsigned)n);
	return d->walking;
}

static void on_answer(struct ev_loop *loop, ev_io *w, int revents)
{
	struct diag *d = w->data;

	(void)loop;
	d->began = diag_processor_time();
	if (revents & EV_ERROR) { /* it cannot be waited for */
		finish(d, ENOMEM);
		return;
	}
	for (int i = 0; i < BATCHES_AT_ONCE && take_batch(d); i++)
		;
	if (d->walking)
		d->cost += diag_processor_time() - d->began;
}

void diag_init(struct diag *d, struct ev_loop *loop)
{
	d->loop = loop;
	ev_io_init(&d->io, on_answer, -1, EV_READ);
	ev_set_priority(&d->io, EV_MINPRI); /* probes and callers come first */
	d->io.data = d;
}

void diag_walk(struct diag *d, bool udp)
{
	d->began = diag_processor_time();
	d->cost = 0;
	d->step = d->apart ? TCP_APART : 0;
	d->steps = udp ? STEPS : TCP_STEPS;
	d->torn = false;
	if (d->io.fd < 0)
		ev_io_set(&d->io, diag_open(), EV_READ);
	d->walking = d->io.fd >= 0 && ask(d);
	if (!d->walking) {
		finish(d, errno);
		return;
	}
	ev_io_start(d->loop, &d->io);
	d->cost = diag_processor_time() - d->began;
}

void diag_stop(struct diag *d)
{
	ev_io_stop(d->loop, &d->io);
	if (d->io.fd >= 0)
		close(d->io.fd);
	ev_io_set(&d->io, -1, EV_READ);
	d->walking = false;
}

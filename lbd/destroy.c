/*
 * SOCK_DESTROY: the kernel resets a connection as if its program had done so,
 * and the program reads ECONNABORTED. Needs CAP_NET_ADMIN, and a kernel with
 * CONFIG_INET_DIAG_DESTROY.
 */
#include "destroy.h"
#include "capable.h"
#include "diag.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel has answered when send() returns. */
static int answer(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr body;
		char request[128]; /* comes back with it */
	} m;
	ssize_t n = recv(fd, &m, sizeof(m), MSG_DONTWAIT);

	if (n < 0)
		return errno;
	if ((size_t)n < NLMSG_LENGTH(sizeof(m.body.error)) ||
		m.header.nlmsg_type != NLMSG_ERROR)
		return EPROTO;
	return -m.body.error;
}

int destroy_socket(int fd, uint8_t family, uint8_t protocol,
	const struct inet_diag_sockid *id)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} m = {
		.header = {.nlmsg_len = sizeof(m),
			.nlmsg_type = SOCK_DESTROY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.request = {.sdiag_family = family,
			.sdiag_protocol = protocol,
			.idiag_states = UINT32_MAX,
			.id = *id},
	};

	if (send(fd, &m, sizeof(m), MSG_DONTWAIT) != sizeof(m))
		return errno;
	return answer(fd);
}

/* A kernel that can destroy sockets looks for this one, and finds none. */
static int kernel_can(void)
{
	const struct inet_diag_sockid nobody = {0};
	int fd = diag_open();
	int error = fd < 0 ? errno
			   : destroy_socket(fd, AF_INET, IPPROTO_TCP, &nobody);

	if (fd >= 0)
		close(fd);
	return error == ENOENT;
}

const char *destroy_obstacle(void)
{
	if (!is_capable(CAP_NET_ADMIN))
		return "needs CAP_NET_ADMIN, which this process does not have";
	if (!kernel_can())
		return "needs a kernel with CONFIG_INET_DIAG_DESTROY";
	return NULL;
}

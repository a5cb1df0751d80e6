/* A connect() that is under way, of which nobody has asked the kernel. */
#include "begun.h"
#include "beneath.h"

#include <check.h>
#include <sys/socket.h>

const struct addr begun_vip = {0, ADDR_V4_PREFIX | 0x7f600101, 80};
const struct addr begun_backend = {0, ADDR_V4_PREFIX | 0x0a000001, 8000};
const struct addr begun_another = {0, ADDR_V4_PREFIX | 0x0a000002, 8000};

struct route begun_route;
struct tried begun_tried;

void begun_set_up(void)
{
	beneath_set_ms(10000);
	pending_prepare();
	begun_route = (struct route){.vip = begun_vip, .to = begun_backend};
	begun_route.line = 77;
	begun_route.ordinal = 5;
	begun_route.retries = 3;
	begun_tried = (struct tried){.count = 0};
}

int begun_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	return fd;
}

int begun(void)
{
	int fd = begun_socket();

	pending_begin(fd, &begun_route, &begun_tried, false, 0);
	return fd;
}

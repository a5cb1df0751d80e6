/*
 * In a program that is permitted what its user's others are not: connects as it
 * ends, to PARASITE, port 80, and says who answers, or the errno.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

__attribute__((destructor)) static void ask(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char answer[16] = "";

	inet_pton(AF_INET, getenv("PARASITE"), &to.sin_addr);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		puts(strerrorname_np(errno));
	else if (write(fd, "x\n", 2) == 2 &&
		read(fd, answer, sizeof(answer) - 1) > 0)
		fputs(answer, stdout);
	fflush(stdout);
}

/*
 * echo PORT THREADS ADDRESS...: a server that sends back what it gets. Threads
 * that block, THREADS at each address, one connection each at a time.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_at(const char *ip, int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, ip, &in.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&in, sizeof(in)) || listen(fd, 1024)) {
		perror(ip);
		exit(1);
	}
	return fd;
}

static void *serve(void *arg)
{
	int listener = (int)(intptr_t)arg;
	char text[4096];

	for (;;) {
		int fd = accept(listener, NULL, NULL);
		ssize_t n;

		while ((n = recv(fd, text, sizeof(text), 0)) > 0)
			if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
				break;
		close(fd);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("usage: echo PORT THREADS ADDRESS...\n", stderr);
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		int fd = listen_at(argv[i], atoi(argv[1]));

		for (int n = atoi(argv[2]); n > 0; n--) {
			pthread_t thread;

			pthread_create(
				&thread, NULL, serve, (void *)(intptr_t)fd);
		}
	}
	pause();
	return 0;
}

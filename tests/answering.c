/*
 * One process, a poll() of all who have come: a probe may leave a connection
 * behind and open another. It dies with the test.
 */
#include "answering.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GUESTS = 32, HEARD = 4096 };

/* [0] is the door. */
static struct pollfd guest[GUESTS];
static struct {
	char text[HEARD];
	size_t size;
} heard[GUESTS];

static void say(int fd, const struct piece *what)
{
	if (what->size && send(fd, what->at, what->size, MSG_NOSIGNAL) < 0)
		shutdown(fd, SHUT_RDWR); /* read as its end */
}

static void let_in(const struct lines *lines)
{
	int fd = accept(guest[0].fd, NULL, NULL), i = 1;

	if (fd < 0)
		return;
	while (i < GUESTS && guest[i].fd >= 0)
		i++;
	if (i == GUESTS) {
		close(fd);
		return;
	}
	guest[i].fd = fd;
	heard[i].size = 0;
	say(fd, &lines->greeting);
}

/* From the first byte that was not answered on. */
static void hear(int i, const struct lines *lines)
{
	size_t room = HEARD - heard[i].size;
	ssize_t got = recv(guest[i].fd, heard[i].text + heard[i].size, room, 0);

	if (got <= 0) {
		close(guest[i].fd);
		guest[i].fd = -1;
		return;
	}
	heard[i].size += (size_t)got;
	if (!memmem(heard[i].text, heard[i].size, lines->await.at,
		    lines->await.size))
		return;
	heard[i].size = 0;
	say(guest[i].fd, &lines->answer);
}

static void answer_datagram(const struct lines *lines)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char text[HEARD];

	if (recvfrom(guest[0].fd, text, sizeof(text), 0, (void *)&from, &len) >=
		0)
		sendto(guest[0].fd, lines->answer.at, lines->answer.size, 0,
			(void *)&from, len);
}

static _Noreturn void serve(int door, int type, const struct lines *lines)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < GUESTS; i++)
		guest[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	guest[0].fd = door;
	while (poll(guest, GUESTS, -1) >= 0) {
		for (int i = 1; i < GUESTS; i++)
			if (guest[i].revents)
				hear(i, lines);
		if (guest[0].revents && type == SOCK_STREAM)
			let_in(lines);
		else if (guest[0].revents)
			answer_datagram(lines);
	}
	_exit(1);
}

static int open_door(int type, unsigned *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (void *)&at, len), 0);
	ck_assert_int_eq(getsockname(fd, (void *)&at, &len), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, GUESTS), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

void answering_begin(
	struct answering *server, int type, const struct lines *lines)
{
	int fd = open_door(type, &server->port);

	server->said = NULL;
	server->pid = fork();
	ck_assert_int_ge(server->pid, 0);
	if (!server->pid)
		serve(fd, type, lines);
	close(fd);
}

#define CERTIFICATE                                                            \
	"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "       \
	"-nodes -days 9 -subj /CN=a -keyout k.pem -out c.pem 2>/dev/null"

/* The program says which port it took. */
void answering_begin_tls(struct answering *server)
{
	char folder[] = "/tmp/answering.XXXXXX", command[512];
	int out[2];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(command, sizeof(command),
		"cd %s && " CERTIFICATE
		" && exec openssl s_server -accept 127.0.0.1:0 -www "
		"-key k.pem -cert c.pem 2>/dev/null </dev/null",
		folder);
	ck_assert_int_eq(pipe(out), 0);
	server->pid = fork();
	ck_assert_int_ge(server->pid, 0);
	if (!server->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(out[1]);
	server->said = fdopen(out[0], "r");
	server->port = 0;
	while (fgets(command, sizeof(command), server->said))
		if (sscanf(command, "ACCEPT 127.0.0.1:%u", &server->port) == 1)
			break;
	ck_assert_uint_ne(server->port, 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

void answering_end(struct answering *server)
{
	pid_t pid = server->pid;

	if (!pid)
		return;
	server->pid = 0;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (server->said)
		fclose(server->said);
	server->said = NULL;
}

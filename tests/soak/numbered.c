/*
 * numbered threads|processes|polling WORKERS RATE COUNT ADDRESS PORT: clients
 * that number their requests and want each number back. A request is connect,
 * 64 bytes, 64 bytes of answer, close. Threads and processes block, and a
 * process lives for one request; polling is one thread with so many sockets
 * that do not block. RATE requests a second in all, COUNT of them, or until
 * SIGTERM; then one line tells what became of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BYTES = 64, WORKERS = 64, PATIENCE_S = 20 };

enum outcome { ANSWERED, FAILED, BROKEN, LATE, WRONG, OUTCOMES };

static struct shared {
	atomic_long sent, outcome[OUTCOMES], errnos[256];
} * shared; /* among processes */

static struct sockaddr_in to = {.sin_family = AF_INET};
static long rate, count;
static double begun;
static volatile sig_atomic_t stopped;

static void on_term(int sig)
{
	(void)sig;
	stopped = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double due(long id)
{
	return begun + (double)id / (double)rate;
}

/* The next number, when its time has come; -1: no more. */
static long next_id(void)
{
	long id = atomic_fetch_add(&shared->sent, 1);

	while (!stopped && id < count && now() < due(id)) {
		struct timespec t = {0, 1000000};

		nanosleep(&t, NULL);
	}
	if (!stopped && id < count)
		return id;
	atomic_fetch_sub(&shared->sent, 1);
	return -1;
}

static void end_in(enum outcome outcome, int err)
{
	atomic_fetch_add(&shared->outcome[outcome], 1);
	if (err)
		atomic_fetch_add(&shared->errnos[err & 255], 1);
}

static void write_request(char *text, long id)
{
	int n = snprintf(text, BYTES, "%ld", id);

	memset(text + n, ' ', (size_t)(BYTES - n));
	text[BYTES - 1] = '\n';
}

static enum outcome judge(const char *text, ssize_t got, long id)
{
	if (got == BYTES)
		return atol(text) == id ? ANSWERED : WRONG;
	return got < 0 && errno == EAGAIN ? LATE : BROKEN;
}

static void ask(long id)
{
	struct timeval patience = {PATIENCE_S, 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[BYTES];

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	write_request(text, id);
	if (connect(fd, (void *)&to, sizeof(to)))
		end_in(FAILED, errno);
	else if (send(fd, text, BYTES, MSG_NOSIGNAL) != BYTES)
		end_in(BROKEN, 0);
	else
		end_in(judge(text, recv(fd, text, BYTES, MSG_WAITALL), id), 0);
	close(fd);
}

static void *ask_on(void *arg)
{
	long id;

	(void)arg;
	while ((id = next_id()) >= 0)
		ask(id);
	return NULL;
}

static void *ask_in_processes(void *arg)
{
	long id;
	pid_t pid;

	(void)arg;
	while ((id = next_id()) >= 0) {
		/* the table is attached to here, and every child has it */
		close(socket(AF_INET, SOCK_STREAM, 0));
		pid = fork();
		if (pid == 0) {
			ask(id);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

struct exchange {
	long id; /* -1: none */
	double since;
	bool connected;
	size_t got;
	char text[BYTES];
};

static struct exchange exchange[WORKERS];
static struct pollfd watched[WORKERS];

static void end_exchange(int i, enum outcome outcome, int err)
{
	end_in(outcome, err);
	close(watched[i].fd);
	watched[i].fd = -1;
	exchange[i].id = -1;
}

static void start_exchange(int i, long id)
{
	struct exchange *x = &exchange[i];

	*x = (struct exchange){.id = id, .since = now()};
	write_request(x->text, id);
	watched[i] = (struct pollfd){
		socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), POLLOUT, 0};
	if (connect(watched[i].fd, (void *)&to, sizeof(to)) &&
		errno != EINPROGRESS)
		end_exchange(i, FAILED, errno);
}

static void go_on_connected(int i)
{
	int err = 0;
	socklen_t len = sizeof(err);

	getsockopt(watched[i].fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err) {
		end_exchange(i, FAILED, err);
		return;
	}
	exchange[i].connected = true;
	watched[i].events = POLLIN;
	if (send(watched[i].fd, exchange[i].text, BYTES, MSG_NOSIGNAL) != BYTES)
		end_exchange(i, BROKEN, 0);
}

static void go_on_answered(int i)
{
	struct exchange *x = &exchange[i];
	ssize_t n = recv(watched[i].fd, x->text + x->got, BYTES - x->got, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	x->got += n > 0 ? (size_t)n : 0;
	if (n <= 0 || x->got == BYTES)
		end_exchange(i, judge(x->text, n <= 0 ? 0 : BYTES, x->id), 0);
}

static void go_on(int i)
{
	if (watched[i].fd >= 0 && watched[i].revents) {
		if (exchange[i].connected)
			go_on_answered(i);
		else
			go_on_connected(i);
	} else if (exchange[i].id >= 0 &&
		now() - exchange[i].since > PATIENCE_S) {
		end_exchange(i, LATE, 0);
	}
}

/* The first free socket takes the next request, if its time has come. */
static void start_what_is_due(int workers)
{
	for (int i = 0; i < workers && !stopped; i++) {
		long id = atomic_load(&shared->sent);

		if (exchange[i].id >= 0)
			continue;
		if (id >= count || now() < due(id))
			return;
		start_exchange(i, atomic_fetch_add(&shared->sent, 1));
	}
}

static bool some_are_open(int workers)
{
	for (int i = 0; i < workers; i++)
		if (exchange[i].id >= 0)
			return true;
	return false;
}

static void ask_by_polling(int workers)
{
	for (int i = 0; i < workers; i++) {
		exchange[i].id = -1;
		watched[i].fd = -1;
	}
	while ((!stopped && atomic_load(&shared->sent) < count) ||
		some_are_open(workers)) {
		start_what_is_due(workers);
		poll(watched, (nfds_t)workers, 2);
		for (int i = 0; i < workers; i++)
			go_on(i);
	}
}

static void print(void)
{
	static const char *const word[OUTCOMES] = {
		"answered", "failed", "broken", "late", "wrong"};

	printf("sent %ld", atomic_load(&shared->sent));
	for (int i = 0; i < OUTCOMES; i++)
		printf(" %s %ld", word[i], atomic_load(&shared->outcome[i]));
	for (int i = 0; i < 256; i++)
		if (atomic_load(&shared->errnos[i]))
			printf(" %s %ld", strerrorname_np(i),
				atomic_load(&shared->errnos[i]));
	printf("\n");
}

static void work_in_threads(int workers, void *(*work)(void *))
{
	pthread_t thread[WORKERS];

	for (int i = 0; i < workers; i++)
		pthread_create(&thread[i], NULL, work, NULL);
	for (int i = 0; i < workers; i++)
		pthread_join(thread[i], NULL);
}

int main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_term, .sa_flags = SA_RESTART};
	int workers = argc == 7 ? atoi(argv[2]) : 0;

	if (workers < 1 || workers > WORKERS || atol(argv[3]) < 1) {
		fputs("usage: numbered threads|processes|polling WORKERS RATE "
		      "COUNT ADDRESS PORT\n",
			stderr);
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	rate = atol(argv[3]);
	count = atol(argv[4]);
	inet_pton(AF_INET, argv[5], &to.sin_addr);
	to.sin_port = htons((uint16_t)atoi(argv[6]));
	sigaction(SIGTERM, &act, NULL);
	begun = now();
	if (!strcmp(argv[1], "polling"))
		ask_by_polling(workers);
	else
		work_in_threads(workers,
			strcmp(argv[1], "processes") ? ask_on
						     : ask_in_processes);
	print();
	return 0;
}

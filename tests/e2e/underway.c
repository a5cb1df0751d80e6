/*
 * underway hole HOW ADDRESS PORT HOLE HOLEPORT
 * underway refused HOW ADDRESS PORT
 * What a socket answers to every two questions in a row, a line a pair, while
 * its non-blocking connect() is under way to an address that never answers, or
 * after it was refused for good. Before, it was asked by HOW until that is so:
 * a library that sends it on to other backends has had its chance. It must
 * print what it prints without a library.
 */
#include "tests/e2e/questions.h"

#include <signal.h>

/* So many at a time that select() can be asked. */
enum { PAIRS = QUESTIONS * QUESTIONS, BATCH = PAIRS / 2, BACKENDS = 4 };

/*
 * An answer to the connection as it ended: each question may be what sends it
 * on to one more backend, where it is under way again.
 */
static int last_answer(const struct question *q, int fd)
{
	int answer = 0;

	for (int i = 0; i < BACKENDS; i++) {
		wait_for_end(fd);
		answer = q->ask(fd);
		if (answer != q->not_yet)
			break;
	}
	return answer;
}

static int answer_of(const struct question *q, int fd, bool last)
{
	return last ? last_answer(q, fd) : q->ask(fd);
}

/* Every pair, and then what is always asked. */
static void ask_all(const int fd[BATCH], int first, bool last)
{
	static const char *const tail[] = {"poll", "error", "state"};

	for (int i = 0; i < BATCH; i++) {
		const struct question *a = &questions[(first + i) / QUESTIONS],
				      *b = &questions[(first + i) % QUESTIONS];

		printf("%s %s:", a->name, b->name);
		print(a, answer_of(a, fd[i], last));
		print(b, answer_of(b, fd[i], last));
		for (size_t t = 0; t < sizeof(tail) / sizeof(tail[0]); t++) {
			const struct question *q = question_of(tail[t]);

			print(q, answer_of(q, fd[i], last));
		}
		printf("\n");
		close(fd[i]);
	}
}

static void begin(int fd[BATCH])
{
	for (int i = 0; i < BATCH; i++) {
		fd[i] = new_socket();
		if (fd[i] < 0 || !connect(fd[i], &to.sa, to.len) ||
			errno != EINPROGRESS) {
			perror("connect");
			exit(1);
		}
	}
}

/* Asks each until all are on their way to the hole. */
static void wait_until_moved(const int fd[BATCH], const struct question *how,
	const char *const *argv)
{
	struct address hole = address_of(argv[0], argv[1]);
	int going = 0;

	for (int n = 0; n < 400; n++) {
		for (int i = 0; i < BATCH; i++) {
			int answer = how->ask(fd[i]);

			if (answer == how->not_yet)
				continue;
			printf("told after %d:", n);
			print(how, answer);
			printf("\n");
			exit(0);
		}
		going = count_going_to(&hole);
		if (going == BATCH)
			return;
		pause_us(20000);
	}
	printf("%d of %d are on their way\n", going, BATCH);
	exit(0);
}

int main(int argc, char **argv)
{
	const struct question *how;
	static int fd[BATCH];
	bool refused = argc == 5 && !strcmp(argv[1], "refused");

	if (argc != 5 && argc != 7)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	how = question_of(argv[2]);
	to = address_of(argv[3], argv[4]);
	other = to.sa.sa_family == AF_INET ? address_of("127.0.0.1", "9")
					   : address_of("::1", "9");
	for (int first = 0; first < PAIRS; first += BATCH) {
		begin(fd);
		if (!refused)
			wait_until_moved(
				fd, how, (const char *const *)argv + 5);
		for (int i = 0; refused && i < BATCH; i++)
			last_answer(how, fd[i]);
		ask_all(fd, first, refused);
	}
	return 0;
}

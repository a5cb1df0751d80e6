/*
 * ask_redis IP PORT plain|timeout|async: prints what a Redis server has in the
 * key "who", asked by hiredis.
 */
#include <hiredis/adapters/libev.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int status = 1;

static void show(const redisReply *reply)
{
	if (!reply)
		return;
	puts(reply->str ? reply->str : "nothing");
	status = 0;
}

static void ask(redisContext *c)
{
	redisReply *reply;

	if (!c || c->err) {
		fprintf(stderr, "%d %s\n", c ? c->err : 0, c ? c->errstr : "");
		return;
	}
	reply = redisCommand(c, "GET who");
	show(reply);
	if (reply)
		freeReplyObject(reply);
}

static void on_connect(const redisAsyncContext *c, int outcome)
{
	if (outcome != REDIS_OK)
		fprintf(stderr, "%d %s\n", c->err, c->errstr);
}

static void on_reply(redisAsyncContext *c, void *reply, void *unused)
{
	(void)unused;
	show(reply);
	if (reply)
		redisAsyncDisconnect(c);
}

static void ask_async(const char *ip, int port)
{
	redisAsyncContext *c = redisAsyncConnect(ip, port);

	if (!c || c->err) {
		fprintf(stderr, "%d %s\n", c ? c->err : 0, c ? c->errstr : "");
		return;
	}
	redisLibevAttach(EV_DEFAULT, c);
	redisAsyncSetConnectCallback(c, on_connect);
	redisAsyncCommand(c, on_reply, NULL, "GET who");
	ev_run(EV_DEFAULT, 0);
}

int main(int argc, char **argv)
{
	redisContext *c;

	if (argc != 4)
		return 2;
	if (!strcmp(argv[3], "async")) {
		ask_async(argv[1], atoi(argv[2]));
		return status;
	}
	c = strcmp(argv[3], "timeout")
		? redisConnect(argv[1], atoi(argv[2]))
		: redisConnectWithTimeout(
			  argv[1], atoi(argv[2]), (struct timeval){10, 0});
	ask(c);
	redisFree(c);
	return status;
}

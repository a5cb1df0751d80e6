/*
 * A reload that was asked for: its answer comes when it has taken place, or
 * could not. The connection is held meanwhile, and others are served.
 */
#include "admin.h"
#include "admin_answer.h"
#include "admin_json.h"
#include "reload.h"

#include <stddef.h>
#include <stdlib.h>

struct pending {
	struct reload_request request;
	struct admin *admin;
	struct MHD_Connection *connection;
	struct answer answer;
	bool answered, held;
};

static void on_reloaded(struct reload_request *request, bool reloaded,
	const struct complaints *said)
{
	struct pending *p = (struct pending *)((char *)request -
		offsetof(struct pending, request));

	p->answer = answer_json(
		reloaded ? MHD_HTTP_OK : MHD_HTTP_UNPROCESSABLE_CONTENT,
		admin_json_reload(reloaded, said));
	p->answered = true;
	if (!p->held)
		return;
	MHD_resume_connection(p->connection);
	admin_stir(p->admin);
}

struct answer pending_take(struct pending *p)
{
	struct answer a = p->answer;

	p->answer = (struct answer){0};
	return a;
}

void pending_end(struct pending *p)
{
	if (p->answer.response)
		MHD_destroy_response(p->answer.response);
	free(p);
}

enum MHD_Result pending_hold(struct pending *p, void **seen)
{
	*seen = p;
	p->held = true;
	MHD_suspend_connection(p->connection);
	return MHD_YES;
}

struct answer admin_reload(const struct request *r)
{
	struct pending *p = calloc(1, sizeof(*p));
	struct answer a = {0};

	if (!p)
		return a;
	p->admin = r->lbd->admin;
	p->connection = r->connection;
	p->request.answer = on_reloaded;
	reload_ask(r->lbd, &p->request);
	if (!p->answered)
		return (struct answer){.pending = p};
	a = pending_take(p);
	pending_end(p);
	return a;
}

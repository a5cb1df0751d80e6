/*
 * What may be asked of the control API, and the answers:
 *
 *	request -> endpoint -> method -> JSON
 *
 * Whatever happened before a request was complete does not count: a reload
 * that was only half asked for does not take place.
 */
#include "admin_request.h"
#include "admin_answer.h"
#include "admin_json.h"
#include "callers.h"
#include "publish.h"
#include "visitors.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BLOCK_BYTES = 16 * 1024, /* of a list, at a time */
	STALL_MAX = 60, /* seconds a reader may pause in a long list: a pager */
};

struct answer answer_json(unsigned status, json_t *value)
{
	struct answer a = {.status = status};
	size_t size;
	char *text = admin_json_text(value, &size);

	if (!text)
		return a;
	a.response = MHD_create_response_from_buffer(
		size, text, MHD_RESPMEM_MUST_FREE);
	if (!a.response)
		free(text);
	return a;
}

struct endpoint {
	const char *path; /* as path_fits() takes it */
	const char *method, *allow;
	const char *const *parameters; /* as query_is_sound() takes them */
	struct answer (*give)(const struct request *r);
};

static ssize_t on_read(void *list, uint64_t at, char *to, size_t most)
{
	ssize_t n = admin_list_read(list, to, most);

	(void)at;
	if (n > 0)
		return n;
	return n ? MHD_CONTENT_READER_END_WITH_ERROR
		 : MHD_CONTENT_READER_END_OF_STREAM;
}

static struct answer give_services(const struct request *r)
{
	struct answer a = {.status = MHD_HTTP_OK};
	struct admin_list *list = admin_list_open(r->lbd);
	size_t size = list ? admin_list_size(list) : 0;

	if (!list)
		return a;
	a.response = MHD_create_response_from_callback(
		size ? size : MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, list,
		admin_list_close);
	a.is_long = !size;
	if (!a.response)
		admin_list_close(list);
	return a;
}

static struct answer give_service(const struct request *r)
{
	struct answer wrong;
	const struct service *s = admin_find_service(r, &wrong);

	if (!s)
		return wrong;
	return answer_json(MHD_HTTP_OK, admin_json_service(r->lbd, s));
}

#define SERVICE "/api/v1/services/SERVICE"
#define BACKEND SERVICE "/backends/BACKEND"

static const char *const none[] = {NULL};

static const struct endpoint endpoints[] = {
	{"/api/v1/services", "GET", "GET, HEAD", none, give_services},
	{SERVICE, "GET", "GET, HEAD", none, give_service},
	{BACKEND, "GET", "GET, HEAD", none, admin_give_backend},
	{BACKEND "/drain", "POST", "POST", none, admin_drain},
	{BACKEND "/ready", "POST", "POST", none, admin_ready},
	{BACKEND "/maint", "POST", "POST", none, admin_maint},
	{BACKEND "/weight/N", "POST", "POST", none, admin_weight},
	{"/api/v1/reload", "POST", "POST", none, admin_reload},
	{"/api/v1/explain/TARGET", "GET", "GET, HEAD", explain_parameters,
		admin_explain},
	{0},
};

/* NULL: there is none. What it names is in `names`. */
static const struct endpoint *find_endpoint(
	const char *url, struct path_names *names)
{
	for (const struct endpoint *e = endpoints; e->path; e++)
		if (path_fits(e->path, url, names))
			return e;
	return NULL;
}

/* The uid and pid of who sits at the other end of the socket. */
static struct asker find_asker(const struct lbd *lbd, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *at =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (!at ||
		getsockopt(at->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer,
			&length))
		return (struct asker){.known = false};
	return (struct asker){.known = true,
		.user_known = callers_know_user(lbd->callers, peer.uid),
		.uid = peer.uid,
		.pid = peer.pid};
}

static bool method_fits(const struct endpoint *e, const char *method)
{
	return !strcmp(method, e->method) ||
		(!strcmp(method, "HEAD") && !strcmp(e->method, "GET"));
}

/* No request has one: a body would be a wish that is ignored. */
static bool has_body(struct MHD_Connection *c)
{
	const char *length = MHD_lookup_connection_value(
		c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length && length[strspn(length, "0")]) ||
		MHD_lookup_connection_value(
			c, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

static struct answer refuse_method(const struct endpoint *e, const char *method)
{
	struct answer a = answer_json(MHD_HTTP_METHOD_NOT_ALLOWED,
		admin_json_error("%s takes %s, not %.*s", e->path, e->allow,
			NAME_SHOWN, method));

	if (a.response)
		MHD_add_response_header(
			a.response, MHD_HTTP_HEADER_ALLOW, e->allow);
	return a;
}

static struct answer respond(
	struct request *r, const char *method, const char *url)
{
	const struct endpoint *e = find_endpoint(url, &r->names);
	json_t *wrong;

	if (!e)
		return answer_json(MHD_HTTP_NOT_FOUND,
			admin_json_error("no \"%.*s\" here", NAME_SHOWN, url));
	if (!method_fits(e, method))
		return refuse_method(e, method);
	if (!query_is_sound(r, e->parameters, &wrong))
		return answer_json(MHD_HTTP_BAD_REQUEST, wrong);
	publish_turned(r->lbd); /* so that what is said is what callers see */
	return e->give(r);
}

/* As little as can be said: for that there may be memory. */
static struct answer no_memory(void)
{
	static char text[] = "{\"error\":\"lbd is out of memory\"}\n";

	return (struct answer){
		.status = MHD_HTTP_SERVICE_UNAVAILABLE,
		.response = MHD_create_response_from_buffer(
			sizeof(text) - 1, text, MHD_RESPMEM_PERSISTENT),
	};
}

static enum MHD_Result send_answer(struct MHD_Connection *c, struct answer a)
{
	enum MHD_Result sent;

	if (!a.response)
		a = no_memory();
	if (!a.response)
		return MHD_NO;
	MHD_add_response_header(
		a.response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	MHD_add_response_header(
		a.response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (a.is_long)
		MHD_set_connection_option(
			c, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)STALL_MAX);
	sent = MHD_queue_response(c, a.status, a.response);
	MHD_destroy_response(a.response);
	return sent;
}

enum MHD_Result admin_on_request(void *data, struct MHD_Connection *c,
	const char *url, const char *method, const char *version,
	const char *body, size_t *body_size, void **seen)
{
	struct request r = {.lbd = data, .connection = c};
	struct answer a;

	(void)version;
	(void)body;
	if (*body_size)
		return MHD_NO;
	if (*seen && *seen != data)
		return send_answer(c, pending_take(*seen));
	if (*seen) {
		r.from = find_asker(r.lbd, c);
		a = respond(&r, method, url);
		return a.pending ? pending_hold(a.pending, seen)
				 : send_answer(c, a);
	}
	*seen = data;
	visitor_has_asked(c);
	if (has_body(c))
		return send_answer(c,
			answer_json(MHD_HTTP_CONTENT_TOO_LARGE,
				admin_json_error("no request takes a body")));
	return MHD_YES;
}

void admin_on_end(void *data, struct MHD_Connection *c, void **seen,
	enum MHD_RequestTerminationCode how)
{
	(void)how;
	visitor_is_silent(c);
	if (*seen && *seen != data)
		pending_end(*seen);
	*seen = NULL;
}

/* What is said of health: each change once, where it happens. */
#include "health_parts.h"
#include "log.h"

static struct log_about about(const struct backend *b, const char *reason)
{
	return (struct log_about){
		.service = b->service->conf->name,
		.backend = b->conf->name,
		.reason = reason,
	};
}

void health_log_change(const struct backend *b, const char *reason)
{
	struct log_about a = about(b, reason);
	bool down = b->health.state == HEALTH_DOWN;

	log_event(down ? LEVEL_WARNING : LEVEL_INFO,
		down ? "backend-down" : "backend-up", &a,
		"backend %s of service %s is %s", a.backend, a.service,
		down ? "down" : "up");
}

void health_log_local(const struct backend *b, const char *why)
{
	struct log_about a = about(b, why);

	log_event(LEVEL_DEBUG, "probe-local", &a,
		"backend %s of service %s could not be probed from here",
		a.backend, a.service);
}

void health_log_ejected(const struct backend *b, const char *reason)
{
	struct log_about a = about(b, reason);

	log_event(LEVEL_WARNING, "backend-ejected", &a,
		"backend %s of service %s is ejected for %.1f s at most",
		a.backend, a.service, b->ejection.until - b->ejection.since);
}

void health_log_returned(const struct backend *b, const char *reason)
{
	struct log_about a = about(b, reason);

	log_event(LEVEL_INFO, "backend-returned", &a,
		"backend %s of service %s is ejected no more", a.backend,
		a.service);
}

void health_log_sight(const struct sight *sight)
{
	if (sight->lost)
		log_event(LEVEL_WARNING, "blind", NULL,
			"lbd cannot see: %zu of %zu backends did not answer; "
			"states are frozen",
			sight->blind, sight->counted);
	else
		log_event(LEVEL_INFO, "sighted", NULL,
			"lbd sees again: %zu of %zu backends answered",
			sight->counted - sight->blind, sight->counted);
}

void health_log_stall(double seconds)
{
	log_event(LEVEL_WARNING, "stalled", NULL,
		"lbd stood still for %.1f s; what it was waiting for meanwhile "
		"does not count",
		seconds);
}

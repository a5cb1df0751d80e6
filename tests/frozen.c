#include "frozen.h"
#include "shim/lookup.h"
#include "stepped.h"
#include "unchecked.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

char *frozen_route(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

void frozen_forget(char *route)
{
	munmap(route, 4096);
}

static enum found look_up(const struct frozen *r, const struct addr *asked,
	struct tried *tried, struct route *route)
{
	const struct attachment *a = r->f->view;
	enum found found;

	if (r->unchecked) {
		found = unchecked_service(a, asked, 0, route);
		return found == FOUND_SERVICE
			? unchecked_backend(a, r->draw, tried, route)
			: found;
	}
	if (!lookup_may_be_virtual(a, asked))
		return FOUND_NOTHING;
	found = lookup_service(a, asked, 0, route);
	return found == FOUND_SERVICE ? lookup_backend(a, r->draw, tried, route)
				      : found;
}

static void act_read(void *with)
{
	const struct frozen *r = with;
	struct addr asked = fixture_addr(r->vip);
	struct tried tried = {0};
	struct route route = {0};
	enum found found;

	raise(SIGSTOP); /* the steps that count begin here */
	found = look_up(r, &asked, &tried, &route);
	strcpy(r->route, found == FOUND_NOTHING ? "passed on" : "no backend");
	if (found == FOUND_BACKEND)
		addr_text(&route.to, true, r->route);
	raise(SIGSTOP); /* and end here */
}

pid_t frozen_start(struct frozen *r)
{
	pid_t pid = stepped_start(act_read, r);

	*r->route = '\0';
	stepped_continue(pid);
	return pid;
}

bool frozen_advance(pid_t pid, const struct frozen *r, long steps)
{
	while (steps--)
		if (!stepped_step(pid) || *r->route)
			return false;
	return true;
}

/*
 * What balances connections in the kernel, where a cluster's network does it
 * without a proxy: at connect() the address asked for is looked up, one of the
 * service's backends drawn, the socket noted, and the address rewritten. The
 * same tables and as many look-ups as those have: service, slot, backend, and a
 * reverse entry by socket cookie, for getpeername() and replies of UDP, which
 * nobody here asks for. What is not found goes where it was meant to.
 */
#include "tests/bench/ebpf/balance4.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

enum { PROCEED = 1, FLAG_DOWN = 1, REVERSE = 65536 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* the loader knows better */
	__type(key, struct service_key);
	__type(value, struct service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, REVERSE);
	__type(key, struct reverse_key);
	__type(value, struct reverse);
} reverses SEC(".maps");

static __always_inline const struct backend *draw(
	struct service_key *key, const struct service *service)
{
	const struct service *slot;

	key->slot = (__u16)(bpf_get_prandom_u32() % service->count + 1);
	slot = bpf_map_lookup_elem(&services, key);
	return slot ? bpf_map_lookup_elem(&backends, &slot->backend) : NULL;
}

/* Written only where it is not there as it should be. */
static __always_inline long note(struct bpf_sock_addr *ctx,
	const struct backend *backend, const struct service_key *asked,
	__u16 id)
{
	struct reverse_key key = {
		.cookie = bpf_get_socket_cookie(ctx),
		.address = backend->address,
		.port = backend->port,
	};
	struct reverse value = {
		.address = asked->address,
		.port = asked->port,
		.id = id,
	};
	const struct reverse *old = bpf_map_lookup_elem(&reverses, &key);

	if (old && old->address == value.address && old->port == value.port &&
		old->id == id)
		return 0;
	return bpf_map_update_elem(&reverses, &key, &value, BPF_ANY);
}

/* cppcheck-suppress unknownMacro */
SEC("cgroup/connect4")
int balance_connect4(struct bpf_sock_addr *ctx)
{
	struct service_key key = {
		.address = ctx->user_ip4,
		.port = (__be16)ctx->user_port,
		.protocol = (__u8)ctx->protocol,
	};
	const struct service *service = bpf_map_lookup_elem(&services, &key);
	const struct backend *backend;

	if (!service || !service->count)
		return PROCEED;
	backend = draw(&key, service);
	if (!backend || backend->flags & FLAG_DOWN ||
		note(ctx, backend, &key, service->id))
		return PROCEED;
	ctx->user_ip4 = backend->address;
	ctx->user_port = backend->port;
	return PROCEED;
}

char its_license[] SEC("license") = "Dual MIT/GPL";

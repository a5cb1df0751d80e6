#!/bin/bash
# beside.sh [PART]: what HAProxy does with the same servers, in turn with ours:
# the cost of probes, what becomes of requests where one server is slow or
# refuses, and how evenly maglev spreads its callers. Prints tables, also into
# $BUILD/beside.txt.
#
# Virtual addresses are in 127.96.0.0/16, everything else is loopback too.
set -uo pipefail

# In a network of its own, where it may have one: nobody else's connections are
# counted, and no port is taken.
for how in --net "--net --map-root-user"; do
	[ -z "${BESIDE:-}" ] || break
	# shellcheck disable=SC2086
	unshare $how ip link set lo up 2>/dev/null || continue
	# shellcheck disable=SC2086
	BESIDE=1 exec unshare $how sh -c 'ip link set lo up && exec "$0" "$@"' \
		"$0" "$@"
done

# shellcheck source=/dev/null
. "$(dirname "$0")/procs.sh"
part=${1:-}
vip=127.96.1.1 lan=127.95.$(($$ % 250 + 1)) front=127.94.$(($$ % 250 + 1)).1

# ours NAME: an lbd with the file on standard input, but for its sockets.
ours() {
	mkdir -p "$dir/$1"
	{
		printf '[lbd]\nsocket = %s/lbd.sock\nadmin = %s/admin.sock\n' \
			"$dir/$1" "$dir/$1"
		cat
	} >"$dir/$1/lbd.ini"
	spawn "$BUILD/lbd" -c "$dir/$1/lbd.ini" 2>"$dir/$1/log"
	export LBD_SOCKET=$dir/$1/lbd.sock LBD_ADMIN=$dir/$1/admin.sock
	eventually grep -q event=ready "$dir/$1/log"
}

# theirs: a HAProxy with one backend section on standard input.
theirs() {
	{
		printf 'global\n nbthread %s\n maxconn 8000\n' "$1"
		printf 'defaults\n mode tcp\n timeout connect 5s\n'
		printf ' timeout client 60s\n timeout server 60s\n'
		printf ' retries 2\n option redispatch 1\n'
		printf 'listen web\n bind %s:80\n' "$front"
		cat
	} >"$dir/haproxy.cfg"
	spawn haproxy -db -f "$dir/haproxy.cfg" >"$dir/haproxy.log" 2>&1
	eventually listens "$front" 80
}

# servers US...: of so many microseconds a request each, 8 at a time: s1, s2 ...
servers() {
	local us n=1
	served=()
	for us; do
		spawn "$BUILD/served" "$lan.$n" 8000 "s$n" "$us" 8 >/dev/null
		served+=("$pid")
		eventually listens "$lan.$n" 8000 || return 1
		n=$((n + 1))
	done
}

no_servers() {
	local pid
	for pid in "${served[@]}"; do stop "$pid"; done
}

# shellcheck source=/dev/null
. tests/bench/probes.sh
# shellcheck source=/dev/null
. tests/bench/uneven.sh
# shellcheck source=/dev/null
. tests/bench/spread.sh

missing=0
machine >"$BUILD/beside.txt"
for each in probes uneven spread; do
	case $each in *"$part"*) ;; *) continue ;; esac
	echo
	bench_$each || {
		echo "$each: not measured"
		tail -n 3 "$dir"/*/log "$dir/haproxy.log" >&2
		missing=1
	}
done > >(tee -a "$BUILD/beside.txt")
exit $missing

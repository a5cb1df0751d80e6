# beside.sh: an lbd, a HAProxy, and servers that take their time, for what both do
# with the same servers in turn. Sourced.

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
	eventually_by "$pid" grep -q event=ready "$dir/$1/log"
}

# theirs THREADS: a HAProxy with one backend section on standard input. If it
# can't be had, $haproxy_why says why.
haproxy_why=''
theirs() {
	if haproxy_why=$(absent haproxy); then
		return 1
	fi
	{
		printf 'global\n nbthread %s\n maxconn 8000\n' "$1"
		printf 'defaults\n mode tcp\n timeout connect 5s\n'
		printf ' timeout client 60s\n timeout server 60s\n'
		printf ' retries 2\n option redispatch 1\n'
		printf 'listen web\n bind %s:80\n' "$front.1"
		cat
	} >"$dir/haproxy.cfg"
	spawn haproxy -db -f "$dir/haproxy.cfg" >"$dir/haproxy.log" 2>&1
	eventually_by "$pid" listens "$front.1" 80 && return
	haproxy_why=$(last_line "$dir/haproxy.log")
	return 1
}

# without_theirs: below a table.
without_theirs() {
	[ -z "$haproxy_why" ] || echo "SKIP HAProxy: $haproxy_why"
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

# What tests of probes share; there is none in here. Servers write down what
# they are asked: $lan.NUMBER, the number of the connection, the request.

# serve SCRIPT NUMBER=MODE...: servers on $lan.NUMBER:8000, see the script.
serve() {
	local script=$1
	shift
	: >>"$dir/requests"
	spawn python3 "tests/e2e/$script" "$dir/requests" \
		"${@/#/$lan.}" >"$dir/served" 2>&1
	eventually grep -q "at work" "$dir/served" || cat "$dir/served"
}

# probe NUMBER PROBE...: a service sNUMBER with one backend and that probe.
probe() {
	local number=$1
	shift
	printf '[service s%s]\naddress = 127.96.2.%s:80\nprobe = %s\n' \
		"$number" "$number" "$*"
	printf "backend = $lan.%s:8000 name=b\n" "$number"
}

fast() { # [INTERVAL]: and timeout
	printf '[defaults]\ninterval = %s\ntimeout = %s\n' \
		"${1:-100ms}" "${1:-100ms}"
}

# Of the backends of service web:

is_now() { # NAME STATE
	eventually backend_is web "$1" "$2"
}

# The last reason, for under load there may have been others before.
reason_of() { # NAME
	"$BUILD/lbctl" status web --json |
		python3 -c 'import json,sys
s=json.load(sys.stdin)
print([b["reason"] for b in s["backends"] if b["name"]==sys.argv[1]][0])' "$1"
}

reason_is() { # NAME PATTERN
	[[ $(reason_of "$1") =~ ^$2 ]]
}

is_down() { # NAME REASON (a pattern)
	is_now "$1" down
	eventually reason_is "$1" "$2" || fail "$1: $(reason_of "$1")"
}

# Of services of one backend:

# seen SERVICE: the state of its backend, and the reason where it is not up.
seen() {
	"$BUILD/lbctl" status "$1" --json |
		python3 -c 'import json, sys
b = json.load(sys.stdin)["backends"][0]
print(b["state"], b.get("reason") or "")' | sed 's/^up .*/up/; s/ *$//'
}

sees() { # SERVICE STATE-AND-REASON
	[ "$(seen "$1")" = "$2" ]
}

# are NUMBER=STATE-AND-REASON...
are() {
	local one
	for one; do
		eventually sees "s${one%%=*}" "${one#*=}" ||
			fail "s${one%%=*} is $(seen "s${one%%=*}"), not ${one#*=}"
	done
}

requests_of() { # NUMBER
	sed -n "s/^$lan\\.$1 [0-9]* //p" "$dir/requests"
}

connections_of() { # NUMBER
	sed -n "s/^$lan\\.$1 \([0-9]*\) .*/\1/p" "$dir/requests" | sort -u | wc -l
}

was_asked() { # NUMBER TIMES
	[ "$(requests_of "$1" | wc -l)" -ge "$2" ]
}

memory() { # of lbd, in KiB
	awk '/VmRSS/ {print $2}' "/proc/$lbd/status"
}

has_not_grown() { # FROM
	local now
	now=$(memory)
	[ -n "$SAN" ] || # it keeps what was freed
		[ $((now - $1)) -lt 8192 ] || fail "$1 KiB, then $now"
}

descriptors() {
	find "/proc/$lbd/fd" -type l 2>/dev/null | wc -l
}

# certificate NAME...: $dir/key and $dir/cert for those, signed by $dir/ca.
certificate() {
	local names=("$@")
	{
		openssl req -x509 -newkey rsa:2048 -nodes -days 9 \
			-subj "/CN=test authority" -keyout "$dir/ca.key" \
			-out "$dir/ca"
		openssl req -newkey rsa:2048 -nodes -subj /CN=test \
			-keyout "$dir/key" -out "$dir/csr"
		printf 'subjectAltName=%s' "$(IFS=,; echo "${names[*]}")" \
			>"$dir/names"
		openssl x509 -req -in "$dir/csr" -CA "$dir/ca" -days 9 \
			-CAkey "$dir/ca.key" -CAcreateserial \
			-extfile "$dir/names" -out "$dir/cert"
	} 2>"$dir/openssl" || cat "$dir/openssl"
}

# Names of services, as programs look them up.

services() {
	conf <<-END
	[defaults]
	probe = none
	[service api]
	address = 127.96.1.1:80
	address = [fd96::1]:80
	name = api.internal
	name = api
	backend = $lan.1:8000
	backend = [fd12::1]:8000
	[service four]
	address = 127.96.1.4:80
	address = 127.96.1.5:80
	name = four.internal
	backend = $lan.1:8000
	END
	lbd_start
}

test_curl_finds_a_service_by_name() {
	backend b1
	services
	is "$(get four.internal)" b1
	is "$(get FOUR.Internal.)" b1
	is "$(get api)" b1
}

test_python_sees_ports_types_and_flags() {
	services
	shimmed python3 - <<-'END'
	import socket as s
	def look(*a, **k):
	    return [(f.name, t.name, x[0], x[1]) for f, t, p, c, x in s.getaddrinfo(*a, **k)]
	def gai(*a, **k):
	    try: return look(*a, **k)
	    except s.gaierror as e: return e.errno
	v4, v6 = "127.96.1.1", "fd96::1"
	assert ("AF_INET", "SOCK_STREAM", v4, 80) in look("api.internal", 80)
	assert gai("api.internal", "https", s.AF_INET, s.SOCK_STREAM) == \
	    [("AF_INET", "SOCK_STREAM", v4, 443)]
	assert gai("api.internal", 1, s.AF_INET6, s.SOCK_DGRAM) == \
	    [("AF_INET6", "SOCK_DGRAM", v6, 1)]
	assert gai("four.internal", 80, 0, s.SOCK_STREAM) == \
	    [("AF_INET", "SOCK_STREAM", "127.96.1.4", 80),
	     ("AF_INET", "SOCK_STREAM", "127.96.1.5", 80)]
	assert gai("four.internal", 80, s.AF_INET6, s.SOCK_STREAM) == s.EAI_NODATA
	assert gai("four.internal", 80, s.AF_INET6, s.SOCK_STREAM, 0, s.AI_V4MAPPED) == \
	    [("AF_INET6", "SOCK_STREAM", "::ffff:127.96.1.4", 80),
	     ("AF_INET6", "SOCK_STREAM", "::ffff:127.96.1.5", 80)]
	assert gai("api.internal", 80, 0, 0, 0, s.AI_NUMERICHOST) == s.EAI_NONAME
	assert gai("api.internal", "no-such-port") == s.EAI_SERVICE
	assert gai("other.internal.invalid", 80) in (s.EAI_NONAME, s.EAI_AGAIN)
	assert s.getaddrinfo("API.internal.", 80, 0, 0, 0, s.AI_CANONNAME)[0][3] == "api.internal"
	assert s.gethostbyname("API.internal.") == v4
	assert s.gethostbyname_ex("four.internal") == \
	    ("four.internal", [], ["127.96.1.4", "127.96.1.5"])
	assert look("localhost", 80)
	END
}

# forms LOOKUPS: every call, as a program of that libc makes it.
forms() {
	local look=$1
	for how in "gethostbyname Api.Internal." "gethostbyname2 api 4" \
		"gethostbyname_r api.internal" "gethostbyname2_r api.internal 4" \
		"getaddrinfo api.internal 80 4 stream" \
		"getaddrinfo API.INTERNAL. 80 stream canon" \
		"getaddrinfo four.internal 80 6 mapped stream" \
		"x1000 getaddrinfo four.internal 80"; do
		# shellcheck disable=SC2086
		LD_PRELOAD=$shim "$look" $how >"$dir/out"
		matches "$(cat "$dir/out")" "127\.96\.1\.[14]"
		fails grep -q errno "$dir/out"
	done
	matches "$(LD_PRELOAD=$shim "$look" gethostbyname2 api 6)" "fd96::1"
	matches "$(LD_PRELOAD=$shim "$look" getaddrinfo api 80 canon stream)" \
		"api"
	# a buffer that is too small is said to be, and overrun by nothing
	LD_PRELOAD=$shim "$look" gethostbyname_r api.internal 8 >"$dir/out" 2>&1 || true
	matches "$(cat "$dir/out")" "ERANGE|too small|range|34"
}

test_every_form_of_look_up() {
	[ "$SAN" = "" ] || skip "libc's own look-ups are not built for this"
	services
	forms "$BUILD/lookups"
}

test_musl_programs_look_up_and_connect() {
	[ "$SAN" = "" ] || skip "libc's own look-ups are not built for this"
	command -v musl-gcc >/dev/null || skip "no musl-gcc"
	musl-gcc -D_GNU_SOURCE -o "$dir/lookups" tests/e2e/lookups.c
	musl-gcc -D_GNU_SOURCE -o "$dir/load" tests/e2e/load.c
	backend b1
	services
	forms "$dir/lookups"
	is "$(LD_PRELOAD=$shim "$dir/load" count=5 127.96.1.1 80 | head -1)" "b1 5"
	is "$(LD_PRELOAD=$shim "$BUILD/load" count=5 127.96.1.1 80 | head -1)" "b1 5"
}

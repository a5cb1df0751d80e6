# lbctl explain: what a connect() would meet, and that it then meets just that.

explain() {
	"$BUILD/lbctl" explain "$@"
}

line_of() { # TEXT: its line in lbd.ini
	grep -nF -- "$1" "$dir/lbd.ini" | head -1 | cut -d: -f1
}

# Asks a question of the answer in JSON, as an expression of `a`, or of `f`,
# the first thing found.
json() { # EXPRESSION ARGS...
	explain "${@:2}" --json | python3 -c 'import json, sys
a = json.load(sys.stdin)
f = a["found"][0]
print(eval(sys.argv[1]))' "$1"
}

rules_file() {
	conf <<-END
	[defaults]
	probe = none
	permit = user 1234
	deny = any
	[service payroll]
	address = 127.96.1.1:80
	address = [fd96::1]:80
	name = payroll.internal
	deny = user 1235 exe /usr/bin/curl
	permit = user 1234
	permit = group 5000 exe /usr/bin/curl
	permit = user 0
	backend = $lan.1:8000 name=b1 weight=3
	backend = $lan.2:8000 name=b2
	backend = [fd00::9]:8000 name=six
	[service books]
	address = 127.96.1.2:80
	backend = $lan.1:8000
	[service open]
	address = 127.96.1.3:*
	backend = $lan.1:8000
	permit = any
	[service datagrams]
	address = 127.96.1.3:53
	protocol = udp
	deny = any
	backend = $lan.1:8000
	END
}

test_every_rule_says_what_it_made_of_the_caller() {
	rules_file
	lbd_start
	exits 0 explain 127.96.1.1:80 --as 1234
	said "^user 1234(, groups| \().*exe unknown\$"
	said "^payroll  127.96.1.1:80 tcp\$"
	said "^  line $(line_of 'user 1235 exe')  deny = user 1235 exe /usr/bin/curl  +no: user\$"
	said "^  line $(($(line_of 'group 5000') - 1))  permit = user 1234 +yes\$"
	said "^  line $(line_of 'group 5000')  .* not asked\$"
	said "^permitted by line $(($(line_of 'group 5000') - 1))\$"
	said "^connect\(\) goes to b1 or b2\$"
	# who is unknown loses by a deny rule
	exits 0 explain 127.96.1.1:80 --as 1235
	said "  deny = user 1235 exe /usr/bin/curl  +unknown: exe\$"
	said "^denied by line $(line_of 'user 1235 exe')\$"
	said "^connect\(\) fails with EACCES\$"
	fails grep -q "^backends" "$dir/said"
	exits 0 explain 127.96.1.1:80 --as 1235 --exe /usr/bin/wget
	said "  deny = user 1235 exe /usr/bin/curl  +no: exe\$"
	said "  permit = group 5000 exe /usr/bin/curl  +no: exe\$"
	said "^denied: no permit rule matched\$"
	# whoever runs lbctl
	is "$(json 'a["identity"]["uid"]' 127.96.1.1:80)" "$(id -u)"
	# rules of [defaults] are said to be such
	exits 0 explain 127.96.1.2:80 --as 1235
	said "^  line $(line_of 'deny = any') \[defaults\]  deny = any +yes\$"
	said "^denied by line $(line_of 'deny = any')\$"
}

test_what_it_says_is_what_connect_does() {
	root_only
	backend b1
	rules_file
	lbd_start
	for who in "1234 5" "1235 5000" "1236 5000" "0 0"; do
		read -r user group <<<"$who"
		for at in 1:80 2:80 3:80 3:81; do
			LD_PRELOAD=$preload spawn setpriv --reuid="$user" \
				--regid="$group" --clear-groups python3 -c '
import errno, socket, sys, time
e = socket.socket().connect_ex((sys.argv[1], int(sys.argv[2])))
print(errno.errorcode.get(e, e), flush=True)
time.sleep(60)' "127.96.1.${at%:*}" "${at#*:}" >"$dir/did"
			caller=$pid
			eventually grep -q . "$dir/did"
			expected=$(cat "$dir/did")
			is "$(json '[x["error"] or 0 for x in a["found"] if x["protocol"] == "tcp"][0]' \
				"127.96.1.$at" --pid "$caller")" "$expected"
			kill "$caller"
		done
	done
}

test_a_process_is_judged_as_if_it_attached_now() {
	root_only
	rules_file
	lbd_start
	spawn setpriv --ruid=1240 --euid=1236 --rgid=78 --egid=77 \
		--groups 5000,88 sleep 60
	caller=$pid
	eventually grep -q "Uid:.1240.1236" "/proc/$caller/status"
	is "$(json '[a["identity"][k] for k in ("uid", "groups", "exe", "pid")]' \
		127.96.1.1:80 --pid "$caller")" \
		"[1236, [77, 88, 5000], '$(readlink -f "$(command -v sleep)")', $caller]"
	exits 0 explain 127.96.1.1:80 --pid "$caller"
	said "^process $caller, user 1236, groups 77 "
	said "  permit = group 5000 exe /usr/bin/curl  +no: exe\$"
	# were it curl
	exits 0 explain 127.96.1.1:80 --pid "$caller" --exe /usr/bin/curl
	said "^permitted by line $(line_of 'group 5000')\$"
	stop "$caller"
	exits 1 explain 127.96.1.1:80 --pid "$caller"
	said "no process $caller where lbd runs"
}

test_names_and_services_lead_to_all_their_addresses() {
	rules_file
	lbd_start
	all='[x["address"] + " " + x["protocol"] for x in a["found"]]'
	is "$(json "$all" payroll)" "['127.96.1.1:80 tcp', '[fd96::1]:80 tcp']"
	is "$(json "$all" Payroll.Internal.:80)" \
		"['127.96.1.1:80 tcp', '[fd96::1]:80 tcp']"
	is "$(json "$all" fd96::1)" "['[fd96::1]:80 tcp']"
	is "$(json "$all" '[fd96::1]:80')" "['[fd96::1]:80 tcp']"
	is "$(json '[b["name"] for b in f["backends"]]' fd96::1)" "['six']"
	# both protocols where there are two; every port behind the star
	is "$(json "$all" 127.96.1.3:53)" \
		"['127.96.1.3:53 tcp', '127.96.1.3:53 udp']"
	is "$(json "$all" 127.96.1.3:54)" "['127.96.1.3:54 tcp']"
	is "$(json "$all" 127.96.1.3)" "['127.96.1.3:* tcp', '127.96.1.3:53 udp']"
	# a mapped address is the IPv4 one, as for connect()
	is "$(json "$all" '[::ffff:127.96.1.1]:80')" "['127.96.1.1:80 tcp']"
	is "$(json "$all" ::ffff:7f60:101)" "['127.96.1.1:80 tcp']"
}

test_an_exact_port_beats_the_star() {
	conf <<-END
	[defaults]
	probe = none
	[service star]
	address = 127.96.1.3:*
	backend = $lan.1:8000
	[service exact]
	address = 127.96.1.3:80
	backend = $lan.2:8000
	END
	lbd_start
	is "$(json '[x["service"] for x in a["found"]]' 127.96.1.3:80)" "['exact']"
	is "$(json '[x["service"] for x in a["found"]]' 127.96.1.3:81)" "['star']"
}

test_what_is_not_there_is_said_and_what_is_near() {
	rules_file
	lbd_start
	exits 1 explain 127.96.1.1:81
	said "127.96.1.1:81 is not virtual: connect\(\) goes there as without the library \(127.96.1.1:80 is service payroll\)"
	exits 1 explain 10.0.0.1:80
	said "10.0.0.1:80 is not virtual: .* library\$"
	exits 1 explain payrol.internal
	said "no service has the name or address \"payrol.internal\" \(payroll.internal\?\)"
	exits 1 explain payroll:99
	said "payroll has no port 99 \(127.96.1.1:80 is virtual\)"
	exits 1 explain 127.96.1.1:99999
	said "expected IP:PORT, IP, NAME:PORT, a name or a service, not \"127.96.1.1:99999\""
	exits 1 explain '[fd96::1'
	said "expected IP:PORT, IP, .*, not \"\[fd96::1\""
	exits 1 explain '[::ffff:127.96.1.1'
	said "expected IP:PORT, IP, .*, not \"\[::ffff:127.96.1.1\""
	exits 1 explain '[::ffff:127.96.1.1]:81'
	said "^lbctl: \[::ffff:127.96.1.1\]:81 is not virtual: .*127.96.1.1:80 is"
	exits 1 explain "$(head -c 300 /dev/zero | tr '\0' x)"
	said "no service has the name or address"
	exits 1 explain "$(head -c 40000 /dev/zero | tr '\0' x)"
	said "^lbctl: more groups, or a longer path or name, than one request can hold"
	exits 1 explain payroll --as no-such-user
	said 'unknown user "no-such-user"'
	exits 2 explain
	exits 2 explain payroll --pid x
	exits 2 explain payroll --pid 0
	exits 2 explain payroll --pid 1 --as 1234
	exits 2 "$BUILD/lbctl" status --as 1234
	exits 3 "$BUILD/lbctl" -s "$dir/nothing" explain payroll
}

test_a_program_is_meant_by_the_path_it_appears_by() {
	rules_file
	lbd_start
	ln -s "$BUILD/lbctl" "$dir/link"
	exits 0 explain payroll --exe "$dir/link"
	said "exe $(readlink -f "$BUILD/lbctl")\$"
	exits 0 explain payroll --exe /not/here
	said "exe /not/here\$"
	exits 2 explain payroll --exe bin/curl
	said '^lbctl: --exe must be an absolute path, not "bin/curl"'
	exits 2 explain payroll --exe ''
}

# The same, without lbctl in between: what it would never send.
test_no_question_is_too_strange() {
	rules_file
	lbd_start
	ask() {
		curl -s --path-as-is -o "$dir/said" -w '%{http_code}' \
			--unix-socket "$LBD_ADMIN" "http://lbd/api/v1/explain/$1"
	}
	is "$(ask 'payroll?uid=x')" 422
	said 'uid must be a number, not \\"x\\"'
	is "$(ask 'payroll?uid=1&groups=1,,2')" 422
	is "$(ask 'payroll?uid=1&groups=')" 422
	is "$(ask 'payroll?pid=-1')" 422
	is "$(ask 'payroll?uid=4294967295')" 422
	is "$(ask 'payroll?exe=%2fusr%2fbin%2fcurl&uid=1235')" 200
	said '"exe":"/usr/bin/curl"'
	is "$(ask 'payroll?exe=%ff%')" 200
	is "$(ask 'payroll')" 200
	said '"uid":null,"groups":null,"exe":null'
	said '"permitted":false'
	is "$(ask "payroll?uid=1&groups=$(seq -s, 3000)")" 200
	is "$(ask '')" 404
	is "$(ask '%2e%2e')" 404
	is "$(ask 'a/b')" 404
}

test_no_part_of_a_question_is_ignored() {
	rules_file
	lbd_start
	wrong() { # STATUS QUERY SENTENCE
		is "$(curl -s -o "$dir/said" -w '%{http_code}' --unix-socket \
			"$LBD_ADMIN" "http://lbd/api/v1/explain/payroll?$2")" "$1"
		is "$(cat "$dir/said")" "{\"error\":\"$3\"}"
	}
	wrong 400 'uid=1&user=alice' 'unknown parameter \"user\"'
	wrong 400 'uid=1&group=2' 'unknown parameter \"group\" (groups?)'
	wrong 400 'UID=1' 'unknown parameter \"UID\" (uid?)'
	wrong 400 'uid=1&uid=2' 'uid is given twice'
	wrong 400 'exe=/a&uid=1&exe=/a' 'exe is given twice'
	wrong 400 'uid' 'uid has no value'
	wrong 422 "pid=$$&uid=1" \
		'a process has its own user and groups: pid stands alone'
	wrong 422 "groups=1&pid=$$" \
		'a process has its own user and groups: pid stands alone'
}

# Every piece of memory that an answer takes is refused once.
test_an_answer_is_whole_or_memory_is_short() {
	[ "$SAN" = "" ] || skip "a sanitizer has memory of its own"
	"$CC" -D_GNU_SOURCE -shared -fPIC -O1 -o "$dir/scarce.so" \
		tests/e2e/preload/scarce.c
	head -c 24 /dev/zero >"$dir/orders"
	rules_file
	sed -i 's/ name=b2/& max-conns=9/' "$dir/lbd.ini"
	: >"$dir/lbd.log"
	LD_PRELOAD=$dir/scarce.so SCARCE=$dir/orders \
		spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	eventually is_ready
	python3 tests/e2e/answered.py "$LBD_ADMIN" "$dir/orders" \
		'explain/payroll?uid=1234&groups=1,2&exe=/usr/bin/curl' \
		"explain/127.96.1.1:80?pid=$$" explain/payrol \
		'explain/payroll?uid=x' 'explain/payroll?groups=x' \
		'explain/payroll?user=1' explain/127.96.1.1:81 \
		services services/payroll services/payroll/backends/b2
}

hands_file() { # KEYS...
	{
		printf '[service web]\naddress = 127.96.1.1:80\nprobe = tcp\n'
		echo "interval = 200ms"
		printf '%s\n' "$@"
		printf "backend = $lan.%d:8000 name=b%d\n" 1 1 2 2
		printf "backend = $lan.3:8000 name=b3 backup\n"
	} | conf
}

test_backends_say_what_keeps_callers_away() {
	backend b1
	hands_file
	lbd_start
	eventually backend_is web b2 down
	exits 0 explain 127.96.1.1:80
	said "^permitted: there are no rules\$"
	said "^backends by p2c\$"
	said "^  b1  .* up  .* 100 %\$"
	said "^  b2  .* DOWN  .* 0 %  Connection refused\$"
	said "^connect\(\) goes to b1\$"
	"$BUILD/lbctl" drain web/b1 >/dev/null
	exits 0 explain web
	# nothing else is usable: health is ignored, a drained one is not used
	said "^backends by p2c, PANIC: too few are usable, health is ignored\$"
	said "^  b1  .* drain  .* 0 %  drained by hand\$"
	said "^connect\(\) goes to b2 or b3\$"
	"$BUILD/lbctl" maint web/b2 >/dev/null
	"$BUILD/lbctl" maint web/b3 >/dev/null
	exits 0 explain web
	said "^backends by p2c, no backend takes connections\$"
	said "  in maintenance by hand\$"
	said "^connect\(\) fails with ECONNREFUSED\$"
	is "$(json 'f["tier"], f["error"]' web)" "('none', 'ECONNREFUSED')"
}

test_panic_off_and_backups_and_no_backend() {
	backend b3
	hands_file "panic = off" "no-backend = unreachable" "balance = first"
	lbd_start
	eventually backend_is web b1 down
	exits 0 explain web
	said "^backends by first, no other is usable: backups carry it\$"
	said "^connect\(\) goes to b3\$"
	is "$(get 127.96.1.1:80)" b3
	"$BUILD/lbctl" drain web/b3 >/dev/null
	exits 0 explain web
	said "^connect\(\) fails with EHOSTUNREACH\$"
	# the first of several
	hands_file "balance = first" "probe-when-busy = full"
	sed -i 's/^probe = .*/probe = none/' "$dir/lbd.ini"
	"$BUILD/lbctl" reload >/dev/null
	eventually backend_is web b1 unknown
	exits 0 explain web
	said "^  b1  .* not probed  .* 100 %\$"
	said "^  b2  .* 0 %  not the first\$"
	said "^connect\(\) goes to b1\$"
}

test_a_full_backend_is_passed_over() {
	backend b1
	backend b2
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	balance = first
	backend = $lan.1:8000 name=b1 max-conns=1
	backend = $lan.2:8000 name=b2
	END
	lbd_start
	LD_PRELOAD=$preload spawn python3 -c '
import socket, time
s = socket.create_connection(("127.96.1.1", 80)); time.sleep(60)'
	is_full() {
		[ "$(json 'f["backends"][0].get("not_chosen")' web)" = full ]
	}
	eventually is_full
	exits 0 explain web
	said "^  b1  .* not probed, full|^  b1  .*unknown, full"
	said "^connect\(\) goes to b2\$"
}

test_control_groups_and_networks_are_explained_too() {
	conf <<-END
	[defaults]
	probe = none
	[service grouped]
	address = 127.96.1.1:80
	deny = cgroup /nowhere/at/all
	permit = net 203.0.113.0/24
	backend = $lan.1:8000
	END
	lbd_start
	exits 0 explain grouped
	said "  deny = cgroup /nowhere/at/all  +unknown: cgroup\$"
	said "^denied by line [0-9]+\$"
	exits 0 explain grouped --pid $$
	said ", cgroup /"
	said "  deny = cgroup /nowhere/at/all  +no: cgroup\$"
	said "  permit = net 203.0.113.0/24  +no: net\$"
	said "^denied: no permit rule matched\$"
}

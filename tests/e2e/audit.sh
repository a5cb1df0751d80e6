# Denials in lbd's log: who, what, by which rule, and how often.

as() { # USER COMMAND...
	setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"
}

payroll() { # RULE: of its service
	conf <<-END
	[service payroll]
	address = 127.96.1.1:80
	$1
	probe = none
	backend = $lan.1:8000
	END
}

denials() { # WORD...: lines that have them all
	local word lines
	lines=$(grep event=denied "$dir/lbd.log" || true)
	for word in "$@"; do
		lines=$(grep -F -- "$word" <<<"$lines" || true)
	done
	[ -z "$lines" ] || echo "$lines"
}

has_denial() { # WORD...
	[ -n "$(denials "$@")" ]
}

# told [WORD...]: the sum of the counts in those lines.
told() {
	denials "$@" | sed -n 's/.* connects=\([0-9]*\)\( .*\|$\)/\1/p' |
		awk '{ sum += $1 } END { print sum + 0 }'
}

told_are() { # COUNT [WORD...]
	[ "$(told "${@:2}")" = "$1" ]
}

denied_of() { # SERVICE: what lbd took from all callers
	"$BUILD/lbctl" status "$1" --json |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["denied"])'
}

# Connects to 127.96.1.$1 so often, and ends.
knocks() { # N TIMES
	LD_PRELOAD=$preload python3 -c '
import errno, socket, sys
for i in range(int(sys.argv[2])):
    s = socket.socket()
    assert s.connect_ex(("127.96.1." + sys.argv[1], 80)) == errno.EACCES
    s.close()' "$1" "$2"
}

test_a_denial_says_who_what_which_rule_and_how_often() {
	root_only
	conf <<-END
	[defaults]
	probe = none
	deny = user 1235
	permit = user 4242
	[service payroll]
	address = 127.96.1.1:80
	deny = user 1234   ; whoever that is
	permit = user 0
	backend = $lan.1:8000
	[service books]
	address = 127.96.1.2:80
	backend = $lan.1:8000
	END
	lbd_start
	export -f knocks
	python=$(readlink -f "$(command -v python3)")
	export preload
	as 1234 bash -c "knocks 1 3"
	eventually told_are 3 service=payroll uid=1234
	line=$(denials service=payroll uid=1234)
	matches "$line" "^[0-9TZ:.-]+ user 1234 was denied service payroll: "
	matches "$line" ": 3 connects reported level=warning event=denied"
	matches "$line" " reason=\"deny = user 1234\" line=$(grep -n 'user 1234' "$dir/lbd.ini" | cut -d: -f1) "
	matches "$line" " pid=[0-9]+ exe=$python address=127.96.1.1:80 connects=3\$"
	fails grep -q "user=" <<<"$line" # it has no name
	# by no rule
	as 1235 bash -c "knocks 1 1"
	eventually told_are 1 service=payroll uid=1235
	line=$(denials service=payroll uid=1235)
	matches "$line" "user 1235 was denied service payroll: 1 connect reported"
	matches "$line" 'reason="no permit rule matched" uid=1235 '
	# by a rule of [defaults], which has a line there
	as 1235 bash -c "knocks 2 1"
	eventually told_are 1 service=books uid=1235
	matches "$(denials service=books)" \
		"reason=\"deny = user 1235\" line=$(grep -n 'user 1235' "$dir/lbd.ini" | cut -d: -f1) "
	is "$(told)" "$(($(denied_of payroll) + $(denied_of books)))"
}

test_a_user_of_this_host_has_a_name() {
	root_only
	payroll 'deny = any'
	lbd_start
	export -f knocks
	export preload
	as "$(id -u nobody)" bash -c "knocks 1 1"
	eventually has_denial user=nobody
	matches "$(denials)" "user $(id -u nobody) \(nobody\) was denied"
}

test_of_several_programs_all_are_named() {
	payroll 'deny = any'
	lbd_start
	one='import errno, socket, sys
for line in sys.stdin:
    assert socket.socket().connect_ex(("127.96.1.1", 80)) == errno.EACCES
    print("denied", flush=True)'
	cp "$(readlink -f "$(command -v python3)")" "$dir/snake"
	coproc first { LD_PRELOAD=$preload exec python3 -c "$one"; }
	started+=("$first_PID")
	exec 8>&"${first[1]}" 9<&"${first[0]}"
	echo >&8
	read -r -t 10 said <&9
	is "$said" denied
	eventually told_are 1
	matches "$(denials)" " pid=$first_PID exe=[^ ]*python[^ ]* address="
	LD_PRELOAD=$preload "$dir/snake" -c "$one" <<<go >/dev/null &
	snake=$!
	wait "$snake"
	eventually told_are 2
	matches "$(denials | tail -1)" \
		" pid=$snake exe=$dir/snake others=\"$first_PID [^ ]*python[^ ]*\" "
	# the second has ended: the first is alone again
	sleep 0.2
	echo >&8
	read -r -t 10 said <&9
	eventually told_are 3
	matches "$(denials | tail -1)" " pid=$first_PID exe=[^ ]*python[^ ]* address="
}

# A loop that is denied thousands of times makes a handful of lines, and not one
# connect is missing from their sum, those included that lbd's end cuts short.
test_lines_are_few_and_counts_are_whole() {
	payroll 'deny = any'
	lbd_start
	LD_PRELOAD=$preload timeout 20 python3 -c '
import errno, socket, sys, time
end, n = time.time() + 4, 0
while time.time() < end:
    s = socket.socket()
    assert s.connect_ex(("127.96.1.1", 80)) == errno.EACCES
    s.close()
    n += 1
    time.sleep(0.001)
print(n)' >"$dir/knocks"
	stop "$lbd"
	is "$(told)" "$(cat "$dir/knocks")"
	[ "$(denials | wc -l)" -le 5 ] || fail "$(denials | wc -l) lines"
	[ "$(denials | wc -l)" -ge 2 ] || fail "$(denials | wc -l) lines"
	matches "$(tail -1 "$dir/lbd.log")" event=ended
}

test_a_new_lbd_begins_anew_with_those_that_come_back() {
	payroll 'deny = any'
	lbd_start
	LD_PRELOAD=$preload spawn python3 -u -c '
import errno, socket, time
while True:
    s = socket.socket()
    assert s.connect_ex(("127.96.1.1", 80)) == errno.EACCES
    s.close(); time.sleep(0.05)'
	caller=$pid
	eventually has_denial "pid=$caller"
	stop "$lbd"
	lbd_start # with a log that is empty
	eventually has_denial "pid=$caller" "uid=$(id -u)"
}

test_whom_lbd_cannot_see_is_not_named() {
	root_only
	unshare --pid --fork true 2>/dev/null || skip "no pid namespace"
	payroll 'deny = any'
	spawn unshare --pid --fork "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/lbd.log"
	eventually is_ready
	started=("$(pgrep -P "$pid")" "${started[@]}") # lbd itself, and first
	knocks 1 2
	eventually told_are 2
	matches "$(denials)" " pid=unknown exe=unknown address="
	knocks 1 1
	knocks 1 1
	eventually told_are 4
	matches "$(denials)" " pid=unknown exe=unknown others=\"and [12] more\" "
}

# 256 users have counters of their own; all others share those.
test_where_users_share_a_count_it_says_so() {
	root_only
	payroll 'deny = any'
	lbd_start
	knock() { # USER
		LD_PRELOAD=$preload as "$1" bash -c ': 3<>/dev/tcp/127.96.1.1/80' \
			2>/dev/null || true
	}
	for user in $(seq 5001 5257); do
		knock "$user"
	done
	has_denial "user 5001 was denied"
	PATIENCE=600 eventually has_denial " or another was denied"
	stop "$lbd"
	is "$(told)" 257
	fails has_denial "user 5257 "
}

# An exe may have any name: it is no line of its own.
test_a_name_with_a_newline_in_it_forges_no_line() {
	payroll 'deny = any'
	lbd_start
	evil=$dir/$'\xc2\x9b\xff\na\nlevel=error event=ended'
	mkdir -p "$(dirname "$evil")"
	cp "$(readlink -f "$(command -v python3)")" "$evil"
	LD_PRELOAD=$preload "$evil" -c '
import socket
socket.socket().connect_ex(("127.96.1.1", 80))'
	eventually has_denial '/????a?level=error event=ended"'
	fails grep -q "^level=error" "$dir/lbd.log"
}

test_who_loses_a_service_while_it_runs_is_named() {
	backend b1
	payroll "permit = user $(id -u)"
	lbd_start
	LD_PRELOAD=$preload spawn python3 -u -c '
import socket, time
while True:
    s = socket.socket()
    s.connect_ex(("127.96.1.1", 80))
    s.close(); time.sleep(0.05)'
	eventually bash -c "$BUILD/lbctl status payroll | grep -qE ' [1-9][0-9]* attempts'"
	fails has_denial uid=
	payroll "deny = user $(id -u)"
	"$BUILD/lbctl" reload
	eventually has_denial "reason=\"deny = user $(id -u)\" line=6 " "pid=$pid"
}

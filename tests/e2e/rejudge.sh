# Rules change while programs run.

several_users() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be several users"
	setpriv --reuid=1234 true 2>/dev/null || skip "setpriv is not allowed here"
}

# rules LINE...: of the service web; its second backend is never chosen.
rules() {
	{
		printf '[service web]\naddress = 127.96.1.1:80\nname = web.internal\n'
		printf 'probe = none\nbalance = first\n'
		printf 'backend = %s:8000\n' "$lan.1"
		printf 'backend = 10.87.65.43:4321 name=the-secret-backend\n'
		[ $# = 0 ] || printf '%s\n' "$@"
	} | conf
}

reload() { # LINE...
	rules "$@"
	"$BUILD/lbctl" reload
}

# start_as USER[:GROUP] COMMAND...: spawns it; $pid is its own.
start_as() {
	local user=${1%%:*} group=${1#*:}
	shift
	spawn setpriv --reuid="$user" --regid="$user" --groups "$group" "$@"
}

# asker NAME USER[:GROUP]: what connect() is answered twenty times a second, in
# $dir/NAME; how often it attaches, in $dir/NAME.log.
asker() {
	LD_PRELOAD=$preload LBSHIM_LOG=debug start_as "$2" python3 -u -c '
import errno, socket, time
while True:
    s = socket.socket()
    print(errno.errorcode.get(s.connect_ex(("127.96.1.1", 80)), "served"))
    s.close(); time.sleep(0.05)' >"$dir/$1" 2>"$dir/$1.log"
	eventually test -s "$dir/$1"
}

answers() { # NAME: so far
	wc -l <"$dir/$1"
}

has_more() { # NAME COUNT
	[ "$(answers "$1")" -ge "$2" ]
}

# from_now_on NAME ANSWER: the next is asked for by now, maybe; not those after.
from_now_on() {
	local before
	before=$(answers "$1")
	eventually has_more "$1" $((before + 6))
	is "$(tail -n +$((before + 2)) "$dir/$1" | sort -u)" "$2"
}

attaches() { # NAME
	grep -c ']: attached ' "$dir/$1.log" || true
}

test_a_deny_holds_at_the_next_connect() {
	several_users
	backend b1
	rules "permit = user 1234" "permit = user 1235"
	lbd_start
	asker loser 1234
	asker other 1235
	from_now_on loser served
	reload "permit = user 1235"
	from_now_on loser EACCES
	from_now_on other served
	is "$(sort -u "$dir/other")" served
	is "$(attaches other)" 2
	reload "permit = user 1235" "permit = group 1234"
	from_now_on loser served
	reload "deny = group 1234"
	from_now_on loser EACCES
	is "$(sort -u "$dir/other")" served
}

test_a_permission_that_stays_costs_no_attach() {
	several_users
	backend b1
	rules "permit = user 1234" "permit = group 77"
	lbd_start
	asker user 1234
	asker group 1235:77
	for change in "permit = user 1236" "deny = user 1237" \
		"permit = group 1238"; do
		reload "$change" "permit = group 77" "permit = user 1234"
		from_now_on user served
		from_now_on group served
	done
	reload "permit = any"
	reload
	from_now_on user served
	from_now_on group served
	is "$(sort -u "$dir/user" "$dir/group")" served
	is "$(attaches user) $(attaches group)" "1 1"
}

# Not before its rules are new, and once for each time they are.
test_a_program_that_was_denied_learns_what_it_gains() {
	several_users
	backend b1
	rules "permit = user 1234"
	lbd_start
	asker holder 1234
	asker other 1235
	from_now_on other EACCES
	is "$(attaches other)" 1
	reload "permit = user 1234" "permit = user 1"
	from_now_on other EACCES
	is "$(attaches other)" 2
	reload "permit = user 1234" "permit = user 1235"
	from_now_on other served
	is "$(attaches other) $(attaches holder)" "3 1"
}

# A program with a system call filter cannot ask: it keeps what nobody loses,
# and is refused, like the loser, where somebody does. Any other system call
# than its own kills it.
locked_in() {
	[ "$SAN" = "" ] || skip "a sanitizer makes calls of its own"
	LD_PRELOAD=$shim spawn "$BUILD/locked" seccomp 20 127.96.1.1 80 \
		>"$dir/locked"
	eventually grep -q b1 "$dir/locked"
}

test_a_locked_program_keeps_what_nobody_loses() {
	backend b1
	me="permit = user $(id -u)"
	rules "$me"
	lbd_start
	locked_in
	reload "$me" "permit = user 1235"
	from_now_on locked b1
	reload "deny = user 1236" "permit = any"
	from_now_on locked b1
	reload
	from_now_on locked b1
}

test_a_locked_program_loses_at_the_next_connect() {
	backend b1
	rules "permit = user $(id -u)"
	lbd_start
	locked_in
	reload "deny = user $(id -u)"
	from_now_on locked denied
}

test_a_locked_program_is_refused_where_another_loses() {
	several_users
	backend b1
	rules "permit = user 0" "permit = user 1234"
	lbd_start
	asker loser 1234
	locked_in
	reload "permit = user 0"
	from_now_on locked denied
}

# Its keys are those of a region that was outgrown, and say what they said.
test_a_locked_program_with_old_keys_loses_too() {
	backend b1
	rules "permit = user $(id -u)"
	lbd_start
	locked_in
	many() {
		for i in $(seq 3000); do
			printf '[service s%d]\naddress = 127.97.%d.%d:80\nprobe = none\nbackend = %s:8000\n' \
				"$i" $((i / 250)) $((i % 250)) "$lan.1"
		done >>"$dir/lbd.ini"
		"$BUILD/lbctl" reload
	}
	rules "permit = user $(id -u)"
	many
	from_now_on locked b1
	rules "deny = user $(id -u)"
	many
	from_now_on locked denied
}

# Nor can it follow its table to a larger region.
test_a_locked_program_follows_a_table_that_grows() {
	backend b1
	backend b2
	table() { # BACKEND: that it is without
		printf '[service web]\naddress = 127.96.1.1:80\nprobe = none\n'
		printf "backend = $lan.%s:8000 name=b%s\n" 1 1 2 2 | grep -v "=$1"
		seq 3000 | awk -v lan="$lan" '{
			at = sprintf("%d.%d", $1 / 250, $1 % 250)
			print "[service s" $1 "]\naddress = 127.97." at ":80"
			print "probe = none\nbackend = " lan ".9:1"
			print "backend = " lan ".9:2"
		}'
	}
	rules
	lbd_start
	locked_in
	table none | conf
	"$BUILD/lbctl" reload
	eventually grep -q b2 "$dir/locked"
	"$BUILD/lbctl" drain web/b2
	sleep 1
	from_now_on locked b1
	"$BUILD/lbctl" ready web/b2
	eventually bash -c "tail -n 3 $dir/locked | grep -q b2"
	table b1 | conf
	"$BUILD/lbctl" reload
	from_now_on locked b2
}

test_what_is_closed_stays_closed_while_nobody_answers() {
	several_users
	backend b1
	rules "permit = user 1234" "permit = user 1235"
	lbd_start
	asker loser 1234
	asker other 1235
	kill -STOP "$pid"
	reload "permit = user 1235"
	stop "$lbd" KILL
	kill -CONT "$pid"
	from_now_on other EACCES
	lbd_start
	eventually bash -c "tail -n 1 $dir/other | grep -q served"
	from_now_on loser EACCES
}

# finds PID: is the second backend, or its name, anywhere in its memory?
finds() {
	python3 - "$1" <<-'END'
	import socket, sys
	net = socket.inet_aton("10.87.65.43")
	secrets = [net, net[::-1], b"the-secret-backend"]
	with open(f"/proc/{sys.argv[1]}/maps") as maps, \
	     open(f"/proc/{sys.argv[1]}/mem", "rb") as mem:
	    for line in maps:
	        a, b = (int(x, 16) for x in line.split()[0].split("-"))
	        if " r" in line and "[v" not in line:
	            mem.seek(a)
	            memory = mem.read(b - a)
	            if any(s in memory for s in secrets):
	                sys.exit(0)
	sys.exit(1)
	END
}

# Neither asks again in between: what they hold is taken from them.
test_a_loser_has_no_address_left_in_its_memory() {
	several_users
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	rules "permit = user 1234" "permit = user 1235"
	lbd_start
	asker loser 1234
	loser=$pid
	kill -STOP "$loser"
	finds "$loser"
	reload "permit = user 1235"
	fails finds "$loser"
	kill -CONT "$loser"
	from_now_on loser EACCES
	fails finds "$loser"
}

test_a_service_that_leaves_its_list_leaves_no_address_there() {
	several_users
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	backend b1
	stays() {
		printf '[service stays]\naddress = 127.96.1.2:80\nprobe = none\npermit = user 1234\nbackend = %s:8000\n' \
			"$lan.1" >>"$dir/lbd.ini"
	}
	rules "permit = user 1234"
	stays
	lbd_start
	asker loser 1234
	loser=$pid
	finds "$loser"
	rules "permit = user 1235"
	stays
	"$BUILD/lbctl" reload
	from_now_on loser EACCES
	fails finds "$loser"
}

# A name tells no more than the address that is asked for: whoever is denied
# that may still look it up.
test_the_denied_still_look_names_up() {
	several_users
	rules "permit = user 1"
	lbd_start
	look() { # by a program that has just been denied it
		LD_PRELOAD=$preload setpriv --reuid=1234 python3 -c '
import socket
assert socket.socket().connect_ex(("127.96.1.1", 80)) == 13
print(socket.gethostbyname("web.internal"))'
	}
	is "$(look)" 127.96.1.1
	reload "deny = any"
	is "$(look)" 127.96.1.1
}

rss() { # PID
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# load_as NAME USER
load_as() {
	LD_PRELOAD=$preload LBSHIM_LOG=error start_as "$2" "$BUILD/load" \
		rate=200 127.96.1.1 80 >"$dir/$1" 2>"$dir/$1.err"
}

number() { # NAME WORDS: what load printed after them
	sed -n "s/^$2 //p" "$dir/$1"
}

counts_are() { # ATTEMPTS DENIED, in one word
	"$BUILD/lbctl" status web --json | python3 -c '
import json, sys
s = json.load(sys.stdin)
sys.exit(sys.argv[1] != "%d %d" % (s["attempts"], s["denied"]))' "$1"
}

# What both files permit is served all the time, what both deny never, and
# every connect is in lbd's counts.
test_a_thousand_rule_changes_under_load() {
	several_users
	backend b1
	always="permit = user 1234"
	rules "$always" "permit = user 1235"
	lbd_start
	load_as always 1234
	pids=("$pid")
	load_as sometimes 1235
	pids+=("$pid")
	load_as never 1236
	pids+=("$pid")
	for i in $(seq 500); do
		reload "$always"
		reload "permit = user 1235" "$always"
		if [ "$i" = 50 ]; then
			lbd_before=$(rss "$lbd") before=$(rss "${pids[0]}")
		fi
	done
	echo "lbd $lbd_before $(rss "$lbd"), caller $before $(rss "${pids[0]}")"
	if [ "$SAN" = "" ]; then # which does not give memory back at once
		[ "$(rss "$lbd")" -lt $((lbd_before + 1024)) ]
		[ "$(rss "${pids[0]}")" -lt $((before + 4096)) ]
	fi
	for pid in "${pids[@]}"; do stop "$pid"; done
	head -20 "$dir/always" "$dir/sometimes" "$dir/never"
	# Whom lbd does not answer in 200 ms is refused for a second: a busy
	# machine, and not what this is about.
	late=$(grep -c "did not answer in time" "$dir/always.err" || true)
	[ "$(number always 'failed connects')" -le $((late * 300)) ]
	is "$(number never b1)" ""
	is "$(number never 'connect: Permission denied')" \
		"$(number never requests)"
	[ "$(number sometimes b1)" -gt 0 ]
	is "$(number sometimes 'failed connects')" \
		"$(number sometimes 'connect: Permission denied')"
	all=$(($(number always requests) + $(number sometimes requests) +
		$(number never requests)))
	denied=$(($(number sometimes 'failed connects') +
		$(number never requests)))
	eventually counts_are "$all $denied"
}

# lbd.ini is read again: all of it, or nothing.

service() { # BACKENDS...
	{
		printf '[service web]\naddress = 127.96.1.1:80\ninterval = 200ms\n'
		printf 'balance = round-robin\n'
		printf "backend = $lan.%s:8000\n" "$@"
	} | conf
}

shares() {
	shimmed "$BUILD/load" count=30 127.96.1.1 80 | grep '^b' | tr '\n' ' '
}

reloads() {
	grep -c event=reloaded "$dir/lbd.log" || true
}

test_a_hangup_brings_the_new_file() {
	backend b1
	backend b2
	service 1
	lbd_start
	is "$(shares)" "b1 30 "
	service 1 2
	kill -HUP "$lbd"
	eventually grep -q event=reloaded "$dir/lbd.log"
	is "$(shares)" "b1 15 b2 15 "
}

test_lbctl_reload_waits_and_says() {
	backend b1
	service 1
	lbd_start
	echo "wieght = 3" >>"$dir/lbd.ini"
	status=0
	"$BUILD/lbctl" reload >"$dir/said" 2>&1 || status=$?
	is "$status" 1
	matches "$(cat "$dir/said")" "lbd.ini:9: \[service web\] wieght: unknown key"
	is "$(shares)" "b1 30 "
	service 1
	"$BUILD/lbctl" reload
	is "$(reloads)" 1
}

test_a_broken_file_changes_nothing() {
	backend b1
	service 1
	lbd_start
	for broken in "nonsense" "[service web]" "backend = x" "retries = 99"; do
		service 1
		echo "$broken" >>"$dir/lbd.ini"
		fails "$BUILD/lbctl" reload >/dev/null 2>&1
		is "$(shares)" "b1 30 "
	done
	rm "$dir/lbd.ini"
	fails "$BUILD/lbctl" reload >/dev/null 2>&1
	is "$(shares)" "b1 30 "
	is "$(reloads)" 0
}

test_what_needs_a_restart_is_refused() {
	backend b1
	service 1
	lbd_start
	sed -i "s|^socket = .*|socket = $dir/other.sock|" "$dir/lbd.ini"
	fails "$BUILD/lbctl" reload >"$dir/said" 2>&1
	matches "$(cat "$dir/said")" "lbd.ini:2: \[lbd\] socket: needs a restart"
	is "$(shares)" "b1 30 "
}

test_health_and_counters_survive() {
	backend b1
	service 1 2
	lbd_start
	eventually backend_is web "$lan.2:8000" down
	is "$(shares)" "b1 30 "
	sleep 0.3
	service 3 2 1
	"$BUILD/lbctl" reload
	is "$(state_of web "$lan.2:8000")" down
	is "$("$BUILD/lbctl" status web --json | python3 -c '
import json, sys
s = json.load(sys.stdin)
print(s["attempts"], [b["picks"] for b in s["backends"]])')" "30 [0, 0, 30]"
}

test_a_thousand_hangups_are_few_reloads() {
	backend b1
	service 1
	lbd_start
	for _ in $(seq 1000); do kill -HUP "$lbd"; done
	eventually grep -q event=reloaded "$dir/lbd.log"
	sleep 0.3
	[ "$(reloads)" -lt 40 ]
	is "$(shares)" "b1 30 "
}

test_reloads_under_load_fail_no_connect() {
	backend b1
	backend b2
	service 1 2
	lbd_start
	LD_PRELOAD=$preload spawn "$BUILD/load" rate=2000 seconds=60 \
		127.96.1.1 80 >"$dir/load"
	load=$pid
	for i in $(seq 100); do
		service $((i % 2 + 1)) $((2 - i % 2))
		if [ $((i % 10)) = 0 ]; then # other rules, another list
			sed -i '/^address/a permit = any' "$dir/lbd.ini"
		fi
		"$BUILD/lbctl" reload
	done
	stop "$load"
	cat "$dir/load"
	matches "$(cat "$dir/load")" '^failed connects 0$'
}

test_a_service_that_goes_is_no_longer_virtual() {
	backend b1
	service 1
	lbd_start
	is "$(shares)" "b1 30 "
	conf </dev/null
	"$BUILD/lbctl" reload
	matches "$(shimmed "$BUILD/load" count=1 127.96.1.1 80)" \
		"connect: Connection refused 1"
}

# Prints, twenty times a second, what connect() at ADDRESS:80 says.
asker() {
	LD_PRELOAD=$preload LBSHIM_LOG=debug spawn python3 -u -c '
import socket, sys, time
while True:
    s = socket.socket(); e = s.connect_ex((sys.argv[1], 80))
    if e: print("failed", e)
    else: s.sendall(b"x\n"); print(s.recv(9).decode().strip())
    s.close(); time.sleep(0.05)' "$1" >"$dir/asked" 2>"$dir/asked.log"
}

attached_again() {
	[ "$(grep -c ': attached ' "$dir/asked.log")" = 2 ]
}

# WORD within a second of asking: not when the old heartbeat is found still.
says_soon() {
	local before first
	before=$(wc -l <"$dir/asked")
	eventually grep -q "^$1" "$dir/asked"
	first=$(grep -n "^$1" "$dir/asked" | head -1)
	[ "${first%%:*}" -lt $((before + 20)) ]
}

test_keys_that_outgrow_their_region_are_followed() {
	backend b1
	service 1
	lbd_start
	asker 127.96.99.1
	eventually grep -q failed "$dir/asked"
	for i in $(seq 4000); do
		printf '[service s%d]\naddress = 127.97.%d.%d:80\nprobe = none\nbackend = %s:8000\n' \
			"$i" $((i / 250)) $((i % 250)) "$lan.1"
	done >>"$dir/lbd.ini"
	printf '[service new]\naddress = 127.96.99.1:80\nprobe = none\nbackend = %s:8000\n' \
		"$lan.1" >>"$dir/lbd.ini"
	"$BUILD/lbctl" reload
	says_soon b1
}

test_a_list_that_outgrows_its_region_is_followed() {
	backend b1
	backend b2
	service 1
	lbd_start
	asker 127.96.1.1
	eventually grep -q b1 "$dir/asked"
	service 2
	echo '[service many]' >>"$dir/lbd.ini"
	echo 'address = 127.96.1.2:80' >>"$dir/lbd.ini"
	echo 'probe = none' >>"$dir/lbd.ini"
	for i in $(seq 5000); do
		echo "backend = 10.0.$((i / 250)).$((i % 250)):80"
	done >>"$dir/lbd.ini"
	"$BUILD/lbctl" reload
	says_soon b2
	is "$(sort -u "$dir/asked" | tr '\n' ' ')" "b1 b2 "
	eventually attached_again
}

# A file that takes a while: BACKENDS of 1,000 services, none of them probed.
long_file() {
	{
		echo "log-level = debug"
		python3 tests/scale/generate.py 1000 "$1" 20 | sed 's/^probe = tcp$/probe = none/'
	} | conf
}

# What is asked while a file is read is answered before that is done.
test_others_have_their_turn_during_a_reload() {
	local answered=0
	long_file 300
	lbd_start
	"$BUILD/lbctl" reload >"$dir/said" &
	reload=$!
	while kill -0 "$reload" 2>/dev/null; do
		"$BUILD/lbctl" status s7 >/dev/null && answered=$((answered + 1))
	done
	wait "$reload"
	is "$(cat "$dir/said")" reloaded
	[ $answered -ge 3 ]
	eventually grep -q event=published "$dir/lbd.log"
}

test_lbd_ends_in_the_middle_of_a_reload() {
	local pause status
	long_file 100
	for pause in 0 0.02 0.05 0.1 0.15; do
		lbd_start
		kill -HUP "$lbd"
		sleep 0.1
		sleep $pause
		status=0
		kill "$lbd"
		wait "$lbd" || status=$?
		is $status 0
		grep -q event=ended "$dir/lbd.log"
	done
}

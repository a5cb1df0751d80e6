#!/bin/bash
# lib.sh FILE TEST: runs one end-to-end test in a folder and on addresses of
# its own, and ends whatever it started. A test fails where a command does.
#
# Virtual addresses are in 127.96.0.0/16, where nothing listens: without the
# shim they are refused, and no packet can leave the machine. Backends listen
# on addresses of the loopback network that belong to this test alone.
set -eEuo pipefail
file=$1 test=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/lbd-e2e.XXXXXX")
chmod 755 "$dir"
started=()
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin # Debian's programs
export LBD_SOCKET=$dir/lbd.sock LBD_ADMIN=$dir/admin.sock
shim=$BUILD/liblbshim.so
preload=$shim
curl_preload=$shim
if [ "$SAN" = address,undefined ]; then
	# Some programs hang under the sanitizer's own library, without ours.
	curl_preload=$BUILD/unsanitized/liblbshim.so
	preload="$(${CC:-cc} -print-file-name=libasan.so) $shim"
	export ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0
fi

# Two bytes nobody else has: 127.A.B.0/24 is this test's network.
lan=127.$((1 + $$ % 90)).$(($$ / 90 % 250 + 1))

cleanup() {
	local status=$? pid
	trap - ERR EXIT
	for pid in "${started[@]}"; do
		kill -CONT "$pid" 2>/dev/null || true
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${started[@]}"; do
		for _ in $(seq 50); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.05
		done
		kill -9 "$pid" 2>/dev/null || true
	done
	if pid=$(pgrep -f -- "$dir/"); then
		echo "still there: $(xargs ps -o pid,args -p <<<"$pid")"
		xargs kill -9 <<<"$pid"
		status=1
	fi
	if [ $status != 0 ] && [ $status != 77 ]; then
		tail -n 30 "$dir/hello.err" "$dir/lbd.log" 2>/dev/null
	fi
	rm -rf "$dir"
	exit $status
}
trap cleanup EXIT
trap 'echo "failed: line $LINENO of ${BASH_SOURCE[0]}: $BASH_COMMAND" >&2' ERR

skip() {
	echo "SKIP $*"
	exit 77
}

fail() {
	echo "$*"
	return 1
}

# For tests that are several users.
root_only() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be several users"
	setpriv --reuid=1234 true 2>/dev/null || skip "setpriv is not allowed here"
}

# fails COMMAND...: "! command" alone would not end a test.
fails() {
	if "$@"; then fail "this should have failed: $*"; fi
}

# spawn COMMAND...: in the background; its pid is in $pid.
spawn() {
	"$@" &
	pid=$!
	started+=("$pid")
}

# eventually COMMAND...: true within 10 s; PATIENCE counts twentieths of one.
eventually() {
	local i
	for i in $(seq "${PATIENCE:-200}"); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	echo "never came true: $*"
	return 1
}

listens() { # ADDRESS PORT
	(exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

# backend NAME [PORT]: a server at $lan.NAME-number:8000 that answers NAME.
backend() {
	local at=$lan.${1//[^0-9]/}
	spawn "$BUILD/hello" "$at" "${2:-8000}" "$1" 2>>"$dir/hello.err"
	eventually listens "$at" "${2:-8000}"
}

# At $lan.8:8000: a backlog that is full drops whatever else comes.
silent_backend() {
	spawn python3 -u -c '
import socket, sys, time
s = socket.socket()
s.bind((sys.argv[1], 8000))
s.listen(0)
held = [socket.socket() for i in range(4)]
for c in held:
    c.setblocking(False)
    c.connect_ex((sys.argv[1], 8000))
print("full")
time.sleep(1000)' "$lan.8" >"$dir/silent"
	eventually grep -q full "$dir/silent"
}

# conf: standard input becomes lbd.ini, with the sockets of this test.
conf() {
	{
		printf '[lbd]\nsocket = %s\nadmin = %s\n' \
			"$LBD_SOCKET" "$LBD_ADMIN"
		cat
	} >"$dir/lbd.ini"
}

is_ready() {
	grep -q event=ready "$dir/lbd.log"
}

# lbd_start: with $dir/lbd.ini, until the first round of probes is over.
lbd_start() {
	[ -e "$dir/lbd.ini" ] || conf
	: >"$dir/lbd.log"
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
}

# b1_alone [LINE...]: lbd runs, with service web at 127.96.1.1:80, which has these
# lines and one backend, b1.
b1_alone() {
	backend b1
	{
		printf '[service web]\naddress = 127.96.1.1:80\n'
		printf '%s\n' "$@" "backend = $lan.1:8000"
	} | conf
	lbd_start
}

# stop PID [SIGNAL]: and wait until it is gone.
stop() {
	kill -"${2:-TERM}" "$1"
	wait "$1" 2>/dev/null || true
}

shimmed() {
	if [ "$1" = curl ]; then
		LD_PRELOAD=$curl_preload "$@"
	else
		LD_PRELOAD=$preload "$@"
	fi
}

# get ADDRESS:PORT: what a curl with the shim is answered.
get() {
	shimmed curl -sS --max-time 10 "http://$1/"
}

# is ACTUAL EXPECTED
is() {
	[ "$1" = "$2" ] || fail "got \"$1\", not \"$2\""
}

# matches TEXT PATTERN (extended)
matches() {
	grep -qE -- "$2" <<<"$1" || fail "\"$1\" does not match \"$2\""
}

# exits STATUS COMMAND...: what it said is in $dir/said.
exits() {
	local expected=$1 status=0
	shift
	"$@" >"$dir/said" 2>&1 || status=$?
	[ "$status" = "$expected" ] ||
		fail "exit $status, not $expected: $* $(cat "$dir/said")"
}

said() { # PATTERN
	matches "$(cat "$dir/said")" "$1"
}

# state_of SERVICE BACKEND: as lbctl has it.
state_of() {
	"$BUILD/lbctl" status "$1" --json |
		python3 -c 'import json,sys
s=json.load(sys.stdin)
print([b["state"] for b in s["backends"] if b["name"]==sys.argv[1]][0])' "$2"
}

backend_is() { # SERVICE BACKEND STATE
	[ "$(state_of "$1" "$2")" = "$3" ]
}

# shellcheck source=/dev/null
. "$file"
"test_$test"

#!/bin/bash
# demo.sh: shows what lbd does, in half a minute. Needs no root, installs
# nothing, ends whatever it started, and ends with 1 if anything went another
# way than it says.
#
# Virtual addresses are in 127.96.0.0/16, where nothing listens: no packet can
# leave the machine.
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
unset LD_PRELOAD LBSHIM LBSHIM_LOG BASH_ENV http_proxy all_proxy ALL_PROXY
export LC_ALL=C
bold='' blue='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$'\033[1m' blue=$'\033[36m' plain=$'\033[0m'
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/lbd-demo.XXXXXX") || exit 1
started=()

cleanup() {
	local status=$? pid
	trap '' INT TERM HUP PIPE
	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pid in "${started[@]}"; do
		gone "$pid" || kill -9 "$pid" 2>/dev/null
	done
	rm -rf "$dir"
	exit $status
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
trap 'exit 141' PIPE

# ---- telling ----

# step TITLE: time to read what was before it, if somebody reads.
step() {
	[ ! -t 1 ] || sleep 1.5
	steps=$((${steps:-0} + 1))
	printf '\n%s%s. %s%s\n' "$bold" "$steps" "$1" "$plain"
}

typed() { # COMMAND
	printf '%s$ %s%s\n' "$blue" "$1" "$plain"
}

# run COMMAND: types it and shows what comes; kept in $out.
run() {
	typed "$1"
	out=$(eval "$1" 2>&1)
	[ -z "$out" ] || printf '%s\n' "$out"
}

fail() {
	printf '\n%sThis went another way than it should: %s%s\n' \
		"$bold" "$1" "$plain"
	if [ -s "$dir/lbd.log" ]; then
		echo "The end of lbd's log:"
		tail -5 "$dir/lbd.log"
	fi
	exit 1
}

# ---- doing ----

# eventually COMMAND...: true within 5 s.
eventually() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	return 1
}

is_gone() { # PID
	! kill -0 "$1" 2>/dev/null
}

gone() { # PID
	eventually is_gone "$1"
}

# ended PID WHO: its number may be another process's from now on.
ended() {
	local pid kept=()
	gone "$1" || fail "$2 did not end"
	for pid in "${started[@]}"; do
		[ "$pid" = "$1" ] || kept+=("$pid")
	done
	started=("${kept[@]}")
}

# start COMMAND...: in the background; its pid is in $pid.
start() {
	"$@" >>"$dir/lbd.log" 2>&1 &
	pid=$!
	started+=("$pid")
	disown "$pid" # bash is not to comment on its end
}

listens() { # PORT
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# serve NAME PORT: a backend; false if the port is not to be had.
serve() {
	start "$BUILD/hello" 127.0.0.1 "$2" "$1"
	until listens "$2"; do
		is_gone "$pid" && break
		sleep 0.02
	done
	is_gone "$pid" || return 0
	ended "$pid" "$1"
	return 1
}

# backend NAME: the same at a free port, which is in $port.
next_port=$((18000 + $$ % 6000))
backend() {
	local last=$((next_port + 200))
	while [ $next_port -lt $last ]; do
		port=$next_port
		next_port=$((next_port + 1))
		! listens "$port" || continue
		if serve "$1" "$port"; then
			typed "$BUILD/hello 127.0.0.1 $port $1 &"
			return
		fi
	done
	fail "backend $1 found no free port"
}

# usable "N of M": what lbctl says of web, before it is shown.
usable() {
	eventually is_usable "$1" || fail "not $1 backends became usable"
}

is_usable() {
	"$BUILD/lbctl" status web | grep -qF "$1 usable"
}

# status: once the counters of the last requests have been collected.
status() {
	sleep 0.2
	typed "$BUILD/lbctl status"
	"$BUILD/lbctl" status || fail "lbctl has no answer"
}

# ask COUNT [COMMAND]: five requests a second; after a third of them, COMMAND.
# The answers come on one line; kept in $out.
ask() {
	local i answer
	typed "for i in {1..$1}; do
    echo -n \"\$($BUILD/lbrun curl http://web.internal/) \"; sleep 0.2; done"
	out=
	for ((i = 0; i < $1; i++)); do
		if [ $i = $(($1 / 3)) ] && [ -n "${2:-}" ]; then
			printf '%s[%s]%s ' "$blue" "$2" "$plain"
			$2
			sleep 0.2
		fi
		answer=$("$BUILD/lbrun" curl http://web.internal/ 2>&1) ||
			fail "$answer"
		out="$out$answer "
		printf '%s ' "$answer"
		sleep 0.2
	done
	echo
}

# ---- before it begins ----

for need in hello lbd lbctl lbrun liblbshim.so; do
	[ -e "$BUILD/$need" ] || fail "$BUILD/$need is not built; type make demo"
done
curl=$(readlink -f "$(command -v curl)") || fail "there is no curl"
case $(readlink -f "$BUILD") in
*[[:space:]:\$]*) fail "LD_PRELOAD cannot hold the path of this folder: blanks
and colons end a name there; move the folder elsewhere" ;;
esac
# curl is to say what went wrong, and no more.
printf '%s\n' silent show-error 'max-time = 10' >"$dir/.curlrc"
export CURL_HOME=$dir

echo "${bold}lbd in half a minute.$plain No root, nothing installed, no network: all of it is on
this machine's loopback addresses and in $dir."

# ---- the demo ----

step "Three small web servers: the backends."
backend one
one=$port
backend two
two=$port two_pid=$pid
backend three
three=$port three_pid=$pid
run "curl http://127.0.0.1:$one/"
[ "$out" = one ] || fail "the backend does not answer"

step "A file that puts them behind one virtual address, and lbd, which reads it."
sed -e "s|@DIR@|$dir|" -e "s|@CURL@|$curl|" -e "s|@PORT1@|$one|" \
	-e "s|@PORT2@|$two|" -e "s|@PORT3@|$three|" conf/demo.ini |
	sed -n '/^\[lbd\]/,$p' >"$dir/lbd.ini"
run "cat $dir/lbd.ini"
start "$BUILD/lbd" -c "$dir/lbd.ini"
typed "$BUILD/lbd -c $dir/lbd.ini 2>$dir/lbd.log &"
eventually grep -q event=ready "$dir/lbd.log" || fail "lbd does not start"

step "No machine owns 127.96.0.10. A plain curl is refused there; with the library,
   the same curl is answered by the three backends in turn."
run "curl http://127.96.0.10/"
case $out in *"Failed to connect"*) ;; *) fail "curl was not refused" ;; esac
run "export LBD_SOCKET=$dir/lbd.sock LBD_ADMIN=$dir/admin.sock"
export LBD_SOCKET=$dir/lbd.sock LBD_ADMIN=$dir/admin.sock
usable "3 of 3"
answers=
for i in 1 2 3; do
	run "LD_PRELOAD=$BUILD/liblbshim.so curl http://127.96.0.10/"
	answers="$answers $out"
done
case $answers in *one*) ;; *) fail "one did not answer" ;; esac
case $answers in *two*) ;; *) fail "two did not answer" ;; esac
case $answers in *three*) ;; *) fail "three did not answer" ;; esac
echo "lbrun sets LD_PRELOAD, and the service has a name, too:"
run "$BUILD/lbrun curl http://web.internal/"
case $out in one | two | three) ;; *) fail "nobody answered" ;; esac
status

step "A backend is ended while requests go on: none of them fails."
ask 15 "kill $two_pid"
ended "$two_pid" two
case ${out% two *} in "$out") fail "two was not asked before its end" ;; esac
echo "15 requests, 15 answers: where curl met two before a probe did, its connect was
sent on to another backend while curl waited for it."
usable "2 of 3"
status

step "It comes back, and has its share again."
serve two "$two" || fail "two does not come back"
typed "$BUILD/hello 127.0.0.1 $two two &"
usable "3 of 3"
ask 6
case $out in *two*) ;; *) fail "two was not asked" ;; esac

step "Now the hard way: 3,000 connections as fast as bash can make them, and in the
   midst of them kill -9. No probe is that quick; the connect() that was refused
   goes on to the next backend before the program hears of it."
run "$BUILD/lbrun bash -c '
  trap \"\" PIPE
  for i in {1..3000}; do
    [ \$i != 1000 ] || kill -9 $three_pid
    exec 3<>/dev/tcp/web.internal/80 || { echo \"failed connects\"; continue; }
    echo hello >&3 && read -r answer <&3 || answer=\"cut off afterwards\"
    echo \$answer
  done' | sort | uniq -c"
ended "$three_pid" three
case $out in
*failed*) fail "connects failed" ;;
*" one"*" three"*" two"*) echo "3,000 connects, 0 failed." ;;
*) fail "not all backends answered" ;;
esac
usable "2 of 3"
status

step "payroll is for curl alone, as its rule says. Another program of the same user
   is told so by its own connect()."
run "$BUILD/lbrun curl http://127.96.0.20/"
[ "$out" = one ] || fail "curl was not served"
run "$BUILD/lbrun bash -c 'exec 3<>/dev/tcp/127.96.0.20/80'"
case $out in *"Permission denied"*) ;; *) fail "bash was not refused" ;; esac
status

step "A fourth backend, without a restart of anything."
backend four
run "echo 'backend = 127.0.0.1:$port name=four' >>$dir/lbd.ini"
run "$BUILD/lbctl reload"
[ "$out" = reloaded ] || fail "the file was not taken over"
usable "3 of 4"
ask 6
case $out in *four*) ;; *) fail "four was not asked" ;; esac

step "One of them is to be replaced: no new connections, and a word when it is empty."
run "$BUILD/lbctl drain web/four"
run "$BUILD/lbctl wait-drained web/four --timeout 5s && echo safe to stop"
case $out in *"safe to stop"*) ;; *) fail "four is not empty" ;; esac
ask 6
case $out in *four*) fail "four was asked" ;; esac
run "$BUILD/lbctl ready web/four"

step "A slip in the file: lbd says where, and goes on with what it has."
run "echo 'retrys = 5' >>$dir/lbd.ini"
line=$(wc -l <"$dir/lbd.ini")
run "$BUILD/lbctl reload"
case $out in
*"lbd.ini:$line: [service web] retrys: unknown key"*) ;;
*) fail "the slip was not found" ;;
esac
run "$BUILD/lbrun curl http://web.internal/"
case $out in one | two | four) ;; *) fail "nobody answered" ;; esac

step "That was it: everything that ran is ended now. What to try next:"
echo "README.md               your own programs, in five minutes
man lbd/lbd.ini.5       every key of the file
make test               what else is promised, tested"

# Probes that run a program.
. tests/e2e/probes.sh

# script: standard input becomes $dir/probe, which everybody may run.
script() {
	{
		echo '#!/bin/sh'
		cat
	} >"$dir/probe"
	chmod 755 "$dir/probe"
}

# probed KEYS BACKEND...: lbd asks that script about them.
probed() {
	local keys=$1 backend
	shift
	{
		printf '[service web]\naddress = 127.96.1.1:80\n'
		printf 'probe = script %s/probe %s a "b c"\n' "$dir" "$dir"
		# shellcheck disable=SC2059
		printf "$keys"
		printf 'backend = %s\n' "$@"
	} | conf
	lbd_start
}

# gone FILE: every process in it; a zombie is not gone.
gone() {
	local pid
	[ -s "$1" ] || return 1
	while read -r pid; do
		[ ! -e "/proc/$pid" ] || return 1
	done <"$1"
}

fast='interval = 200ms\ntimeout = 200ms\n'

test_the_exit_status_decides() {
	script <<-'END'
	case $LB_BACKEND in
	b2) exit 3 ;;
	b3) echo >&2; printf 'disk \033 full\nmore\n' >&2; exit 1 ;;
	b4) kill -9 $$ ;;
	b5) echo "all is well" >&2 ;;
	b6) yes no | head -c 300 | tr '\n' ' ' >&2; exit 1 ;;
	esac
	END
	probed "" "$lan.1:80 name=b1" "$lan.2:80 name=b2" "$lan.3:80 name=b3" \
		"$lan.4:80 name=b4" "$lan.5:80 name=b5" "$lan.6:80 name=b6"
	is_now b1 up
	is_down b2 "exit 3"
	is_down b3 'disk \? full$'
	is_down b4 'killed by signal 9 \(Killed\)$'
	is_now b5 up
	is_down b6 '(no ){26}n$'
}

test_a_script_gets_words_variables_and_nothing_else() {
	script <<-'END'
	{
		printf '<%s>' "$0" "$@"
		echo
		tr '\0' '\n' </proc/$$/environ
		readlink /proc/$$/cwd /proc/$$/fd/0 /proc/$$/fd/1
		grep SigBlk /proc/self/status
		: and those that programs use: a sanitizer ignores two more
		sed -n 's/^SigIgn:.*\(.......\)$/SigIgn \1/p' /proc/self/status
		ulimit -n
	} | cat >"$1/got"
	python3 -c 'import os
for f in os.listdir("/proc/self/fd"):
    try: os.fstat(int(f)); print(f)
    except OSError: pass' >"$1/files"
	mv "$1/got" "$1/got.whole"
	END
	exec 7<"$dir/probe"
	export LD_PRELOAD="" LBD_ADMIN NOTIFY_SOCKET=/none LISTEN_FDS=1
	conf <<-END
	[service web]
	address = [fd00:96::1]:80
	probe = script $dir/probe $dir a "b c" port=81
	backend = [fd00::1]:80
	END
	lbd_start
	eventually test -e "$dir/got.whole"
	is "$(cat "$dir/got.whole")" "<$dir/probe><$dir><a><b c>
LB_SERVICE=web
LB_BACKEND=[fd00::1]:80
LB_ADDRESS=[fd00::1]:81
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
/
/dev/null
/dev/null
SigBlk:	0000000000000000
SigIgn 0000000
1024"
	is "$(sort "$dir/files" | tr '\n' ' ')" "0 1 2 "
}

test_where_every_port_is_meant_the_address_has_the_one_to_ask() {
	script <<<'echo "$LB_BACKEND $LB_ADDRESS" >>"$1/got"'
	conf <<-END
	[defaults]
	probe = script $dir/probe $dir port=81
	[service every]
	address = 127.96.1.1:*
	address = [fd00:96::1]:*
	backend = $lan.1:*
	backend = [fd00::1]:* name=six
	END
	lbd_start
	told() { # each, as soon as a busy machine lets it
		is "$(sort -u "$dir/got")" "$lan.1:* $lan.1:81
six [fd00::1]:81"
	}
	eventually told || told
}

test_at_the_timeout_all_of_its_group_are_killed() {
	script <<-'END'
	trap '' TERM HUP INT
	sleep 1000 &
	echo $! >>"$1/pids"
	echo $$ >>"$1/pids"
	wait
	sleep 1000
	END
	probed "$fast" "$lan.1:80 name=b1"
	is_down b1 "did not end within 200 ms"
	script <<<"exit 0"
	is_now b1 up
	eventually gone "$dir/pids"
}

test_what_it_leaves_behind_neither_delays_nor_stays() {
	script <<-'END'
	sleep 1000 &
	echo $! >>"$1/pids"
	echo "said by the first" >&2
	[ $LB_BACKEND = b1 ]
	END
	probed "interval = 300ms\ntimeout = 300ms\n" \
		"$lan.1:80 name=b1" "$lan.2:80 name=b2"
	is_now b1 up
	is_down b2 "said by the first"
	stop "$lbd"
	eventually gone "$dir/pids"
}

test_a_script_that_says_too_much_is_not_held_up() {
	script <<<'head -c 1000000 /dev/zero >&2 && exit 0'
	probed "" "$lan.1:80 name=b1"
	is_now b1 up
}

test_a_script_that_cannot_start_is_no_fault_of_the_backend() {
	script <<<"exit 0"
	rm "$dir/probe"
	probed "$fast" "$lan.1:80 name=b1" "$lan.2:80 name=b2"
	eventually grep -q script-not-started "$dir/lbd.log"
	sleep 1
	is "$(state_of web b1)" unknown
	is "$(grep -c script-not-started "$dir/lbd.log")" 2
	matches "$(grep script-not-started "$dir/lbd.log")" \
		"cannot start $dir/probe .*reason=\"No such file or directory\""
	script <<<"exit 1"
	chmod 644 "$dir/probe"
	sleep 0.5
	is "$(state_of web b1)" unknown
	chmod 755 "$dir/probe"
	is_now b1 down
}

# A program on a file server that is gone: here, one on which somebody else has
# a lease that is not given back. What lbd holds, its lock above all, would else
# be held for as long, even when lbd is dead.
test_a_program_that_never_starts_holds_nothing_of_lbd() {
	script <<<"exit 0"
	spawn python3 -c 'import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
open(sys.argv[2], "w").close()
signal.pause()' "$dir/probe" "$dir/leased"
	eventually test -e "$dir/leased"
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = script $dir/probe
	interval = 1h
	timeout = 1h
	backend = $lan.1:80
	END
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	child() {
		pgrep -P "$lbd"
	}
	eventually child
	holds_little() { # its pipes are for the reason, and why it did not start
		is "$(ls "/proc/$(child)/fd" | tr '\n' ' ')" "0 1 2 3 "
	}
	PATIENCE=60 eventually holds_little ||
		fail "$(ls -l "/proc/$(child)/fd")"
	is "$(tr '\0' ' ' <"/proc/$(child)/cmdline")" \
		"$BUILD/lbd -c $dir/lbd.ini "
}

# The last of them wait longer than their timeout.
test_sixteen_run_at_a_time_and_all_get_their_turn() {
	local n backends=()
	script <<-'END'
	mkdir -p "$1/run"
	: >"$1/run/$$"
	ls "$1/run" | wc -l >>"$1/most"
	sleep 0.5
	rm "$1/run/$$"
	echo x >>"$1/done"
	END
	for n in $(seq 120); do
		backends+=("$lan.$n:80 name=b$n")
	done
	probed "interval = 2s\ntimeout = 2s\n" "${backends[@]}"
	eventually eval '[ "$("$BUILD/lbctl" status web --json |
		grep -o "\"state\": *\"up\"" | wc -l)" = 120 ]'
	fails grep -q event=backend-down "$dir/lbd.log"
	is "$(sort -n "$dir/most" | tail -1)" 16
}

# Without waiting for an answer, which does not come.
lbd_begin() {
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually test -s "$dir/pids.$1"
}

test_scripts_end_with_their_reason_to_run() {
	script <<-'END'
	echo $$ >>"$1/pids.$LB_SERVICE"
	sleep 1000
	END
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = script $dir/probe $dir
	interval = 1h
	timeout = 1h
	backend = $lan.1:80
	END
	lbd_begin web
	sed -i 's/service web/service other/' "$dir/lbd.ini"
	kill -HUP "$lbd"
	eventually gone "$dir/pids.web"
	eventually test -s "$dir/pids.other"
	stop "$lbd"
	eventually gone "$dir/pids.other"
	rm "$dir/pids.other"
	lbd_begin other
	kill -9 "$lbd"
	eventually gone "$dir/pids.other"
}

test_no_child_is_left_unreaped() {
	script <<-'END'
	[ $LB_BACKEND = b1 ] || sleep 1000
	END
	probed "interval = 50ms\ntimeout = 50ms\n" "$lan.1:80 name=b1" \
		"$lan.2:80 name=b2"
	is_down b2 "did not end within 50 ms"
	sleep 1
	ps -o stat= --ppid "$lbd" >"$dir/children" || true
	[ "$(grep -c Z "$dir/children")" -lt 3 ]
	conf <<<"" && kill -HUP "$lbd"
	none() { [ -z "$(ps -o pid= --ppid "$lbd")" ]; }
	eventually none
}

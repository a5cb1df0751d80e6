# The library in everything there is: lbd, lbctl, lbrun and the scripts that lbd
# runs work as without it, and lbd's own connections are never balanced.

# Two services: `web` with a backend, and `round` whose backend is the virtual
# address of web: a probe that is balanced would find it up.
two_services() { # [LINE of lbd.ini]
	cat <<-END
	[service web]
	address = 127.96.1.1:80
	interval = 100ms
	backend = $lan.1:8000
	[service round]
	address = 127.96.1.2:80
	interval = 100ms
	$*
	backend = 127.96.1.1:80 name=virtual
	END
}

test_lbd_with_the_library_asks_the_backends_that_are_named() {
	backend b1
	two_services | conf
	export LD_PRELOAD=$preload LBSHIM_LOG=debug
	lbd_start
	unset LD_PRELOAD LBSHIM_LOG
	is "$(get 127.96.1.1:80)" b1
	eventually backend_is web "$lan.1:8000" up
	eventually backend_is round virtual down
	# and it does not ask for a table, of itself least of all
	fails grep lbshim "$dir/lbd.log"
}

test_lbctl_and_lbrun_work_with_the_library() {
	backend b1
	two_services | conf
	lbd_start
	export LD_PRELOAD=$preload
	"$BUILD/lbctl" status >"$dir/status"
	"$BUILD/lbctl" drain "web/$lan.1:8000" >/dev/null
	"$BUILD/lbctl" ready "web/$lan.1:8000" >/dev/null
	"$BUILD/lbctl" reload >/dev/null
	is "$("$BUILD/lbrun" bash -c 'exec 3<>/dev/tcp/127.96.1.1/80
	echo x >&3; head -n 1 <&3')" b1
	unset LD_PRELOAD
	matches "$(cat "$dir/status")" '^web '
}

# Its environment is not lbd's: a script is balanced if it says so itself.
test_a_script_is_not_balanced_because_lbd_has_the_library() {
	backend b1
	cat >"$dir/probe" <<-END
	#!/bin/bash
	: 3<>/dev/tcp/\${LB_ADDRESS%:*}/\${LB_ADDRESS##*:}
	END
	cat >"$dir/shimmed" <<-END
	#!/bin/bash
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}
	LBD_SOCKET=$LBD_SOCKET LD_PRELOAD="$preload" exec $dir/probe
	END
	chmod +x "$dir/probe" "$dir/shimmed"
	{
		two_services "probe = script $dir/probe"
		cat <<-END
		[service loop]
		address = 127.96.1.3:80
		interval = 100ms
		probe = script $dir/shimmed
		backend = 127.96.1.1:80 name=virtual
		END
	} | conf
	export LD_PRELOAD=$preload
	lbd_start
	unset LD_PRELOAD
	eventually backend_is round virtual down
	eventually backend_is loop virtual up
}

# As /etc/ld.so.preload does it: nothing on the machine is without.
test_a_machine_with_the_library_in_every_program_works() {
	[ "$SAN" = "" ] || skip "a sanitizer must come first in every program"
	unshare -m true 2>/dev/null ||
		skip "needs root, for files of its own in /etc and /run"
	backend b1
	cat >"$dir/probe" <<-'END'
	#!/bin/bash
	: 3<>/dev/tcp/${LB_ADDRESS%:*}/${LB_ADDRESS##*:}
	END
	chmod +x "$dir/probe"
	cp -a /etc "$dir/etc"
	echo "$shim" >"$dir/etc/ld.so.preload"
	{
		echo "[lbd]"
		two_services
		cat <<-END
		[service script]
		address = 127.96.1.3:80
		interval = 100ms
		probe = script $dir/probe
		backend = $lan.1:8000
		END
	} >"$dir/lbd.ini"
	: >"$dir/lbd.log"
	cat >"$dir/machine" <<-'END'
	set -eu
	ini=$1 build=$2
	while ! "$build/lbctl" status >/dev/null 2>&1 ||
		! grep -q event=ready "$3"; do
		sleep 0.1
	done
	unset LBD_SOCKET LBD_ADMIN
	"$build/lbd" -t -c "$ini" 2>&1
	curl -sS --max-time 10 http://127.96.1.1/
	curl -sS --max-time 10 http://127.96.1.3/
	"$build/lbrun" curl -sS --max-time 10 http://127.96.1.1/
	"$build/lbctl" reload >/dev/null
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$build/lbctl" status >"$4"
		grep -q "^  virtual .* DOWN" "$4" && break
		sleep 0.2
	done
	grep -q "^  virtual .* DOWN" "$4"
	grep -q "^script .* ok" "$4"
	END
	unset LBD_SOCKET LBD_ADMIN
	spawn unshare -m bash -c '
	mount --make-rprivate /
	mount --bind "$1/etc" /etc
	mount -t tmpfs none /run
	"$2/lbd" -c "$1/lbd.ini" 2>>"$1/lbd.log" &
	lbd=$!
	trap "kill $lbd; wait" EXIT
	timeout 60 bash "$1/machine" "$1/lbd.ini" "$2" "$1/lbd.log" "$1/status" \
		>"$1/said" 2>&1
	' - "$dir" "$BUILD"
	wait "$pid" || fail "$(cat "$dir/said" "$dir/status")"
	is "$(grep -c '^b1$' "$dir/said")" 3
}

# What rules alone do not stop, way by way; and that the recipes of the README,
# word for word, stop all of them, and nobody else.
. tests/e2e/veth.sh

lbds=990 may=1234 maynot=1235 # as in the README

as() { # USER COMMAND...
	setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"
}

spawn_as() { # USER COMMAND...
	spawn setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"
}

# The lines of the recipe that begins with this command, for this network.
recipe() { # ip|nft
	sed -n '/^### When rules must hold/,/^## Reference/p' README.md |
		sed -n "s/^    \($1 .*\)/\1/p" | sed "s|10\.0\.0\.0/24|$lan.0/24|"
}

fence() { # ip|nft
	local lines
	lines=$(recipe "$1")
	[ "$(wc -l <<<"$lines")" -ge 3 ] || fail "no recipe by $1: \"$lines\""
	bash -ec "$lines"
}

unfence() { # ip|nft
	if [ "$1" = nft ]; then
		nft delete table inet lbd
	else
		ip rule del pref 101
		while ip rule del pref 100 2>/dev/null; do :; done
	fi
}

# A backend whose own address is the service's, so that whoever is not caught
# gets there if nothing else stands in the way; and the same backend behind an
# address that is nobody's.
guarded() {
	backend b1
	conf <<-END
	[defaults]
	interval = 200ms
	permit = user $may
	[service payroll]
	address = $lan.1:8000
	backend = $lan.1:8000
	[service hidden]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	END
	chown "$lbds" "$dir" # lbd is no root, and makes its sockets there
	spawn_as "$lbds" "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
	cp "$BUILD/bypass" "$dir/bypass"
	is "$(LD_PRELOAD=$preload as $maynot "$dir/bypass" call $lan.1 8000)" EACCES
}

# gets_past WAY: a function that says, as user $1, who answers.
gets_past() {
	local kind
	is "$("$1" $maynot)" b1
	for kind in ip nft; do
		fence $kind
		matches "$("$1" $maynot)" '^(EACCES|EHOSTUNREACH|nobody)$'
		is "$("$1" $may)" b1
		is "$(LD_PRELOAD=$preload as $may "$dir/bypass" call 127.96.1.1 80)" b1
		unfence $kind
		is "$("$1" $maynot)" b1
	done
}

test_a_static_program_gets_past_rules_and_not_past_the_fence() {
	guarded
	"${CC:-cc}" -D_GNU_SOURCE -static -o "$dir/static" tests/e2e/bypass.c
	way() { LD_PRELOAD=$shim as "$1" "$dir/static" call $lan.1 8000; }
	gets_past way
}

test_system_calls_of_its_own_get_past_rules_and_not_past_the_fence() {
	guarded
	way() { LD_PRELOAD=$preload as "$1" "$dir/bypass" raw $lan.1 8000; }
	gets_past way
}

test_io_uring_gets_past_rules_and_not_past_the_fence() {
	guarded
	way() { LD_PRELOAD=$preload as "$1" "$dir/bypass" uring $lan.1 8000; }
	[ "$(way $may)" != "no io_uring" ] || skip "io_uring is not allowed here"
	gets_past way
}

test_a_cleared_environment_gets_past_rules_and_not_past_the_fence() {
	guarded
	way() { LD_PRELOAD=$preload as "$1" env -i "$dir/bypass" call $lan.1 8000; }
	gets_past way
}

test_a_library_that_is_off_gets_past_rules_and_not_past_the_fence() {
	guarded
	way() { LBSHIM=off LD_PRELOAD=$preload as "$1" "$dir/bypass" call $lan.1 8000; }
	gets_past way
}

# It runs as its owner, who may no more than who starts it.
test_a_setuid_program_gets_past_rules_and_not_past_the_fence() {
	guarded
	[ "$SAN" = "" ] || skip "a sanitized library cannot come first"
	way() {
		cp "$BUILD/bypass" "$dir/owned$1"
		chown "$1" "$dir/owned$1"
		chmod 4755 "$dir/owned$1"
		LD_PRELOAD=$shim as 1999 "$dir/owned$1" call $lan.1 8000
	}
	gets_past way
}

test_a_plug_in_that_finds_libc_first_gets_past_rules_and_not_past_the_fence() {
	[ "$SAN" = "" ] || skip "a sanitizer refuses RTLD_DEEPBIND"
	guarded
	sed 's/^int main(/int plug(int, char **);\nint plug(/' \
		tests/e2e/bypass.c >"$dir/plug.c"
	"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$dir/plug.so" "$dir/plug.c"
	way() {
		LD_PRELOAD=$preload as "$1" python3 -c '
import ctypes, os, sys
plug = ctypes.CDLL(sys.argv[1], mode=os.RTLD_NOW | os.RTLD_DEEPBIND)
args = (ctypes.c_char_p * 4)(b"plug", b"call", sys.argv[2].encode(), b"8000")
plug.plug(4, args)
ctypes.CDLL(None).fflush(None)' "$dir/plug.so" $lan.1
	}
	gets_past way
}

# The library is there, and the address is not virtual.
test_a_backends_own_address_gets_past_rules_and_not_past_the_fence() {
	guarded
	sed -i '/service payroll/,/^backend/d' "$dir/lbd.ini"
	as "$lbds" "$BUILD/lbctl" reload
	way() { LD_PRELOAD=$preload as "$1" "$dir/bypass" call $lan.1 8000; }
	is "$(LD_PRELOAD=$preload as $maynot "$dir/bypass" call 127.96.1.1 80)" EACCES
	gets_past way
}

test_datagrams_sent_with_an_address_get_past_rules_and_not_past_the_fence() {
	local kind
	spawn_far python3 -c "
import socket
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(('$lan.1', 53))
while True: s.sendto(b'b1', s.recvfrom(9)[1])"
	conf <<-END
	[service names]
	address = $lan.1:53
	protocol = udp
	permit = user $may
	backend = $lan.1:53
	END
	chown "$lbds" "$dir"
	spawn_as "$lbds" "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/lbd.log"
	eventually is_ready
	way() { # USER connect|send
		LD_PRELOAD=$preload as "$1" python3 -c '
import errno, socket, sys
s, to = socket.socket(type=socket.SOCK_DGRAM), (sys.argv[1], 53)
s.settimeout(1)
try:
    if sys.argv[2] == "connect":
        s.connect(to)
        s.send(b"?")
    else:
        s.sendto(b"?", to)
    print(s.recv(9).decode())
except socket.timeout:
    print("nobody")
except OSError as e:
    print(errno.errorcode[e.errno])' $lan.1 "${2:-send}"
	}
	answered() {
		[ "$(way $may)" = b1 ]
	}
	eventually answered
	is "$(way $maynot connect)" EACCES
	is "$(way $maynot send)" b1
	for kind in ip nft; do
		fence $kind
		matches "$(way $maynot send)" '^(EACCES|EPERM|EHOSTUNREACH|nobody)$'
		is "$(way $may connect)" b1
		unfence $kind
	done
}

# Whoever may read a table of their own making needs no rules.
test_an_lbd_of_ones_own_gets_past_rules_and_not_past_the_fence() {
	guarded
	mkdir "$dir/own"
	chown $maynot "$dir/own"
	printf '[lbd]\nsocket = %s\n[service mine]\naddress = 127.96.1.9:80\nbackend = %s\n' \
		"$dir/own/s" "$lan.1:8000" >"$dir/own/lbd.ini"
	spawn_as $maynot "$BUILD/lbd" -c "$dir/own/lbd.ini" 2>"$dir/own/log"
	eventually grep -q event=ready "$dir/own/log"
	way() {
		if [ "$1" = $may ]; then
			LD_PRELOAD=$preload as $may "$dir/bypass" call 127.96.1.1 80
		else
			LBD_SOCKET=$dir/own/s LD_PRELOAD=$preload as "$1" \
				"$dir/bypass" call 127.96.1.9 80
		fi
	}
	is "$(way $maynot)" b1
	for kind in ip nft; do
		fence $kind
		matches "$(way $maynot)" '^(EACCES|EHOSTUNREACH|ECONNREFUSED)$'
		is "$(way $may)" b1
		unfence $kind
	done
}

# lbd probes through the fence, and root is nobody's prisoner.
test_lbd_and_root_pass_the_fence() {
	local kind
	guarded
	for kind in ip nft; do
		fence $kind
		: >"$dir/lbd.log"
		stop "$lbd"
		spawn_as "$lbds" "$BUILD/lbd" -c "$dir/lbd.ini" 2>"$dir/lbd.log"
		lbd=$pid
		eventually is_ready # the first answer decides alone
		is "$(state_of payroll $lan.1:8000)" up
		is "$("$dir/bypass" call $lan.1 8000)" b1
		unfence $kind
	done
	# a fence without a gap for lbd takes every backend down
	fence nft
	nft flush chain inet lbd out
	bash -ec "$(recipe nft | grep skuid | sed "s/$lbds, //")"
	eventually backend_is payroll $lan.1:8000 down
}

# Routing lets everybody in to what is on this host; the filter does not, and it
# can leave other ports alone.
test_backends_on_this_host_take_the_filter() {
	guarded
	spawn "$BUILD/hello" $lan.254 8000 near
	spawn "$BUILD/hello" $lan.254 8001 other
	eventually listens $lan.254 8000
	eventually listens $lan.254 8001
	way() { as "$1" "$dir/bypass" call $lan.254 "${2:-8000}"; }
	fence ip
	is "$(way $maynot)" near
	unfence ip
	fence nft
	is "$(way $maynot)" EHOSTUNREACH
	is "$(way $maynot 8001)" EHOSTUNREACH
	is "$(way $may)" near
	nft flush chain inet lbd out
	bash -ec "$(recipe nft | grep skuid | sed 's/ meta / tcp dport 8000&/')"
	is "$(way $maynot)" EHOSTUNREACH
	is "$(way $maynot 8001)" other
}

# The recipes, with "ip -6 rule" and "ip6 daddr" as the README has it.
test_ipv6_takes_the_same_fence() {
	local kind
	spawn_far "$BUILD/hello" "$lan6:1" 8000 six
	eventually listens "$lan6:1" 8000
	way() { as "$1" curl -s --max-time 5 "http://[$lan6:1]:8000/" || echo no; }
	for kind in ip nft; do
		is "$(way $maynot)" six
		bash -ec "$(recipe $kind | sed "s|$lan.0/24|$lan6:/64|
			s/^ip rule/ip -6 rule/; s/ ip daddr/ ip6 daddr/")"
		is "$(way $maynot)" no
		is "$(way $may)$(way $lbds)$(way 0)" sixsixsix
		[ $kind = nft ] || while ip -6 rule del to $lan6:/64 2>/dev/null; do :; done
	done
}

# The rule means the interpreter, and so whatever it is given to read.
test_a_script_has_the_rights_of_its_interpreter() {
	backend b1
	conf <<-END
	[service payroll]
	address = 127.96.1.1:80
	permit = exe $(readlink -f "$(command -v python3)")
	backend = $lan.1:8000
	END
	lbd_start
	cat >"$dir/mine" <<-'END'
	#!/usr/bin/env python3
	import socket
	s = socket.create_connection(("127.96.1.1", 80))
	s.sendall(b"x\n")
	print(s.recv(9).decode().strip())
	END
	chmod 755 "$dir/mine"
	is "$(LD_PRELOAD=$preload as $maynot "$dir/mine")" b1
	cp "$BUILD/bypass" "$dir/bypass"
	is "$(LD_PRELOAD=$preload as $maynot "$dir/bypass" call 127.96.1.1 80)" EACCES
}

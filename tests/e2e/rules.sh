# Who may call.

as() { # USER[:GROUP[,GROUP...]] COMMAND...
	local who=$1 user group more
	shift
	user=${who%%:*} group=${who#*:}
	[ "$who" != "$user" ] || group=$user
	more=${group#*,}
	[ "$more" != "$group" ] && more=(--groups "$more") ||
		more=(--clear-groups)
	setpriv --reuid="$user" --regid="${group%%,*}" "${more[@]}" "$@"
}

answer() { # the word or the errno of connect() at 127.96.1.$1
	python3 -c '
import errno, socket, sys
s = socket.socket()
e = s.connect_ex(("127.96.1." + sys.argv[1], 80))
if e: print(errno.errorcode[e])
else:
    s.sendall(b"x\n"); print(s.recv(9).decode().strip())' "$1"
}

test_user_and_group() {
	root_only
	backend b1
	conf <<-END
	[defaults]
	probe = none
	[service alice]
	address = 127.96.1.1:80
	permit = user 1234
	backend = $lan.1:8000
	[service staff]
	address = 127.96.1.2:80
	permit = group 5000
	backend = $lan.1:8000
	[service both]
	address = 127.96.1.3:80
	permit = user 1234 group 5000
	backend = $lan.1:8000
	[service not-alice]
	address = 127.96.1.4:80
	deny = user 1234
	backend = $lan.1:8000
	[service first-match]
	address = 127.96.1.5:80
	deny = user 1234 group 5000
	permit = user 1234
	backend = $lan.1:8000
	[service open]
	address = 127.96.1.6:80
	backend = $lan.1:8000
	END
	lbd_start
	export -f answer
	all() { # WHO EXPECTED
		is "$(LD_PRELOAD=$preload as "$1" bash -c '
			for n in 1 2 3 4 5 6; do answer $n; done' | tr '\n' ' ')" "$2 "
	}
	all 1234 "b1 EACCES EACCES EACCES b1 b1"
	all 1234:7,5000 "b1 b1 b1 EACCES EACCES b1"
	all 1234:5000 "b1 b1 b1 EACCES EACCES b1"
	all 99 "EACCES EACCES EACCES b1 EACCES b1"
	all 99:5000 "EACCES b1 EACCES b1 EACCES b1"
	all 0 "EACCES EACCES EACCES b1 EACCES b1"
}

test_a_program_by_its_path() {
	[ "$SAN" = "" ] || skip "curl hangs under the sanitizer's library alone"
	backend b1
	conf <<-END
	[service payroll]
	address = 127.96.1.1:80
	permit = exe $(readlink -f "$(command -v curl)")
	backend = $lan.1:8000
	END
	lbd_start
	is "$(get 127.96.1.1:80)" b1
	shimmed bash -c 'exec 3<>/dev/tcp/127.96.1.1/80' 2>"$dir/said" && fail served
	matches "$(cat "$dir/said")" "Permission denied"
	cp "$(readlink -f "$(command -v curl)")" "$dir/curl"
	fails shimmed "$dir/curl" -sS http://127.96.1.1/ 2>/dev/null
}

test_defaults_are_replaced_as_a_whole() {
	backend b1
	conf <<-END
	[defaults]
	deny = any
	[service closed]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	[service open]
	address = 127.96.1.2:80
	permit = any
	backend = $lan.1:8000
	END
	lbd_start
	is "$(shimmed bash -c "$(declare -f answer); answer 1; answer 2" |
		tr '\n' ' ')" "EACCES b1 "
}

test_a_denied_caller_has_no_backend_in_its_memory() {
	[ "$SAN" = "" ] || skip "a sanitizer's shadow is too large to search"
	conf <<-END
	[service secret]
	address = 127.96.1.1:80
	permit = exe /nowhere/else
	probe = none
	backend = 10.87.65.43:4321 name=the-secret-backend
	backend = [fd12:3456:789a::77]:4321
	address = [fd96::1]:80
	[service open]
	address = 127.96.1.2:80
	probe = none
	backend = 10.11.12.13:14151
	END
	lbd_start
	LD_PRELOAD=$preload spawn python3 -u -c '
import errno, socket, time
for at in ("127.96.1.1", 80), ("fd96::1", 80):
    s = socket.socket(socket.AF_INET6 if ":" in at[0] else socket.AF_INET)
    assert s.connect_ex(at) == errno.EACCES
print("denied", flush=True)
time.sleep(60)' >"$dir/caller"
	eventually grep -q denied "$dir/caller"
	# Another process looks through all of its memory, for the bytes as a
	# table, a sockaddr or a text would have them. It must find the open
	# service's backend, else it is blind.
	python3 - "$pid" <<-'END'
	import socket, sys
	def forms(ip):
	    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
	    net = socket.inet_pton(family, ip)
	    return [net, net[::-1][-8:], ip.encode()]
	secrets = forms("10.87.65.43") + forms("fd12:3456:789a::77")
	secrets.append(b"the-secret-backend")
	visible = forms("10.11.12.13")
	memory = b""
	pid = sys.argv[1]
	with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
	    for line in maps:
	        a, b = (int(x, 16) for x in line.split()[0].split("-"))
	        if " r" not in line or "[v" in line:
	            continue
	        mem.seek(a)
	        memory = mem.read(b - a)
	        for secret in secrets:
	            assert secret not in memory, (secret, line)
	        visible = [v for v in visible if v not in memory]
	assert len(visible) < 3, "the search is blind"
	END
}

test_a_rule_change_holds_in_running_programs() {
	backend b1
	rule() {
		conf <<-END
		[service web]
		address = 127.96.1.1:80
		$1
		backend = $lan.1:8000
		END
	}
	rule "permit = any"
	lbd_start
	LD_PRELOAD=$preload spawn python3 -u -c '
import errno, socket, time
while True:
    s = socket.socket()
    print(errno.errorcode.get(s.connect_ex(("127.96.1.1", 80)), "served"))
    s.close(); time.sleep(0.05)' >"$dir/asked"
	eventually grep -q served "$dir/asked"
	rule "deny = any"
	"$BUILD/lbctl" reload
	eventually bash -c "[ \"\$(tail -n 3 $dir/asked | sort -u)\" = EACCES ]"
	rule "permit = user $(id -u)"
	"$BUILD/lbctl" reload
	eventually bash -c "[ \"\$(tail -n 3 $dir/asked | sort -u)\" = served ]"
	is "$(sort -u "$dir/asked" | tr '\n' ' ')" "EACCES served "
}

# Rules go away, and lbd right after: what was open, and what has become so,
# stays; nothing is sent to the virtual address itself.
test_lbd_ends_right_after_its_rules_changed() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	permit = user $(id -u)
	backend = $lan.1:8000
	[service other]
	address = 127.96.1.2:80
	permit = user $(id -u)
	backend = $lan.1:8000
	END
	lbd_start
	LD_PRELOAD=$preload spawn python3 -u -c '
import errno, socket, time
while True:
    s = socket.socket()
    print(errno.errorcode.get(s.connect_ex(("127.96.1.1", 80)), "served"))
    s.close(); time.sleep(0.5)' >"$dir/asked"
	eventually grep -q served "$dir/asked"
	sed -i '0,/^permit/{/^permit/d}' "$dir/lbd.ini" # one of two leaves the list
	"$BUILD/lbctl" reload
	stop "$lbd" KILL
	sleep 3
	is "$(sort -u "$dir/asked")" served
}

test_lbd_needs_no_open_standard_files() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	END
	spawn "$BUILD/lbd" -c "$dir/lbd.ini" <&- >&- 2>&-
	eventually "$BUILD/lbctl" status
	is "$(readlink "/proc/$pid/fd/2")" /dev/null
	is "$(get 127.96.1.1:80)" b1
	is "$(stat -c %s "$LBD_SOCKET.lock")" 0
}

test_a_stranger_serves_nobody() {
	root_only
	# a socket in a folder that others may write to, held by somebody else
	mkdir "$dir/open"
	chmod 1777 "$dir/open"
	spawn setpriv --reuid=1234 --regid=1234 --clear-groups python3 -u -c "
import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind('$dir/open/s'); s.listen(9); time.sleep(30)"
	eventually test -S "$dir/open/s"
	chmod 666 "$dir/open/s"
	LBD_SOCKET=$dir/open/s LBSHIM_LOG=error shimmed \
		curl -s http://127.96.1.1/ 2>"$dir/said" || true
	matches "$(cat "$dir/said")" \
		"not attached $dir/open/s: the server is neither root nor the directory's owner"
}

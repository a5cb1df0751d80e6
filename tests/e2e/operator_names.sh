# What lbctl is given to act on: a name is found or is not, and what is wrong
# is said before anything changes.
. tests/e2e/operator.sh

test_the_address_with_every_port_leads_to_its_name() {
	conf <<-END
	[service all]
	address = 127.96.1.1:*
	probe = none
	backend = $lan.1:* name=first
	backend = $lan.2:*
	END
	lbd_start
	exits 1 lbctl drain "all/$lan.1:*"
	said "^lbctl: no backend \"$lan.1:\\*\" in service \"all\" \\(first\\?\\)$"
}

test_what_is_wrong_is_said_and_changes_nothing() {
	backend b1
	web '1 name=b1' '2 weight=4'
	lbd_start
	for verb in drain maint ready 'wait-drained' 'weight'; do
		more=
		[ $verb = weight ] && more=5
		# shellcheck disable=SC2086
		{
			exits 1 lbctl $verb web/b2 $more
			said '^lbctl: no backend "b2" in service "web" \(b1\?\)$'
			exits 1 lbctl $verb "web/$lan.1:8000" $more
			said "^lbctl: no backend \"$lan.1:8000\" in service \"web\" \\(b1\\?\\)$"
			exits 1 lbctl $verb wbe/b1 $more
			said '^lbctl: no service "wbe" \(web\?\)$'
			exits 1 lbctl $verb nothing-like-it/b1 $more
			said '^lbctl: no service "nothing-like-it"$'
			for name in web /b1 web/ / '' web/b1/ web//b1 web/b1/x \
				"$(printf %0300d 0)/b1"; do
				exits 2 lbctl $verb "$name" $more
				said '^lbctl: expected SERVICE/BACKEND, not "'
			done
			exits 2 lbctl $verb
			exits 2 lbctl $verb web/b1 5 more
			exits 2 lbctl $verb web/b1 $more --json
		}
	done
	for weight in 0 257 300 -1 +1 01 1x x '' 4294967297 1e2 Default; do
		exits 2 lbctl weight -- web/b1 "$weight"
		said "^lbctl: weight must be 1\\.\\.256 or default, not \"\\$weight\"\$" ||
			said "^lbctl: weight must be 1\\.\\.256 or default, not \"$weight\"\$"
	done
	for time in 0 0s 1 1d -1s 25h x ''; do
		exits 2 lbctl wait-drained web/b1 --timeout="$time"
		said '^lbctl: --timeout must be 1ms..24h .*, not "'
	done
	exits 2 lbctl drain web/b1 --timeout 1s
	exits 2 lbctl status --timeout 1s
	is "$(of b1 will) $(of b1 weight) $(of "$lan.2:8000" weight)" '"ready" 1 4'
	exits 0 lbctl weight "web/$lan.2:8000" 256
	exits 0 lbctl weight "web/$lan.2:8000" 1
}

test_odd_names_are_found_or_not_and_never_another() {
	conf <<-END
	[service ..]
	address = 127.96.1.2:80
	probe = none
	backend = $lan.1:8000 name=.
	[service a.b]
	address = [fd00::1]:80
	probe = none
	backend = [fd00::2]:8000
	END
	lbd_start
	exits 0 lbctl drain ../.
	exits 0 lbctl drain 'a.b/[fd00::2]:8000'
	exits 0 lbctl ready 'a.b/[fd00::2]:8000'
	python3 - "$LBD_ADMIN" <<-'END'
	import http.client, json, socket, sys
	def ask(method, path):
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(sys.argv[1])
	    s.sendall(b"%s /api/v1/services%s HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n"
	              % (method, path))
	    answer = b""
	    while (more := s.recv(65536)):
	        answer += more
	    head, body = answer.split(b"\r\n\r\n", 1)
	    return int(head.split()[1]), json.loads(body)
	# escapes are undone
	assert ask(b"GET", b"/a%2eb/backends/%5Bfd00%3a%3A2%5d:8000")[0] == 200
	# after the path was taken apart
	for path in (b"/..%2Fbackends%2F.%2Fready", b"/../backends/.%2Fready",
	             b"/../backends/.%00/ready", b"/../backends/.%/ready",
	             b"/../backends/.%0/ready", b"/../backends/%zz/ready",
	             b"/../backends/.+/ready", b"/../backends/.\xff/ready",
	             b"/../backends/./ready/", b"/../backends/./ready%00",
	             b"/../backends//ready", b"//backends/./ready",
	             b"/../backends/./ready/x", b"/../backends/./readyx",
	             b"/../backends/./weight", b"/../backends/" + b"." * 9000 + b"/ready"):
	    for _ in range(2):
	        status, answer = ask(b"POST", path)
	        assert status in (404, 405) and answer["error"], (path, status)
	for method in (b"GET", b"PUT", b"DELETE"):
	    status, answer = ask(method, b"/../backends/./ready")
	    assert status == 405 and "takes POST" in answer["error"], (method, answer)
	status, answer = ask(b"GET", b"/../backends/.")
	assert status == 200 and answer["will"] == "drain", answer
	assert answer["service"] == ".." and "counted" in answer["counts"], answer
	END
}

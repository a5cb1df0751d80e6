# lbctl wait-drained: it ends when nobody is connected any more, and not before.
. tests/e2e/operator.sh

# pretend "STATUS WILL COUNTED ROUNDS CONNECTIONS"...: an lbd that gives these
# answers about web/b1, one after the other, and the last one for ever.
pretend() {
	spawn python3 -u -c '
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen(9)
print("listening", flush=True)
answers = sys.argv[2:]
while True:
    c, _ = s.accept()
    asked = c.recv(4096).split(b"\r\n")[0].decode()
    status, will, counted, rounds, left = answers[0].split()
    print(asked, answers[0], flush=True)
    answers = answers[1:] or answers
    if status == "gone":
        break
    body = json.dumps({"error": "no backend \"b1\" in service \"web\""}
        if status == "404" else
        {"will": will, "connections": int(left),
         "counts": {"counted": counted == "yes", "rounds": int(rounds)}}).encode()
    c.sendall(b"HTTP/1.1 %s OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
              % (status.encode(), len(body)) + body)
    c.close()' "$LBD_ADMIN" "$@" >"$dir/pretended"
	eventually grep -q listening "$dir/pretended"
}

asked() { # how often lbd was
	grep -c 'GET /api/v1/services/web/backends/b1 ' "$dir/pretended" || true
}

test_wait_drained_trusts_no_count_that_began_before_it_asked() {
	# 0 at first is what was counted before; the one after may have begun
	pretend '200 drain yes 7 0' '200 drain yes 8 0' '200 drain yes 8 0' \
		'200 drain yes 9 1' '200 drain yes 10 0' '200 drain yes 11 0' \
		'200 maint yes 12 0' '200 drain yes 13 9'
	exits 0 timeout 20 "$BUILD/lbctl" wait-drained web/b1 --timeout 15s
	is "$(cat "$dir/said")" 'web/b1: drained, no connections left'
	is "$(asked)" 7
}

# Another lbd took the place of the first, and counts from zero.
test_wait_drained_begins_again_where_the_rounds_do() {
	pretend '200 drain yes 100 0' '200 drain yes 1 0' '200 drain yes 2 0' \
		'200 drain yes 3 0' '200 drain yes 4 9'
	exits 0 timeout 20 "$BUILD/lbctl" wait-drained web/b1
	is "$(asked)" 4
}

test_wait_drained_gives_up_when_its_time_is_over() {
	pretend '200 drain yes 1 3' '200 drain yes 2 3'
	exits 4 "$BUILD/lbctl" wait-drained web/b1 --timeout 500ms
	is "$(cat "$dir/said")" \
		'lbctl: web/b1 is not drained yet: 3 connections left'
	[ "$(asked)" -ge 2 ]
	exits 4 "$BUILD/lbctl" wait-drained --timeout 1ms web/b1
	# nobody at all
	kill -STOP "$pid"
	exits 4 timeout 5 "$BUILD/lbctl" wait-drained web/b1 --timeout 500ms
	said 'did not answer'
}

test_wait_drained_says_why_it_cannot_wait() {
	rm -f "$LBD_ADMIN"
	for case in '200 ready yes 3 0:1:is not draining: lbctl drain web/b1 first' \
		'200 drain no 0 0:1:web/b1: lbd cannot count connections' \
		'404 - - 0 0:1:no backend "b1" in service "web"' \
		'gone - - 0 0:3:lbd at .* ended without an answer'; do
		IFS=: read -r answer status words <<<"$case"
		# at once, and after a while
		for first in '' '200 drain yes 1 5'; do
			pretend ${first:+"$first"} "$answer"
			exits "$status" timeout 20 "$BUILD/lbctl" \
				wait-drained web/b1 --timeout 8s
			said "$words"
			[ "${answer%% *}" = gone ] || stop "$pid"
			rm -f "$LBD_ADMIN"
		done
	done
}

# With a terminal for its output.
test_wait_drained_tells_a_person_what_is_left() {
	pretend '200 drain yes 1 1234'
	python3 - "$BUILD/lbctl" <<-'END' >"$dir/said"
	import os, pty, sys
	pid, fd = pty.fork()
	if pid == 0:
	    os.execv(sys.argv[1], [sys.argv[1], "wait-drained", "web/b1", "--timeout", "3s"])
	try:
	    while (more := os.read(fd, 4096)):
	        print(more.decode().replace("\r", ""), end="")
	except OSError:
	    pass
	END
	is "$(grep -cx 'web/b1: 1,234 connections left' "$dir/said")" 1
}

has_connections() { # BACKEND COUNT
	[ "$(of "$1" connections)" = "$2" ]
}

drained() {
	lbctl wait-drained web/b1 --timeout 300ms
}

test_wait_drained_ends_with_the_last_connection() {
	backend b1
	web '1 name=b1'
	lbd_start
	hold
	exits 1 lbctl wait-drained web/b1
	said '^lbctl: web/b1 is not draining: lbctl drain web/b1 first$'
	lbctl drain web/b1
	eventually has_connections b1 1
	exits 4 drained
	said '^lbctl: web/b1 is not drained yet: 1 connection left$'
	lbctl wait-drained web/b1 >"$dir/waited" &
	waiter=$!
	is "$(ask_holder)" b1 # which ends the connection
	wait "$waiter"
	is "$(cat "$dir/waited")" 'web/b1: drained, no connections left'
	is "$(of b1 connections)" 0
	# whoever takes it back ends the waiting
	lbctl ready web/b1
	hold
	lbctl drain web/b1
	lbctl wait-drained web/b1 >"$dir/waited" 2>&1 &
	waiter=$!
	sleep 0.2
	lbctl ready web/b1
	status=0
	wait "$waiter" || status=$?
	is "$status" 1
	matches "$(cat "$dir/waited")" 'is not draining'
}

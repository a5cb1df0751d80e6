# lbctl, and what all programs say of themselves: how they end, and in which words.
. tests/e2e/admin.sh

test_lbctl_says_how_it_ended() {
	web 1
	lbd_start
	exits 0 "$BUILD/lbctl" status
	exits 0 "$BUILD/lbctl" status web
	exits 0 env -u LBD_ADMIN "$BUILD/lbctl" -s "$LBD_ADMIN" status
	exits 1 "$BUILD/lbctl" status nosuch
	matches "$(cat "$dir/said")" 'no service "nosuch"'
	exits 1 "$BUILD/lbctl" check "$dir/none.ini"
	for wrong in "" nosuch "status a b" check "reload now" "reload --json" \
		--nosuch "-x status" "-s" "-s $dir/$(printf %0100d 0) status"; do
		# shellcheck disable=SC2086
		exits 2 "$BUILD/lbctl" $wrong
	done
	exits 2 "$BUILD/lbctl" -s "" status
	exits 3 "$BUILD/lbctl" -s "$dir/none.sock" status
	matches "$(cat "$dir/said")" "^lbctl: .*$dir/none.sock: No such file"
	exits 3 "$BUILD/lbctl" -s "$LBD_SOCKET" status
	matches "$(cat "$dir/said")" "^lbctl: .*$LBD_SOCKET.*admin socket"
	exits 3 env LBD_ADMIN="$LBD_SOCKET" "$BUILD/lbctl" reload
	matches "$(cat "$dir/said")" "^lbctl: .*$LBD_SOCKET.*admin socket"
	exits 1 bash -c '"$1" status >/dev/full' - "$BUILD/lbctl"
	stop "$lbd" KILL
	[ -S "$LBD_ADMIN" ]
	for verb in status reload; do
		exits 3 "$BUILD/lbctl" "$verb"
		matches "$(cat "$dir/said")" \
			"^lbctl: .*$LBD_ADMIN: Connection refused"
	done
}

test_lbctl_does_not_wait_for_ever() {
	web 1
	lbd_start
	kill -STOP "$lbd"
	exits 4 "$BUILD/lbctl" status
	matches "$(cat "$dir/said")" "^lbctl: .*$LBD_ADMIN did not answer within 10 s"
	kill -CONT "$lbd"
	exits 0 "$BUILD/lbctl" status
}

# Something that is no lbd at the other end.
test_lbctl_knows_what_is_not_lbd() {
	spawn python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen(9)
print("listening", flush=True)
for answer in (b"", b"no", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
               b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
               b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"):
    c, _ = s.accept()
    c.recv(4096)
    c.sendall(answer); c.close()
' "$LBD_ADMIN" >"$dir/listening"
	eventually grep -q listening "$dir/listening"
	for _ in 1 2 3 4 5; do
		exits 3 timeout 20 "$BUILD/lbctl" status
		cat "$dir/said"
		matches "$(cat "$dir/said")" "^lbctl: .*$LBD_ADMIN"
	done
}

test_check_says_what_lbd_would() {
	mkdir "$dir/files" "$dir/files/a-folder.ini"
	head -c 300000 /dev/urandom >"$dir/files/random.ini"
	: >"$dir/files/empty.ini"
	mkfifo "$dir/files/fifo.ini"
	ln -s /dev/zero "$dir/files/zero.ini"
	ln -s nowhere "$dir/files/dangling.ini"
	printf '\xef\xbb\xbf[service a]\r\naddress = 127.96.1.1:80\r\n' \
		>"$dir/files/bom-crlf-warning.ini"
	printf '[service a]\naddress = 127.96.1.1:80\0\n' >"$dir/files/nul.ini"
	printf '[service a]\naddress = %0300d\n' 0 >"$dir/files/long-line.ini"
	printf '[service a\naddress : 1\n[service b]\n  weight\n[x]\n' \
		>"$dir/files/shapes.ini"
	printf '[service \xff]\n' >"$dir/files/latin.ini"
	printf '[service a]\naddress = 127.96.1.1:80\nbackend = %s\nbackend = %s\n' \
		"$lan.1:1" "$lan.1:1" >"$dir/files/twice.ini"
	printf '[service a]\naddress = 127.96.1.1:80\n[service b]\naddress = 127.96.1.1:80\n' \
		>"$dir/files/both.ini"
	printf '[service a]\naddress = 127.96.1.1:80\nbackend = %s\n' "$lan.1:1" \
		>"$dir/files/good.ini"
	outcomes=
	for f in conf/*.ini "$dir"/files/*.ini "$dir/none.ini"; do
		status=0
		timeout 10 "$BUILD/lbd" -t -c "$f" >"$dir/lbd.out" \
			2>"$dir/lbd.err" || status=$?
		outcomes+="$(basename "$f" .ini)=$status "
		again=0
		timeout 10 "$BUILD/lbctl" check "$f" >"$dir/lbctl.out" \
			2>"$dir/lbctl.err" || again=$?
		is "$f: $again" "$f: $status"
		cmp "$dir/lbd.out" "$dir/lbctl.out"
		cmp "$dir/lbd.err" "$dir/lbctl.err"
		[ $status = 0 ] || [ -s "$dir/lbd.err" ] || fail "$f: no word"
	done
	echo "$outcomes"
	for f in lbd minimal good bom-crlf-warning; do
		matches "$outcomes" "(^| )$f=0 "
	done
	for f in demo random empty a-folder fifo zero dangling nul long-line shapes latin \
		twice both none; do
		matches "$outcomes" "(^| )$f=1 "
	done
	exits 0 "$BUILD/lbd" -t -c "$dir/files/bom-crlf-warning.ini"
	matches "$(cat "$dir/said")" ':1: warning: \[service a\] no backend'
}

test_every_program_says_what_it_is() {
	for program in lbd lbctl lbrun; do
		exits 0 "$BUILD/$program" --version
		matches "$(cat "$dir/said")" \
			"^$program [0-9.]+, table layout [0-9]+\.[0-9]+, features: [a-z]"
		exits 0 "$BUILD/$program" --help
		matches "$(head -1 "$dir/said")" "^usage: $program"
		"$BUILD/$program" --help 2>/dev/null | grep -q usage
		for unknown in --nosuch -Z --version=1; do
			exits 2 "$BUILD/$program" "$unknown"
			matches "$(cat "$dir/said")" "usage: $program"
			is "$("$BUILD/$program" "$unknown" 2>/dev/null || true)" ""
		done
		is "$("$BUILD/$program" --version | cut -d' ' -f2-5)" \
			"$("$BUILD/lbd" --version | cut -d' ' -f2-5)"
	done
	exits 2 "$BUILD/lbd" operand
	exits 2 "$BUILD/lbd" -c
}

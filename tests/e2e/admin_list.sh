# Lists of services far longer than one answer: each is whole, and of one table.

many() { # COUNT: services of which a list is far over 256 KiB
	seq "$1" | awk -v backend="$lan.1:8000" '{
		printf "[service s%d]\naddress = 127.97.%d.%d:80\nprobe = none\nbackend = %s\n",
			$1, $1 / 250, $1 % 250, backend }' | conf
}

# Half of the old list and half of the new would be a lie.
test_a_list_that_a_reload_overtakes_is_cut_short() {
	many 4000
	lbd_start
	many 3990
	python3 - "$LBD_ADMIN" "$BUILD/lbctl" <<-'END'
	import json, socket, subprocess, sys
	def begin():
	    s = socket.socket(socket.AF_UNIX)
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
	    s.connect(sys.argv[1])
	    s.sendall(b"GET /api/v1/services HTTP/1.1\r\nHost: lbd\r\nConnection: close\r\n\r\n")
	    return s, s.recv(1000)
	def rest(s, got):
	    while (more := s.recv(65536)):
	        got += more
	    return got
	whole = rest(*begin())
	assert whole.startswith(b"HTTP/1.1 200") and len(whole) > 1 << 20, len(whole)
	assert b"chunked" in whole[:400] and whole.endswith(b"\r\n0\r\n\r\n"), whole[-99:]
	s, head = begin()
	subprocess.run([sys.argv[2], "reload"], check=True)
	cut = rest(s, head)
	assert 1000 < len(cut) < len(whole), (len(cut), len(whole))
	assert not cut.endswith(b"\r\n0\r\n\r\n"), "a mixture of both lists"
	assert b'"name":"s3990"' not in cut
	END
	is "$("$BUILD/lbctl" status --json | python3 -c '
import json, sys
s = json.load(sys.stdin)["services"]
print(len(s), len({x["name"] for x in s}))')" "3990 3990"
}

# Between lbctl and lbd stands one that reloads while the list passes.
test_lbctl_asks_again_for_a_list_that_was_cut_short() {
	many 4000
	lbd_start
	many 3990
	spawn python3 -u -c '
import socket, subprocess, sys
at, admin, lbctl = sys.argv[1:]
door = socket.socket(socket.AF_UNIX)
door.bind(at); door.listen(9)
print("listening", flush=True)
for turn in range(9):
    client, _ = door.accept()
    s = socket.socket(socket.AF_UNIX)
    s.connect(admin)
    s.sendall(client.recv(4096))
    passed, end = 0, b""
    while (block := s.recv(16384)):
        client.sendall(block)
        passed += len(block)
        if turn == 0 and passed - len(block) < 65536 <= passed:
            subprocess.run([lbctl, "-s", admin, "reload"], check=True)
        end = (end + block)[-7:]
        if end == b"\r\n0\r\n\r\n":
            break
    print("passed", passed, flush=True)
    s.close(); client.close()
' "$dir/relay.sock" "$LBD_ADMIN" "$BUILD/lbctl" >"$dir/relay"
	eventually grep -q listening "$dir/relay"
	"$BUILD/lbctl" -s "$dir/relay.sock" status --json >"$dir/list"
	is "$(python3 -c '
import json, sys
print(len(json.load(sys.stdin)["services"]))' <"$dir/list")" 3990
	eventually bash -c "[ \$(grep -c passed $dir/relay) = 2 ]"
	[ "$(wc -c <"$dir/list")" -gt 1000000 ]
}

# http and https probes: what is asked, what of the answer counts, and what
# servers that mean no good can do, which is: be down.

# shellcheck source=tests/e2e/probes.sh
. tests/e2e/probes.sh

test_the_status_decides() {
	serve http_server.py 1=good 2=good 3=good 4=good 5=good 6=good
	{
		fast
		probe 1 http
		probe 2 http /503
		probe 3 http /503 200-299,500-503
		probe 4 http /302
		probe 5 http /302 200-299
		probe 6 http HEAD /404
	} | conf
	lbd_start
	are 1=up "2=down HTTP 503" 3=up 4=up "5=down HTTP 302" "6=down HTTP 404"
}

test_a_request_is_what_the_conf_says() {
	serve http_server.py 1=good 2=good 3=good 4=good 5=good 6=good
	{
		fast
		probe 1 http
		probe 2 http
		echo name = two.example
		echo name = three.example
		probe 3 'http HEAD /a//../%41?b=c&d host=x.example:81 header="X-A: b: c" header="User-Agent: me"'
		probe 4 http POST /x
		probe 5 http OPTIONS
		probe 6 http /six port=8001
		echo backend = $lan.6:8002 name=c
	} | conf
	serve http_server.py 6:8001=good
	lbd_start
	are 1=up 2=up 3=up 4=up 5=up 6=up
	version=$("$BUILD/lbd" --version | sed 's/^lbd \([^,]*\),.*/\1/')
	is "$(requests_of 1 | head -1)" \
		"GET / HTTP/1.1|Host: $lan.1:8000|User-Agent: lbd/$version|Accept: */*"
	is "$(requests_of 2 | head -1)" \
		"GET / HTTP/1.1|Host: two.example|User-Agent: lbd/$version|Accept: */*"
	is "$(requests_of 3 | head -1)" \
		"HEAD /a//../%41?b=c&d HTTP/1.1|Host: x.example:81|Accept: */*|X-A: b: c|User-Agent: me"
	is "$(requests_of 4 | head -1)" \
		"POST /x HTTP/1.1|Host: $lan.4:8000|User-Agent: lbd/$version|Accept: */*|Content-Length: 0"
	is "$(requests_of 5 | head -1 | cut -d'|' -f1)" "OPTIONS / HTTP/1.1"
	is "$(requests_of 6 | head -1 | cut -d'|' -f1,2)" \
		"GET /six HTTP/1.1|Host: $lan.6:8001"
}

test_the_first_4_kib_of_a_body_match_or_not() {
	serve http_server.py 1=good 2=good 3=good 4=good 5=good 6=good 7=chunked
	{
		fast
		probe 1 'http /body/ready body="^(ok|rea.y)$"'
		probe 2 'http /body/ready body="^ok"'
		probe 3 'http /nul body="fine"'
		probe 4 'http /large body="xabc$"'
		probe 5 'http /large body="abcd"'
		probe 6 'http /503 body="fine"'
		probe 7 'http body="^fine$"'
	} | conf
	lbd_start
	are 1=up "2=down body does not match" 3=up 4=up \
		"5=down body does not match" "6=down HTTP 503" 7=up
}

test_a_connection_is_kept() {
	serve http_server.py 1=good 2=chunked 3=good
	{
		fast
		probe 1 http
		probe 2 http
		probe 3 http /large
	} | conf
	lbd_start
	eventually was_asked 1 10
	eventually was_asked 2 10
	eventually was_asked 3 10
	is "$(connections_of 1) $(connections_of 2) $(connections_of 3)" "1 1 1"
	are 1=up 2=up 3=up
	is "$(grep -c backend-down "$dir/lbd.log")" 0
}

test_a_connection_that_the_backend_closed_is_no_failure() {
	serve http_server.py 1=closing 2=good
	{
		fast
		echo fall = 1
		probe 1 http
		probe 2 http
	} | conf
	lbd_start
	eventually was_asked 1 20
	[ "$(connections_of 1)" -ge 20 ] || fail "they were kept"
	are 1=up 2=up
	is "$(grep -c backend-down "$dir/lbd.log")" 0
	# neither side is left with ports that nobody may use
	is "$(ss -Htan state time-wait "src $lan.1 or dst $lan.1" | wc -l)" 0
	[ "$(descriptors)" -lt 40 ] || fail "$(descriptors) descriptors"
}

test_a_server_that_restarts_is_asked_anew() {
	serve http_server.py 1=good
	server=$pid
	{
		fast
		probe 1 http
	} | conf
	lbd_start
	are 1=up
	stop "$server" KILL
	are "1=down Connection refused"
	serve http_server.py 1=good
	are 1=up
}

test_hostile_servers_are_down_and_stop_nobody() {
	serve http_server.py 1=rst 2=rst_when_asked 3=fin 4=fin_when_asked 5=silent 6=drip \
		7=drip_headers 8=drip_body 9=continues 10=switches \
		11=long_header 12=many_headers 13=long_trailer \
		14=long_chunk_name 15=no_chunk 16=endless 17=no_line_end \
		18=no_line_end_at_all 19=nuls 20=nul_in_header 21=http09 \
		22=escapes 23=cut 24=tls_alert 25=h2_preface
	serve http_server.py 99=good
	{
		fast 500ms
		for i in $(seq 25); do
			probe "$i" 'http body="fine\n$"'
		done
		probe 99 http
		printf 'interval = 100ms\ntimeout = 100ms\n'
	} | conf
	lbd_start
	before=$(memory)
	late="down no answer in time"
	reset="down Connection reset by peer"
	closed="down closed without an answer"
	broken="down the answer broke off"
	long="down headers too long"
	none="down not HTTP"
	are "1=$reset" "2=$reset" "3=$closed" "4=$closed" "5=$late" "6=$late" \
		"7=$late" "8=$late" "9=$long" "10=$late" "11=$long" \
		"12=$long" "13=$broken" "14=$late" "15=$broken" \
		"16=down body does not match" \
		"17=$long" "18=$late" "19=$none" "20=$none" "21=$none" \
		"22=$none" "23=down answer cut short" "24=$none" "25=$none"
	asked=$(requests_of 99 | wc -l)
	eventually was_asked 99 $((asked + 20))
	are 99=up
	is "$(grep -c backend-down.*s99 "$dir/lbd.log")" 0
	has_not_grown "$before"
	[ "$(descriptors)" -lt 80 ] || fail "$(descriptors) descriptors"
}

test_https_verifies_the_name_it_asks_for() {
	certificate DNS:api.test "IP:$lan.2"
	tls=tls,$dir/cert,$dir/key
	serve http_server.py "1=$tls" "2=$tls" "3=$tls" "4=$tls" "5=$tls" "6=$tls" "7=$tls" \
		"8=$tls"
	{
		fast 500ms
		probe 1 "https /one ca=$dir/ca"
		echo name = api.test
		probe 2 "https ca=$dir/ca"
		probe 3 "https ca=$dir/ca"
		probe 4 "https ca=$dir/ca host=api.test:81"
		probe 5 "https ca=$dir/ca host=x.test sni=api.test"
		probe 6 "https ca=$dir/ca host=api.test sni=x.test"
		probe 7 https host=api.test
		probe 8 https verify=none sni=x.test
	} | conf
	lbd_start
	are 1=up 2=up "3=down certificate: not for '$lan.3'" 4=up 5=up \
		"6=down certificate: not for 'x.test'" \
		"7=down certificate: unable to get local issuer certificate" 8=up
	is "$(requests_of 1 | head -1 | cut -d'|' -f1,2)" \
		"GET /one HTTP/1.1|Host: api.test"
	is "$(requests_of 5 | grep -m1 -o 'Host: [^|]*')" "Host: x.test"
	grep -q "^$lan.2 sni None" "$dir/requests"
	grep -q "^$lan.5 sni api.test" "$dir/requests"
	eventually was_asked 1 6 # over one connection
	is "$(grep -c "^$lan.1 sni api.test" "$dir/requests")" 1
}

test_what_is_no_tls_is_down() {
	serve http_server.py 1=no_line_end_at_all 2=tls_alert 3=fin 4=rst 5=silent
	{
		fast 500ms
		for i in 1 2 3 4 5; do
			probe "$i" https verify=none
		done
	} | conf
	lbd_start
	are "1=down TLS: wrong version number" \
		"2=down TLS: sslv3 alert handshake failure" \
		"3=down TLS: closed" "4=down TLS: Connection reset by peer" \
		"5=down no answer in time"
}

test_certificates_that_cannot_be_read_say_nothing_of_a_backend() {
	certificate DNS:api.test
	serve http_server.py "1=tls,$dir/cert,$dir/key"
	mv "$dir/ca" "$dir/later"
	{
		fast
		probe 1 "https ca=$dir/ca sni=api.test"
	} | conf
	lbd_start
	are "1=unknown no certificates to verify with in $dir/ca"
	mv "$dir/later" "$dir/ca"
	are 1=up
}

test_no_descriptor_says_nothing_of_a_backend() {
	serve http_server.py 1=closing
	{
		echo log-level = debug
		fast
		echo fall = 1
		probe 1 http
	} | conf
	lbd_start
	are 1=up
	most=$(prlimit --pid "$lbd" --nofile --output SOFT --noheadings)
	prlimit --pid "$lbd" --nofile=3:
	eventually grep -q 'event=probe-local.*reason="Too many open files"' \
		"$dir/lbd.log"
	prlimit --pid "$lbd" --nofile="$most":
	asked=$(requests_of 1 | wc -l)
	eventually was_asked 1 $((asked + 3))
	are 1=up
	is "$(grep -c backend-down "$dir/lbd.log")" 0
}

test_the_environment_has_no_say_and_no_thread_is_made() {
	serve http_server.py 1=good
	export http_proxy=http://$lan.66:1 all_proxy=http://$lan.66:1
	printf 'machine %s login a password b\n' "$lan.1" >"$dir/.netrc"
	{
		fast
		probe 1 http host=name.invalid
	} | conf
	HOME=$dir lbd_start
	unset http_proxy all_proxy
	are 1=up
	is "$(requests_of 1 | grep -c Authorization)" 0
	is "$(find "/proc/$lbd/task" -mindepth 1 -maxdepth 1 | wc -l)" 1
}

test_a_reload_asks_the_new_question() {
	serve http_server.py 1=good 2=good
	one() { # PATH
		{
			fast
			probe 1 http "$1"
			[ "$1" != /200 ] || probe 2 http /503
		} | conf
	}
	one /200
	lbd_start
	are 1=up "2=down HTTP 503"
	before=$(descriptors)
	for i in $(seq 20); do
		one /204
		"$BUILD/lbctl" reload >/dev/null
		# Every other question is asked, and leaves a connection.
		asked=$(requests_of 1 | wc -l)
		eventually was_asked 1 $((asked + 1))
		one /200
		"$BUILD/lbctl" reload >/dev/null
	done
	one /503
	"$BUILD/lbctl" reload >/dev/null
	are "1=down HTTP 503"
	[ "$(descriptors)" -le "$before" ] || fail "$(descriptors) descriptors"
	conf </dev/null
	"$BUILD/lbctl" reload >/dev/null
	is "$(ss -Htan state all "dst $lan.1 or dst $lan.2" | wc -l)" 0
}

test_a_thousand_backends_are_asked() {
	serve http_server.py 1=good
	{
		fast 1s
		echo '[service s1]'
		echo address = 127.96.2.1:80
		echo probe = http
		for i in $(seq 8001 9000); do
			echo "backend = $lan.1:$i"
		done
	} | conf
	lbd_start
	is "$("$BUILD/lbctl" status s1 --json | grep -oE '"state": ?"down"' | wc -l)" 1000
	{
		fast 1s
		for i in $(seq 1 200); do
			probe "$i" http port=8000
			for j in 1 2 3 4; do
				echo "backend = $lan.1:$((8000 + j)) name=c$j"
			done
		done
	} | sed "s/= $lan\.[0-9]*:8000/= $lan.1:8000/" | conf
	"$BUILD/lbctl" reload >/dev/null
	all_are_up() {
		[ "$(grep -c event=backend-up "$dir/lbd.log")" = 1000 ]
	}
	eventually all_are_up
	is "$(grep -c backend-down.*service=s[0-9][0-9] "$dir/lbd.log")" 0
}

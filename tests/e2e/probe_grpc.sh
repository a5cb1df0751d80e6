# grpc probes: grpc.health.v1.Health/Check, asked of servers that answer as
# they should, and of others.

# shellcheck source=tests/e2e/probes.sh
. tests/e2e/probes.sh

test_a_question_is_one_of_grpc_health() {
	serve grpc_server.py 1=serving 2=proto 3=serving
	{
		fast 500ms
		probe 1 grpc
		probe 2 grpc service=my.Service
		echo name = two.example
		probe 3 "grpc service=$(printf 'x%.0s' {1..140})"
	} | conf
	lbd_start
	are 1=up 2=up 3=up
	one=$(requests_of 1 | head -1)
	for part in ":method: POST" ":scheme: http" ":authority: $lan.1:8000" \
		":path: /grpc.health.v1.Health/Check" "te: trailers" \
		"content-type: application/grpc" "user-agent: lbd/"; do
		grep -qF "$part" <<<"$one" || fail "no $part in $one"
	done
	is "${one##* }" 0000000000
	two=$(requests_of 2 | head -1)
	grep -qF ":authority: two.example|" <<<"$two"
	is "${two##* }" "000000000c0a0a$(printf my.Service | od -An -tx1 | tr -d ' ')"
	three=$(requests_of 3 | head -1)
	is "${three##* }" "000000008f0a8c01$(printf '78%.0s' {1..140})"
}

test_only_serving_is_up() {
	serve grpc_server.py 1=not_serving 2=unknown 3=service_unknown \
		4=unimplemented 5=not_found 6=late_failure 7=no_status \
		8=no_body 9=html 10=http503 11=compressed 12=two 13=garbage
	{
		fast 500ms
		for i in $(seq 13); do
			probe "$i" grpc
		done
	} | conf
	lbd_start
	are "1=down NOT_SERVING" "2=down UNKNOWN" "3=down SERVICE_UNKNOWN" \
		"4=down grpc-status 12" "5=down grpc-status 5" \
		"6=down grpc-status 14" "7=down no grpc-status" \
		"8=down no answer in it" "9=down not gRPC" "10=down HTTP 503" \
		"11=down compressed answer" \
		"12=down answer of another length than it says" \
		"13=down not a health answer"
}

test_hostile_grpc_servers_are_down_and_stop_nobody() {
	serve grpc_server.py 1=oversized 2=endless 3=silent 4=reset 5=closes \
		6=http1 7=long_trailer 99=serving
	serve http_server.py 8=rst 9=fin 10=h2_preface 11=no_line_end 12=nuls \
		13=tls_alert
	{
		fast 500ms
		for i in $(seq 13); do
			probe "$i" grpc
		done
		probe 99 grpc
	} | conf
	lbd_start
	before=$(memory)
	closed="down closed without an answer"
	are 99=up
	none="down not HTTP/2"
	late="down no answer in time"
	are "1=down answer too long" "2=down answer too long" "3=$late" \
		"4=down HTTP/2 broke off" "5=$closed" "6=$none" \
		"7=down the answer broke off" "8=down Connection reset by peer" \
		"9=$closed" "10=$late" "11=$none" "12=$none" "13=$late"
	asked=$(requests_of 99 | wc -l)
	eventually was_asked 99 $((asked + 4))
	are 99=up
	has_not_grown "$before"
	[ "$(descriptors)" -lt 60 ] || fail "$(descriptors) descriptors"
}

each_asked_on_its_own() { # N: counted between two probes
	[ "$(connections_of "$1")" = "$(requests_of "$1" | wc -l)" ]
}

test_a_connection_is_kept_inside_tls_only() {
	certificate DNS:api.test
	serve grpc_server.py 1=serving "2=serving,$dir/cert,$dir/key"
	{
		fast
		probe 1 grpc
		probe 2 grpc tls verify=none
	} | conf
	lbd_start
	eventually was_asked 1 10
	eventually was_asked 2 10
	eventually each_asked_on_its_own 1
	[ "$(ss -Htan state established "dst $lan.1" | wc -l)" -le 1 ] ||
		fail "connections that nobody asks on"
	is "$(connections_of 2)" 1
	is "$(grep -c backend-down "$dir/lbd.log")" 0
	is "$(ss -Htan state time-wait "src $lan.1 or dst $lan.1" | wc -l)" 0
}

test_a_connection_that_goes_away_is_no_failure() {
	certificate DNS:api.test
	serve grpc_server.py "1=goaway,$dir/cert,$dir/key"
	{
		fast 500ms # one that is late on a busy machine would be a failure
		echo fall = 1
		probe 1 grpc tls verify=none
	} | conf
	lbd_start
	eventually was_asked 1 10
	are 1=up
	is "$(grep -c backend-down "$dir/lbd.log")" 0
}

test_a_connection_that_kept_us_waiting_is_not_asked_again() {
	certificate DNS:api.test
	serve grpc_server.py "1=silent,$dir/cert,$dir/key"
	{
		fast
		probe 1 grpc tls verify=none
	} | conf
	lbd_start
	eventually was_asked 1 5
	[ "$(connections_of 1)" -ge 5 ] || fail "$(connections_of 1) connections"
}

test_grpc_inside_tls() {
	certificate DNS:api.test
	tls=$dir/cert,$dir/key
	serve grpc_server.py "1=serving,$tls" "2=serving,$tls" \
		"3=serving,$tls" "4=http1,$tls" "5=serving" "6=not_serving,$tls"
	{
		fast 500ms
		probe 1 "grpc tls ca=$dir/ca"
		echo name = api.test
		probe 2 "grpc tls ca=$dir/ca"
		probe 3 "grpc tls verify=none"
		probe 4 "grpc tls ca=$dir/ca sni=api.test"
		probe 5 "grpc tls verify=none"
		probe 6 "grpc tls verify=none service=x"
	} | conf
	lbd_start
	are 1=up "2=down certificate: not for '$lan.2'" 3=up \
		"4=down not HTTP/2" "6=down NOT_SERVING"
	matches "$(seen s5)" "^down TLS: "
	requests_of 1 | head -1 | grep -qF ":scheme: https"
}

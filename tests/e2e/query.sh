# What stands behind the path of a request: nothing of it is ignored.

asks() { # METHOD PATH STATUS [SENTENCE]
	is "$(curl -s -o "$dir/said" -w '%{http_code}' -X "$1" --unix-socket \
		"$LBD_ADMIN" "http://lbd/api/v1/$2")" "$3"
	[ -z "${4:-}" ] || is "$(cat "$dir/said")" "{\"error\":\"$4\"}"
}

test_a_query_that_means_nothing_is_refused_and_nothing_is_done() {
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = none
	backend = $lan.1:8000 name=b1
	END
	lbd_start
	local b1=services/web/backends/b1 unknown='unknown parameter'
	asks GET 'services?format=text' 400 "$unknown \\\"format\\\""
	asks GET 'services/web?v' 400 "$unknown \\\"v\\\""
	asks GET "$b1?uid=1" 400 "$unknown \\\"uid\\\""
	asks GET 'services?=' 400 "$unknown \\\"\\\""
	asks POST "$b1/drain?timeout=1m" 400 "$unknown \\\"timeout\\\""
	asks POST "$b1/maint?now" 400
	asks POST "$b1/weight/7?until=1h" 400
	asks POST 'reload?file=/tmp/x' 400 "$unknown \\\"file\\\""
	asks GET "$b1" 200
	matches "$(cat "$dir/said")" '"weight":1,.*"will":"ready"'
	is "$(grep -c event=reloaded "$dir/lbd.log" || true)" 0
	asks GET 'services?' 200
	asks POST "$b1/drain?" 200
	asks POST "$b1/ready" 200
}

# lbd.ini as a person meets it: what is asked, and what is said.

test_status_shows_a_probe_as_it_was_written() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = tcp  port=8000 ; the one it has
	backend = $lan.1:8000
	[service plain]
	address = 127.96.1.2:80
	backend = $lan.1:8000
	[service datagrams]
	address = 127.96.1.3:80
	protocol = udp
	backend = $lan.1:8000
	END
	lbd_start
	matches "$("$BUILD/lbctl" status web)" "probe *tcp  port=8000$"
	matches "$("$BUILD/lbctl" status plain)" "probe *tcp$"
	matches "$("$BUILD/lbctl" status datagrams)" "probe *none$"
}

test_a_semicolon_that_ends_a_text_is_explained() {
	conf <<-'END'
	[service web]
	address = 127.96.1.1:80
	probe = send "GET x ; y\r\n"
	END
	fails "$BUILD/lbd" -t -c "$dir/lbd.ini" 2>"$dir/said"
	matches "$(cat "$dir/said")" \
		'lbd.ini:6: \[service web\] probe: must have a closing " in "\\"GET x" \(a blank and ; begin a comment: write \\x3b\)'
}

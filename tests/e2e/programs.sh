# Programs as Debian ships them, unmodified.

one_service() { # further keys from standard input
	conf <<-END
	[defaults]
	interval = 200ms
	[service it]
	address = 127.96.1.1:6379
	name = it.internal
	$(cat)
	END
	lbd_start
}

test_redis_cli_reaches_two_redis_servers() {
	for i in 1 2; do
		spawn redis-server --bind "$lan.$i" --port 7000 --save "" \
			--dir "$dir" --protected-mode no >/dev/null
		eventually redis-cli -h "$lan.$i" -p 7000 ping
		redis-cli -h "$lan.$i" -p 7000 set who "r$i" >/dev/null
	done
	one_service <<-END
	backend = $lan.1:7000
	backend = $lan.2:7000
	END
	is "$(for i in 1 2 3 4; do
		shimmed redis-cli -h it.internal -p 6379 get who
	done | sort | tr '\n' ' ')" "r1 r1 r2 r2 "
}

# nginx as a client: it proxies to the virtual address.
test_nginx_proxies_to_a_virtual_address() {
	backend b1
	backend b2
	one_service <<-END
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
	cat >"$dir/nginx.conf" <<-END
	daemon off;
	pid $dir/nginx.pid;
	error_log stderr;
	events {}
	http {
		access_log off;
		client_body_temp_path $dir/body;
		proxy_temp_path $dir/proxy;
		fastcgi_temp_path $dir/fastcgi;
		uwsgi_temp_path $dir/uwsgi;
		scgi_temp_path $dir/scgi;
		server {
			listen $lan.9:8080;
			location / { proxy_pass http://127.96.1.1:6379; }
		}
	}
	END
	LD_PRELOAD=$preload spawn nginx -p "$dir" -e stderr -c "$dir/nginx.conf" \
		2>"$dir/nginx.log"
	eventually listens "$lan.9" 8080
	is "$(for i in 1 2 3 4; do curl -sS "http://$lan.9:8080/"; done |
		sort | tr '\n' ' ')" "b1 b1 b2 b2 "
}

test_python_http_clients() {
	backend b1
	backend b2
	one_service <<-END
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
	is "$(shimmed python3 -c '
import asyncio, urllib.request
for i in range(2):
    print(urllib.request.urlopen("http://it.internal:6379/").read().decode(), end="")
async def ask():
    r, w = await asyncio.open_connection("127.96.1.1", 6379)
    w.write(b"x\n"); print((await r.read()).decode(), end="")
    w.close()
async def main():
    await ask(); await ask()
asyncio.run(main())' | sort | tr '\n' ' ')" "b1 b1 b2 b2 "
}

test_bash_opens_a_connection() {
	backend b1
	one_service <<-END
	backend = $lan.1:8000
	END
	is "$(shimmed bash -c 'exec 3<>/dev/tcp/127.96.1.1/6379
		echo x >&3; cat <&3')" b1
}

test_lbrun_runs_a_program() {
	[ "$SAN" = "" ] || skip "a sanitized library cannot come first"
	backend b1
	one_service <<-END
	backend = $lan.1:8000
	END
	is "$("$BUILD/lbrun" -s "$LBD_SOCKET" -- curl -sS http://127.96.1.1:6379/)" b1
	is "$(env -u LBD_SOCKET "$BUILD/lbrun" -s "$LBD_SOCKET" sh -c \
		'echo $LBD_SOCKET; echo $LD_PRELOAD')" "$LBD_SOCKET"$'\n'"$BUILD/liblbshim.so"
	is "$(LD_PRELOAD=/nothing.so "$BUILD/lbrun" sh -c 'echo $LD_PRELOAD' 2>/dev/null)" \
		"/nothing.so:$BUILD/liblbshim.so"
	status=0
	"$BUILD/lbrun" no-such-program-here 2>"$dir/said" || status=$?
	is "$status" 127
	matches "$(cat "$dir/said")" 'no-such-program-here'
	status=0
	"$BUILD/lbrun" 2>/dev/null || status=$?
	is "$status" 2
}

test_setuid_programs_ignore_the_environment() {
	[ "$(id -u)" = 0 ] || skip "needs root, to make a setuid program"
	[ "$SAN" = "" ] || skip "a sanitized library cannot come first"
	backend b1
	one_service <<-END
	backend = $lan.1:8000
	END
	# ld.so leaves the library out of a privileged program: plain connect()
	cp "$BUILD/load" "$dir/load"
	chmod 4755 "$dir/load"
	matches "$(LD_PRELOAD=$shim setpriv --reuid=1234 --clear-groups \
		"$dir/load" count=1 127.96.1.1 6379 2>/dev/null)" \
		"failed connects 1"
}

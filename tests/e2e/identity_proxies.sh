# Rights of proxies, who begin as root and change: nginx and HAProxy.

# through AT N...: the status of what a proxy passes on from N, and its answer.
through() {
	local n
	for n in "${@:2}"; do
		curl -s -o "$dir/got" -w '%{http_code}' "http://$lan.9:$1$n/"
		echo "$(sed -n '/^b[0-9]/p' "$dir/got")"
	done | xargs
}

# start_nginx N...: a server at port 810N passes on to the service at 127.96.1.N.
# Its workers are www-data; the master, which opens the listeners, is root.
start_nginx() {
	{
		cat <<-END
		user www-data;
		worker_processes 2;
		pid $dir/nginx.pid;
		events {}
		http {
		access_log off;
		client_body_temp_path $dir/body;
		proxy_temp_path $dir/proxy;
		fastcgi_temp_path $dir/fastcgi;
		uwsgi_temp_path $dir/uwsgi;
		scgi_temp_path $dir/scgi;
		END
		for n; do
			printf 'server { listen %s:810%d; location / {' "$lan.9" "$n"
			printf 'proxy_pass http://127.96.1.%d; } }\n' "$n"
		done
		echo "}"
	} >"$dir/nginx.conf"
	shimmed nginx -p "$dir" -e "$dir/nginx.log" -c "$dir/nginx.conf"
	eventually test -s "$dir/nginx.pid"
	nginx=$(cat "$dir/nginx.pid")
	started+=("$nginx")
}

through_nginx() { # N...
	through 810 "$@"
}

test_workers_of_nginx_have_their_own_rights() {
	root_only
	backend b1
	conf <<-END
	[service roots]
	address = 127.96.1.1:80
	permit = user 0
	probe = none
	backend = $lan.1:8000
	[service workers]
	address = 127.96.1.2:80
	permit = user www-data
	backend = $lan.1:8000
	END
	lbd_start
	start_nginx 1 2
	for _ in 1 2 3 4; do
		is "$(through_nginx 2 1)" "200b1 502"
	done
	matches "$(cat "$dir/nginx.log")" "13: Permission denied.*127.96.1.1:80"
	fails grep -q "111: Connection refused" "$dir/nginx.log"
}

# start_haproxy N...: as Debian ships it: it changes its root, its groups, its
# user, and daemonizes. What comes to port 820N goes to the service at 127.96.1.N.
start_haproxy() {
	{
		sed "s|/run/haproxy/admin.sock|$dir/stats.sock|" \
			/etc/haproxy/haproxy.cfg
		for n; do
			printf 'listen l%d\n\tbind %s:820%d\n\tserver s 127.96.1.%d:80\n' \
				"$n" "$lan.9" "$n" "$n"
		done
	} >"$dir/haproxy.cfg"
	grep -q "chroot /var/lib/haproxy" "$dir/haproxy.cfg"
	grep -q "daemon" "$dir/haproxy.cfg"
	shimmed haproxy -f "$dir/haproxy.cfg" -p "$dir/haproxy.pid"
	eventually test -s "$dir/haproxy.pid"
	haproxy=$(cat "$dir/haproxy.pid")
	started+=("$haproxy")
	is "$(stat -c %U "/proc/$haproxy")" haproxy
}

through_haproxy() { # N...
	through 820 "$@"
}

test_haproxy_as_debian_has_it() {
	root_only
	backend b1
	conf <<-END
	[service roots]
	address = 127.96.1.1:80
	permit = user 0
	probe = none
	backend = $lan.1:8000
	[service haproxys]
	address = 127.96.1.2:80
	permit = user haproxy group haproxy
	backend = $lan.1:8000
	[service open]
	address = 127.96.1.3:80
	backend = $lan.1:8000
	END
	lbd_start
	start_haproxy 1 2 3
	for _ in 1 2; do
		is "$(through_haproxy 2 3 1)" "200b1 200b1 503"
	done
	was_denied() { # SERVICE COUNT
		"$BUILD/lbctl" status "$1" --json | tr -d ' \n' |
			grep -qE "\"denied\":$2"
	}
	eventually was_denied roots "[1-9]"
	was_denied haproxys 0
}

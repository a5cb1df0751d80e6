#!/bin/bash
# ask.sh PROGRAM IP PORT [FRONT]: a program, with $preload in it, asks there once
# and prints what it is answered; then, if its interface shows that, "peer" and
# who answered. Proxies listen at FRONT, and are asked by a plain program.
#
# Every ask_NAME is a row of the table, in this order. No program has a second
# attempt of its own; where it could have, that is turned off here.
set -u
here=$(dirname "$0")

with() {
	LD_PRELOAD=$preload "$@"
}

curl_asks() {
	with curl -sS --max-time 5 -w 'peer %{remote_ip}:%{remote_port}\n' "$@"
}

ask_curl() {
	curl_asks "http://$1:$2/"
}

ask_curl_fastopen() {
	curl_asks --tcp-fastopen "http://$1:$2/"
}

# wget says why only together with much that differs from run to run.
say_status() { # NAME STATUS
	[ "$2" = 0 ] || echo "$1: status $2" >&2
	return "$2"
}

ask_wget() {
	with wget -q --tries=1 -O - "http://$1:$2/"
	say_status wget $?
}

ask_wget_timeout() {
	with wget -q --tries=1 --timeout=10 -O - "http://$1:$2/"
	say_status wget $?
}

ask_nc() {
	echo who | with nc -v -w 10 "$1" "$2"
}

ask_socat() {
	echo who | with socat -t 10 - "TCP:$1:$2,connect-timeout=10"
}

ask_python() {
	with python3 "$here/ask_socket.py" "$1" "$2"
}

ask_python_timeout() {
	with python3 "$here/ask_socket.py" "$1" "$2" 10
}

ask_asyncio() {
	with python3 "$here/ask_asyncio.py" "$1" "$2"
}

ask_uvloop() {
	with python3 "$here/ask_asyncio.py" "$1" "$2" uvloop
}

ask_gevent() {
	with python3 "$here/ask_socket.py" "$1" "$2" gevent
}

ask_twisted() {
	with python3 "$here/ask_twisted.py" "$1" "$2"
}

ask_node() {
	with node "$here/ask_node.js" "$1" "$2"
}

ask_node_fetch() {
	with node "$here/ask_fetch.js" "$1" "$2"
}

java_asks() {
	with java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto \
		-Djdk.httpclient.disableRetryConnect=true -cp "$dir/java" "$@"
}

ask_java_socket() {
	java_asks AskSocket "$1" "$2"
}

ask_java_timeout() {
	java_asks AskSocket "$1" "$2" 10000
}

ask_java_channel() {
	java_asks AskChannel "$1" "$2"
}

ask_java_http() {
	java_asks AskHttp "$1" "$2"
}

is_listening() { # IP:PORT
	ss -Hltn "src $1" | grep -q .
}

# through FRONT COMMAND...: a proxy, and the answer that a plain curl gets from
# it. What it says of the attempt is left in $scratch/log.
through() {
	local front=$1 status=0 pid
	shift
	with "$@" >"$scratch/log" 2>&1 &
	pid=$!
	for _ in $(seq 200); do
		is_listening "$front" && break
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	curl -sS --max-time 5 --fail-with-body "http://$front/" \
		2>"$scratch/curl" || status=$?
	case $status in
	0) ;;
	52 | 56) echo "no answer" >&2; status=56 ;; # it is chance which
	*) cat "$scratch/curl" >&2 ;;
	esac
	kill $pid
	wait $pid
	return $status
}

nginx_conf() { # KIND: http or stream; the server's lines are standard input
	cat <<-END
	load_module /usr/lib/nginx/modules/ngx_stream_module.so;
	daemon off;
	user root;
	worker_processes 1;
	pid $scratch/pid;
	error_log stderr;
	events {}
	http {
		access_log off;
		client_body_temp_path $scratch/body;
		proxy_temp_path $scratch/proxy;
		fastcgi_temp_path $scratch/fastcgi;
		uwsgi_temp_path $scratch/uwsgi;
		scgi_temp_path $scratch/scgi;
		$([ "$1" != http ] || cat)
	}
	$([ "$1" != stream ] || { echo "stream {"; cat; echo "}"; })
	END
}

nginx_asks() { # KIND FRONT
	local status=0
	nginx_conf "$1" >"$scratch/nginx.conf"
	through "$2" nginx -p "$scratch" -e stderr -c "$scratch/nginx.conf" ||
		status=$?
	grep -oE '(connect\(\) failed|upstream timed out).* upstream,' \
		"$scratch/log" >&2
	return $status
}

ask_nginx_http() {
	nginx_asks http "$3" <<-END
	server {
		listen $3;
		location / {
			proxy_pass http://$1:$2;
			proxy_next_upstream off;
		}
	}
	END
}

ask_nginx_stream() {
	nginx_asks stream "$3" <<-END
	server {
		listen $3;
		proxy_pass $1:$2;
		proxy_next_upstream off;
	}
	END
}

# Its word on how the session ended, and how often it has tried again.
haproxy_asks() { # MODE FRONT TO [GLOBAL]
	local status=0
	cat >"$scratch/haproxy.cfg" <<-END
	global
	    log stdout format raw local0 info
	    ${4:-}
	defaults
	    mode $1
	    log global
	    log-format "ended %ts retries %rc"
	    retries 0
	    timeout connect 10s
	    timeout client 10s
	    timeout server 10s
	listen it
	    bind $2
	    server it $3
	END
	through "$2" haproxy -db -f "$scratch/haproxy.cfg" || status=$?
	grep '^ended' "$scratch/log" >&2
	return $status
}

ask_haproxy_http() {
	haproxy_asks http "$3" "$1:$2"
}

ask_haproxy_tcp() {
	haproxy_asks tcp "$3" "$1:$2"
}

# poll() is __poll_chk() there.
ask_haproxy_poll() {
	haproxy_asks tcp "$3" "$1:$2" noepoll
}

ask_php() {
	with php "$here/ask_stream.php" "$1" "$2"
}

ask_php_timeout() {
	with php "$here/ask_stream.php" "$1" "$2" 10
}

ask_php_curl() {
	with php "$here/ask_curl.php" "$1" "$2"
}

ask_perl() {
	with perl "$here/ask_inet.pl" "$1" "$2"
}

ask_perl_timeout() {
	with perl "$here/ask_inet.pl" "$1" "$2" 10
}

ask_perl_http() {
	with perl "$here/ask_tiny.pl" "$1" "$2"
}

ask_ruby_http() {
	with ruby "$here/ask_http.rb" "$1" "$2"
}

ask_ruby_nonblock() {
	with ruby "$here/ask_nonblock.rb" "$1" "$2"
}

ask_libevent() {
	with "$BUILD/ask_libevent" "$1" "$2"
}

# libevent takes what it is left.
ask_libevent_poll() {
	EVENT_NOEPOLL=1 with "$BUILD/ask_libevent" "$1" "$2"
}

ask_libevent_select() {
	EVENT_NOEPOLL=1 EVENT_NOPOLL=1 with "$BUILD/ask_libevent" "$1" "$2"
}

ask_libev_epoll() {
	with "$BUILD/ask_libev" "$1" "$2" epoll
}

ask_libev_poll() {
	with "$BUILD/ask_libev" "$1" "$2" poll
}

ask_libev_select() {
	with "$BUILD/ask_libev" "$1" "$2" select
}

ask_hiredis() {
	with "$BUILD/ask_redis" "$1" "$2" plain
}

ask_hiredis_timeout() {
	with "$BUILD/ask_redis" "$1" "$2" timeout
}

ask_hiredis_async() {
	with "$BUILD/ask_redis" "$1" "$2" async
}

scratch=$(mktemp -d "$dir/ask.XXXXXX")
chmod 755 "$scratch"
"ask_$1" "${@:2}"

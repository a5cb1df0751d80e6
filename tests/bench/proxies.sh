# proxies.sh: HAProxy and nginx with as many processes or threads as there are
# cores, or as it takes for very many connections. Sourced.

# A connection through a proxy is two descriptors of its.
most_fds=$(ulimit -Hn)
[ "$most_fds" != unlimited ] && [ "$most_fds" -le 200000 ] || most_fds=200000

# proxies_for CONNECTIONS: how many processes; a tenth more, for they do not
# share evenly.
proxies_for() {
	echo $((($1 * 22 / 10) / (most_fds - 500) + 1))
}

# start_haproxy THREADS CONNECTIONS: one process. It may still be reading its
# file when the next is started.
start_haproxy() {
	local file what
	if what=$(absent haproxy); then
		loses haproxy "$what"
		return
	fi
	file=$(mktemp "$dir/haproxy.XXXXXX")
	cat >"$file" <<-EOF
	global
	 nbthread $1
	 maxconn $2
	defaults
	 mode tcp
	 timeout connect 5s
	 timeout client 60s
	 timeout server 60s
	listen web
	 bind $front.1:80 backlog 4096
	 balance roundrobin
	 server s1 $lan.1:8000
	 server s2 $lan.2:8000
	 server s3 $lan.3:8000
	EOF
	spawn haproxy -db -f "$file" >>"$dir/haproxy.log" 2>&1
	haproxy=$pid
	eventually_by "$pid" listens "$front.1" 80 ||
		loses haproxy "$(last_line "$dir/haproxy.log")"
}

# start_nginx WORKERS
start_nginx() {
	local what
	if what=$(absent nginx); then
		loses nginx "$what"
		return
	fi
	cat >"$dir/nginx.cfg" <<-EOF
	load_module /usr/lib/nginx/modules/ngx_stream_module.so;
	daemon off;
	pid $dir/nginx.pid;
	worker_processes $1;
	worker_rlimit_nofile $most_fds;
	events { worker_connections $((most_fds - 100)); }
	stream {
		upstream web {
			server $lan.1:8000 max_fails=0;
			server $lan.2:8000 max_fails=0;
			server $lan.3:8000 max_fails=0;
		}
		server {
			listen $front.2:80 reuseport backlog=4096;
			proxy_pass web;
		}
	}
	EOF
	spawn nginx -e "$dir/nginx.log" -c "$dir/nginx.cfg" 2>>"$dir/nginx.log"
	nginx=$pid
	eventually_by "$pid" listens "$front.2" 80 && workers_live ||
		loses nginx "$(nginx_says)"
}

nginx_says() {
	{ grep -m 1 emerg "$dir/nginx.log" || last_line "$dir/nginx.log"; } |
		sed 's/^.*[0-9]#[0-9]*: //'
}

# It listens before they have tried to be another user.
workers_live() {
	sleep 0.3
	! grep -q 'fatal code' "$dir/nginx.log"
}

start_proxies() {
	local threads
	threads=$(nproc)
	start_haproxy "$threads" 4000
	start_nginx "$threads"
}

stop_proxies() {
	local pid
	for pid in "$haproxy" "$nginx"; do
		[ -z "$pid" ] || stop "$pid" 2>/dev/null
	done
}

# Threads that wait while a connection is moved are told of what became of it
# as they would be of one that went there at once: nobody of a failure, each of
# the success as often as the kernel says.
. tests/e2e/veth.sh

# .50 refuses and .51 answers, both as soon as the neighbour is there: until
# then what is sent to them waits in this host.
far_away() {
	sysctl -qw net.ipv4.neigh.near.retrans_time_ms=20 \
		net.ipv4.neigh.near.mcast_solicit=500
	spawn_far "$BUILD/hello" 0.0.0.0 8000 live
	eventually listens "$lan.1" 8000
	program release <<-END
	for n in 50 51; do
		nsenter --net=/proc/$far/ns/net ip address add $lan.\$n/24 dev far
	done
	END
	conf <<-END
	[defaults]
	probe = none
	balance = first
	eject-after = 1000
	[service live]
	address = 127.96.1.1:80
	backend = $lan.50:9
	backend = $lan.50:10
	backend = $lan.51:8000
	[service dead]
	address = 127.96.1.2:80
	backend = $lan.50:9
	backend = $lan.50:10
	backend = $lan.50:11
	[service silent]
	address = 127.96.1.3:*
	backend = $lan.99:*
	backend = $lan.98:*
	END
	lbd_start
}

hide() {
	for n in 50 51; do
		far ip address del "$lan.$n/24" dev far 2>/dev/null || true
	done
	ip neigh flush dev near
}

# told LIBRARY WORDS THREADS ADDRESS PORT: a thread that is slow is told of a
# socket that hung up (14), its error being another's by then (15).
told() {
	hide
	LD_PRELOAD=$1 "$BUILD/woken" "${@:2}" "sh $dir/release" 127.96.1.3 |
		sed 's/^14 15/15 15/' | uniq -c | tr -s ' \n' ' '
}

# told_alike WORDS THREADS
told_alike() {
	local kind kernel shim bad=0
	for kind in live dead; do
		if [ $kind = live ]; then
			kernel=$(told "" "$@" "$lan.51" 8000)
			shim=$(told "$preload" "$@" 127.96.1.1 80)
		else
			kernel=$(told "" "$@" "$lan.50" 9)
			shim=$(told "$preload" "$@" 127.96.1.2 80)
		fi
		[ "$kernel" != "$shim" ] || continue
		bad=1
		echo "$1, $2 threads, $kind: $shim, not $kernel"
	done
	[ $bad = 0 ]
}

all_told_alike() { # THREADS WORDS...
	local words bad=0
	far_away
	for words in "${@:2}"; do told_alike "$words" "$1" || bad=1; done
	[ $bad = 0 ]
}

epolls=(epoll epoll,et epoll,oneshot epoll,et,oneshot epoll_pwait,et
	epoll_pwait2,et epoll_pwait2 epoll,own epoll,own,et)
polls=(poll ppoll select pselect)

test_one_thread_on_epoll() {
	all_told_alike 1 "${epolls[@]}"
}

test_one_thread_on_epoll_whatever_its_data() {
	all_told_alike 1 epoll,fd epoll,et,fd epoll,oneshot,fd \
		epoll,zero epoll,et,zero epoll,oneshot,zero \
		epoll,another epoll,et,another epoll,oneshot,another
}

# Others that are under way, and nothing is wrong with them, have the same data.
test_one_thread_on_epoll_where_others_have_the_same_data() {
	all_told_alike 1 epoll,twin epoll,et,twin epoll,oneshot,twin \
		epoll,zero,twin epoll,fd,twin
}

test_one_thread_on_epoll_that_had_it_before_connect() {
	all_told_alike 1 epoll,early epoll,et,early epoll,et,early,fd \
		epoll,oneshot,early
}

test_one_thread_on_poll_and_select() {
	all_told_alike 1 "${polls[@]}"
}

test_two_threads_on_epoll() {
	all_told_alike 2 "${epolls[@]}"
}

test_two_threads_on_poll_and_select() {
	all_told_alike 2 "${polls[@]}"
}

test_eight_threads_on_epoll() {
	all_told_alike 8 "${epolls[@]}"
}

test_eight_threads_on_poll_and_select() {
	all_told_alike 8 "${polls[@]}"
}

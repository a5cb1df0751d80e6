# What a socket answers once its connection was refused for good is what one
# answers that was refused without the library: by whatever a program asks
# first, and in whatever order it goes on. Nothing listens here.

nobody_listens() { # FAMILY-ADDRESS BACKEND...
	conf <<-END
	[service nobody]
	address = $1
	probe = none
	eject-after = 1000
	balance = first
	$(printf 'backend = %s\n' "${@:2}")
	END
	lbd_start
}

# refused_alike HOW FROM TO: two addresses, each with a port.
refused_alike() {
	"$BUILD/underway" refused "$1" $2 >"$dir/kernel"
	shimmed "$BUILD/underway" refused "$1" $3 >"$dir/shim"
	[ "$(wc -l <"$dir/kernel")" = 1156 ]
	diff "$dir/kernel" "$dir/shim" >"$dir/diff" && return
	echo "$1: $(grep -c '^>' "$dir/diff") of 1156 differ"
	grep "^[<>]" "$dir/diff" | sort -s -k2,3 | sed -n 1,12p
	return 1
}

all_refused_alike() { # FROM TO HOW...
	local how bad=0
	for how in "${@:3}"; do refused_alike "$how" "$1" "$2" || bad=1; done
	[ $bad = 0 ]
}

test_ipv4_refused_by_all_asked_by_waiting() {
	nobody_listens 127.96.1.1:80 "$lan.1:8000" "$lan.2:8000" "$lan.3:8000"
	all_refused_alike "$lan.1 8000" "127.96.1.1 80" \
		poll ppoll select pselect epoll epoll_pwait epoll_pwait2
}

test_ipv4_refused_by_all_asked_for_the_error() {
	nobody_listens 127.96.1.1:80 "$lan.1:8000" "$lan.2:8000" "$lan.3:8000"
	all_refused_alike "$lan.1 8000" "127.96.1.1 80" error error-of-dup
}

test_ipv4_refused_by_all_asked_by_connect() {
	nobody_listens 127.96.1.1:80 "$lan.1:8000" "$lan.2:8000" "$lan.3:8000"
	all_refused_alike "$lan.1 8000" "127.96.1.1 80" again other fastopen
}

# Nobody moves what is asked so: the program is told by the first backend.
test_ipv4_refused_asked_by_reading_and_writing() {
	nobody_listens 127.96.1.1:80 "$lan.1:8000" "$lan.2:8000" "$lan.3:8000"
	all_refused_alike "$lan.1 8000" "127.96.1.1 80" \
		recv read peek recvmsg send write writev sendmsg sendto
}

test_ipv4_refused_and_then_given_up() {
	nobody_listens 127.96.1.1:80 "$lan.1:8000" "$lan.2:8000" "$lan.3:8000"
	all_refused_alike "$lan.1 8000" "127.96.1.1 80" \
		shut-rd shut-wr shut-both none
}

# One that is not moved, for it has no other, or may not.
test_refused_by_the_only_backend() {
	nobody_listens 127.96.1.1:80 "$lan.1:8000"
	all_refused_alike "$lan.1 8000" "127.96.1.1 80" \
		poll select epoll error again recv
}

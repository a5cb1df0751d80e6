# A connection that was moved while under way answers as one that went there at
# once. Where it goes nobody answers, so that it stays under way.
. tests/e2e/veth.sh

# At the far end .1 refuses, and .2 and .3 say nothing.
holes() { # FURTHER KEYS...
	tamper far "ip daddr { $lan.2, $lan.3, $lan.4 } tcp flags syn drop"
	tamper far "ip6 daddr { $lan6:2, $lan6:3, $lan6:4 } tcp flags syn drop"
	{
		printf '[defaults]\nprobe = none\nbalance = first\n'
		printf 'eject-after = 1000\n'
		printf '%s\n' "$@"
		cat <<-END
		[service v4]
		address = 127.96.1.1:80
		backend = $lan.1:8000
		backend = $lan.2:8000
		backend = $lan.4:8000
		[service v6]
		address = [fd96::1]:80
		backend = [$lan6:1]:8000
		backend = [$lan6:2]:8000
		backend = [$lan6:4]:8000
		[service first4]
		address = 127.96.1.3:80
		backend = $lan.2:8000
		backend = $lan.4:8000
		[service silent4]
		address = 127.96.1.2:80
		connect-timeout = 3s
		backend = $lan.3:8000
		backend = $lan.2:8000
		[service silent6]
		address = [fd96::2]:80
		connect-timeout = 3s
		backend = [$lan6:3]:8000
		backend = [$lan6:2]:8000
		END
	} | conf
	lbd_start
}

# moved_alike VIP HOLE HOW...: two addresses, each with a port.
moved_alike() {
	local how bad=0
	"$BUILD/underway" hole state $2 $2 >"$dir/kernel"
	[ "$(wc -l <"$dir/kernel")" = 1156 ]
	for how in "${@:3}"; do
		shimmed "$BUILD/underway" hole "$how" $1 $2 >"$dir/shim"
		diff "$dir/kernel" "$dir/shim" >"$dir/diff" && continue
		bad=1
		echo "$how: $(grep -c '^>' "$dir/diff") of 1156 differ"
		grep "^[<>]" "$dir/diff" | sort -s -k2,3 | sed -n 1,12p
	done
	[ $bad = 0 ]
}

waits=(poll ppoll select pselect epoll epoll_pwait epoll_pwait2)

test_ipv4_refused_and_moved_while_waiting() {
	holes
	moved_alike "127.96.1.1 80" "$lan.2 8000" "${waits[@]}"
}

test_ipv4_refused_and_moved_by_a_question() {
	holes
	moved_alike "127.96.1.1 80" "$lan.2 8000" error error-of-dup again other
}

# One that has been to no other yet, and that its program gives up.
test_ipv4_under_way_to_the_first() {
	holes
	moved_alike "127.96.1.3 80" "$lan.2 8000" state
}

test_ipv6_refused_and_moved_while_waiting() {
	holes
	moved_alike "fd96::1 80" "$lan6:2 8000" poll select epoll
}

test_ipv6_refused_and_moved_by_a_question() {
	holes
	moved_alike "fd96::1 80" "$lan6:2 8000" error error-of-dup again other
}

test_ipv4_mapped_refused_and_moved() {
	holes
	moved_alike "::ffff:127.96.1.1 80" "::ffff:$lan.2 8000" poll error
}

test_silent_and_moved_while_waiting() {
	holes
	moved_alike "127.96.1.2 80" "$lan.2 8000" poll select epoll
	moved_alike "fd96::2 80" "$lan6:2 8000" poll
}

# Nothing listens at the far end, nor here.
test_ipv6_refused_by_all() {
	local how bad=0
	conf <<-END
	[service nobody]
	address = [fd96::1]:80
	probe = none
	balance = first
	backend = [$lan6:1]:8000
	backend = [$lan6:2]:8000
	END
	lbd_start
	for how in poll select epoll error again recv; do
		"$BUILD/underway" refused $how "$lan6:1" 8000 >"$dir/kernel"
		[ "$(wc -l <"$dir/kernel")" = 1156 ]
		shimmed "$BUILD/underway" refused $how fd96::1 80 >"$dir/shim"
		diff "$dir/kernel" "$dir/shim" >"$dir/diff" && continue
		bad=1
		echo "$how: $(grep -c '^>' "$dir/diff") of 1156 differ"
		grep "^[<>]" "$dir/diff" | sort -s -k2,3 | sed -n 1,12p
	done
	[ $bad = 0 ]
}

# options_alike VIP HOLE: two addresses, each with a port.
options_alike() {
	"$BUILD/options" $2 $2 >"$dir/kernel"
	shimmed "$BUILD/options" $1 $2 >"$dir/shim"
	[ "$(wc -l <"$dir/kernel")" -gt 200 ]
	diff "$dir/kernel" "$dir/shim"
}

test_ipv4_moved_options_and_names_are_kept() {
	holes
	options_alike "127.96.1.1 80" "$lan.2 8000"
	options_alike "127.96.1.2 80" "$lan.2 8000"
}

test_ipv6_moved_options_and_names_are_kept() {
	holes
	options_alike "fd96::1 80" "$lan6:2 8000"
	options_alike "fd96::2 80" "$lan6:2 8000"
}

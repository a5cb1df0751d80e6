# Descriptors that run out on the whole machine, not only in lbd: what lbd
# itself closes is all that it can have.
. tests/e2e/siege.sh

on_a_machine() { # KEY
	[ "$SAN" = "" ] || skip "a sanitizer opens files of its own"
	"$CC" -D_GNU_SOURCE -shared -fPIC -O1 -o "$dir/machine.so" \
		tests/e2e/preload/machine.c
	head -c 16 /dev/zero >"$dir/machine"
	backend b1
	pid_of_b1=$pid
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	$1
	backend = $lan.1:8000
	END
	: >"$dir/lbd.log"
	LD_PRELOAD=$dir/machine.so MACHINE=$dir/machine \
		spawn "$BUILD/lbd" -c "$dir/lbd.ini" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
	before=$(($(descriptors "$lbd") + 1)) # the counters of its first caller
	is "$(get 127.96.1.1:80)" b1
}

machine_is_full() { # 0 or 1
	# shellcheck disable=SC2059
	printf "\\$1" | dd of="$dir/machine" bs=1 conv=notrunc status=none
}

# Others are at once where lbd has closed one.
machine_is_crowded() {
	printf '\200\377\377\377\377\377\377\377' |
		dd of="$dir/machine" bs=8 seek=1 conv=notrunc status=none
	machine_is_full 1
}

# With the spare ones that were given up.
all_are_back() {
	[ "$(descriptors "$lbd")" = "$before" ]
}

test_programs_attach_to_an_lbd_on_a_full_machine() {
	on_a_machine "probe = none"
	machine_is_full 1
	for _ in 1 2 3 4 5; do
		eventually is_served
	done
	machine_is_full 0
	eventually is_served
	eventually all_are_back
}

# Whatever lbd opens next could take it.
test_what_a_program_attached_by_is_in_reserve_before_the_next_comes() {
	on_a_machine "probe = none"
	machine_is_full 1
	eventually is_served
	eventually all_are_back
}

test_lbd_on_a_full_machine_can_be_asked_what_is_wrong() {
	on_a_machine "probe = none"
	machine_is_full 1
	for _ in 1 2 3 4 5; do
		is "$(state_of web "$lan.1:8000")" unknown
	done
	machine_is_full 0
	"$BUILD/lbctl" status >/dev/null
	eventually all_are_back
}

test_a_full_machine_says_nothing_about_a_backend() {
	on_a_machine "interval = 100ms"
	eventually backend_is web "$lan.1:8000" up
	machine_is_crowded
	sleep 1
	machine_is_full 0
	is "$(state_of web "$lan.1:8000")" up
	fails grep -q event=backend-down "$dir/lbd.log"
	stop "$pid_of_b1"
	eventually backend_is web "$lan.1:8000" down
}

# A library that does not get what it asks the kernel for. Whichever of its calls
# fails, for once or from there on, its host has what lbd says or what it would
# have without the library, and never a half of either.

. tests/e2e/rules.sh

guests() {
	[ "$SAN" = "" ] || skip "a sanitizer makes calls of its own"
	backend b1
	conf <<-END
	[defaults]
	probe = none
	balance = first
	eject-after = 1000
	[service open]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	[service denied]
	address = 127.96.1.2:80
	deny = any
	backend = $lan.1:8000
	[service of-root]
	address = 127.96.1.3:80
	permit = user 0
	backend = $lan.1:8000
	[service of-1234]
	address = 127.96.1.4:80
	permit = user 1234
	backend = $lan.1:8000
	[service first-refuses]
	address = 127.96.1.5:80
	connect-timeout = 1s
	backend = $lan.9:8000
	backend = $lan.1:8000
	[service first-is-silent]
	address = 127.96.1.6:80
	connect-timeout = 30ms
	backend = $lan.8:8000
	backend = $lan.1:8000
	END
	lbd_start
}

# foiled FROM ERRORS WHAT LEAST MOST: as foil.c says; so many calls are made.
foiled() {
	local status=0 calls rest
	FOILED=$shim "$BUILD/foil" "$1" "$2" "$BUILD/foiled" "$3" "$lan.1" \
		>"$dir/foiled" 2>&1 || status=$?
	[ $status != 77 ] || skip "system calls cannot be made to fail here"
	tail -n 12 "$dir/foiled"
	read -r calls rest < <(tail -n 1 "$dir/foiled")
	is "$rest" "calls, ${6:-some got it, some did without}, 0 complaints"
	[ "$calls" -ge "$4" ]
	[ "$calls" -le "$5" ]
}

test_whatever_the_first_attach_lacks_it_is_the_table_or_none() {
	guests
	foiled start ENOMEM,EMFILE,EINTR,EPERM,EINVAL,ENOSYS attach 20 200
}

# Where nobody is ever ready it asks for 0.2 s.
test_an_lbd_that_is_never_ready_is_the_table_or_none() {
	guests
	foiled start EAGAIN attach 20 1000000
}

test_whatever_a_drop_of_root_lacks_it_takes_the_rights() {
	root_only
	guests
	foiled mark ENOMEM,EINTR,EPERM drop 20 200
}

test_whatever_a_retry_lacks_there_is_an_answer() {
	guests
	foiled mark ENOMEM,EINTR,EPERM retry 7 50 "some got it, none did without"
}

test_whatever_a_wait_lacks_it_tells_what_is_so() {
	guests
	silent_backend
	foiled mark ENOMEM wait 30 200
}

# lbd without memory, or with system calls that fail. Whatever was asked for and
# is not to be had, it carries on, or ends and says so.

# lacks memory|calls SECONDS
lacks() {
	[ "$SAN" = "" ] || skip "a sanitizer has memory of its own"
	"$CC" -D_GNU_SOURCE -shared -fPIC -O1 -o "$dir/scarce.so" \
		tests/e2e/preload/scarce.c
	backend b1
	silent_backend
	python3 -u tests/e2e/scarce.py "$1" "$BUILD/lbd" "$dir" "$lan.1" "$lan.8" \
		"$2" || {
		cat "$dir/scarce.log"
		fail "see above"
	}
}

test_memory_runs_out_anywhere() {
	lacks memory "${SCARCE_SECONDS:-40}"
}

test_a_call_fails_anywhere() {
	lacks calls "${SCARCE_SECONDS:-30}"
}

# lbd without memory. Whatever was asked for and is not to be had, it carries on
# or ends and says so.

test_memory_runs_out_anywhere() {
	[ "$SAN" = "" ] || skip "a sanitizer has memory of its own"
	"$CC" -D_GNU_SOURCE -shared -fPIC -O1 -o "$dir/scarce.so" \
		tests/e2e/preload/scarce.c
	backend b1
	python3 -u tests/e2e/scarce.py "$BUILD/lbd" "$dir" "$lan.1" \
		"${SCARCE_SECONDS:-40}" || {
		cat "$dir/scarce.log"
		fail "see above"
	}
}

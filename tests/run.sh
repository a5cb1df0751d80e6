#!/bin/bash
# run.sh [unit|e2e] [WORD]: runs the tests whose name has WORD in it. Each ends
# as pass, FAIL or SKIP with its reason; the last line counts them. Under
# CI=true a SKIP that tests/skips does not name is a failure. Of unit tests, the
# word is a suite, or SUITE/CASE.
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build} SAN=${SAN:-} CC=${CC:-cc}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
part=
case ${1:-} in unit | e2e) part=$1; shift ;; esac
word=${1:-}
passed=0 failed=0 skipped=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export out

allowed() { # NAME REASON
	grep -v '^#' tests/skips 2>/dev/null | grep -qF "$1: $2"
}

# count NAME STATUS OUTPUT-FILE
count() {
	local reason
	case $2 in
	0)
		passed=$((passed + 1))
		echo "pass $1"
		;;
	77)
		reason=$(sed -n 's/^SKIP //p' "$3" | tail -1)
		if [ "${CI:-}" = true ] && ! allowed "$1" "$reason"; then
			failed=$((failed + 1))
			echo "FAIL $1: skipped, and tests/skips does not say so: $reason"
		else
			skipped=$((skipped + 1))
			echo "SKIP $1: $reason"
		fi
		;;
	*)
		failed=$((failed + 1))
		echo "FAIL $1 (exit $2)"
		sed 's/^/     | /' "$3" | tail -40
		;;
	esac
}

# What takes longest: a run for each of its cases.
list_steps() {
	cat tests/test_steps*.c | tr -d '[:space:]' |
		grep -oE '(steps_add\(s,|tcase_create\()"[^"]+"' |
		sed 's:.*"\(.*\)":steps/\1:' | sort
}

list_others() {
	sed -n 's/^Suite \*\([a-z_]*\)_suite(void);/\1/p' tests/suites.h |
		grep -vx steps
}

# The suites of the word, SUITE or SUITE/CASE, the longest first; without a word
# all, but for steps with WITHOUT=steps.
list_suites() {
	case $word in
	'')
		[ "${WITHOUT:-}" = steps ] || list_steps
		list_others
		;;
	steps) list_steps ;;
	*) echo "$word" ;;
	esac
}

one_suite() { # SUITE[/CASE]
	export CK_RUN_SUITE=${1%%/*}
	case $1 in */*) export CK_RUN_CASE=${1#*/} ;; esac
	"$BUILD/unit" >"$out/unit.${1/\//.}" 2>&1
}

count_suite() { # SUITE[/CASE]
	local line ok bad log=$out/unit.${1/\//.}
	line=$(grep -oE '[0-9]+%: Checks:.*' "$log" | tail -1)
	case $word$SAN$line in [0-9]*"%: Checks: 0,"*) line= ;; esac # a lost suite
	case $line in *"Checks: 0,"*) return 0 ;; esac
	if [ -z "$line" ]; then
		count "unit/$1" 1 "$log"
		return
	fi
	ok=$(sed 's/.*Checks: \([0-9]*\).*/\1/' <<<"$line")
	bad=$(sed 's/.*Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2/' <<<"$line")
	bad=$((${bad% *} + ${bad#* }))
	passed=$((passed + ok - bad))
	failed=$((failed + bad))
	echo "unit/$1: $line"
	[ $bad = 0 ] || grep -E '^[^ ]+:[0-9]+:[FE]:' "$log"
}

run_unit() {
	local suite
	export -f one_suite
	list_suites | xargs -P "$(nproc)" -I{} bash -c 'one_suite "$1"' _ {}
	for suite in $(list_suites); do
		count_suite "$suite"
	done
	if [ -n "$SAN" ] && [ -z "$word" ]; then
		echo "SKIP a sanitizer's own instructions are not stepped through" \
			>"$out/steps"
		count unit/steps 77 "$out/steps"
	fi
}

# The tests of the word, a line each: file and name.
list_e2e() {
	local file name test
	for file in tests/e2e/*.sh; do
		name=$(basename "$file" .sh)
		[ "$name" = lib ] && continue
		for test in $(sed -n 's/^test_\([a-z0-9_]*\)().*/\1/p' "$file"); do
			case "$name/$test" in *"$word"*) echo "$file $test" ;; esac
		done
	done
}

# one FILE TEST: a line that says how it ended, and where its output is.
one() {
	local log status=0
	log=$(mktemp "$out/log.XXXXXX")
	timeout -k 10 "${LIMIT:-120}" bash tests/e2e/lib.sh "$1" "$2" \
		>"$log" 2>&1 </dev/null || status=$?
	echo "e2e/$(basename "$1" .sh)/$2 $status $log"
}

# Two at a time: they wait more than they compute, and share nothing.
run_e2e() {
	local name status log
	[ -z "$SAN" ] || make -s SAN= BUILD="$BUILD/unsanitized" \
		"${BUILD#"$PWD"/}/unsanitized/liblbshim.so" >/dev/null
	export -f one
	while read -r name status log; do
		count "$name" "$status" "$log"
	done < <(list_e2e | xargs -P "${JOBS:-2}" -L 1 bash -c 'one "$@"' _)
}

[ "$part" = e2e ] || run_unit
[ "$part" = unit ] || run_e2e
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $((passed + skipped)) -gt 0 ]

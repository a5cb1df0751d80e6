#!/bin/bash
# run.sh [WORD]: breaks one line at a time and wants the named test to fail. A
# mutant that survives is a test that does not test. The mutants are in *.list,
# a file for each subject:
#
#	= what is broken
#	FILE
#	- a line as it stands, leading blanks apart (several: as they follow)
#	+ what they are replaced by (none: taken out)
#	! the test that must fail, as tests/run.sh has it: "unit SUITE", "e2e NAME";
#	  or "fuzz NAME": the inputs of tests/fuzz/NAME
#
# WORD picks the mutants with this word in their title or in their test's name.
# One more is tried at a time than there are processors, for most tests wait;
# each with a tree that is built, so that only what it changes is built again.
set -u
cd "$(dirname "$0")/../.." || exit 1
export word=${1:-} work
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/built" "$work/mutants"

# One file for each mutant, numbered as they come.
split() {
	awk -v to="$work/mutants" '
		/^#/ || /^$/ { next }
		/^= / { close(file); file = sprintf("%s/%04d", to, ++n) }
		{ print >file }' tests/mutants/*.list
}

build() { # TREE TARGET...: what is built is told apart by its time alone
	make -s -C "$1" BUILD=build SAN= CI= CFLAGS=-O2 "${@:2}" >"$1/log" 2>&1
}

# What is behind a mark of the mutant's lines.
lines() { # MUTANT MARK
	sed -n "s/^$2 //p" "$1"
}

mutate() { # MUTANT FILE
	python3 - "$1" "$2" <<-'END'
	import sys
	mutant, path = sys.argv[1:]
	marked = [line.rstrip("\n").partition(" ") for line in open(mutant)]
	old = [text.strip() for mark, _, text in marked if mark == "-"]
	new = [text for mark, _, text in marked if mark == "+"]
	lines = open(path).read().split("\n")
	at = [i for i in range(len(lines))
	      if [line.strip() for line in lines[i:i + len(old)]] == old]
	if len(at) != 1:
	    sys.exit(f"{len(at)} places in {path} are: {old}")
	lines[at[0]:at[0] + len(old)] = new
	open(path, "w").write("\n".join(lines))
	END
}

# The suite of lbd.ini is large: one case after the other, until one fails.
run_conf() {
	local counts part
	for part in $(sed -n 's/.*tcase_create("\(.*\)").*/\1/p' tests/test_conf*.c); do
		counts=$(run_test unit "conf/$part" 2>&1 | tail -1)
		case $counts in *' passed, 0 failed, '*) ;; *) break ;; esac
	done
	echo "$counts"
}

# Ends with a line that counts, like that of tests/run.sh.
run_test() { # unit|e2e|fuzz WORD
	if [ "$*" = 'unit conf' ]; then
		run_conf
	elif [ "$1" != fuzz ]; then
		CI='' BUILD=build SAN='' LIMIT=60 PATIENCE=60 \
			timeout 300 tests/run.sh "$@"
	elif BUILD=build timeout 60 tests/fuzz/run.sh replay 0 "fuzz_$2"; then
		echo 1 passed, 0 failed, 0 skipped
	else
		echo 0 passed, 1 failed, 0 skipped
	fi
}

# What became of a mutant: killed only where a test ran, and failed. What is
# broken never comes true: nobody waits for that as long as for what may.
outcome() { # MUTANT TREE TEST
	local file targets=all counts
	file=$(sed -n 2p "$1")
	case $3 in
	unit*) targets=unit-build ;;
	fuzz*) targets=fuzz-build ;;
	esac
	if ! mutate "$1" "$2/$file" 2>"$2/log"; then
		echo "cannot be made: $(tail -1 "$2/log")"
	elif ! build "$2" $targets; then
		echo "does not build: $(grep -m1 error "$2/log")"
	else
		counts=$(cd "$2" && run_test $3 2>&1 | tail -1)
		case $counts in
		'0 passed, 0 failed, '*) echo "no such test" ;;
		*' passed, 0 failed, '*) echo SURVIVED ;;
		*' failed, '*) echo killed ;;
		*) echo "does not end" ;;
		esac
	fi
}

# Each processor has a tree. The file gets back what it was, its time too, and
# what was compiled of it goes: with that, all it was linked into is old.
in_tree_of_slot() { # MUTANT TEST FILE
	local tree=$work/tree.$slot
	[ -e "$tree" ] || cp -a "$work/built" "$tree"
	cp -p "$tree/$3" "$tree/as-it-was"
	outcome "$1" "$tree" "$2"
	mv "$tree/as-it-was" "$tree/$3"
	find "$tree/build" -path "*/${3%.c}.o" -delete
}

# A header would have nearly all of it built anew, for the next one once more.
in_tree_of_its_own() { # MUTANT TEST
	local tree=$work/tree.$slot.own
	cp -a "$work/built" "$tree"
	outcome "$1" "$tree" "$2"
	rm -rf "$tree"
}

try() { # MUTANT
	local what test file where=in_tree_of_slot
	what=$(lines "$1" =)
	test=$(lines "$1" !)
	file=$(sed -n 2p "$1")
	[[ "$what $test" == *"$word"* ]] || return 0
	case $file in *.c) ;; *) where=in_tree_of_its_own ;; esac
	SECONDS=0
	echo "$($where "$1" "$test" "$file"): $what ($test, $SECONDS s)"
}

export -f build lines mutate run_conf run_test outcome in_tree_of_slot \
	in_tree_of_its_own try
split
git ls-files -z | xargs -0 cp --parents -t "$work/built"
build "$work/built" -j"$(nproc)" all unit-build fuzz-build || {
	cat "$work/built/log"
	exit 1
}
printf '%s\0' "$work"/mutants/* |
	xargs -0 -n 1 -P "$(($(nproc) + 1))" --process-slot-var=slot \
		bash -c 'try "$1" </dev/null' try |
	tee "$work/outcomes"
killed=$(grep -c '^killed: ' "$work/outcomes")
survived=$(grep -vc '^killed: ' "$work/outcomes")
echo "$killed mutants killed, $survived not"
[ "$survived" = 0 ] && [ "$killed" -gt 0 ]

#!/bin/bash
# run.sh [WORD]: breaks one line at a time and wants the named test to fail. A
# mutant that survives is a test that does not test. The list:
#
#	= what is broken
#	FILE
#	- a line as it stands, leading blanks apart (several: as they follow)
#	+ what they are replaced by (none: taken out)
#	! the test that must fail, as tests/run.sh has it: "unit SUITE", "e2e NAME"
set -u
cd "$(dirname "$0")/../.." || exit 1
word=${1:-}
work=$(mktemp -d)
mkdir "$work/pristine"
git ls-files -z | xargs -0 cp --parents -t "$work/pristine"
cp -r "$work/pristine/." "$work/tree"
pristine=$work/pristine work=$work/tree
trap 'rm -rf "${work%/tree}"' EXIT
make -s -C "$work" BUILD=build all unit-build >/dev/null 2>"$pristine/../log" || {
	cat "$pristine/../log"
	exit 1
}
killed=0 survived=0

# Brings the file back, newer than what was built from the mutant.
restore() {
	cp "$pristine/$1" "$work/$1"
}

mutate() { # FILE OLD NEW
	python3 - "$work/$1" "$2" "$3" <<-'END'
	import sys
	path, old, new = sys.argv[1:]
	lines = open(path).read().split("\n")
	old = [line.strip() for line in old.split("\n")]
	at = [i for i in range(len(lines))
	      if [line.strip() for line in lines[i:i + len(old)]] == old]
	if len(at) != 1:
	    sys.exit(f"{len(at)} places in {path} are: {old}")
	lines[at[0]:at[0] + len(old)] = [new]
	open(path, "w").write("\n".join(lines))
	END
}

try() { # WHAT FILE OLD NEW TEST
	local outcome
	[[ "$1 $5" == *"$word"* ]] || return 0
	if ! mutate "$2" "$3" "$4"; then
		outcome="cannot be made"
	elif ! make -s -C "$work" BUILD=build all unit-build >/dev/null 2>"$pristine/../log"; then
		outcome="does not build: $(grep -m1 error "$pristine/../log")"
	elif (cd "$work" && CI='' BUILD=build SAN='' timeout 300 tests/run.sh $5) \
		>"$pristine/../log" 2>&1; then
		outcome="SURVIVED"
	fi
	restore "$2"
	if [ -z "${outcome:-}" ]; then
		killed=$((killed + 1))
		echo "killed    $1 ($5)"
	else
		survived=$((survived + 1))
		echo "$outcome: $1 ($5)"
	fi
}

what= file= old= new=
while IFS= read -r line; do
	case $line in
	'= '*) what=${line#= } file= old= new= ;;
	'- '*) old=$old${old:+$'\n'}${line#- } ;;
	'+ '*) new=$new${new:+$'\n'}${line#+ } ;;
	'! '*) try "$what" "$file" "$old" "$new" "${line#! }" </dev/null ;;
	'' | '#'*) ;;
	*) file=$line ;;
	esac
done <tests/mutants/list
echo "$killed mutants killed, $survived not"
[ $survived = 0 ] && [ $killed -gt 0 ]

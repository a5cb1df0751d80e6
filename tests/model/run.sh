#!/bin/bash
# run.sh [WORD]: tries all there is to try in the models of the table (*.pml),
# and then each with one step broken, which must be noticed. What can be broken
# are the names that a model asks for with #ifdef or #ifndef. WORD picks those
# with this word in their names; V=1 shows how each is noticed.
set -u
cd "$(dirname "$0")" || exit 1
word=${1:-} dir=$(mktemp -d) status=0
trap 'rm -rf "$dir"' EXIT

# The verdict of one search, in $dir/out.
search() { # MODEL [BROKEN]
	local optimize=-O0
	[ $# = 1 ] && optimize=-O2
	(
		cd "$dir" && rm -f ./*.trail
		spin ${2:+-D$2} -a "$OLDPWD/$1.pml" && {
			cc $optimize -w -DSAFETY -DCOLLAPSE -DMEMLIM=3500 \
				-o search pan.c
		} && ./search -m20000 -w24
	) >"$dir/out" 2>&1
}

# Everything was tried, nothing was found, and no line was tried in vain.
is_sound() {
	grep -q 'errors: 0$' "$dir/out" &&
		! grep -qE 'not completed|too small|out of memory|memory limit' \
			"$dir/out" &&
		! grep -A1 unreached "$dir/out" | grep -qv '(0 of\|unreached\|--'
}

# The steps that led there: who, where in the model, and what it changed.
trail() { # MODEL [BROKEN]
	spin ${2:+-D$2} -t -k "$dir/$1.pml.trail" -p -g -l "$1.pml" |
		awk -v model="$1.pml" '
		function flush() {
			if (changed != "")
				printf "     %-6s %s:%-3d  %s\n%30s%s\n", who, \
					model, at, source[at], "", changed
			changed = ""
		}
		BEGIN {
			while ((getline text <model) > 0) {
				gsub(/^[\t ]+|[\t ]*\\$/, "", text)
				source[++n] = text
			}
		}
		/text of failed assertion/ {
			flush()
			sub(/.*assertion: /, "")
			print "     " who " does not hold: " $0
			exit
		}
		/trail ends after/ { flush(); exit }
		/^ *[0-9]+:\tproc/ {
			match($0, /\([a-z]+:/)
			name = substr($0, RSTART + 1, RLENGTH - 2)
			match($0, /pml:[0-9]+/)
			line = substr($0, RSTART + 4, RLENGTH - 4)
			if (name != who || line != at)
				flush()
			who = name
			at = line + 0
		}
		/^\t\t.* = / {
			key = $1
			sub(/.*:/, "", $1)
			if (value[key] + 0 != $3 + 0 || $3 !~ /^[0-9]+$/ &&
				value[key] != $3)
				changed = changed " " $1 " = " $3 ";"
			value[key] = $3
		}'
}

say() { # WHETHER WHAT
	[ "$1" = pass ] || status=1
	echo "$1 model/$2"
}

check_sound() { # MODEL
	local states
	search "$1"
	states=$(awk '/states, stored/ { n = $1
		while (sub(/[0-9][0-9][0-9][0-9]($|,)/, "&", n) &&
			match(n, /[0-9][0-9][0-9][0-9]($|,)/))
			n = substr(n, 1, RSTART) "," substr(n, RSTART + 1)
		print n }' "$dir/out")
	if is_sound; then
		say pass "$1 ($states states)"
		return
	fi
	say FAIL "$1"
	grep -E 'assertion|invalid end|unreached|pml:|error|limit|small' \
		"$dir/out" | sed 's/^/     /'
	[ ! -e "$dir/$1.pml.trail" ] || trail "$1"
}

check_broken() { # MODEL BROKEN
	local name=${2,,}
	search "$1" "$2"
	name=${name//_/-}
	if [ -e "$dir/$1.pml.trail" ]; then
		say pass "$name is found"
		[ "${V:-0}" != 1 ] || trail "$1" "$2"
	else
		say FAIL "$name is not found"
		tail -3 "$dir/out" | sed 's/^/     /'
	fi
}

for model in *.pml; do
	model=${model%.pml}
	[[ $model != *"$word"* ]] || check_sound "$model"
	for broken in $(sed -n 's/^#ifn\{0,1\}def //p' "$model.pml" | sort -u); do
		name=${broken,,}
		[[ $model/${name//_/-} != *"$word"* ]] ||
			check_broken "$model" "$broken"
	done
done
exit $status

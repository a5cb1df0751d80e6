# budgets.sh: what the library costs, beside the same program without it, and
# what it may cost. The two run in turn, a fresh process each, so that what else
# the machine does falls on both. A figure over its budget is said, and is no
# failure. Sourced.

# once OUTPUT COMMAND...: its first figure into OUTPUT.
once() {
	timeout 60 "${@:2}" 2>"$dir/why" | cut -d' ' -f1 >"$1"
}

# pairs TIMES TABLE PRELOAD: runs "${client[@]}" with "${direct[@]}" as it is, and
# with "${routed[@]}" under the library, in turn; so often, if ROUNDS is 9. A
# pair that lacks a half does not count, but in $lost.
pairs() {
	: >"$dir/direct"
	: >"$dir/routed"
	lost=0
	for _ in $(seq $((($1 * ROUNDS + 8) / 9))); do
		if once "$dir/half" "${client[@]}" "${direct[@]}" &&
			once "$dir/other" env LBD_SOCKET="$dir/$2/lbd.sock" \
				${3:+LD_PRELOAD="$3"} \
				"${client[@]}" "${routed[@]}"; then
			cat "$dir/half" >>"$dir/direct"
			cat "$dir/other" >>"$dir/routed"
		else
			lost=$((lost + 1))
			last_line "$dir/why" >"$dir/because"
		fi
	done
}

line() {
	printf '%-45s %8s %8s  %-27s %-16s %s\n' "$@"
}

# verdict UNIT BUDGET QUARTILES... ROUNDS: with a ? if the budget is nearer to
# the median than that is certain: 1.57 x interquartile range / sqrt(rounds).
verdict() {
	awk -v unit="$1" -v budget="$2" -v q1="$3" -v m="$4" -v q3="$5" -v n="$6" '
	BEGIN {
		if (budget == "-")
			exit
		off = m - budget
		if (unit == "share")
			off = -off
		near = (off < 0 ? -off : off) < 1.57 * (q3 - q1) / sqrt(n)
		print (off > 0 ? "not met" : "met") (near ? "?" : "")
	}'
}

# report WHAT UNIT BUDGET [GOAL]: a line about the pairs. UNIT ns, us, KiB:
# what is added; times: the ratio, more is worse; share: more is better.
report() {
	local q1 q2 q3 d r format='%+.1f' sign=+ unit=" $2" verdict
	read -r q1 q2 q3 < <(paste "$dir/direct" "$dir/routed" |
		awk -v unit="$2" '{
			print unit == "times" || unit == "share" ? $2 / $1 : $2 - $1
		}' | quartiles)
	read -r _ d _ < <(quartiles <"$dir/direct")
	read -r _ r _ < <(quartiles <"$dir/routed")
	case $2 in
	times | share) format='%.3f' sign='' unit='' ;;
	esac
	verdict=$(verdict "$2" "$3" "$q1" "$q2" "$q3" "$(wc -l <"$dir/direct")")
	[ "$3" = - ] && sign='' && unit=''
	# shellcheck disable=SC2059
	line "$1" "$(printf %.5g "$d")" "$(printf %.5g "$r")" \
		"$(printf "$format ($format .. $format)" "$q2" "$q1" "$q3")" \
		"$sign$3$unit${4:+ (goal $4)}" "$verdict"
}

# row WHAT UNIT BUDGET GOAL TIMES TABLE PRELOAD
row() {
	pairs "$5" "$6" "$7"
	[ -s "$dir/direct" ] && report "$1" "$2" "$3" "$4"
	[ $lost = 0 ] && return
	[ -s "$dir/direct" ] || : >"$dir/missing"
	echo "    $1: $lost of $(($(wc -l <"$dir/direct") + lost)) pairs lost:" \
		"$(cat "$dir/because")"
}

heading() { # WHAT
	line "$1" direct 'with lbd' 'cost: median (quartiles)' budget ''
}

# footing: below such a table.
footing() {
	echo '? = too close to the budget for the spread of this run'
}


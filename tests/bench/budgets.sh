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
	printf '%-44s %10s %10s   %-27s %-8s  %s\n' "$@" | sed 's/ *$//'
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
		by = unit == "share" || unit == "times" ? sprintf("%.3f", off) : \
			sprintf(off < 10 ? "%.1f %s" : "%.0f %s", off, unit)
		print (off > 0 ? "not met, by " by : "met") (near ? "?" : "")
	}'
}

# amount UNIT N: what was measured, as a reader wants it.
amount() {
	case $1 in
	share) echo "$(printf %.0f "$2" | thousands)/s" ;;
	times) echo "$(printf %.0f "$2" | thousands) us" ;;
	ns) awk -v n="$2" 'BEGIN {
		if (n < 9999.5)
			printf "%.0f ns\n", n
		else
			printf "%.1f us\n", n / 1000
	}' | thousands ;;
	*) echo "$(printf %.0f "$2" | thousands) $1" ;;
	esac
}

# cost UNIT QUARTILES...: +102 ns (97 .. 107), or x 0.994 (0.988 .. 1.000)
cost() {
	case $1 in
	times | share) printf 'x %.3f (%.3f .. %.3f)\n' "$3" "$2" "$4" ;;
	*) awk -v unit="$1" -v q1="$2" -v m="$3" -v q3="$4" '
	function whole(n) {
		return n > -.5 && n < .5 ? "0" : sprintf("%.0f", n)
	}
	BEGIN {
		print (m >= .5 ? "+" : "") whole(m) " " unit,
			"(" whole(q1) " .. " whole(q3) ")"
	}' ;;
	esac
}

# limit UNIT BUDGET
limit() {
	case $1:$2 in
	*:-) ;;
	times:* | share:*) echo "x $2" ;;
	*) echo "+$2 $1" ;;
	esac
}

# report WHAT UNIT BUDGET: a line about the pairs. UNIT ns, us, KiB: what is
# added; times: the ratio, more is worse; share: more is better.
report() {
	local q d r n
	read -ra q < <(paste "$dir/direct" "$dir/routed" |
		awk -v unit="$2" '{
			print unit == "times" || unit == "share" ? $2 / $1 : $2 - $1
		}' | quartiles)
	read -r _ d _ < <(quartiles <"$dir/direct")
	read -r _ r _ < <(quartiles <"$dir/routed")
	n=$(wc -l <"$dir/direct")
	line "$1" "$(amount "$2" "$d")" "$(amount "$2" "$r")" \
		"$(cost "$2" "${q[@]}")" "$(limit "$2" "$3")" \
		"$(verdict "$2" "$3" "${q[@]}" "$n")"
}

# row WHAT UNIT BUDGET TIMES TABLE PRELOAD
row() {
	pairs "$4" "$5" "$6"
	[ -s "$dir/direct" ] && report "$1" "$2" "$3"
	[ $lost = 0 ] && return
	[ -s "$dir/direct" ] || : >"$dir/missing"
	echo "    $1: $lost of $(($(wc -l <"$dir/direct") + lost)) pairs lost:" \
		"$(cat "$dir/because")"
}

heading() { # WHAT
	echo "$1: medians of pairs, and between the quartiles"
	line '' direct 'with lbd' cost budget ''
}

# footing: below such a table.
footing() {
	echo '? = too close to the budget for the spread of this run'
}

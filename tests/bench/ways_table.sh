# ways_table.sh: the table of ways, and what stands below it. Sourced.

# columns: those that were asked for, as the table has them.
columns() {
	local each
	for each in udp tcp exchange trip crowd; do
		asked "$each" && printf '%s ' "$each"
		[ "$each" != crowd ] || ! asked crowd || printf 'cpu '
	done
	asked held && echo held
}

# cell MEASURE WAY: the median and how far the quartiles are from it.
cell() {
	local q1 q2 q3 spread
	local figures=$dir/$1.$2
	if ! sensible "${1/cpu/crowd}" "$2"; then
		echo '-'
	elif [ -n "${why[$2]:-}" ]; then
		echo SKIP
	elif ! grep -qs '[0-9]' "$figures"; then
		echo lost
	else
		read -r q1 q2 q3 < <(grep '[0-9]' "$figures" | quartiles)
		spread=$(awk -v a="$q1" -v m="$q2" -v b="$q3" 'BEGIN {
			printf "%.0f", 50 * (b - a) / m
		}')
		spread=" ±$spread%%"
		[ "$(grep -c '[0-9]' "$figures")" != 1 ] || spread=''
		# shellcheck disable=SC2059
		printf "${form[$1]}$spread\n" "$q2" | thousands
	fi
}

# thousands: commas into numbers that have no fraction.
thousands() {
	sed -E ':a; s/^([0-9]+)([0-9]{3})([ ,]|$)/\1,\2\3/; ta'
}

# rounds MEASURE WAY: how many count, of how many there were.
rounds() {
	local lost got
	lost=$(grep -c '' "$dir/lost.${1/cpu/crowd}.$2" 2>/dev/null) || return
	got=$(grep -c '[0-9]' "$dir/$1.$2")
	echo "$got/$((got + lost)) "
}

# against MEASURE WAY: how many times the direct way's, pair by pair.
against() {
	rounds "$1" "$2"
	[ "$2" != direct ] && [ "$1" != held ] &&
		[ -s "$dir/$1.$2" ] && [ -s "$dir/$1.direct" ] || return
	paste "$dir/$1.direct" "$dir/$1.$2" |
		awk '$1 > 0 && $2 > 0 { print $2 / $1 }' >"$dir/ratios"
	[ ! -s "$dir/ratios" ] ||
		quartiles <"$dir/ratios" | awk '{ printf "x %.3f\n", $2 }'
}

# in_columns LABEL TEXT...: printf counts bytes of what is not ASCII.
in_columns() {
	local text line
	printf -v line '%-25s' "$1"
	for text in "${@:2}"; do
		printf -v line '%s%*s%s' "$line" $((12 - ${#text})) '' "$text"
	done
	sed 's/ *$//' <<<"$line"
}

ways_rows() {
	local way each row
	for way in $WAYS; do
		row=()
		for each in $(columns); do row+=("$(cell "$each" "$way")"); done
		in_columns "${label[$way]}" "${row[@]}"
		row=()
		for each in $(columns); do
			row+=("$(against "$each" "$way" | xargs)")
		done
		[[ ${row[*]} != *[^\ ]* ]] || in_columns '' "${row[@]}"
	done
}

ways_table() {
	local each row1=() row2=() row3=()
	for each in $(columns); do
		row1+=("${head1[$each]}")
		row2+=("${head2[$each]}")
		row3+=("${head3[$each]}")
	done
	echo "Ways to three servers: medians of $ROUNDS" \
		"round$([ "$ROUNDS" = 1 ] || echo s), ± half of what lies" \
		'between the quartiles;'
	echo 'x: times direct, in the same round; -: no question; SKIP: not to' \
		'be had, see below;'
	echo '8/9: so many rounds count, the others were lost, see below.'
	echo
	in_columns '' "${row1[@]}"
	in_columns '' "${row2[@]}"
	in_columns '' "${row3[@]}"
	ways_rows
	echo
	ways_notes
}

lost_notes() {
	local each way lost what
	for each in $(columns); do
		for way in $WAYS; do
			lost=$dir/lost.$each.$way
			[ -e "$lost" ] || continue
			what=$(last_line "$lost")
			echo "Lost, $(wc -l <"$lost") x: $each, ${label[$way]}:" \
				"${what:-without a word}"
		done
	done
}

ways_notes() {
	local way
	for way in $WAYS; do
		[ -z "${why[$way]:-}" ] ||
			echo "SKIP ${label[$way]}: ${why[$way]}"
	done
	lost_notes
	! asked tcp || echo 'A proxy has answered connect() before it has a server.'
	! asked held || held_notes
}

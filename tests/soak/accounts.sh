# accounts.sh: what the programs met, and what lbd has counted. Sourced by run.sh,
# whose variables these are.

# of HALF CLIENT WORD: the sum of what it said of that.
of() {
	awk -v word="$3" '{
		for (i = 1; i < NF; i += 2)
			if ($i == word)
				sum += $(i + 1)
	} END { print sum + 0 }' "$dir/$1.$2"
}

# What lbd says of a service, or the sum of it over its backends.
counted() { # SERVICE KEY
	"$BUILD/lbctl" status "$1" --json | python3 -c 'import json, sys
s = json.load(sys.stdin)
print(s.get(sys.argv[1], sum(b.get(sys.argv[1], 0) for b in s["backends"])))' "$2"
}

# lbd looks every 100 ms.
settle() {
	sleep 1
}

check_outcomes() { # HALF
	local c sent seen word
	for c in threads processes polling programs denied without; do
		sent=$(of "$1" $c sent) seen=0
		for word in answered failed broken late wrong; do
			seen=$((seen + $(of "$1" $c $word)))
		done
		[ "$sent" = "$seen" ] || complain "$1 half, $c: sent $sent, met $seen"
		[ "$(of "$1" $c wrong)" = 0 ] || complain "$1 half, $c: answers to others"
		[ "$(of "$1" $c late)" = 0 ] || complain "$1 half, $c: never answered"
		[ "$c" = programs ] || [ "$sent" -gt 10 ] || complain "$1 half, $c: idle"
	done
	for c in threads processes polling programs; do
		[ "$(of "$1" $c failed)" = 0 ] ||
			complain "$1 half, $c: connects failed though b1 was there:" \
				"$(cat "$dir/$1.$c")"
	done
	[ "$(of "$1" denied EACCES)" = "$(of "$1" denied sent)" ] ||
		complain "$1 half: not everybody was denied: $(cat "$dir/$1.denied")"
	[ "$(of "$1" without ECONNREFUSED)" = "$(of "$1" without sent)" ] ||
		complain "$1 half: not everybody was refused: $(cat "$dir/$1.without")"
}

equal() { # WHAT OURS THEIRS
	accounts+=("$1: $2 counted by lbd, $3 by the programs")
	[ "$2" = "$3" ] || complain "$1: lbd counted $2, programs $3"
}

# Nobody but us counts since lbd was started; it was not replaced since.
check_counters() {
	local c sent=0
	accounts=()
	for c in threads processes polling programs; do
		sent=$((sent + $(of second $c sent)))
	done
	equal "connects to web" "$(counted web attempts)" "$sent"
	equal "denied" "$(counted shut denied)" "$(of second denied sent)"
	equal "no backend" "$(counted none no_backend)" "$(of second without sent)"
	[ "$(counted web picks)" -ge "$(($(counted web ok) + $(counted web failed)))" ] ||
		complain "web: more outcomes than picks"
}

# Every region and descriptor that a reload or a client took is given back.
check_growth() {
	local more_fds=$(($(descriptors) - fds)) more=$(($(memory_kib) - kib))
	accounts+=("lbd has $more_fds descriptors and $more KiB more than at first")
	[ $more_fds -le 8 ] || complain "lbd: $more_fds descriptors more"
	[ $more -le 4096 ] || complain "lbd: $more KiB more"
}

table() { # HALF
	local c word
	printf '\n%-28s %8s %8s %8s %8s %8s\n' "$1 half" sent answered failed broken late
	for c in threads processes polling programs denied without; do
		printf '%-28s' "  $c"
		for word in sent answered failed broken late; do
			printf ' %8s' "$(of "$1" $c $word)"
		done
		echo
	done
}

summary() {
	local word
	table first
	table second
	echo
	for word in "${!done[@]}"; do echo "  $word ${done[$word]}"; done | sort |
		tr '\n' ' '
	printf '\n\n'
	printf '  %s\n' "${accounts[@]}"
	if [ ${#bad[@]} = 0 ]; then
		echo "soak: passed"
		return 0
	fi
	printf 'FAIL %s\n' "${bad[@]}"
	tail -n 20 "$dir/lbd.log"
	echo "soak: failed; again with: tests/soak/run.sh $duration $seed"
	return 1
}

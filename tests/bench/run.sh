#!/bin/bash
# run.sh [WORD...]: what the library costs, beside no balancing at all and beside
# other ways to balance, on this machine. Prints tables, also into a file of
# their own. A WORD picks the parts, or the columns of the first table, whose
# names it is part of; ROUNDS=3 makes it shorter, and less certain.
#
#	ways     udp tcp exchange trip crowd held: six ways, a table
#	calls    what the library adds to single calls, and its budgets
#	process  what it adds to a program's start, to the first socket, to memory
#	probes   what lbd's probes cost, and HAProxy's
#	uneven   one of three servers is slow or refuses, with lbd and with HAProxy
#	spread   how evenly maglev spreads its callers
#
# Virtual addresses are in 127.96.0.0/16, everything else is loopback too. A
# figure that cannot be had is said to be so, a round that was lost as well. The
# exit status is 1 where there is no figure at all of lbd, the library or the
# direct way, or of another way and no reason why.
set -uo pipefail
export LC_ALL=C.UTF-8
PARTS="ways calls process probes uneven spread"
MEASURES="udp tcp exchange trip crowd held"

# Whose PATH has no servers in it, as a plain user's on Debian, has them anyway.
[ "$(id -u)" = 0 ] || PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
here=$(dirname "$0")
# shellcheck source=/dev/null
. "$here/own_net.sh"
for each in procs tables ways start proxies compare held ways_table budgets \
	calls process beside probes uneven spread; do
	# shellcheck source=/dev/null
	. "$here/$each.sh"
	here=tests/bench # for procs.sh went there
done

# However it ends, no control group stays, and tee has nothing to wait for.
on_exit() {
	trap - EXIT
	exec >&2
	stop_all
	leave_groups
	cleanup
}
trap on_exit EXIT

# picked NAMES WORD...: those of the names that a word is part of.
picked() {
	local name word found=
	for name in $1; do
		for word in "${@:2}"; do
			case $name in *"$word"*) found+=" $name"; break ;; esac
		done
	done
	echo "$found"
}

[ $# -gt 0 ] || set -- ''
parts=$(picked "$PARTS" "$@")
measures=$(picked "$MEASURES" "$@")
if [ -z "$measures" ]; then
	case $parts in *ways*) measures=$MEASURES ;; esac
fi
case $parts in
*ways*) ;;
*) [ -z "$measures" ] || parts="ways $parts" ;;
esac
if [ -z "$parts" ]; then
	echo "run.sh: \"$*\" is in none of $PARTS $MEASURES" >&2
	exit 2
fi

mkdir -p "$BUILD/bench"
out=$BUILD/bench/$(date +%F-%H%M%S)-$(uname -n).txt
exec 3>&1 > >(exec tee "$out")
tee=$!
machine
[ -n "${OWN_NET:-}" ] ||
	echo "Not in a network of its own: $(absent unshare ip || echo refused)."
for each in $parts; do
	echo
	"bench_$each" || {
		: >"$dir/missing"
		echo "$each: not measured to its end"
		tail -n 3 "$dir"/*/log "$dir"/*.log >&2
	}
	stop_all
done
printf '\n%s\n' "This is in ${out#"$PWD/"}."
exec >&3 3>&-
wait "$tee"
[ ! -e "$dir/missing" ]
